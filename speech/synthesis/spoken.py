"""Writes out what eSpeak NG reads badly: clock times, per cent and degrees, in English and Chinese."""

import re
from collections.abc import Callable, Mapping

_CLOCK = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?![\d:]|\.\d)(\s*(?:[ap]m\b|[ap]\.m\.?))?", re.IGNORECASE
)
_DEGREES = re.compile(r"([-−]?)(\d+(?:\.\d+)?)\s*°\s*([CF]?)(?![A-Za-z])")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")


def spoken(text: str, language: str) -> str:
    """`text` as a voice should be given it; languages without rules here are left as they are."""
    for pattern, write in _RULES.get(language, ()):
        text = pattern.sub(write, text)
    return text


def _clock_en(match: re.Match[str]) -> str:
    hour, minute, half = match[1], match[2], match[3] or ""
    if minute == "00":
        return f"{int(hour)}{half}" if half else f"{int(hour)} o'clock"
    if minute.startswith("0"):
        return f"{int(hour)} oh {int(minute)}{half}"
    return f"{int(hour)} {minute}{half}"


def _degrees_en(match: re.Match[str]) -> str:
    sign = "minus " if match[1] else ""
    noun = "degree" if match[2] == "1" else "degrees"
    scale = {"C": " Celsius", "F": " Fahrenheit", "": ""}[match[3]]
    return f"{sign}{match[2]} {noun}{scale}"


def _clock_zh(match: re.Match[str]) -> str:
    hour, minute, half = int(match[1]), match[2], (match[3] or "").strip().lower()
    said = {"a": "上午", "p": "下午"}.get(half[:1], "") + ("两" if hour == 2 else str(hour)) + "点"
    if minute == "00":
        return said
    return f"{said}零{int(minute)}分" if minute.startswith("0") else f"{said}{minute}分"


def _degrees_zh(match: re.Match[str]) -> str:
    sign = "零下" if match[1] else ""
    scale = {"C": "摄氏度", "F": "华氏度", "": "度"}[match[3]]
    return f"{sign}{match[2]}{scale}"


_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]
_RULES: Mapping[str, tuple[_Rule, ...]] = {
    "en": ((_CLOCK, _clock_en), (_DEGREES, _degrees_en), (_PERCENT, r"\1 percent")),
    "zh": ((_CLOCK, _clock_zh), (_DEGREES, _degrees_zh), (_PERCENT, r"百分之\1")),
}
