# ruff: noqa: E501 - a pattern is easier to read on one line
"""What is said beside an order and orders nothing: "…, I've lost track", "…，我眯一会儿", "phew, …".

    list(without_remarks("what day is it, I've lost track", "en")) -> ["what day is it"]

A piece that tells what somebody else said, or under which condition, is no remark: it changes the meaning.
"""

import re
from collections.abc import Iterator

MOST_PIECES = 5

_CUT = re.compile(r"\s*[,;:.!?…—–]+\s+|\s+[-–—]+\s+")
_HAN_CUT = re.compile(r"[，,。；;！!？?…—\s]+")
_REMARK = re.compile(
    r"^(?:(?:and|but|so|because|since|as|cos|'cause|coz|for|or|otherwise|or else|before|'cos|see|look|honestly|"
    r"well|oh|god|gosh|ugh|phew|blimey|anyway) )*"
    r"(?:(?:i|we)(?:'m|'ve|'ll|'d| am| are| was| have| had| can't| cannot| don't| didn't| keep| kept| just| always| never|"
    r" still| think| reckon| need to| want to| must| might| feel| hate| love| forgot| forget| lost| work| got| know| like|"
    r" could use| can never| can hardly| can barely| promised| said| thought| really)?|we're|"
    r"(?:you|he|she|they|it|that|this|there|these|those|who|everyone|everybody|nobody|someone|somebody)(?:'s|'re|'ve|'ll|'d| is|"
    r" are| was| were| has| have| can't| will| won't| doesn't| don't| just| keeps?| sounds?| looks?| smells?| feels?| takes?|"
    r" needs?| goes)?|"
    r"(?:my|our|his|her|their|the|mum|dad|mom|gran|grandma|grandpa|nan|baby|kids?|guests?|a|some|somebody's|her|tom|dinner|"
    r"supper|lunch)\b(?: \w+)* (?:is|are|was|were|has|have|will|can't|won't|needs?|keeps?|wants?|loves?|likes?|'s|hates?|looks?))\b"
    r"|^(?:silly me|my bad|oops|whoops|sorry|right|okay|ok|well|phew|ugh|god|gosh|blimey|goodness|crikey|oh dear|"
    r"honestly|seriously|anyway|anyhow|obviously|of course|actually|thank (?:god|goodness|you)|never mind why|no rush|"
    r"no hurry|love|dear|darling|mate|just in case|for a change|as usual|as always|again|yum|brr+|chop chop|quick|quickly)$",
    re.IGNORECASE,
)
_S_REMARK = re.compile(
    r"^(?:\w+ ){0,2}\w+'s (?:\w+ing|on|in|at|here|coming|out|off|up|asleep|poorly|due|late|round|over)\b",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"\b(?:says?|said|told|tells?|asked|asks|if|unless|when|until|till|except|apart|only|not|but not|instead|yesterday|"
    r"remind|forget|remember|wish|pretend|imagine|suppose|used to|would have|should have|dream\w*|without)\b",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"[ ,]+(?:(?:and|but|so|because|cos|'cause|since|as|cause) )?(?=(?:i|we|he|she|it|they|there|everyone|nobody|somebody)"
    r"(?:'m|'re|'ve|'ll|'d|'s| am| are| is| can't| can| don't| haven't| have| has| just| need| must| got| think| want| won't)\b|"
    r"(?:the|my|our|mum|dad|nan|gran|baby|tea|dinner|lunch|supper|film)\b(?: \w+){0,3}?(?:'s| is| are|'re| has| have)\b)",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(
    r"\b(?:that|when|if|until|till|while|where|what|which|who|whose|how|why|before|after|than|unless|though|whenever|"
    r"once|and|but|or|as|so|say|saying|tell|remind|me|of|to|for|with|the|a|an|my|by|at|in|not|like|like how)$",
    re.IGNORECASE,
)
_SHORTEST_ORDER, _LONGEST_REMARK = 2, 10  # words
_WANTS = re.compile(
    r"\b(?:i|we)(?:'d| would)? (?:need|want|like|require|prefer)\b|\b(?:out of|run out|ran out|low on)\b",
    re.IGNORECASE,
)
_HAN_REMARK = re.compile(
    r"^(?:因为|毕竟|反正|不然|要不然|否则|省得|免得|主要是|真是|其实|话说|哎|唉)?"
    r"(?:我|咱|俺|人家|你|您|他|她|它|孩子|宝宝|娃|老人|爸|妈|爷爷|奶奶|客人|外面|外头|这|那|今天|家里|天|太|都|又|真|好|头|还|刚|快|正|听|看|等|没|不够|不行|这下|怕|担心)"
    r".{0,14}$"
)
_HAN_TOLD = re.compile("说|问|如果|要是|除非|的时候|别|不要|不用|除了|昨天|假如|提醒|记得|忘|告诉")
_HAN_ORDERS = re.compile(
    "^(?:再|顺便|顺带|然后|还有|把|给|帮|请|开|关|加|设|定|放|播|导航|提醒|叫|来|打开|关掉|调|换|去|带|记|念|读|跟|和|对|让|我(?:要|想|得)|能|可以)"
)
_HAN_STATE = re.compile(
    "(?:了|呢|着|啦|嘛|吧|啊|呀|儿|大|糊涂|用|死|在.+|得慌|腻了?|要命|不行|会儿|一下|觉)$"
)


def pieces(text: str, language: str) -> list[str]:
    """Return what stands between the commas."""
    cut = _HAN_CUT if language == "zh" else _CUT
    return [each.strip(" ,.!?…，。！？") for each in cut.split(text) if each.strip(" ,.!?…，。！？")]


def without_remarks(text: str, language: str) -> Iterator[str]:
    """Yield the sentence without the remarks at its end, at its beginning, and at both; nothing if it has none."""
    parts = pieces(text, language)
    if not 1 < len(parts) <= MOST_PIECES:
        return
    first, last = 0, len(parts)
    while last - first > 1 and is_remark(parts[last - 1], language):
        last -= 1
    if last < len(parts):
        yield _joined(parts[:last], language)
    while last - first > 1 and is_remark(parts[first], language):
        first += 1
    if first:
        yield _joined(parts[first:last], language)
    if last < len(parts) and is_remark(parts[0], language):
        yield _joined(parts[max(1, first) :], language)


def without_loose_remark(text: str) -> str | None:
    """Return what stands before a remark that no comma parts from the order: "lamp off I'm heading down"."""
    for start in _LOOSE.finditer(text):
        head, tail = text[: start.start()].strip(" ,"), text[start.end() :]
        if (
            len(head.split()) < _SHORTEST_ORDER
            or len(tail.split()) > _LONGEST_REMARK
            or _LEADS_ON.search(head)
        ):
            continue
        if is_remark(tail, "en"):
            return head
    return None


def is_remark(piece: str, language: str) -> bool:
    """Whether a piece of a sentence only tells something."""
    if language == "zh":
        if _HAN_TOLD.search(piece) or _HAN_ORDERS.match(piece):
            return False
        return bool(_HAN_REMARK.match(piece)) or bool(_HAN_STATE.search(piece))
    if _MEANT.search(piece) or _WANTS.search(piece):
        return False
    return bool(_REMARK.match(piece) or _S_REMARK.match(piece))


def _joined(parts: list[str], language: str) -> str:
    return ("，" if language == "zh" else ", ").join(parts)
