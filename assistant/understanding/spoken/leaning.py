# ruff: noqa: E501 - a pattern is easier to read on one line
"""What leans on the turn before: "and eggs", "what about Sunday?", "no, ten minutes", 那周日呢, 不对，是七点.

    leaning("oh, and a bag of potatoes", "en") -> Leaning("also", "a bag of potatoes")

What it means is for `carrying.py`, which knows the call that came before.
"""

import re
from dataclasses import dataclass, replace

_OH = r"(?:(?:oh|ah|okay|ok|right|well|so|yes|yeah|hmm|great|thanks|thank you|cool|good|lovely|perfect|actually)[,.!\s]+)*"
_ALSO = re.compile(
    rf"^{_OH}(?:and|also|plus|oh and|as well as|and also|then|and then|another thing|one more thing|(?:and )?(?:we|i)(?:'ll| will|'re| are)?(?: also| still)? "
    r"(?:need|want|out of|low on)|(?:and )?add|(?:and )?(?:put|pop|stick|chuck) (?:on )?|don't forget|(?:and )?(?:some|a few) more|throw in|"
    r"make (?:that|it)|while you're at it)[,:\s]+(?:also[,\s]+|add[,\s]+|then[,\s]+|(?:we|i)(?:'re| are)?(?: also)? (?:need|want|out of)[,\s]+)?",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    rf"^{_OH}(?:and[,\s]+|but[,\s]+|then[,\s]+)?(?:what about|how about|how's about|what of|and if it's|how does it look|what's it like|"
    r"same (?:for|question for|thing for)|and for|and in|and on|and at|or)[,\s]+",
    re.IGNORECASE,
)
_CORRECT = re.compile(
    r"^(?:(?:oh|ah|hmm|um|er|wait|sorry|oops|whoops|damn|hang on|hold on)[,.!…\s]+)*"
    r"(?:no no|no wait|no sorry|no,? i (?:mean|meant|said)|no,? make (?:that|it)|no|nope|nah|sorry|wait|actually|i mean|i meant|i said|rather|"
    r"make (?:that|it)|change (?:that|it) (?:to|into|for)|scratch that|correction|not that one|that's wrong|that's not (?:it|right|what i said)|"
    r"oh wait|on second thoughts?|better make (?:that|it)|let's (?:say|make (?:that|it))|it should be|that should be|should be|switch (?:that|it) to|"
    r"swap (?:that|it) for)\b[,.!…:\s]*"
    r"(?:(?:actually|i mean|i meant|i said|make (?:that|it)|change (?:that|it) to|sorry|wait|not that|rather|it's|it is|it was|for)\b[,.\s]*)*",
    re.IGNORECASE,
)
_CORRECT_END = re.compile(
    r"[,\s]+(?:i mean|i meant|i said|rather|instead|sorry|is what i (?:meant|said))\s*[.!]*$", re.IGNORECASE
)
_INSTEAD_END = re.compile(r"[,\s]+instead\s*[.!]*$", re.IGNORECASE)
_NOT_BUT = re.compile(
    r"^(?:no[,.\s]+)?not (.+?)[,;.\s]+(?:but |it's |i meant |i mean |i said )?(.+)$", re.IGNORECASE
)
_END = re.compile(
    r"[,\s]*(?:as well|too|also|then|again|please|thanks|thank you|while you're at it|on there|on it|on the list|to (?:it|that|the list)|actually|though|maybe|now)\s*[.!?]*$",
    re.IGNORECASE,
)

