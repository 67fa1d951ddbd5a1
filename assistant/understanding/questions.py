"""What kind of sentence is it? A question, on which no model may act, or a bare "stop"."""

import re
from functools import lru_cache

from assistant.understanding.normalise import Phrases, languages, languages_of, normalise, texts, words_of

_DENIED = re.compile("(?:不对|不是|不)+(?=不对|不是)")
"""不对不对 holds no 对不对."""
_ANYTHING = re.compile("(?:什么|啥|谁|哪儿|哪里|怎么)(?:东西|人)?[都也]")
"""什么都看不见 asks nothing."""
_EITHER = re.compile(r"([\u4e00-\u9fff])不\1(?<![能可行好成]不.)")
"""冷不冷, 大不大 ask; 能不能, 好不好 are polite."""


def is_question(text: str, language: str) -> bool:
    """Whether the words ask for an answer. A polite order ("could you turn on …", "能不能打开…") does not.

    A question mark alone decides nothing: recognisers write it where a voice merely rose.
    """
    language = languages_of(text, language, languages())[0]
    text = _ANYTHING.sub("", _DENIED.sub("", text))
    heard = normalise(text, language)
    said = texts(heard.tokens)
    core = texts(heard.core)
    if not said:
        return False
    starts, not_starts, requests, askers, after_request = _asking(language)
    ends, contains = _inside(language)
    first = _past_fillers(said, language)
    if language == "zh" and _EITHER.search(text):
        return True
    if askers.at(said, first) or askers.at(said, first + requests.at(said, first)):
        return True
    if not_starts.at(said, first):
        return False
    if starts.at(core, 0):
        return True
    if any(contains.at(core, at) for at in range(len(core))):
        return True
    # 能不能开灯吗, 可以开灯吗 are polite; 灯开着吗 asks.
    return bool(ends.at_end(core)) and not (requests.at(said, first) and after_request.at_end(said))


def is_stop(text: str, language: str) -> bool:
    """Whether the words ask for silence and for nothing else."""
    core = tuple(token.text for token in normalise(text, language).core)
    return bool(core) and words_of(language).phrases("silence", "words").at(core, 0) == len(core)


def _past_fillers(said: tuple[str, ...], language: str) -> int:
    """Return where a sentence begins, hesitation and greetings left out."""
    fillers = words_of(language).phrases("start", "fillers")
    at = 0
    while length := fillers.at(said, at):
        at += length
    return at


@lru_cache(maxsize=16)
def _asking(language: str) -> tuple[Phrases, Phrases, Phrases, Phrases, Phrases]:
    words = words_of(language)
    return (
        words.phrases("questions", "starts"),
        words.phrases("questions", "not_starts"),
        words.phrases("start", "requests"),
        words.phrases("start", "askers"),
        words.phrases("end", "after_request"),
    )


@lru_cache(maxsize=16)
def _inside(language: str) -> tuple[Phrases, Phrases]:
    words = words_of(language)
    return words.phrases("questions", "ends"), words.phrases("questions", "contains")
