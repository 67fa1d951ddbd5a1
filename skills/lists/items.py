"""Things on a list: taken from a sentence one by one, and found again by other words for the same."""

import re
from collections.abc import Iterable, Sequence

LONGEST_ITEM = 120
MOST_AT_ONCE = 30

_HAN = re.compile(r"[\u3400-\u9fff]")
_SEPARATORS = re.compile(
    r"\s*(?:[,;，、；]|\bas well as\b|\band also\b|\bplus\b|&|还有|以及)\s*", re.IGNORECASE
)
_AND = re.compile(r"\s+and\s+|(?<=[\u3400-\u9fff])[和跟与及](?=[\u3400-\u9fff])", re.IGNORECASE)
_PAIRS = (
    "salt and pepper", "fish and chips", "mac and cheese", "bread and butter", "oil and vinegar",
    "gin and tonic", "macaroni and cheese", "peanut butter and jelly", "ham and cheese",
    "cream and sugar", "pork and beans",
)  # fmt: skip
_LEADING = re.compile(
    r"^(?:(?:and|or|also|plus|then|um+|uh+|er+m?|oh|yeah|oh yeah|well|so|like|what else|we need|we also need|"
    r"i need|we want|maybe|please|the|some|a|an|any|more|some more|another|还有|然后|再|那个|嗯|呃)\s+)+",
    re.IGNORECASE,
)
_HAN_LEADING = re.compile("^(?:还有|然后|再来|再加|嗯|呃|那个|一些|一点|点|些|就是)+")
_ORDER = re.compile(r"\s*(?:add|put|pop|stick|write|take|remove|delete)\s", re.IGNORECASE)
_DENIED = re.compile(
    r"\s*(?:don['’]?t|do not|never|stop|please don['’]?t|别|不要|不用|不许|先别)", re.IGNORECASE
)
_NOTHING = frozenset({
    "and", "or", "also", "um", "uh", "er", "erm", "oh", "yeah", "well", "what", "else", "something",
    "anything", "things", "stuff", "items", "item", "some", "what else", "oh yeah", "we need",
    "some things", "an item", "a few things", "some stuff", "a thing", "some items",
    "it", "them", "that", "this", "those", "东西", "点东西",
    "些东西", "什么",
})  # fmt: skip
_QUANTITY = re.compile(
    r"^(?:\d+|an?|some|the|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|half|couple|few|"
    r"several|of|more|bags?|packs?|packets?|bottles?|tins?|cans?|jars?|loaf|loaves|boxe?s?|pints?|litres?|liters?|"
    r"kilos?|grams?|pounds?|bunch|bunches|cartons?|tubs?|rolls?|bars?|pieces?|slices?|heads?|lots?)\s+",
    re.IGNORECASE,
)
_HAN_QUANTITY = re.compile(
    "^[0-9一二两三四五六七八九十半几]+(?:个|斤|瓶|盒|包|袋|把|颗|根|条|块|公斤|克|升|桶|罐|只|片|份|卷|支|箱|打)?"
)
_SENTENCE = frozenset({
    "is", "are", "was", "were", "has", "have", "had", "will", "would", "do", "does", "did", "i", "you",
    "he", "she", "they", "it", "what", "who", "why", "how", "when", "where", "not", "never", "said",
    "says", "because", "if", "that's", "it's", "i'm", "apps", "to",
})  # fmt: skip
_TRAILING = re.compile(r"(?:\s+(?:and|or|um+|uh+|er+m?|please|too|as well))+$", re.IGNORECASE)
_HAN_SENTENCE = re.compile(
    "^[里上中把将]|换成|改成|去掉|删|我|你|他|她|是|吗|呢|什么|怎么|为什么|不|没|的时候|了"
)


def items_of(text: str, *, tasks: bool = False) -> tuple[str, ...]:
    """Return the things that a piece of a sentence names, in its order, each once.

    `tasks` are whole orders ("call mum and dad"), so that an "and" within them stays.
    """
    kept = text.strip(" .!?。！？")
    for number, pair in enumerate(_PAIRS):
        kept = re.sub(pair, f"\x00{number}\x00", kept, flags=re.IGNORECASE)
    pieces = _SEPARATORS.split(kept)
    if not tasks:
        pieces = [part for piece in pieces for part in _AND.split(piece)]
    found: dict[str, None] = {}
    for piece in pieces:
        whole = re.sub("\x00(\\d+)\x00", lambda pair: _PAIRS[int(pair.group(1))], piece)
        item = _cleaned(whole)
        if item and item.casefold() not in _NOTHING:
            found[item[:LONGEST_ITEM]] = None
    return tuple(found)[:MOST_AT_ONCE]


def is_talk(text: str) -> bool:
    """Whether the words are rather a sentence than things to be written down."""
    if is_order(text):
        return True
    if _HAN.search(text):
        return bool(_HAN_SENTENCE.search(text))
    return any(
        len(item.split()) > 4 or not _SENTENCE.isdisjoint(item.casefold().split()) for item in items_of(text)
    )


def is_order(text: str) -> bool:
    """Whether the words are an order of their own: the "add bread" of "add bread, take milk off the list"."""
    return bool(_ORDER.match(text))


def is_denied(text: str) -> bool:
    """Whether the words take back what the sentence orders: "don't add milk"."""
    return bool(_DENIED.match(text))


def found_in(items: Sequence[str], wanted: str) -> tuple[str, ...]:
    """Return the items that the words mean: the very same, or else those that are or hold the same thing."""
    key = _key(wanted)
    same = [each for each in items if _key(each) == key]
    if same or not key:
        return tuple(same)
    if _HAN.search(key):
        return tuple(each for each in items if key in each)
    words = set(key.split())
    return tuple(each for each in items if words <= set(_key(each).split()))


def without(items: Iterable[str], gone: Iterable[str]) -> list[str]:
    """Return the items but those."""
    away = set(gone)
    return [each for each in items if each not in away]


def _cleaned(piece: str) -> str:
    item = piece.strip(" .,!?。！？，")
    if _HAN.search(item):
        return _HAN_LEADING.sub("", item).strip()
    return _TRAILING.sub("", _LEADING.sub("", f"{item} ").strip())


def _key(item: str) -> str:
    """The bare thing: lower case, without how much of it, in the singular."""
    key = item.casefold().strip()
    if _HAN.search(key):
        return _HAN_QUANTITY.sub("", key).removeprefix("的") or key
    while (shorter := _QUANTITY.sub("", key)) != key:
        key = shorter
    return " ".join(_singular(word) for word in key.split())


def _singular(word: str) -> str:
    for ending, instead in (
        ("ies", "y"),
        ("oes", "o"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("ves", "f"),
        ("s", ""),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 2 and not word.endswith("ss"):
            return word[: -len(ending)] + instead
    return word