_HAN_OH = r"(?:(?:哦|噢|啊|嗯|对了|好的?|哎|诶|对|还有|另外|行|谢谢)[，,。！!\s]*)*"
_HAN_ALSO = re.compile(
    rf"^{_HAN_OH}(?:还有|另外|以及|再加上?|再来|再添|再买|再记|再要|也要|加上|还要|还得买|还要买|顺便再?加|顺便买|和|跟|对了|也|还缺|还差|别忘了|再|再加个|再记个|再写个)(?:点|些|个|一个|一点|上|一些)?[，,\s]*"
)
_HAN_INSTEAD = re.compile(
    rf"^{_HAN_OH}(?:那么?|那要是|要是|换成?|如果是|换到)[，,\s]*(.+?)(?:呢|怎么样|怎样|如何|会不会|咋样)[?？。]*$|^{_HAN_OH}(.+?)呢[?？。]*$"
)
_HAN_CORRECT = re.compile(
    r"^(?:(?:哎呀?|啊|哦|噢|呃|诶|嗯|唉|等等|等一下|喔)[，,。…！!\s]*)*"
    r"(?:不对不对|不对|不是不是|说错了?|我说错了?|错了|口误|搞错了?|记错了?|不是|不不|不|我是说|我是指|我的意思是|我说的是|应该是|改成|换成|改到|改为|还是|算了|是)[，,。…！!啊呀哈了\s]*"
    r"(?:(?:应该是|应该|我是说|我说的是|改成|改为|改到|换成|还是|要的是|要|是)[，,\s]*)*"
)
_HAN_NOT_BUT = re.compile(
    r"^(?:(?:说错了?|不对|错了|哎呀?)[，,。！!\s]*)?不是(.+?)[，,。\s]+(?:是|而是|应该是|我要的是|要的是|改成|换成)(.+)$"
)
_HAN_SWAP = re.compile(
    r"^(?:把)?(.+?)(?:不要了|不买了|不用了|去掉|删掉|划掉|算了|别要了)[，,。\s]*(?:改成|换成|改买|换|改|买|来|要)(.+)$"
)
_HAN_END = re.compile(
    r"(?:也(?:要|加上|记上|写上|买|没了|没有了|用完了|快没了|不够了|一样|加进去|来点)|也|(?:快)?(?:没|用完|吃完|喝完|不够)了|加上|写上|记上|加进去|一起|吧|呢|啊|谢谢|哈|一样)[。！!？?\s]*$"
)
_HAN_SAME = re.compile(
    r"(?:同一个?(?:点儿?|时间|时候)|一样的?(?:点儿?|时间)|[这那]个(?:点儿?|时间))?(?:也|同样)(?:一样|是|要|来一个|定一个|设一个|这个点|这时候|这个时间|叫我)?(?:叫我|起)?[。！!吧的\s]*$"
)


@dataclass(frozen=True, slots=True)
class Leaning:
    """How a sentence goes on: "also", "instead" (the same of something else), "correct", or "" for words that
    stand alone; `rest` is what it names, `gone` what was named wrongly.
    """

    link: str
    rest: str
    gone: str = ""


def leaning(text: str, language: str) -> Leaning:
    """Return how a sentence goes on from the one before."""
    said = text.replace("’", "'").strip(" .!?。！？")
    found = _han(said) if language == "zh" else _latin(said)
    return replace(found, rest=found.rest.strip(" ,.!?，。！？、"))


def _latin(said: str) -> Leaning:
    swap = _NOT_BUT.match(said)
    if swap is not None:
        return Leaning("correct", swap.group(2), swap.group(1))
    if (found := _INSTEAD.match(said)) is not None and found.end() < len(said):
        return Leaning("instead", _ended(said[found.end() :], _END))
    if (found := _CORRECT.match(said)) is not None and found.end() < len(said):
        return Leaning("correct", _ended(said[found.end() :], _INSTEAD_END))
    if (found := _CORRECT_END.search(said)) is not None and found.start():
        return Leaning("correct", said[: found.start()].rpartition(",")[2])
    if (found := _ALSO.match(said)) is not None and found.end() < len(said):
        return Leaning("also", _ended(said[found.end() :], _END))
    bare = _ended(said, _END)
    return Leaning("also" if re.search(r"\b(?:too|as well|also)[.!?\s]*$", said, re.IGNORECASE) else "", bare)


def _han(said: str) -> Leaning:
    for pattern in (_HAN_NOT_BUT, _HAN_SWAP):
        swap = pattern.match(said)
        if swap is not None:
            return Leaning("correct", _ended(swap.group(2), _HAN_END), swap.group(1))
    if (found := _HAN_INSTEAD.match(said)) is not None:
        return Leaning("instead", found.group(1) or found.group(2))
    if _HAN_SAME.search(said) and len(said) > 2:
        return Leaning("also", _HAN_SAME.sub("", _HAN_ALSO.sub("", said)))
    if (found := _HAN_ALSO.match(said)) is not None and found.end() < len(said):
        return Leaning("also", _ended(said[found.end() :], _HAN_END))
    if (found := _HAN_CORRECT.match(said)) is not None and found.end() < len(said):
        return Leaning("correct", _ended(said[found.end() :], _HAN_END))
    bare = _ended(said, _HAN_END)
    return Leaning("also" if bare != said and re.search("也|没了|完了|不够|加上", said) else "", bare)


def _ended(text: str, pattern: re.Pattern[str]) -> str:
    while (shorter := pattern.sub("", text)) != text and shorter:
        text = shorter
    return text
