"""An order as it would be put plainly: without hesitation, without the detours of politeness, without asides.

Nothing here knows what a sentence means. `fluent` takes away what nobody would miss; `plainer` yields further
ways to put a sentence that nobody understood as it was said, each plainer than the one before. The patterns
are data: `[plainly]` in `words/<language>.toml`; a language without them is left as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.understanding.normalise import words_of

LONGEST = 300  # characters; more is no order
_MOST_TAKEN = 8  # detours, one after the other
_PIECES = re.compile(r"\s*(?:[,;!?]|:(?!\d)|\.{2,}|(?<!\b\w)\.(?=\s|$)|…|\s[-—–]\s|—)\s*")
_LONGEST_TOPIC = 5  # words
_WORD = re.compile(r"[\w']+")
_SPACES = re.compile(r"\s+")
_COMMAS = re.compile(r"\s*,(?:\s*,)+")
_PRONOUN = re.compile(
    r"\b(it|that|them|those|these|him|her)\b(?! \w*(?:one|thing|lamp|light)\b)", re.IGNORECASE
)
_TOPIC = re.compile(
    r"^(?P<topic>(?:(?:the|my|our|this|that|those|these) )?(?:[\w']+ ){0,3}?[\w]+(?:'s)?)"
    r"(?:'s (?:\w+ing|still|already|not|in|out|at|so|too|very|right|a|an|got|been|gone|really|getting|far|way"
    r"|quite|\w+ed)\b"
    r"| is| are|'re| could| needs?| looks?| feels?| sounds?| seems?| has| have)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:in|on|at) (?:the|my|our|\w+'s) (?:\w+ )?\w+$", re.IGNORECASE)
_THERE = re.compile(r"(?: in| up| down| over)? there\b", re.IGNORECASE)
_NO_TOPIC = re.compile(
    r"^(?:i|we|you|he|she|it|they|that|this|there|what|who|somebody|someone|everyone|nobody|dad|mum)\b",
    re.IGNORECASE,
)
_BEGINNING = 8  # characters
_FOND = re.compile(r",? (?:my )?(?:love|darling|mate|sweetheart)[.!]*$", re.IGNORECASE)
_BEGUN = re.compile(r"^(?:so|well|right|okay|ok|now)[, ]+(?=(?:the|my|our) )", re.IGNORECASE)
_ING = re.compile(r"^(?P<stem>[a-z]+)ing\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Patterns:
    sounds: re.Pattern[str]
    hesitations: re.Pattern[str]
    like: re.Pattern[str]
    always: Sequence[tuple[re.Pattern[str], str]]
    again: re.Pattern[str]
    phrase_again: re.Pattern[str]
    open_comma: re.Pattern[str]
    detours: re.Pattern[str]
    tails: re.Pattern[str]
    asides: re.Pattern[str]
    firm: re.Pattern[str]
    because: re.Pattern[str]
    verbs: frozenset[str]
    rewrites: Sequence[tuple[re.Pattern[str], str]]


@lru_cache(maxsize=8)
def _patterns(language: str) -> _Patterns | None:
    data = words_of(language).data.get("plainly")
    if data is None:
        return None
    parts: dict[str, str] = {}

    def filled(text: str) -> str:
        for name, part in parts.items():
            text = text.replace(f"{{{name}}}", part)
        return text

    for name, part in (*data["parts"].items(), ("lead", data["lead"])):
        parts[name] = filled(part)

    def one_of(texts: Sequence[str]) -> str:
        return "(?:" + "|".join(map(filled, texts)) + ")"

    def made(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE)

    small, border = one_of(data["small"]), r"(?:\s*(?:,|\.{2,}|…|-|—)\s*|\s+)"
    between = rf"(?:{border}{data['between']})?(?:{border}|$)"
    return _Patterns(
        sounds=made(rf"(?P<before>,?\s*)(?<![\w'])(?:{data['sounds']})(?![\w'])(?:\s*,|\.{{2,}}|…)?\s*"),
        hesitations=made(
            rf"(?:^|(?P<before>,|\.{{2,}}|…))\s*(?:oh )?{one_of(data['hesitations'])}\s*(?=,|\.{{2,}}|…|$)"
        ),
        always=tuple((made(pattern), put) for pattern, put in data["always"]),
        like=made(rf",?\s*\b{data['like']}"),
        again=made(rf"\b({small}){between}\1(?![\w'])"),
        phrase_again=made(
            rf"\b((?:[a-z][\w']* ){{1,3}}[a-z][\w']*){border}(?:{data['between']}{border})?\1(?![\w'])"
        ),
        open_comma=made(rf"\b({small})\s*,\s+(?=\w)"),
        detours=made(rf"^\s*{data['leaders']}{one_of(data['detours'])}(?![\w'])[\s,]*"),
        tails=made(rf"[\s,]*(?<![\w']){one_of(data['tails'])}[\s.!?]*$"),
        asides=made(rf"^{one_of((*data['asides'], data['because_of']))}$"),
        firm=made(data["firm"]),
        because=made(data["because"]),
        verbs=frozenset(data["verbs"]),
        rewrites=tuple((made(pattern), put) for pattern, put in data["rewrites"]),
    )


def fluent(text: str, language: str) -> str:
    """Return the text without sounds of hesitation, and with what was begun twice said once."""
    patterns = _patterns(language)
    if patterns is None or len(text) > LONGEST:
        return text
    said = patterns.sounds.sub(lambda match: ", " if match["before"].strip() else " ", text)
    said = patterns.hesitations.sub(lambda match: match["before"] or "", said)
    for pattern, put in patterns.always:
        said = pattern.sub(put, said)
    said = _tidy(patterns.like.sub(" ", said))
    for pattern in (patterns.again, patterns.phrase_again):
        for _ in range(3):
            said, count = pattern.subn(r"\1", said)
            if not count:
                break
    if _bare(said) == _bare(text):
        return text
    return _tidy(patterns.open_comma.sub(r"\1 ", said)) or text


def plainer(text: str, language: str) -> Iterator[tuple[str, bool]]:
    """Yield plainer ways to put a sentence, none of them the sentence itself, and whether each still tells
    all that the sentence does.
    """
    patterns = _patterns(language)
    if patterns is None or len(text) > LONGEST:
        return
    put = _rewritten(_direct(text, patterns), patterns)
    if put and _bare(put) != _bare(text):
        yield put, True
    plain = _without_asides(put, language, patterns)
    if plain and _bare(plain) not in (_bare(text), _bare(put)):
        yield plain, False


def direct(text: str, language: str) -> str:
    """Return a sentence without the detours of politeness before it and the thanks behind it."""
    patterns = _patterns(language)
    if patterns is None or len(text) > LONGEST:
        return text
    said = _direct(text, patterns)
    asked = said[:_BEGINNING].casefold() != text.strip()[:_BEGINNING].casefold()
    return _FOND.sub("", said) if asked else said  # "would you …, love": who asks so means it


def pieces(text: str, language: str) -> tuple[str, ...]:
    """Return what stands between the commas."""
    patterns = _patterns(language)
    said = text if patterns is None else patterns.because.sub(", because ", text)
    return tuple(piece for piece in _PIECES.split(said) if piece.strip())


def tells(piece: str, language: str) -> bool:
    """Whether a piece between commas only tells something, or is a mere exclamation."""
    patterns = _patterns(language)
    return patterns is not None and bool(patterns.asides.match(piece)) and not patterns.firm.search(piece)


def _direct(text: str, patterns: _Patterns) -> str:
    """Take what is around an order: detours before it, thanks behind it."""
    said = text.strip()
    for _ in range(_MOST_TAKEN):
        match = patterns.detours.match(said)
        if match is None or match.end() == 0 or match.end() >= len(said):
            break
        said = _as_order(said[match.end() :], patterns)
    for _ in range(_MOST_TAKEN):
        match = patterns.tails.search(said)
        if match is None or match.start() == 0:
            break
        said = said[: match.start()]
    return _tidy(said)


def _as_order(said: str, patterns: _Patterns) -> str:
    """Return "turning it on" as "turn it on"."""
    match = _ING.match(said)
    if match is None:
        return said
    stem = match["stem"].casefold()
    verb = next((each for each in (stem, f"{stem}e", stem[:-1]) if each in patterns.verbs), None)
    return said if verb is None else verb + said[match.end() :]


def _rewritten(said: str, patterns: _Patterns) -> str:
    for pattern, put in patterns.rewrites:
        said = pattern.sub(put, said)
    return _as_order(_tidy(said), patterns)


def _without_asides(said: str, language: str, patterns: _Patterns) -> str:
    """Leave out the pieces that only tell something; "it" is called by the name that one of them had."""
    kept: list[str] = []
    topic, named = "", False  # what "it" may be, and whether it was said by itself
    place = ""  # where "in there" is
    said_pieces = pieces(said, language)
    for at, each in enumerate(said_pieces):
        piece = _BEGUN.sub("", each)
        aside = tells(piece, language)
        if not aside and topic and _PRONOUN.search(piece):
            kept.append(_put(_PRONOUN, topic, piece))
            topic = ""
            continue
        if topic and named:
            kept.append(topic)
            topic = ""
        if aside and (somewhere := _PLACE.search(piece)) is not None:
            place = somewhere[0]
        if aside:
            match = None if _NO_TOPIC.match(piece) else _TOPIC.match(piece)
            topic, named = (match["topic"], False) if match is not None else (topic, named)
        elif (
            at + 1 < len(said_pieces)
            and len(piece.split()) <= _LONGEST_TOPIC
            and not patterns.firm.search(piece)
        ):
            topic, named = piece, True
        else:
            kept.append(_put(_THERE, f" {place}", piece) if place else piece)
    return _tidy(", ".join(_direct(each, patterns) or each for each in kept)) if kept else ""


def _put(pattern: re.Pattern[str], said: str, piece: str) -> str:
    """Return the piece with "it", or "there", called by its name."""
    return pattern.sub(lambda _match: said, piece, count=1)


def _bare(said: str) -> str:
    """The words alone, to compare."""
    return " ".join(_WORD.findall(said.casefold()))


def _tidy(said: str) -> str:
    said = _SPACES.sub(" ", _COMMAS.sub(",", said)).strip(" ,")
    return said.replace(" ,", ",")
