"""How much Whisper is given, how much it may write, and when its text is distrusted: alike in every engine.

The bounds on repetition and likelihood are openai/whisper's own (`transcribe.py`); the others were measured
here (`docs/decisions/0006-recognition.md`).
"""

import re
import zlib

from speech.audio import RATE_HZ, Samples
from speech.recognition.engine import Transcript

WINDOW_S = 30
MARGIN_S = 1.0
"""Quiet encoded behind the clip; with 0.3 s a clip cut at its last sound loops now and then."""
SHORTEST_S = 0.1
"""Sound in which there can be no word."""
PROMPT_TOKENS = 60
"""Ten names; of sixty names (200 tokens) it loops in one order of thirty."""

_TOKENS_PER_S = 10  # 5 characters a second in fast Chinese, up to 2 tokens each
_TOKENS_AT_LEAST = 8
_LOOPING_RATIO = 2.4  # text that zips better than this repeats itself (whisper's own bound)
_SAID_TWICE = re.compile(r"(\w.{3,})\W*\1\W*$", re.IGNORECASE)
"""A loop too short for that bound: "set the lights to white. Set the lights to white." """
_UNLIKELY = -1.0  # mean log-probability under which whisper distrusts a text
_NOTHING = 0.6
"""Chance of no speech times distrust of the words, above which there were none. Measured with base: silence,
white noise and kitchen noise lie at 0.77 and above, the least clear of 25 spoken orders at 0.5."""


def too_short(samples: Samples) -> bool:
    """Whether there is too little sound for a word."""
    return len(samples) < SHORTEST_S * RATE_HZ


def most_tokens(samples: Samples) -> int:
    """How many tokens may be written for so much sound."""
    return _TOKENS_AT_LEAST + int(len(samples) / RATE_HZ * _TOKENS_PER_S)


def nothing(heard: Transcript) -> bool:
    """Whether no speech is likelier than these words."""
    return heard.no_speech * -heard.log_probability > _NOTHING


def suspect(text: str, log_probability: float) -> bool:
    """Whether a text repeats itself or is unlikely."""
    return log_probability < _UNLIKELY or repeats(text)


def repeats(text: str) -> bool:
    """Whether a text zips too well, or ends with the same words twice."""
    raw = text.encode()
    zipped = len(raw) / max(1, len(zlib.compress(raw)))
    return zipped > _LOOPING_RATIO or _SAID_TWICE.search(text[-200:]) is not None
