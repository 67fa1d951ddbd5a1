"""Cuts text that is still being written into clauses that can be spoken, the first one early.

A clause ends at . ! ? ; : , … — or 。！？；：，、 or at a line's end. Marks of ASCII count only before white
space (or a Chinese character), so that "3.5", "7:05" and "e.g." stay whole. Where the text is cut does not
depend on the pieces in which it came.
"""

import re
from collections.abc import AsyncIterator

FIRST_WEIGHT = 8
"""A first clause may end at a comma from this length on: early first sound is worth a plainer melody."""
LATER_WEIGHT = 24
"""Later ones are longer, since the voice is ahead of the ear by then and short ones sound chopped."""
SENTENCE_WEIGHT = 3
"""A sentence's end needs no length, but "A." or "1." alone is no sentence."""
LONGEST = 240
"""Characters after which a text without any mark is cut at white space."""

_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WORD = re.compile(r"[^\W_]")
_MARK = re.compile(
    r"""(?P<wide>[。！？；：，、])
      | (?P<dash>—)
      | (?P<narrow>[.!?;:,…]+["'”’»)\]}]*) (?P<next>\s|[\u3040-\u30ff\u3400-\u9fff])
      | (?P<line>\n)""",
    re.VERBOSE,
)
_ENDS_SENTENCE = frozenset(".!?…。！？\n")
# After these a full stop is part of the word. A single letter ("J. Smith") and letters with stops between
# ("e.g.", "p.m.") are told by their shape.
_ABBREVIATIONS = frozenset(
    ["approx", "apt", "blvd", "dr", "etc", "jr", "mr", "mrs", "ms", "mt", "prof", "rd", "sr", "st", "vs"]
) | frozenset(["jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"])
_LAST_WORD = re.compile(r"[^\W\d_](?:\.?[^\W\d_])*$")


class ClauseCutter:
    """Takes text piece by piece and gives the clauses that are complete. For one reply."""

    def __init__(self) -> None:
        self._text = ""
        self._seen = 0  # marks that begin before this were looked at
        self._first = True

    def feed(self, piece: str) -> list[str]:
        """Add a piece; returns the clauses that it completed."""
        self._text += piece
        found = []
        while (end := self._next_end()) is not None:
            clause, self._text = self._text[:end].strip(), self._text[end:]
            self._seen = 0
            if clause:
                found.append(clause)
                self._first = False
        return found

    def finish(self) -> str | None:
        """The rest, after the last piece; None when there is nothing left."""
        rest, self._text = self._text.strip(), ""
        self._seen = 0
        return rest or None

    def _next_end(self) -> int | None:
        for mark in _MARK.finditer(self._text, self._seen):
            end = mark.start("next") if mark["next"] else mark.end()
            if end > LONGEST:
                break
            if self._cuts(mark, self._text[:end]):
                return end
            self._seen = end
        return self._too_long()

    def _cuts(self, mark: re.Match[str], clause: str) -> bool:
        if mark["narrow"] and mark["narrow"].startswith(".") and _is_abbreviation(self._text[: mark.start()]):
            return False
        if not _ENDS_SENTENCE.isdisjoint(mark[0].rstrip(" \t")):
            return _weight(clause) >= SENTENCE_WEIGHT
        return _weight(clause) >= (FIRST_WEIGHT if self._first else LATER_WEIGHT)

    def _too_long(self) -> int | None:
        if len(self._text) <= LONGEST:
            return None
        space = self._text.rfind(" ", LONGEST // 2, LONGEST)
        return LONGEST if space < 0 else space


async def clauses(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Yield each clause as soon as it is complete."""
    cutter = ClauseCutter()
    async for piece in pieces:
        for clause in cutter.feed(piece):
            yield clause
    rest = cutter.finish()
    if rest is not None:
        yield rest


def pause_s(clause: str) -> float:
    """The seconds of silence that should follow a clause before the next one is heard."""
    mark = clause.rstrip("\"'”’»)]} ")[-1:]
    if mark in _ENDS_SENTENCE:
        return 0.30
    return 0.12


def _weight(clause: str) -> int:
    """About how long it takes to say, in Latin letters: a Chinese character says as much as three."""
    return sum(3 if _WIDE.match(each) else 1 for each in clause if _WORD.match(each))


def _is_abbreviation(before: str) -> bool:
    word = _LAST_WORD.search(before)
    if word is None:
        return False
    return len(word[0]) == 1 or "." in word[0] or word[0].lower() in _ABBREVIATIONS
