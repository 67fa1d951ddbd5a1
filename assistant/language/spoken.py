"""What a model wrote, as it can be spoken: no markup, no links, no pictures, no thinking aloud.

The filter works on a stream: it holds back only what may still become markup.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator

_HELD_AT_MOST = 400
_OPENERS = re.compile(r"[`\[<*_#~|&!\\]|https?|www")
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"```[^`]*(?:```|\Z)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s)\]>]*[^\s)\]>.,;:!?]")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,80}>")
_TABLE = re.compile(r"^[ \t]*\|?[ \t:|-]{3,}\|?[ \t]*$", re.MULTILINE)
_BULLET = re.compile(r"^[ \t]*(?:[-*+•·]|\d{1,2}[.)])[ \t]+", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]*", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]*>[ \t]?", re.MULTILINE)
_EMPHASIS = re.compile(r"\*{1,3}|~~|`+|(?<![^\W_])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![^\W_])")
_PICTURES = re.compile(
    "[\U0001f000-\U0001faff\u2190-\u21ff\u2500-\u27bf\u2b00-\u2bff\ufe0f\u200d\u20e3\ue000-\uf8ff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_MIDDLE = "\0"  # a line goes on: "3. " is then no item of a list
_STOPS = '.!?。！？:：;；,，…"”'
_WORDS = {"en": {"&": " and ", "|": ", "}, "zh": {"&": "和", "|": "，"}}


def spoken(text: str, language: str, *, begins_line: bool = True) -> str:
    """Return a text without what nobody can say. Links keep their words, lists become sentences."""
    text = ("" if begins_line else _MIDDLE) + _CONTROL.sub("", text)
    for pattern in (_THOUGHT, _CODE):
        text = pattern.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    for pattern in (_ADDRESS, _TAG, _TABLE, _HEADING, _QUOTE, _BULLET):
        text = pattern.sub("", text)
    text = _EMPHASIS.sub("", text)
    text = _PICTURES.sub("", text)
    text = text.replace(_MIDDLE, "")
    for sign, word in _WORDS.get(language, _WORDS["en"]).items():
        text = text.replace(sign, word)
    return _as_sentences(text)


async def speakable(pieces: AsyncIterator[str], language: str) -> AsyncGenerator[str, None]:
    """Yield the spoken form of a text that is still being written, line by line or phrase by phrase."""
    held, begins_line = "", True
    async for piece in pieces:
        held += piece
        ready, held = _parted(held)
        if said := spoken(ready, language, begins_line=begins_line):
            yield said + _end(ready, said)
        begins_line = ready.endswith("\n") if ready else begins_line
    if said := spoken(held, language, begins_line=begins_line):
        yield said


def _parted(held: str) -> tuple[str, str]:
    """What can be said now, and what waits: the last word, and all from where markup may have begun."""
    opener = _OPENERS.search(held)
    end = len(held) if opener is None or len(held) > _HELD_AT_MOST else opener.start()
    if opener is not None and end == opener.start():
        line = re.search(r"[.!?。！？]\s|\n", held[end:])  # markup seldom goes over the end of a sentence
        if line is not None and not re.search(r"```|<(think|reasoning)", held[end:]):
            end += line.end()
    cut = max((held.rfind(sign, 0, end) for sign in " \n，。！？；"), default=-1) + 1
    return held[:cut], held[cut:]


def _end(ready: str, said: str) -> str:
    if not ready[-1:].isspace():
        return ""
    line_ended = re.search(r"\n\W*$", ready) is not None
    stop = "" if not line_ended or said[-1] in _STOPS else "。" if _han(said) else "."
    return stop + ("" if _han(said) else " ")


def _as_sentences(text: str) -> str:
    """Lines become one; one that ends without a stop gets it, so that the voice makes its pause."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    kept = [line for line in lines if line]
    ended = [
        line if line[-1] in _STOPS or number == len(kept) else f"{line}{'。' if _han(line) else '.'}"
        for number, line in enumerate(kept, 1)
    ]
    return ("" if any(map(_han, kept)) else " ").join(ended)


def _han(text: str) -> bool:
    return re.search(r"[\u3400-\u9fff]", text[-2:]) is not None
