"""A second look at the sound of an order that nobody understood.

The names of the home, and the words of what can be ordered here, reach recognition only now: given at first
they would be heard in whatever is said. So the first transcript stands wherever it is understood; where it is
not, but something like it makes sense here, the same sound is compared with the sentences that do
(`speech/recognition/second_look.py`). What comes out is taken only when it is clearly likelier than any other
meaning, explains the sound about as well as what was heard at first, and does no harm.
"""

import logging
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

from assistant.scheduler import Lane, Work
from assistant.understanding.fast_path import FastPath
from assistant.understanding.plan import Plan
from speech.audio import Samples
from speech.recognition.engine import Look, Reading, RecognitionError, SecondLook, Transcript

_log = logging.getLogger(__name__)

_WORD = re.compile(r"[㐀-鿿]|[^\W_㐀-鿿]+(?:'[^\W_㐀-鿿]+)*")

CLEARLY = 1.0
"""How much likelier one meaning must be than the next, in nats."""

WORSE = 5.5
"""How much worse than what was heard at first a sentence may explain the sound, in nats."""

HARDLY_WORSE = 3.0
"""The same where the first words are an order already, but lack what is expected of one."""


@dataclass(frozen=True, slots=True)
class SecondLooks:
    """Looks again: at Chinese words that may be others of the same sound, and by `engine`, if there is one,
    at the sound itself. `understands`: whether words in a language, said in a room, are understood as they
    are.
    """

    engine: SecondLook | None
    lane: Lane
    fast_path: FastPath
    understands: Callable[[str, str, str | None], bool]

    async def heard(self, transcript: Transcript, samples: Samples, room: str | None) -> Transcript:
        """Return what was said: the transcript as it is, or with the text that a second look found."""
        text, language = transcript.text, transcript.language
        understood = self.understands(text, language, room)
        if not text or (understood and not self.fast_path.lacks(text, language, room)):
            return transcript
        if not understood and (meant := self._sounding_alike(text, language, room)):
            _log.debug("%r sounds like %r", text, meant)
            return replace(transcript, text=meant)
        if self.engine is None:
            return transcript
        try:
            looks = [
                await self.lane.run(Work.FINAL_DECODE, self.engine.look, samples, transcript, sentences)
                for sentences in self.fast_path.sayable(text, language)
            ]
        except RecognitionError as error:
            _log.warning("no second look: %s", error)
            return transcript
        worse = HARDLY_WORSE if understood else WORSE
        found = chosen(looks, lambda each: self.fast_path.guessed(each, language, room, ""), worse)
        if found is None:
            return transcript
        _log.debug("a second look: %r was %r", text, found.text)
        return replace(transcript, text=found.text)

    def _sounding_alike(self, text: str, language: str, room: str | None) -> str | None:
        """Return the likeliest sentence of the same sound that is understood (`homophones.py`)."""
        ways = self.fast_path.sounds_like(text, language)
        return next((each for each in ways if self.understands(each, language, room)), None)


LONGER = 1.3
"""How much longer or shorter than what was heard at first a sentence may be, in letters."""

MUCH_LONGER = 1.6
FEW_LETTERS = 3
"""The same for each stretch in which they differ, but for so many letters: an article, an ending."""


def chosen(
    looks: Iterable[Look], plan_of: Callable[[str], Plan | None], worse: float = WORSE
) -> Reading | None:
    """Return the reading to act on; None when none is clear.

    Readings that come to the same calls count together; those that are `worse` than what was heard do not.
    """
    meanings: dict[object, list[Reading]] = {}
    decides: set[str] = set()
    heard = ""
    for look in looks:
        heard = look.heard.text
        for reading in look.readings:
            likely = reading.log_probability >= look.heard.log_probability - worse
            plan = plan_of(reading.text) if likely else None
            if plan is not None:
                calls = ((each.skill, each.tool, repr(sorted(each.arguments.items()))) for each in plan.calls)
                meanings.setdefault(tuple(calls), []).append(reading)
                if any(isinstance(value, bool) for each in plan.calls for value in each.arguments.values()):
                    decides.add(reading.text)
    ranked = sorted(((_together(those), those[0]) for those in meanings.values()), key=lambda each: -each[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLEARLY):
        return None
    found = ranked[0][1]  # the likeliest way to say it, and that must be
    if found.text in decides and puts_in(heard, found.text):
        return None  # "turn the lamp" is neither on nor off, however much likelier one of them is
    return found if says_as_much(heard, found.text) else None


def puts_in(heard: str, text: str) -> bool:
    """Whether a text has words where nothing was heard at all."""
    matcher = SequenceMatcher(None, _words(heard), _words(text), autojunk=False)
    return any(tag == "insert" for tag, *_ in matcher.get_opcodes())


def says_as_much(heard: str, text: str) -> bool:
    """Whether a text leaves nothing of what was heard unsaid: it is about as long, and so is each stretch in
    which the two differ. A model of speech finds nothing wrong with a sentence that stops too early.
    """
    if not _as_long(heard, text, LONGER):
        return False
    said, meant = (_words(each) for each in (heard, text))
    return all(
        _as_long("".join(said[a:b]), "".join(meant[c:d]), MUCH_LONGER)
        for tag, a, b, c, d in SequenceMatcher(None, said, meant, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def _words(text: str) -> list[str]:
    """Return the words, one that is repeated at once ("eight eight ounce") once."""
    return [word for word, _ in groupby(_WORD.findall(text.lower()))]


def _as_long(one: str, other: str, times: float) -> bool:
    letters, others = (sum(map(str.isalnum, each)) for each in (one, other))
    return letters <= others * times + FEW_LETTERS and others <= letters * times + FEW_LETTERS


def _together(readings: Iterable[Reading]) -> float:
    """Return the logarithm of what their probabilities sum up to."""
    return math.log(sum(math.exp(each.log_probability) for each in readings))
