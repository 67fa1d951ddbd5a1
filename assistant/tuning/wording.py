"""Makes a sentence drawn from templates sound like one that was said.

Templates are matched against words without articles, with figures for numbers and with what is contracted
written out. People say "turn the hall light down to twenty, please", and a recogniser writes it like that.
"""

import random
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from unicode_rbnf import RbnfEngine

_SMALL = re.compile(r"(?<![\w.])(\d{1,2})(?![\w.%])")


def reworded(text: str, data: Mapping[str, Any], chance: random.Random) -> str:
    """Return an English sentence of templates with articles and contractions, as chance will have it."""
    words = text.split()
    said: list[str] = []
    for at, word in enumerate(words):
        article = data["articles"].get(word)
        if article and at and words[at - 1].lower() in data["articles_after"] and chance.random() < 0.75:
            said.append(chance.choice(article))
        said.append(word)
    text = " ".join(said)
    for long, short in data["contracted"].items():
        if chance.random() < 0.7:
            text = re.sub(rf"\b{long}\b", short, text)
    return re.sub(r"\bi\b(?!['’])|\bi(?=['’])", "I", text)


def with_figures_told(text: str, language: str, chance: random.Random) -> str:
    """Return template text with its figures in words, mostly: templates say "1" for one."""
    if chance.random() < 0.15:
        return text
    return _SMALL.sub(lambda found: in_words(int(found.group()), language), text)


def in_words(number: int, language: str) -> str:
    """Return a number as it is said."""
    return str(_engine(language).format_number(number).text).replace("-", " ")


def written(text: str, language: str, chance: random.Random, *, question: bool) -> str:
    """Return a sentence as a recogniser writes it: with a capital and a full stop, or as it is."""
    if chance.random() < 0.3 or not text:
        return text
    end = {"en": "?" if question else ".", "zh": "？" if question else "。"}[language]
    return text[0].upper() + text[1:] + (end if text[-1].isalnum() else "")


@lru_cache(maxsize=4)
def _engine(language: str) -> RbnfEngine:
    return RbnfEngine.for_language(language)
