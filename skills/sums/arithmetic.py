"""Sums in words: "seventeen times twenty-three", "20 percent of 85", 三十五乘以十八, 二百的百分之十五.

The words become tokens and a table of precedence makes a value of them; nothing is evaluated as code.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from skills.sums.numbers import read_han, read_number

LARGEST_EXPONENT = 200
LARGEST_DIGITS = 40

_HAN = re.compile(r"[\u3400-\u9fff]")
_MONEY = re.compile(
    r"\b(?:pounds?|dollars?|euros?|quid|bucks)\b|[$£€¥]|块钱|(?<=[0-9零一二两三四五六七八九十百千万半])[块元]"
)
"""A sum of money is a sum."""
_WORD = re.compile(r"\d+/\d+(?![\d.])|\d+(?:,\d{3})*(?:\.\d+)?|\.\d+|[a-z]+|[-+*/x×÷^%√()=]|\S")
_ENGLISH: Mapping[tuple[str, ...], str] = {
    tuple(words.split()): operator
    for operator, each in {
        "+": ("plus", "+", "added to", "add"),
        "-": ("minus", "-", "−", "less", "take away", "subtract"),
        "*": ("times", "multiplied by", "multiplied with", "multiply by", "x", "×", "*"),
        "/": ("divided by", "over", "÷", "/", "divide by"),
        "^": ("to the power of", "to power of", "to the power", "^", "raised to"),
        "sqr": ("squared",),
        "cub": ("cubed",),
        "root": ("the square root of", "square root of", "root of", "√", "the root of"),
        "croot": ("the cube root of", "cube root of"),
        "%": ("percent", "per cent", "%"),
        "of": ("of",),
        "neg": ("negative",),
        "twice": ("twice", "double"),
        "(": ("(", "open bracket", "open parenthesis"),
        ")": (")", "close bracket", "close parenthesis"),
        "sum": ("the sum of", "sum of"),
        "product": ("the product of", "product of"),
        "difference": ("the difference between", "difference between", "difference of"),
        "and": ("and",),
    }.items()
    for words in each
}
_CHINESE: Mapping[str, str] = {
    words: operator
    for operator, each in {
        "+": ("加上", "加", "+"),
        "-": ("减去", "减掉", "减", "-", "−"),
        "*": ("乘以", "乘上", "乘", "×", "*", "x"),
        "/": ("除以", "÷", "/"),
        "into": ("除",),
        "sqr": ("的平方", "平方"),
        "cub": ("的立方", "立方"),
        "root": ("根号", "开方"),
        "percent": ("百分之",),
        "%": ("%",),
        "of": ("的",),
        "neg": ("负",),
        "(": ("(", "（", "括号"),
        ")": (")", "）"),
    }.items()
    for words in each
}
_LONGEST = max(map(len, _ENGLISH))
_FRACTION = "分之"
_PERCENT = "百分之"
_OF_ONE = frozenset({"sqr", "cub", "root", "croot", "twice"})
"""What makes a sum of one number."""

Token = str | Fraction


class Undefined(Exception):  # noqa: N818 - what mathematicians call it
    """There is no such number: a division by nothing, or one too large to be said."""


_DISCOUNT = re.compile(r"(?:打|打个)([0-9一二三四五六七八九点.]{1,3})折(?:之?后|以后|下来|完)?")
"""打七折 leaves seven tenths, 打八五折 85 hundredths."""


def _discounted(match: re.Match[str]) -> str:
    digits = "".join(
        str("零一二三四五六七八九".find(each)) if each in "一二三四五六七八九" else each
        for each in match.group(1)
    )
    digits = re.sub("[点.]", "", digits)
    return f"乘以0.{digits}"


def read_sum(text: str) -> Callable[[], Fraction | float] | None:
    """Return what works a sum out, None where the words are no sum of at least two parts.

    What is returned raises `Undefined` where there is no answer.
    """
    text = _DISCOUNT.sub(_discounted, text)
    lowered = _MONEY.sub("", text.casefold()).strip(" ?？。.=")
    tokens = list(_chinese(lowered)) if _HAN.search(lowered) else list(_english(lowered))
    numbers = sum(isinstance(each, Fraction) for each in tokens)
    if "?" in tokens or (numbers < 2 and _OF_ONE.isdisjoint(map(str, tokens))):
        return None
    try:
        _Sum(tokens).value()
    except _NoSum:
        return None
    except Undefined:
        pass
    return lambda: _Sum(tokens).value()


class _NoSum(Exception):  # noqa: N818 - never seen outside
    """The tokens make no sum."""


def _english(text: str) -> Iterator[Token]:
    """Yield the tokens; "?" stands for what is neither number nor operator."""
    words = _WORD.findall(text.replace("-", " - ") if re.search(r"\d\s*-\s*\d", text) else _hyphens(text))
    at = 0
    while at < len(words):
        number = read_number(words, at)
        if number is not None:
            yield number[0]
            at = number[1]
            continue
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            operator = _ENGLISH.get(tuple(words[at : at + length]))
            if operator is not None:
                yield operator
                at += length
                break
        else:
            yield "?"
            at += 1


def _hyphens(text: str) -> str:
    """The hyphen of "twenty-three" is none of a sum."""
    return re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text)


def _chinese(text: str) -> Iterator[Token]:
    said = re.sub(r"[\s,，]", "", text)
    at = 0
    while at < len(said):
        number = None if said.startswith(_PERCENT, at) else read_han(said, at)
        if number is not None:
            value, at = number
            if said.startswith(_FRACTION, at):  # 三分之二 is 2/3
                upper = read_han(said, at + len(_FRACTION))
                if upper is None or value == 0:
                    yield "?"
                    return
                value, at = upper[0] / value, upper[1]
            elif said.startswith("次方", at):
                yield from ("^", value)
                at += 2
                continue
            yield value
            continue
        operator = next(
            (each for each in sorted(_CHINESE, key=len, reverse=True) if said.startswith(each, at)), None
        )
        if operator is None:
            yield "?"
            return
        # 二的十次方: the 的 leads to the power, not to a part
        following = read_han(said, at + 1) if operator == "的" else None
        if not (following is not None and said.startswith("次方", following[1])):
            yield _CHINESE[operator]
        at += len(operator)


class _Sum:
    """A descent by precedence: + and -, then * and /, then powers and parts, then single numbers."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def value(self) -> Fraction | float:
        self._at = 0
        found = self._terms()
        if self._at != len(self._tokens):
            raise _NoSum
        return found

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _took(self, *operators: str) -> str | None:
        token = self._peek()
        if isinstance(token, str) and token in operators:
            self._at += 1
            return token
        return None

    def _terms(self) -> Fraction | float:
        left = self._factors()
        while (operator := self._took("+", "-")) is not None:
            start = self._at
            right = self._factors()
            if self._is_percent(start):
                right = left * right  # "80 plus 10 percent" is 88
            left = _kept(left + right if operator == "+" else left - right)
        return left

    def _is_percent(self, start: int) -> bool:
        taken = self._tokens[start : self._at]
        return len(taken) == 2 and (taken[1] == "%" or taken[0] == "percent")

    def _factors(self) -> Fraction | float:
        left = self._powers()
        while (operator := self._took("*", "/", "of", "into")) is not None:
            right = self._powers()
            if operator in ("*", "of"):
                left = _kept(left * right)
            else:
                upper, lower = (right, left) if operator == "into" else (left, right)
                if lower == 0:
                    raise Undefined
                left = _kept(upper / lower)
        return left

    def _powers(self) -> Fraction | float:
        base = self._single()
        while (operator := self._took("sqr", "cub", "%", "^")) is not None:
            if operator == "%":
                base = base / 100
                continue
            exponent = {"sqr": Fraction(2), "cub": Fraction(3)}.get(operator)
            base = _power(base, self._single() if exponent is None else exponent)
        return base

    def _single(self) -> Fraction | float:
        token = self._peek()
        if token is None:
            raise _NoSum
        self._at += 1
        if isinstance(token, Fraction):
            return token
        return self._prefixed(token)

    def _prefixed(self, operator: str) -> Fraction | float:
        if operator in ("neg", "-"):
            return -self._powers()
        if operator == "percent":
            return self._single() / 100
        if operator == "twice":
            return 2 * self._powers()
        if operator in ("root", "croot"):
            return _root(self._powers(), 2 if operator == "root" else 3)
        if operator == "(":
            inside = self._terms()
            self._took(")")
            return inside
        if operator in ("sum", "product", "difference"):
            return self._function(operator)
        raise _NoSum

    def _function(self, name: str) -> Fraction | float:
        found: Fraction | float = self._factors()
        if self._peek() != "and":
            raise _NoSum
        while self._took("and"):
            other = self._factors()
            if name == "sum":
                found = _kept(found + other)
            elif name == "product":
                found = _kept(found * other)
            else:
                found = max(found - other, other - found)
        return found


def _power(base: Fraction | float, exponent: Fraction | float) -> Fraction | float:
    if not -LARGEST_EXPONENT <= exponent <= LARGEST_EXPONENT or (base == 0 and exponent < 0):
        raise Undefined
    try:
        found: Any = base**exponent
    except (OverflowError, ZeroDivisionError):
        raise Undefined from None
    if isinstance(found, complex):
        raise Undefined
    return _kept(found)


def _root(value: Fraction | float, degree: int) -> Fraction | float:
    if value < 0 and degree == 2:
        raise Undefined
    exact: Fraction = Fraction(value)
    upper, lower = (round(float(abs(side)) ** (1 / degree)) for side in (exact.numerator, exact.denominator))
    root = Fraction(upper, lower or 1)
    if math.prod([root] * degree) == abs(exact):
        return root if exact >= 0 else -root
    return float(math.copysign(float(abs(exact)) ** (1 / degree), exact))


def _kept(value: Fraction | float) -> Fraction | float:
    if not -(10**LARGEST_DIGITS) < value < 10**LARGEST_DIGITS:
        raise Undefined
    return value
