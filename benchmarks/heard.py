"""What became of clips that were heard: words wrong, slots found, loops; and contenders compared on them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import intervals
from benchmarks.protocol import Figure
from benchmarks.words import errors, words

FAST_WORDS_PER_S = 5
"""Nobody says more; where nobody wrote down what was said, a longer text is a loop's."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is in a clip. `text` is empty where nobody wrote it down; `slots` are words known to be in it."""

    clip: str
    length_s: float
    text: str = ""
    slots: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A clip, heard by one contender. Of no text that is known, `words` and `words_wrong` are 0."""

    clip: str
    seconds: float
    words: int
    words_wrong: int
    slots: int
    slots_found: int
    slot_words: int
    slot_words_found: int
    loops: bool


By = Mapping[str, Sequence[Heard]]
"""Contender -> what it heard, in the order of the clips."""


def judged(said: Said, text: str, seconds: float) -> Heard:
    """Compare a transcript with what is in the clip."""
    reference, heard = words(said.text), words(text)
    return Heard(
        clip=said.clip,
        seconds=seconds,
        words=len(reference),
        words_wrong=errors(reference, heard) if reference else 0,
        slots=len(said.slots),
        slots_found=sum(_contains(heard, slot) for slot in said.slots),
        slot_words=sum(len(slot) for slot in said.slots),
        slot_words_found=sum(word in heard for slot in said.slots for word in slot),
        loops=loops(heard, reference, said.length_s),
    )


def loops(heard: Sequence[str], reference: Sequence[str], length_s: float) -> bool:
    """Whether a text repeats itself or is more than twice as long as what was said.

    It repeats itself when three words and more come twice running, or fewer three times, and the reference
    does not. A hesitating person may say two words twice.
    """
    most = 2 * len(reference) if reference else FAST_WORDS_PER_S * length_s
    return len(heard) > most or (_repeats(heard) and not _repeats(reference))


def _repeats(said: Sequence[str]) -> bool:
    return any(_begins_with_a_loop(said[at:]) for at in range(len(said)))


def _begins_with_a_loop(said: Sequence[str]) -> bool:
    for size in range(1, len(said) // 2 + 1):
        times = 2 if size >= 3 else 3
        whole = list(said[: size * times])
        if len(whole) == size * times and whole == whole[:size] * times:
            return True
    return False


def _contains(heard: Sequence[str], said: Sequence[str]) -> bool:
    return any(list(heard[at : at + len(said)]) == list(said) for at in range(len(heard) - len(said) + 1))


def speeds(length: str, heard: By, samples: dict[str, list[float]]) -> Iterator[tuple[str, Figure]]:
    """Seconds a clip, by contender; `samples` takes those behind them."""
    for who, those in heard.items():
        key = f"{length}_{who}_s"
        samples[key] = [each.seconds for each in those]
        yield key, intervals.of_samples(samples[key], "s")


def ratio(ours: Sequence[Heard], peers: Sequence[Heard]) -> Figure:
    """How many times as long the peer takes, on the clips that both heard."""
    seconds = {each.clip: each.seconds for each in ours}
    both = [(seconds[each.clip], each.seconds) for each in peers if each.clip in seconds]
    return intervals.ratio_of_medians([mine for mine, _ in both], [theirs for _, theirs in both])


def accuracy(
    prefix: str, heard: By, mine: str = "ours", theirs: str = "peer"
) -> Iterator[tuple[str, Figure]]:
    """Words wrong and slots found, as far as they are known; the first's less the second's, in pairs."""
    known: Sequence[tuple[str, Callable[[Heard], int], Callable[[Heard], int]]] = (
        ("word_error_rate", lambda each: each.words_wrong, lambda each: each.words),
        ("slots_found", lambda each: each.slots_found, lambda each: each.slots),
        ("slot_words_found", lambda each: each.slot_words_found, lambda each: each.slot_words),
    )
    for what, count, of in known:
        counted = {who: _by_clip(those, count) for who, those in heard.items()}
        out_of = {who: _by_clip(those, of) for who, those in heard.items()}
        if not any(map(any, out_of.values())):
            continue
        for who, those in counted.items():
            yield f"{prefix}_{who}_{what}", intervals.rate(those, out_of[who])
        if counted.keys() >= {mine, theirs}:
            more = intervals.difference_of_rates(counted[mine], counted[theirs], out_of[mine])
            yield f"{prefix}_{what}_more_than_{theirs}", more


def looped(prefix: str, heard: By) -> Iterator[tuple[str, Figure]]:
    """The share of clips that looped, by contender."""
    for who, those in heard.items():
        yield f"{prefix}_{who}_loops", intervals.share(sum(each.loops for each in those), len(those))


def _by_clip(heard: Sequence[Heard], count: Callable[[Heard], int]) -> list[float]:
    """Sums by clip: the levels of noise of one clip go together."""
    sums: dict[str, float] = {}
    for each in heard:
        sums[each.clip] = sums.get(each.clip, 0.0) + count(each)
    return list(sums.values())
