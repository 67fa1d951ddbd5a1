# ruff: noqa: E501 - a pattern is easier to read on one line
"""Politeness, taken off a sentence: "I'd be ever so grateful if you'd …", 辛苦你…, "… would be lovely".

What is left is the bare order, or the thing that was asked for.
"""

import re

_VERY = r"(?:ever so|so|very|most|really|terribly|awfully|eternally|much|a lot|truly) ?"
_DEAR = r"(?:my )?(?:dear|love|darling|sweetheart|sweetie|honey|mate|pal|buddy|duck|pet|friend|sir|old chap|sunshine|petal)"
_WISH = r"(?:i|we)(?:'d| would)"
_YOU_WOULD = r"if you(?:'d| would| could|'ll| can| might)(?: (?:just|kindly|please|be so kind as to|be so good as to))?"
_SO_KIND = r"(?:so |very )?(?:kind|good|nice) (?:as to|and|enough to)"
_FIRST = re.compile(
    "^(?:"
    + "|".join(
        (
            r"(?:please|kindly|excuse me|pardon me|sorry to (?:bother|trouble|disturb) you(?: again)?(?: but)?|hello|hi|hey|"
            r"right|okay|ok|well|so|listen|look|now then|oh|good (?:morning|evening))\b[,.!]*",
            rf"(?:there's a |be a )?(?:good )?{_DEAR}[,.]",
            r"(?:if|when|whenever|as soon as) (?:it(?:'s| is|'d be| would be)? ?(?:not|n't|isn't|wouldn't be)? ?(?:\w+ )*?"
            r"(?:trouble|bother|hassle|problem|imposition|ok|okay|alright|all right|possible|convenient)|"
            r"it isn't (?:\w+ )*?(?:trouble|bother|hassle|problem|inconvenience)|"
            r"you(?:'d| would)? (?:don't mind|do not mind|wouldn't mind|get (?:a|the) (?:chance|moment|minute|second|sec)|"
            r"have (?:a|the) (?:chance|moment|minute|second|sec|time)|be so kind|please|can|could|would|'re free|"
            r"are free|'re not (?:too )?busy|aren't (?:too )?busy|'re ready)|i may|i might|i could|at all possible|possible)"
            rf"(?:,? {_DEAR})?[,]",
            rf"{_WISH} (?:be )?(?:{_VERY})*(?:grateful|thankful|obliged|glad|happy|happier|delighted|chuffed|appreciate it|"
            rf"love it|like it|feel (?:{_VERY})*(?:happier|safer|better|easier|calmer)) {_YOU_WOULD}",
            rf"(?:would|could|will|can) you be (?:{_SO_KIND}|a dear and|a love and|an angel and|a star and)",
            rf"be (?:{_SO_KIND}|a (?:dear|love|darling|sweetheart|star|good sport|pal|honey|gem) and|an angel and)",
            r"(?:would|could|might|may|can|will) (?:you|i|we) (?:please |kindly |possibly |just )?(?:ask|get|have|trouble|bother|"
            r"persuade|tempt) you (?:please )?(?:to|for|with)",
            r"(?:would|could|will|can) you do (?:me|us) the (?:honou?r|kindness|favou?r|courtesy) of",
            r"(?:do|does) (?:me|us) (?:a|the|one) (?:little |small |quick |big |huge )?(?:favou?r|kindness|solid)(?: and|,|\.|:)?",
            r"(?:would|is) it (?:be )?(?:at all )?(?:possible|ok|okay|all right|alright|too much (?:trouble|bother|to ask))"
            r"(?: for you)?(?: to (?:have|get)?| if you(?:'d|'ll)?| if we had)",
            r"(?:is there )?(?:any|a|some) (?:chance|way|possibility) (?:that )?(?:of (?:you |having |getting )?|you (?:could|can|might|would)|"
            r"(?:i|we) (?:could|can|might) (?:have|get)|to)",
            r"(?:i|we) (?:was |were |am |'m |'ve been )?(?:just )?(?:wondering|wonder|hoping|hope|thinking) (?:if|whether|that)?"
            r" ?(?:you(?:'d| would| could| might| can|'ll)?|(?:i|we) (?:could|might|can) (?:have|get|trouble you for))"
            r"(?: (?:be able to|possibly|please|kindly|just|mind))*",
            r"(?:do|would) you (?:mind|think you(?:'d| could| can| might))(?: possibly| please| just)*",
            r"(?:would|could|will|can) (?:you|i|we) (?:please |kindly |possibly |perhaps |maybe |just )*(?=\w)",
            rf"{_WISH} (?:{_VERY})*(?:appreciate|love|like|fancy|want|prefer) (?:it (?:{_YOU_WOULD})|you to|to (?:have|get|hear)|"
            r"(?=some|a |an |the ))",
            r"(?:i|we) (?:need|want|require) (?:you )?to (?=remind|set|put|add|know|play|tell|turn|switch)",
            r"(?:i|we) (?:could|would) (?:really )?(?:do with|use|murder|kill for|go for)",
            r"you (?:couldn't|wouldn't|could not|would not|could|can|may|might)(?: (?:possibly|please|just|happen to|be able to))*"
            r"(?= \w)",
            r"why don't you|why not|how's about|make sure (?:to|you|that you)|be sure to|go ahead and|go on(?: and|,)|"
            r"try and|try to|feel free to|time to|let's have|let us have|you'd better|it's time to",
        )
    )
    + r")\s*",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"[\s,.!?]*(?:\b(?:please|thanks?(?: you)?(?: so much| very much| a lot| a million| ever so)?|ta|cheers|much appreciated|"
    r"if you(?:'d| would)? (?:please|don't mind|wouldn't mind|can|could|would|like|be so kind|want|get (?:a|the) (?:chance|minute|moment|sec))|"
    r"if (?:that's|it's|that is|it is|at all) (?:ok|okay|alright|all right|possible|no (?:trouble|bother))|"
    r"(?:would|will|could|can|won't) (?:you|ya)|when(?:ever)? you (?:can|get (?:a|the) (?:chance|minute|moment|sec)|have (?:a|the) (?:chance|minute|moment|sec))|"
    r"there's a (?:good |dear )?(?:\w+)|for (?:me|us)|that(?:'d| would) be (?:great|lovely|nice|good|grand|perfect|brilliant|"
    r"super|wonderful|fab|ace|ideal)|i(?:'d| would) (?:really )?appreciate (?:it|that)|or (?:something|whatever|so)|sharpish|"
    rf"pronto|asap|though|i reckon|i (?:think|suppose|guess)|obviously|of course|again please|{_DEAR})|,\s*(?:yeah|yes|eh|right|ok|okay))[\s.!?]*$",
    re.IGNORECASE,
)
_WELCOME = re.compile(
    r"^(.+?) (?:would|'d|might|could) (?:be|go down|not go) (?:\w+ )?(?:lovely|nice|great|good|grand|perfect|wonderful|splendid|"
    r"brilliant|super|handy|helpful|well|ideal|amiss|much appreciated|appreciated)(?: (?:right )?(?:now|about now))?$",
    re.IGNORECASE,
)
_GERUND = re.compile(r"^(?:of )?([a-z]{2,}ing)\b", re.IGNORECASE)
_BASES = {
    "setting": "set", "putting": "put", "getting": "get", "letting": "let", "shutting": "shut", "popping": "pop",
    "stopping": "stop", "running": "run", "dropping": "drop", "skipping": "skip", "planning": "plan",
    "making": "make", "giving": "give", "writing": "write", "closing": "close", "taking": "take", "raising": "raise",
    "having": "have", "pausing": "pause", "removing": "remove", "scheduling": "schedule", "noting": "note",
    "navigating": "navigate", "announcing": "announce", "waking": "wake", "changing": "change", "muting": "mute",
    "dimming": "dim", "lowering": "lower", "increasing": "increase", "reducing": "reduce", "deleting": "delete",
    "resuming": "resume", "scrapping": "scrap", "sticking": "stick", "bringing": "bring", "bing": "bing",
}  # fmt: skip

