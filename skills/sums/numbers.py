"""Numbers in words and digits: "two and a half", "1,250.5", 三百二十五, 3.5万. Exact, as fractions."""

import re
from collections.abc import Mapping
from fractions import Fraction

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SMALL: Mapping[str, int] = {
    **{word: number for number, word in enumerate(_ONES)},
    **{word: 20 + 10 * number for number, word in enumerate(_TENS)},
    "oh": 0,
    "nought": 0,
}
_LARGE: Mapping[str, int] = {
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "k": 10**3,
}
_PARTS: Mapping[str, Fraction] = {
    "half": Fraction(1, 2),
    "halves": Fraction(1, 2),
    "third": Fraction(1, 3),
    "thirds": Fraction(1, 3),
    "quarter": Fraction(1, 4),
    "quarters": Fraction(1, 4),
    "fifth": Fraction(1, 5),
    "fifths": Fraction(1, 5),
    "eighth": Fraction(1, 8),
    "eighths": Fraction(1, 8),
    "tenth": Fraction(1, 10),
    "tenths": Fraction(1, 10),
}
_HAN_DIGITS = {each: number for number, each in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "〇": 0,
    "俩": 2,
}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN_LARGE = {"万": 10**4, "亿": 10**8}
_HAN = re.compile(r"[0-9.零〇一二两三四五六七八九十百千万亿]+(?:点[0-9零〇一二三四五六七八九]+)?")
_DIGITS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|\.\d+")


def read_number(words: list[str], at: int) -> tuple[Fraction, int] | None:
    """Return the English number that begins at a word, and where it ends; None for none.

    Words are in lower case; a number in digits is one word ("1,250.5").
    """
    found = _whole(words, at)
    if found is None:
        return _part(words, at)
    value, end = found
    if _word(words, end) == "point":
        decimals = _decimals(words, end + 1)
        if decimals:
            value += Fraction(int(decimals), 10 ** len(decimals))
            end += 1 + len(decimals)
            if _word(words, end) in _LARGE:
                return value * _LARGE[words[end]], end + 1
    if _word(words, end) == "and":
        part = _part(words, end + 1)
        if part is not None and _word(words, part[1]) != "of":
            return value + part[0], part[1]
    if value < 10 and _word(words, end) in _PARTS and "/" not in words:
        return value * _PARTS[words[end]], end + 1  # "three quarters"
    slashed = re.fullmatch(r"(\d+)/(\d+)", _word(words, end))
    if slashed is not None and int(slashed.group(2)):
        return value + Fraction(int(slashed.group(1)), int(slashed.group(2))), end + 1
    return value, end


def read_han(text: str, at: int) -> tuple[Fraction, int] | None:
    """Return the Chinese number that begins at a character, and where it ends; None for none."""
    for half in ("一半", "半"):
        if text.startswith(half, at):
            return Fraction(1, 2), at + len(half)
    found = _HAN.match(text, at)
    if found is None:
        return None
    value = han_value(found.group())
    return None if value is None else (value, found.end())


def han_value(said: str) -> Fraction | None:
    """Return the value of a Chinese or mixed number, None where it is none: 一万二 is 12000, 3.5万 35000."""
    whole, point, decimals = said.partition("点")
    if point:
        digits = "".join(str(_HAN_DIGITS.get(each, each)) for each in decimals)
        base = han_value(whole)
        if base is None or not digits.isdecimal():
            return None
        return base + Fraction(int(digits), 10 ** len(digits))
    for word, worth in sorted(_HAN_LARGE.items(), key=lambda each: -each[1]):
        before, large, after = said.rpartition(word)
        if large:
            return _joined(before, after, worth)
    if _DIGITS.fullmatch(said):
        return Fraction(said)
    return _below_ten_thousand(said)


def _joined(before: str, after: str, worth: int) -> Fraction | None:
    upper, lower = han_value(before), han_value(after) if after else Fraction(0)
    if upper is None or lower is None:
        return None
    if len(after) == 1 and after in _HAN_DIGITS:
        lower *= worth // 10  # 一万二: the digit stands for the next unit
    return upper * worth + lower


def _below_ten_thousand(said: str) -> Fraction | None:
    if not said:
        return None
    if all(each in _HAN_DIGITS for each in said):
        return Fraction(int("".join(str(_HAN_DIGITS[each]) for each in said)))
    total, digit, last = 0, None, 1
    for each in said:
        if each in _HAN_UNITS:
            total += (1 if digit is None else digit) * _HAN_UNITS[each]
            digit, last = None, _HAN_UNITS[each]
        elif each in _HAN_DIGITS:
            if digit not in (None, 0):
                return None
            digit, last = _HAN_DIGITS[each], 1 if each in "零〇" else last
        else:
            return None
    if digit is not None:
        total += digit * (last // 10 if last >= 100 else 1)  # 三百二 is 320
    return Fraction(total)


def _word(words: list[str], at: int) -> str:
    return words[at] if at < len(words) else ""


def _whole(words: list[str], at: int) -> tuple[Fraction, int] | None:
    """Digits, or number words up to trillions."""
    first = _word(words, at)
    start = at
    if first in ("a", "an") and _word(words, at + 1) in ("hundred", "dozen", *_LARGE):
        at += 1
    total, current = Fraction(0), Fraction(1) if at > start else None
    while at < len(words):
        word = words[at]
        if _DIGITS.fullmatch(word) and current is None:
            current = Fraction(word.replace(",", ""))
        elif word in _SMALL and (current is None or _fits(current, _SMALL[word])):
            current = (current or Fraction(0)) + _SMALL[word]
        elif word == "hundred" and current is not None:
            current *= 100
        elif word == "dozen" and current is not None:
            current *= 12
        elif word in _LARGE and current is not None:
            total, current = total + current * _LARGE[word], None
        elif not (word == "and" and _goes_on(words, at, total, current)):
            break
        at += 1
    if current is None and total == 0:
        return None
    return total + (current or 0), at


def _fits(current: Fraction, more: int) -> bool:
    """Whether "twenty" "three" or "hundred" "five" is one number, and "two" "three" is none."""
    if current >= 100 and current % 100 == 0:
        return True
    return current >= 20 and current % 10 == 0 and 0 < more < 10


def _goes_on(words: list[str], at: int, total: Fraction, current: Fraction | None) -> bool:
    """The "and" of "two hundred and five"."""
    above = (current is not None and current >= 100 and current % 100 == 0) or (current is None and total > 0)
    return above and _word(words, at + 1) in _SMALL and words[at - 1] in ("hundred", *_LARGE)


def _part(words: list[str], at: int) -> tuple[Fraction, int] | None:
    """Return what "half", "a quarter", "1/2" are; the "a" of "half a pint" belongs to the pint."""
    slashed = re.fullmatch(r"(\d+)/(\d+)", _word(words, at))
    if slashed is not None and int(slashed.group(2)):
        return Fraction(int(slashed.group(1)), int(slashed.group(2))), at + 1
    start = at + 1 if _word(words, at) in ("a", "one") else at
    if _word(words, start) in _PARTS:
        return _PARTS[words[start]], start + 1
    return None


def _decimals(words: list[str], at: int) -> str:
    digits = ""
    while (word := _word(words, at)) in _SMALL and _SMALL[word] < 10:
        digits += str(_SMALL[word])
        at += 1
    return digits
