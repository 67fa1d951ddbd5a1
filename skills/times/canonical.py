"""A sentence in the form that times are looked for in: number words are digits, and each place is known."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a sign, and where it came from: `source[start:end]`."""

    text: str
    start: int
    end: int


class Canonical:
    """Pieces as one text, with blanks between them in a language that has them, and the way back."""

    def __init__(self, pieces: list[Piece], *, spaced: bool) -> None:
        self.pieces = pieces
        self._starts: list[int] = []
        self.text = ""
        for piece in pieces:
            self.text += " " if spaced and self.text else ""
            self._starts.append(len(self.text))
            self.text += piece.text

    def starts(self) -> Iterator[int]:
        """Yield the places in the text where pieces begin."""
        yield from self._starts

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the place in the source of a part of the text; None where it cuts a piece."""
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        if first < 0 or self._starts[first] != start:
            return None
        if self._starts[last] + len(self.pieces[last].text) != end:
            return None
        return self.pieces[first].start, self.pieces[last].end


def pieces_of(text: str, pattern: re.Pattern[str]) -> list[Piece]:
    """Return what a pattern finds, in lower case; the lengths stay those of the source."""
    lowered = "".join(low if len(low := each.lower()) == 1 else each for each in text.replace("’", "'"))
    return [Piece(found.group(), found.start(), found.end()) for found in pattern.finditer(lowered)]
