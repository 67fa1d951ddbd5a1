# ruff: noqa: E501 - a pattern is easier to read on one line
"""What the tools of timers, alarms and reminders are given: lengths, moments, names and texts, checked."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from skills.api import Slot
from skills.times import Cause, local_now, read_duration, read_when

LONGEST_NAME = 5  # words
_NO_NAME = frozenset(
    {"not", "don't", "do", "set", "start", "stop", "cancel", "make", "is", "was", "are", "i", "you"}
)
_NO_NAME |= {
    "he",
    "that",
    "this",
    "she",
    "we",
    "they",
    "it",
    "if",
    "when",
    "who",
    "what",
    "why",
    "where",
    "how",
    "takes",
    "took",
}
_NO_NAME |= {
    "need",
    "needs",
    "wants",
    "want",
    "goes",
    "add",
    "put",
    "have",
    "has",
    "had",
    "will",
    "would",
    "minute",
    "minutes",
    "hour",
    "hours",
    "because",
}
"""A timer whose name holds one of these is a sentence that nobody understood."""


def _length(text: str) -> str:
    if read_duration(text) is None:
        raise ValueError("this is no length of time")
    return text


def _moment(text: str) -> str:
    if read_when(text, local_now()) is None:
        raise ValueError("this is no moment")
    return text


def _clock_time(text: str) -> str:
    said = read_when(_moment(text), local_now())
    if said is not None and said.cause is Cause.CHANGE:
        raise ValueError("this is no time")
    return text


_NO_HAN_NAME = re.compile(
    r"^(?:我[^的]|你|他|她|它|再|还|又|太|都|就|名字|定|设|叫|给|帮|一个|个|了|吧|先|不|没|快|该|要|等)|了$|呢$|吧$|会儿$|[，,。]"
)
"""So begins and ends what is said beside an order."""


def _name(text: str) -> str:
    if _NO_HAN_NAME.search(text):
        raise ValueError("this is a remark")
    words = text.lower().split()
    if len(words) > LONGEST_NAME or any(each.isdigit() for each in text) or not _NO_NAME.isdisjoint(words):
        raise ValueError("this is no name")
    if read_when(text, local_now()) is not None:
        raise ValueError("this is a time and no name")
    return text


Duration = Annotated[str, Slot("duration"), AfterValidator(_length)]
"""The person's own words, "an hour and a half"; `read_duration` reads them."""
Moment = Annotated[str, Slot("when"), AfterValidator(_moment)]
"""The person's own words, "half six tomorrow"; `read_when` reads them."""
ClockTime = Annotated[str, Slot("when"), AfterValidator(_clock_time)]
"""The same of an alarm, which waits for no thing: "when the washing is done" is to be told of."""
Name = Annotated[str, Slot("name"), Field(max_length=60), AfterValidator(_name)]
_NO_TEXT = re.compile(
    r"^(?:一?[个件点]|一[个件]|这[个件]?|那[个件]?)?(?:事儿?|事情|东西|什么|一下|吧|啊|我|们)*$|^(?:something|a thing|it|that|this|things)$|"
    r"(?:^|[，,])(?:周|星期|礼拜)?[一二三四五六日天]?(?:不用|别)(?:叫|提醒)我?$",
    re.IGNORECASE,
)
"""What holds no more than "something"."""


def _text(text: str) -> str:
    if _NO_TEXT.search(text.strip(" ，,。")):
        raise ValueError("nothing to remember")
    return text


Text = Annotated[str, Slot("text"), Field(max_length=300), AfterValidator(_text)]
