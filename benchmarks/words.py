"""Words of a transcript and of what was said, brought to one spelling, and the errors between them."""

import re
from collections.abc import Sequence

# Nineteen lines of quoted words would be harder to read than two of plain ones.
_UNITS = (  # noqa: SIM905
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_SAME = {
    "%": " percent ",
    "per cent": " percent ",
    "colour": "color",
    "°": " degrees ",
    "&": " and ",
    "t.v.": "tv",
}


def words(text: str) -> list[str]:
    """Lower case, no punctuation, numbers below a thousand as words, one spelling of a few pairs."""
    text = text.lower().replace("’", "'")
    for written, meant in _SAME.items():
        text = text.replace(written, meant)
    text = re.sub(r"\d+", lambda digits: f" {_spoken(int(digits[0]))} ", text)
    text = text.replace("-", " ").replace("'", "")  # "what's" and "whats" sound alike
    return re.findall(r"\w+", text)


def errors(reference: Sequence[str], heard: Sequence[str]) -> int:
    """Words put in, left out or replaced: Levenshtein's distance over words."""
    row = list(range(len(heard) + 1))
    for wanted in reference:
        diagonal, row[0] = row[0], row[0] + 1
        for at, word in enumerate(heard, start=1):
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, diagonal + (word != wanted))
    return row[-1]


def _spoken(number: int) -> str:
    if number < 20:
        return _UNITS[number]
    if number < 100:
        tens, units = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_UNITS[units]}" if units else "")
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return f"{_UNITS[hundreds]} hundred" + (f" {_spoken(rest)}" if rest else "")
    return str(number)
