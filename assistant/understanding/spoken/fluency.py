# ruff: noqa: E501 - a pattern is easier to read on one line
"""Hesitation, taken out of a sentence: sounds, words to win time, and what is begun twice.

fluent("is it, erm, is it going to, you know, rain", "en") -> "is it going to rain"
fluent("定……定个，呃，十五分钟的倒计时吧", "zh") -> "定个十五分钟的倒计时吧"
"""

import re

_PAUSE = "‥"
"""Stands where somebody hesitated; gone in the end."""
_BREAK = r"[,.;:…—–‥]"

_SOUNDS = re.compile(
    rf"(?:{_BREAK}|\s)*\b(?:u+h+m*|u+m+|e+r+m*|e+h+|h+m+|m{{2,}}|a+h+)\b(?!-)(?:{_BREAK}|\s)*", re.IGNORECASE
)
_TO_WIN_TIME = (
    r"you know(?: what)?|hang on(?: a (?:sec(?:ond)?|minute|moment))?|hold on|let me (?:think|see)(?: now)?|"
    r"what(?:'s| was| is) (?:it|that|the word|his name|her name)(?: called)?(?: again)?|what do you call (?:it|them)|"
    r"how (?:do|shall|should) i (?:say|put)(?: it| this)?|sort of|kind of|as it were|so to speak|or something|"
    r"let's (?:say|see)|(?:oh |ah )?(?:yes|yeah)|oh (?:what|who)(?:'s| is| was) (?:it|that)|what else|who(?:'s| is| was) (?:it|that)(?: again)?|where was i|oh what(?:'s| is) it called|thingy|whatsit|like|i mean to say|now then|wait a (?:sec|second|minute|moment)"
)
_WORDS = re.compile(
    rf"(?:^|(?<={_BREAK})|(?<={_BREAK} ))\s*(?:{_TO_WIN_TIME})\s*(?={_BREAK})(?:{_BREAK}|\s)*", re.IGNORECASE
)
_LIKE = re.compile(
    r"\b(?:like|say)(?= (?:\d|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|quarter|noon|"
    r"midnight|twenty|thirty|halfway|a bit|tomorrow|tonight))\s+",
    re.IGNORECASE,
)
_A_SAY = re.compile(r"\b(?:at|for|about|around|to|in)$", re.IGNORECASE)
_AGAIN = re.compile(rf"\b(\w[\w']*(?: \w[\w']*){{0,4}})((?:\s*{_BREAK})+)\s*(?=\1\b)", re.IGNORECASE)
_TWICE = re.compile(
    r"\b(to|the|a|an|in|on|at|for|and|is|it|i|my|of|can you|could you)\s+(?=\1\b)", re.IGNORECASE
)
_STUB = re.compile(
    rf"^[^{_BREAK[1:-1]}]{{1,24}}{_PAUSE}\s*(?=(?:can|could|would|will) you\b|please\b|what\b|how\b|is\b)",
    re.IGNORECASE,
)
_LIGHT = frozenset(
    [
        "a",
        "an",
        "the",
        "to",
        "of",
        "in",
        "on",
        "at",
        "for",
        "from",
        "by",
        "with",
        "and",
        "or",
        "but",
        "so",
        "i",
        "you",
        "we",
        "it",
        "is",
        "it's",
        "are",
        "was",
        "can",
        "could",
        "would",
        "will",
        "do",
        "does",
        "what",
        "what's",
        "how",
        "how's",
        "when",
        "where",
        "who",
        "that",
        "this",
        "my",
        "our",
        "me",
        "us",
        "set",
        "put",
        "add",
        "turn",
        "make",
        "play",
        "tell",
        "remind",
    ]
)

_HAN_SOUNDS = re.compile(r"[，,。…、\s]*(?:[呃嗯唔]|(?<![\u4e00-\u9fff])额(?=[，,。…、\s]))+[，,。…、\s]*")
_HAN_TO_WIN_TIME = (
    r"(?:就|哎|诶|欸)?那个[啥谁]?|这个|那什么|就是|就是说|怎么说呢|怎么讲呢|(?:哎|诶)?叫(?:什么|啥)(?:名字)?来着|什么来着|啥来着|"
    r"(?:让|等|容)?我(?:再)?(?:想想|想一想|想一下|看看)(?:啊|哈|呢)?|你知道吧?|(?:啊|哦|噢|嗯|欸|哎)?对{1,3}(?!了)|哎呀?|唉|诶|欸|哦|噢|喔|啊|嗨"
)
_HAN_WORDS = re.compile(rf"(?:^|(?<=[，,。…、\s‥]))(?:{_HAN_TO_WIN_TIME})(?:[，,。…、‥]|\s)+")
_HAN_HANGING = re.compile(r"(?<=[\u4e00-\u9fff])(?:就)?那个[，,…‥]+(?=[\u4e00-\u9fff])")
_HAN_PAUSES = re.compile(rf"[，,、…\s]*{_PAUSE}[{_PAUSE}，,、…\s]*")
_HAN_AGAIN = re.compile(r"([\u4e00-\u9fff]{1,8})[…‥]+(?=\1)")
_HAN_BEGUN = re.compile(r"^([\u4e00-\u9fff]{1,4})[，,、]+(?=\1)")


def fluent(text: str, language: str) -> str:
    """Return the words without hesitation. What is not hesitant comes back as it was."""
    return _fluent_han(text) if language == "zh" else _fluent(text)


def _fluent(text: str) -> str:
    kept = text.replace("...", "…").replace("’", "'")
    kept = _SOUNDS.sub(_sound, kept)
    while (shorter := _WORDS.sub(_PAUSE, kept)) != kept:
        kept = shorter
    kept = _LIKE.sub(lambda m: "" if _A_SAY.search(kept[: m.start()].rstrip()) else m.group(), kept)
    while (shorter := _AGAIN.sub(_begun_twice, kept)) != kept:
        kept = shorter
    kept = _STUB.sub("", kept)
    while (shorter := _TWICE.sub("", kept)) != kept:
        kept = shorter
    return _tidy(kept, " ") or text


def _sound(match: re.Match[str]) -> str:
    """A sound between commas leaves nothing; one at the end of a sentence leaves its stop."""
    return "" if match.start() == 0 else f"{_PAUSE} "


def _begun_twice(match: re.Match[str]) -> str:
    words = match.group(1).casefold().split()
    hesitant = _PAUSE in match.group(2)
    return "" if hesitant or _LIGHT.issuperset(words) or match.start() == 0 else match.group()


def _fluent_han(text: str) -> str:
    kept = text.replace("...", "…")
    kept = _HAN_SOUNDS.sub(lambda m: "" if m.start() == 0 else _PAUSE, kept)
    while (shorter := _HAN_WORDS.sub(_PAUSE, kept)) != kept:
        kept = shorter
    kept = _HAN_PAUSES.sub(_PAUSE, _HAN_HANGING.sub(_PAUSE, kept))
    kept = _HAN_BEGUN.sub("", _HAN_AGAIN.sub("", kept))
    return _tidy(kept, "") or text


def _tidy(text: str, between: str) -> str:
    """Close the gaps where somebody hesitated."""
    kept = re.sub(rf"[,，、…]*\s*{_PAUSE}[{_PAUSE},，、…\s]*", between, text)
    return re.sub(r"\s{2,}", " ", kept).strip(" ,，、…")
