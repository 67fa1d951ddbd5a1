"""How well a model answers dialogues of the test part: homes, templates and examples that it never saw.

A call is exact when tool and arguments are. The model is constrained and checked as in a turn, so what is
left to go wrong is the choice.
"""

import json
import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from statistics import median

from assistant.language.engine import LanguageModel, Sampling
from assistant.tuning.dialogues import Dialogue
from assistant.tuning.hearing import Hearing
from assistant.understanding.grounding import answer_schema, ungrounded
from assistant.understanding.notation import read
from assistant.understanding.prompt import Prompt
from skills.registry import Registry


@dataclass(frozen=True, slots=True)
class Judged:
    """Shares of 1. `false_actions` called something where nothing was to be done, of all such dialogues.

    `invented` are answers that the words do not carry (an engine that follows schemas has none). `rouge_l`
    and `bleu` are of what is said beside what was to be said; `answer_ms` is the median of whole answers.
    """

    dialogues: int
    exact: float
    false_actions: float
    invented: float
    rouge_l: float
    bleu: float
    answer_ms: float


async def judge(
    model: LanguageModel,
    registry: Registry,
    dialogues: Sequence[Dialogue],
    tell: Callable[[int, int], None] = lambda _done, _of: None,
    *,
    trained: bool = True,
) -> Judged:
    """Have a model answer each dialogue. Raises `LanguageModelError`."""
    prompt = Prompt(registry, trained=trained)
    hearing: dict[str, Hearing] = {}
    exact = acted = invented = 0
    alike: list[float] = []
    replies: list[tuple[str, str]] = []
    took_s: list[float] = []
    for number, dialogue in enumerate(dialogues, 1):
        if dialogue.language not in hearing:
            hearing[dialogue.language] = Hearing(registry, dialogue.language)
        heard = hearing[dialogue.language].heard(dialogue.said, dialogue.home)
        tools = {tool.full_name: tool for tool in prompt.offered(question=dialogue.question)}
        began_s = time.monotonic()
        stream = model.stream(
            prompt.whole(dialogue.said, dialogue.language, question=dialogue.question),
            schema=answer_schema(tools.values(), heard, short=trained),
            sampling=Sampling(max_new_tokens=96),
        )
        async with aclosing(stream) as pieces:
            written = "".join([piece async for piece in pieces])
        took_s.append(time.monotonic() - began_s)
        answer, wanted = read(written), json.loads(dialogue.answer)
        calls = answer.get("calls") or []
        if "say" in wanted:
            acted += bool(calls)
            exact += not calls
            replies.append((str(answer.get("say", "")), wanted["say"]))
            alike.append(rouge_l(*replies[-1]))
        else:
            exact += calls == wanted["calls"]
        invented += any(
            each.get("tool") not in tools
            or bool(ungrounded(tools[each["tool"]], each.get("arguments", {}), heard))
            for each in calls
        )
        tell(number, len(dialogues))
    silent = sum('"say"' in each.answer for each in dialogues)
    count = max(1, len(dialogues))
    return Judged(
        len(dialogues),
        exact / count,
        acted / max(1, silent),
        invented / count,
        sum(alike) / max(1, len(alike)),
        bleu(replies),
        1_000 * median(took_s or [0.0]),
    )


def rouge_l(said: str, wanted: str) -> float:
    """ROUGE-L: the F1 of the longest common subsequence of words, of characters in Chinese (Lin, 2004)."""
    one, other = _words(said), _words(wanted)
    if not one or not other:
        return 0.0
    row = [0] * (len(other) + 1)
    for word in one:
        before = 0
        for at, each in enumerate(other, 1):
            before, row[at] = row[at], before + 1 if word == each else max(row[at], row[at - 1])
    return 2 * row[-1] / (len(one) + len(other))


def bleu(pairs: Sequence[tuple[str, str]], most: int = 4) -> float:
    """BLEU of what was said beside what was to be said, over all pairs (Papineni et al., 2002).

    Runs of up to `most` words; longer than either text, they do not count.
    """
    said, wanted = [_words(one) for one, _ in pairs], [_words(other) for _, other in pairs]
    shares: list[float] = []
    for size in range(1, most + 1):
        counted = [(_runs(one, size), _runs(other, size)) for one, other in zip(said, wanted, strict=True)]
        every = sum(one.total() for one, _ in counted)
        if every:
            shares.append(sum((one & other).total() for one, other in counted) / every)
    if not shares or not all(shares):
        return 0.0
    length, right = sum(map(len, said)), sum(map(len, wanted))
    brevity = 1.0 if length >= right else math.exp(1 - right / length)
    return brevity * math.exp(sum(map(math.log, shares)) / len(shares))


def _runs(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _words(text: str) -> list[str]:
    return text.casefold().split() if text.isascii() else [each for each in text if each.isalnum()]