_HAN_FIRST = re.compile(
    "^(?:"
    + "|".join(
        (
            r"不好意思|打扰(?:一下|了|你了|您了)?|麻烦(?:一下)?(?:你|您)?(?:一下)?|劳烦(?:你|您)?|劳驾(?:您)?|有劳(?:你|您)?|辛苦(?:一下)?(?:你|您)?(?:一下)?|拜托(?:你|您)?(?:一下)?|"
            r"请问(?:一下)?|请教一下|请(?:你|您)?|烦请|求求?(?:你|您)了?",
            r"(?:你|您|咱)?(?:能不能|可不可以|能否|可否|是否可以|可以|能|方便|会不会介意|介不介意)(?=帮|给|跟|把|在|替|让|请|麻烦|告诉|提醒|放|播|加|记|设|定|讲|说|带|导|再|将)",
            r"(?:要是|如果|假如|若是)?(?:不麻烦|方便|有空|可以|不介意|行|得空|不忙|没问题)的话|(?:要是|如果)(?:你|您)?(?:不麻烦|方便|有空|可以|不介意|不忙)",
            r"(?:乖|好)(?:孩子|宝宝|宝贝|孙子|孙女|娃)?|宝贝儿?|亲爱的|小朋友|亲|小家伙|老兄|哥们儿?|伙计|朋友|师傅",
            r"(?:我|咱|咱们|我们)?(?:想|希望|需要|想要|还想)(?:请|让|叫)?(?:你|您)(?=[\u4e00-\u9fff])|"
            r"(?:帮|给|替)(?:我|我们|咱|咱们|忙|个忙|一下忙|帮忙)(?!妈|爸|家)",
            r"(?:你|您)(?=帮|给|替|把|去|来|再|快|就|跟)|快点?(?=帮|给|把|跟)|来(?=帮|给|把)",
        )
    )
    + r")[啊呀哈吧，,。！!、\s]*"
)
_HAN_LAST = re.compile(
    r"[，,。！!、\s]*(?:谢谢(?:你|您|啦|了|哈|啊)?|谢啦|谢了|多谢(?:了|啦)?|感谢|辛苦(?:你|您)?(?:了|啦)?|麻烦(?:你|您)?(?:了|啦)|拜托(?:了|啦|你了|您了)?|"
    r"好不好(?:呀|啊|嘛)?|行不行(?:呀|啊)?|可不可以|成不成|中不中|能行不|可以不|行不|成不|好不|可以吗|行吗|好吗|成吗|方便吗|好么|行么|可以么|可好|如何|"
    r"来着|啊|呗|哈|吧|呀|哦|喔|嘛|咯|啦|哟|喽|嘞|哩|好了|得了|就行(?:了)?|就好(?:了)?|就可以(?:了)?|先)[。！!？?\s]*$"
)


def bare(text: str, language: str) -> str:
    """Return the words without the politeness around them; what has none comes back as it was."""
    return _bare_han(text) if language == "zh" else _bare(text)


def _bare(text: str) -> str:
    kept = text.replace("’", "'").strip(" ,.!?")
    while (shorter := _LAST.sub("", kept)) != kept and shorter:
        kept = shorter
    while (shorter := _FIRST.sub("", kept, count=1)) != kept and shorter:
        kept = shorter.lstrip(" ,")
    welcome = _WELCOME.match(kept)
    if welcome is not None:
        kept = welcome.group(1)
    kept = _GERUND.sub(_base, kept)
    return kept.strip(" ,.!?")


def _base(match: re.Match[str]) -> str:
    word = match.group(1).casefold()
    return _BASES.get(word, word[:-3] if len(word) > 6 or word in ("adding", "playing", "doing") else word)


def _bare_han(text: str) -> str:
    kept = text.strip(" ，,。！!？?、")
    while (shorter := _HAN_LAST.sub("", kept)) != kept and shorter:
        kept = shorter
    while (shorter := _HAN_FIRST.sub("", kept, count=1)) != kept and shorter:
        kept = shorter
    return kept.strip(" ，,。！!？?、")
