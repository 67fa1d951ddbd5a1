"""From words to times. Pure; a sentence takes well below a millisecond."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from skills.times import chinese, english, english_events
from skills.times.canonical import Canonical
from skills.times.spoken import Spoken
from skills.times.when import Cause, When

HAN = re.compile(r"[㐀-鿿]")
LONGEST = 300
"""Characters in which times are looked for; who says more says a story."""
SHORTEST_S, LONGEST_S = 1.0, 400 * 86_400.0
LISTS = frozenset({"duration", "moment", "when"})
"""The word lists of templates that a sentence's own times fill: "10 minutes"; "7" and "half six tomorrow";
"at 7", "tomorrow" and "when I leave".
"""

_Found = tuple[int, int]


def read_duration(text: str) -> float | None:
    """Return how long a text says, in seconds, 1 to 400 days; None where it says anything else.

    The language is that of the writing.
    """
    reader, said = _read(_bare(text))
    found = reader.duration(said.text, 0)
    if found is None or said.text[found[1] :].strip(" .。"):
        return None
    return found[0] if SHORTEST_S <= found[0] <= LONGEST_S else None


def read_when(text: str, now: datetime, *, waking: bool = False) -> When | None:
    """Return when a text says, and nothing else: "at seven", "half six tomorrow", 十分钟后, "when I leave".

    A bare hour counts. With `waking` hours from four to eleven are of the morning.
    """
    for words in (_bare(text), f"{_bare(text)}的时候"):  # 洗完了, as in 洗完了告诉我
        reader, said = _read(words)
        found = reader.when(said.text, 0, now, waking=waking)
        loose = _moment(reader.moment(said.text, 0, loose=True), now, waking)
        for each in (found, loose):
            if each is not None and each[1] == len(said.text):
                return each[0]
        if not words.endswith("了"):
            break
    length = read_duration(text)  # "ten minutes", asked "when?"
    return None if length is None else When(Cause.IN, length, sure=False)


def find_whens(
    text: str, language: str, now: datetime, *, waking: bool = False
) -> Iterator[tuple[When, int, int]]:
    """Yield what a sentence says of when, each with its place, `text[start:end]`, in its order."""
    del language  # the writing tells: 十分钟后 is Chinese in any sentence
    reader, said = _read(text)
    for when, start, end in reader.whens(said.text, now, waking=waking):
        place = said.source(start, end)
        if place is not None:
            yield when, *place


@lru_cache(maxsize=256)
def times_in(text: str) -> tuple[tuple[str, int, int], ...]:
    """Return (list, start, end) for each time that a sentence says, of each of the `LISTS`."""
    reader, said = _read(text)

    def moment(at: int) -> tuple[When, int] | None:
        if reader.led(said.text, at):
            return None
        return _moment(reader.moment(said.text, at, loose=True), _ANY_DAY, waking=False)

    def when(at: int) -> tuple[When, int] | None:
        return reader.when(said.text, at, _ANY_DAY, waking=False)

    def duration(at: int) -> tuple[float, int] | None:
        return reader.duration(said.text, at)

    readers: dict[str, Callable[[int], tuple[object, int] | None]] = {
        "duration": duration,
        "moment": moment,
        "when": when,
    }
    return tuple((name, *place) for name, read in readers.items() for place in _spans(said, read))


_ANY_DAY = datetime(2024, 1, 1, tzinfo=UTC)
"""Where a time stands does not depend on the day on which it is said."""


def time_in(text: str, list_name: str) -> str | None:
    """Return the longest time of one of the `LISTS` in an answer, None when it says none.

    Asked "when?", "seven" and "ten minutes" are answers too.
    """
    for wanted in ("when", "moment", "duration") if list_name == "when" else (list_name,):
        found = [text[start:end] for name, start, end in times_in(text) if name == wanted]
        if found:
            return max(found, key=len)
    return None


def _spans(said: Canonical, read: Callable[[int], tuple[object, int] | None]) -> Iterator[_Found]:
    """Yield the places where something is read, without those inside another."""
    past = 0
    for at in said.starts():
        found = read(at) if at >= past else None
        place = said.source(at, found[1]) if found is not None else None
        if found is not None and place is not None:
            past = found[1]
            yield place


def _moment(found: tuple[Spoken, int] | None, now: datetime, waking: bool) -> tuple[When, int] | None:
    when = None if found is None else found[0].at(now, waking=waking)
    return None if found is None or when is None else (when, found[1])


@dataclass(frozen=True, slots=True)
class _Reader:
    """One language's way to read; places are in its canonical text."""

    canonical: Callable[[str], Canonical]
    duration: Callable[[str, int], tuple[float, int] | None]
    moment: Callable[..., tuple[Spoken, int] | None]
    led: Callable[[str, int], bool]
    when: Callable[..., tuple[When, int] | None]
    whens: Callable[..., Iterator[tuple[When, int, int]]]


_ENGLISH = _Reader(
    english.canonical,
    english.duration,
    english.moment,
    english.led,
    english_events.when,
    english_events.whens,
)
_CHINESE = _Reader(
    chinese.canonical, chinese.duration, chinese.moment, chinese.led, chinese.when, chinese.whens
)


def _read(text: str) -> tuple[_Reader, Canonical]:
    reader = _CHINESE if HAN.search(text) else _ENGLISH
    return reader, reader.canonical(text[:LONGEST])


def _bare(text: str) -> str:
    return text.strip(" .,!?;:。，！？；：、\t\n")
