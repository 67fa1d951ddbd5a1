# ruff: noqa: E501 - a pattern is easier to read on one line
"""What is taken back within a sentence: "… at four, no, at five", "带我去万达广场……说错了，万象城".

    taken_back("remind me at four, no, at five", "en") -> ("remind me at four", "at five")
    repaired(…) -> "remind me at five", …

What was meant is guessed in a few ways, the likeliest first; the first that is understood is taken.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from skills.times import find_whens, times_in

_STOP = r"[\s,.;:!?…—–-]"
_BREAK = r"(?:\s*[,.;:!?…—–]|\s-)"
_LEAD = r"(?:oh|ah|um|er|uh|no|hmm|but|well|and|or|sorry|wait)"
_TURN = (
    r"no no(?: no)?|no wait|no sorry|wait no|no hang on|hang on no|hold on no|no actually|actually no|oh no|no|nope|nah|sorry|wait|wait a (?:second|minute|sec)|hang on|"
    r"hold on|actually|rather|or rather|or should i say|i mean|i meant|i should say|i meant to say|make (?:that|it)|scratch that|"
    r"scrap that|strike that|forget that|correction|what am i saying|what am i on about|my mistake|my bad|not that|"
    r"on second thoughts?|let me rephrase|let me start again|i tell a lie|tell a lie|come to think of it|change that to|"
    r"that's wrong|that's not right|that should be|excuse me|pardon|apologies|instead|better|better make (?:that|it)"
)
_MARK = re.compile(
    rf"(?:{_BREAK}{_STOP}*(?:{_LEAD}{_STOP}+)*(?:{_TURN})\b(?:{_STOP}+(?:{_TURN}|{_LEAD})\b(?!'))*|"
    rf"\s(?:i mean|i meant|make (?:that|it)|scratch that|no wait|or rather|no sorry|sorry no|wait no|correction)\b){_STOP}*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"{_STOP}+(?:i mean|i meant|rather|i should say|sorry|instead|is what i meant|please)\s*[.!?]*$",
    re.IGNORECASE,
)
_HAN_MARK = re.compile(
    r"[，,。…；;！!—\s]+(?:(?:哎呀?|啊|哦|噢|呃|诶|嗯|唉|哦对|喔)[，,…\s]*)?"
    r"(?:(?:不对|不是|说错了?|我?说错|错了?|口误|讲错了?|搞错了?|记错了|等等|等一下|等会儿?|算了|我是说|我是指|我的意思是|应该是|不不|不|改成|换成|还是)[啊哈呀了]*[，,。…！!\s]*)+"
    r"(?:应该是|应该|改成|换成|改|换|还是|是|要)?"
)
_HAN_WEAK = re.compile("^[，,。…；;！!—\\s]+(?:还是|不|等一下|等会儿?|改成|换成|应该是)$")
_SPELT = re.compile(
    r"[\s,]+(?:that's )?(?:(?:zero|one|two|three|four|five|six|seven|eight|nine|oh|\d)[\s,-]+){1,3}(?:zero|one|two|three|four|five|six|seven|eight|nine|oh|\d)$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\b(?:\d+|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|five|six|seven|eight|nine))?|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    r"nineteen|a hundred)\b",
    re.IGNORECASE,
)
_HAN_NUMBER = re.compile("[零一二两三四五六七八九十百半\\d]+")
MOST_WORDS_BACK = 4


def taken_back(text: str, language: str) -> tuple[str, str] | None:
    """Return what was said before and after the last correction; None where nothing is taken back."""
    if language == "zh":
        found = [m for m in _HAN_MARK.finditer(text) if m.start() and m.end() < len(text)]
        return (text[: found[-1].start()], text[found[-1].end() :].strip("，,。 ！!")) if found else None
    said = text.replace("...", "…").replace("’", "'")
    after = _AFTER.search(said)
    if after is not None and re.search(r"mean|rather|should say", after.group(), re.IGNORECASE):
        left, comma, right = said[: after.start()].rpartition(",")
        return (left.strip(), right.strip()) if comma else None
    marks = [m for m in _MARK.finditer(said) if m.start() and m.end() < len(said)]
    if not marks:
        return None
    left, right = said[: marks[0].start()], said[marks[-1].end() :]
    return left.strip(" ,.;…"), right.strip(" ,.;!?…")


def repaired(sides: tuple[str, str], language: str, now: datetime) -> Iterator[str]:
    """Yield what may have been meant, by what was said before and after the correction."""
    left, right = sides
    if left and right:
        yield from dict.fromkeys(_ways(left, _SPELT.sub("", right), language, now))


def loosely_repaired(sides: tuple[str, str], language: str) -> Iterator[str]:
    """Yield the sentence with its last words replaced, where nothing tells which were wrong."""
    left, right = sides
    words = left.split()
    if language == "zh" or not right:
        return
    size = len(_NUMBER.sub("1", right.split(",")[0]).split())
    for back in dict.fromkeys((min(size, MOST_WORDS_BACK), 1, 2)):
        if back < len(words):
            yield " ".join((*words[:-back], right))


def _ways(left: str, right: str, language: str, now: datetime) -> Iterator[str]:
    between = "" if language == "zh" else " "
    number = _HAN_NUMBER if language == "zh" else _NUMBER
    if number.fullmatch(right):
        found = list(number.finditer(left))
        if found:
            yield left[: found[-1].start()] + right + left[found[-1].end() :]
    if (anchored := _anchored(left, right, language)) is not None:
        yield anchored
    start, end = _time(right, language, now)
    before = _time(left, language, now)
    if end and before[1]:
        if right[:start].strip() or right[end:].strip():
            yield (left[: before[0]] + between + left[before[1] :]).strip() + between + right
        else:
            yield left[: before[0]] + right + left[before[1] :]
    yield right


def _anchored(left: str, right: str, language: str) -> str | None:
    """Return the sentence with the correction laid where its first word was said before: "to A, no, to B"."""
    if language == "zh":
        at = left.rfind(right[0]) if len(right) > 1 and right[0] in "去到在把给放播加定设往从导" else -1
        return left[:at] + right if at > 0 else None
    words, first = left.split(), right.split()[0].casefold()
    for at in range(len(words) - 1, 0, -1):
        if words[at].casefold().strip(",") == first:
            return " ".join((*words[:at], right))
    return None


def _time(text: str, language: str, now: datetime) -> tuple[int, int]:
    """Return where a time stands, (0, 0) for none."""
    found = [(start, end) for name, start, end in times_in(text) if name == "duration"]
    found += [(start, end) for _when, start, end in find_whens(text, language, now)]
    return max(found, key=lambda each: each[1] - each[0], default=(0, 0))


_HAN_EVERY = r"(?:每天|天天|每日|(?:每个?)?工作日|上班日|(?:每个?)?(?:周|星期|礼拜)[一二三四五六日天][到至](?:周|星期|礼拜)?[一二三四五六日天])"
_HAN_BUT = re.compile(
    rf"^(.*?)({_HAN_EVERY})(.+?)[，,。]\s*(?:不过|但是?|就|只有)?((?:周|星期|礼拜)[一二三四五六日天末](?:[、和跟](?:周|星期|礼拜)?[一二三四五六日天末])*)"
    r"(?:就)?(?:不用|别|不要|不必|除外|不算|例外|休息|不上班|不).*$"
)


_HAN_BUT_FIRST = re.compile(
    rf"^除(?:了|去)?((?:周|星期|礼拜)[一二三四五六日天末](?:[、和跟](?:周|星期|礼拜)?[一二三四五六日天末])*)(?:以外|之外|外)?[，,]?({_HAN_EVERY})(.+)$"
)


def with_exceptions(text: str) -> str:
    """Return a sentence with the days that are excepted at its end beside the days: 工作日六点叫我，周三不用叫."""
    if (first := _HAN_BUT_FIRST.match(text)) is not None:
        return f"{first[2]}{first[1]}除外{first[3]}"
    found = _HAN_BUT.match(text)
    return text if found is None else f"{found[1]}{found[2]}{found[4]}除外{found[3]}"
