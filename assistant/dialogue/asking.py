"""What the assistant has asked, and what is said in answer to it. Pure.

asked                  answered by                                  anything else
Confirmation, CONFIRM  a yes: it is carried out; a no: it is left   is a new order
Confirmation, PIN      the PIN; a no; a yes is asked again          digits are a wrong PIN, else a new order
Wanted                 a word of the list that was asked for        is a new order
"""

import hmac
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.understanding.normalise import Phrases, normalise, plain, texts, words_of
from devices.commands import Command
from devices.policy import Risk
from skills.api import Question

PATIENCE_S = 30.0
"""How long a question stands. Who says "yes" later means something else."""

SHORTEST_PIN = 4
MOST_TRIES = 3
LOCKED_S = 60.0


class Reading(StrEnum):
    """What an answer to a confirmation is."""

    YES = "yes"
    NO = "no"
    WRONG = "wrong"  # digits, but not the PIN
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Commands that wait for a yes or the PIN. `done` is what is said once they were carried out."""

    commands: tuple[Command, ...]
    risk: Risk
    done: str
    language: str
    until_s: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call of a skill that wants one more parameter."""

    skill: str
    tool: str
    question: Question
    language: str
    until_s: float


Asked = Confirmation | Wanted


class Pin:
    """The PIN of the house, and how often a wrong one was said: after three it takes none for a minute."""

    def __init__(self, digits: str | None) -> None:
        self._digits = digits
        self._wrong = 0
        self._locked_until_s = float("-inf")

    def __bool__(self) -> bool:
        return self._digits is not None

    def locked(self, now_s: float) -> bool:
        """Whether no PIN is taken at the moment."""
        return now_s < self._locked_until_s

    def takes(self, said: str, now_s: float) -> bool:
        """Whether these are the digits; compared in constant time."""
        if self._digits is None or self.locked(now_s):
            return False
        if hmac.compare_digest(said.encode(), self._digits.encode()):
            self._wrong = 0
            return True
        self._wrong += 1
        if self._wrong >= MOST_TRIES:
            self._wrong, self._locked_until_s = 0, now_s + LOCKED_S
        return False


def read(asked: Confirmation, text: str, language: str, pin: Pin, now_s: float) -> Reading:
    """What the words are in answer to a confirmation."""
    if asked.risk is Risk.PIN:
        digits = digits_of(text, language)
        if digits:
            return Reading.YES if pin.takes(digits, now_s) else Reading.WRONG
    elif _is_all(text, language, "yes"):
        return Reading.YES
    return Reading.NO if _is_all(text, language, "no") else Reading.OTHER


def is_yes(text: str, language: str) -> bool:
    """Whether the words are a yes and nothing else."""
    return _is_all(text, language, "yes")


def is_no(text: str, language: str) -> bool:
    """Whether the words are a no and nothing else."""
    return _is_all(text, language, "no")


def is_backchannel(text: str, language: str) -> bool:
    """Whether the words are what a listener says meanwhile, and means nothing by."""
    heard = normalise(text, language)
    return bool(heard.spoken) and (not heard.tokens or _is_all(text, language, "backchannel"))


def may_hold_pin(text: str, language: str) -> bool:
    """Whether so many digits were said, among whatever words, that they may be a PIN."""
    spelt = _digit_words(language)
    said = (spelt.get(word, word) for word in texts(normalise(text, language).core))
    return sum(len(word) for word in said if word.isascii() and word.isdigit()) >= SHORTEST_PIN


def digits_of(text: str, language: str) -> str:
    """The digits that were said and nothing else: "one two three four" and "12 34" are 1234. Else empty."""
    words = texts(normalise(text, language).core)
    fillers = _phrases(language, "around_digits")
    spelt = _digit_words(language)
    digits, at = "", 0
    while at < len(words):
        word = spelt.get(words[at], words[at])
        if word.isascii() and word.isdigit():
            digits, at = digits + word, at + 1
        elif length := fillers.at(words, at):
            at += length
        else:
            return ""
    return digits


def _is_all(text: str, language: str, answer: str) -> bool:
    """Whether the words are that answer from the first to the last, politeness included."""
    words = texts(normalise(text, language).tokens)
    wanted, polite = _phrases(language, answer), _phrases(language, "polite")
    at, found = 0, False
    while at < len(words):
        if length := wanted.at(words, at):
            found = True
        elif not (length := polite.at(words, at)):
            return False
        at += length
    return found


@lru_cache(maxsize=16)
def _phrases(language: str, key: str) -> Phrases:
    words = words_of(language)
    return Phrases(plain(each, words) for each in _answers().get(language, {}).get(key, ()))


@lru_cache(maxsize=4)
def _digit_words(language: str) -> Mapping[str, str]:
    return dict(_answers().get(language, {}).get("digits", {}))


@lru_cache(maxsize=1)
def _answers() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((Path(__file__).parent / "answers.toml").read_text("utf-8"))
