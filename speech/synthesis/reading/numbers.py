"""Numbers in words, by Unicode's own rules (CLDR), as the library unicode-rbnf carries them."""

import re
from functools import lru_cache
from typing import Any

MOST_DIGITS = 12
"""A longer whole number is read digit by digit."""

_POINT = {"en": "point", "zh": "点"}
_SPACES = re.compile(r"\s+")


def cardinal(number: str, language: str) -> str:
    """`number` is digits, a point perhaps among them: "21.5" is twenty-one point five."""
    whole, _, decimals = number.partition(".")
    if len(whole) > MOST_DIGITS or (len(whole) > 1 and whole.startswith("0")):
        said = digits(whole, language)
    else:
        said = _in_words(int(whole), language)
    return _joined(language, said, _POINT[language], digits(decimals, language)) if decimals else said


def ordinal(number: int) -> str:
    """The twenty-third. English alone: Chinese puts 第 before the number."""
    return _in_words(number, "en", "ORDINAL")


def year(number: int, language: str) -> str:
    """2026 is twenty twenty-six, and 二零二六."""
    if language == "zh":
        return digits(str(number), language)
    return _in_words(number, language, "YEAR").replace("-", " ")


def digits(number: str, language: str) -> str:
    """One digit after the other; all else in `number` is left out."""
    return _joined(language, *(_in_words(int(each), language) for each in number if each.isdecimal()))


def _joined(language: str, *words: str) -> str:
    return ("" if language == "zh" else " ").join(words)


@lru_cache(maxsize=512)
def _in_words(number: int, language: str, purpose: str = "CARDINAL") -> str:
    from unicode_rbnf.engine import FormatPurpose

    wanted = FormatPurpose[purpose] if purpose != "CARDINAL" else None
    said = str(_engine(language).format_number(number, wanted).text)
    return _SPACES.sub(" ", said).replace("〇", "零")


@lru_cache(maxsize=4)
def _engine(language: str) -> Any:
    from unicode_rbnf import RbnfEngine

    return RbnfEngine.for_language(language)
