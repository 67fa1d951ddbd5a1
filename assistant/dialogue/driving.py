"""Answers while somebody drives: one sentence, and nothing to be read."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import pairwise

from assistant.report import TurnReport
from devices.home import Home
from devices.vehicles import driving, in_car

_END = re.compile(r"[.!?](?=\s+[^\sa-z])|[。！？；](?=\S)|\n+")
"""Where a sentence ends and another begins: not within "2.4 bar", nor after "7 a.m." in a sentence."""


def on_the_road(home: Home, room: str | None) -> bool:
    """Whether who speaks from there is in a car that moves; from nowhere known: in the one that there is."""
    return (room is None or in_car(room)) and driving(home)


def one_sentence(report: TurnReport) -> TurnReport:
    """Shorten an answer to its first sentence. What came of orders, and a question, is kept, as one sentence:
    nobody is told less than what happened.
    """
    parts = [part.strip() for part in _sentences(report.reply)]
    if len(parts) < 2:
        return report
    if not report.outcomes and not report.reply.rstrip().endswith(("?", "？")):
        return replace(report, reply=parts[0])
    joint = "；" if report.language == "zh" else "; "
    *before, last = parts
    return replace(report, reply=joint.join((*(part.rstrip(".!。！；") for part in before), last)))


async def first_sentence(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Pass on a text that is still being written as far as its first sentence goes."""
    written = ""
    async for piece in pieces:
        before, written = len(written), written + piece
        parts = _sentences(written)
        if len(parts) > 1:
            yield written[before : len(parts[0])]
            return
        yield piece


def _sentences(text: str) -> list[str]:
    ends = [match.end() for match in _END.finditer(text)]
    cuts = [0, *ends, len(text)]
    return [text[start:end] for start, end in pairwise(cuts) if text[start:end].strip()]
