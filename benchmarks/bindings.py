"""The language model through our bindings (xllamacpp), and through llama-cpp-python where it is installed.

Same file, threads and prompts. Three requests a prompt: the first has a beginning that was never seen (cold),
the others the same beginning and another end (warm, as every turn after the first is), all timed to the first
piece of text; the pieces after it give the speed of writing. The two take turns, prompt by prompt.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import intervals
from benchmarks.plots import OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.language.engine import Message

MODEL = "qwen2.5-coder-0.5b-instruct"
TIMES = 6
NEW_TOKENS = 32
BEGINNING = " ".join(
    f"Room {number}: a lamp, a blind and a thermometer; the lamp is {'on' if number % 2 else 'off'}."
    for number in range(16)
)
QUESTIONS = ("Which lamps are on?", "Tell me about room three.", "What would you switch off, and why?")
Stream = Callable[[Sequence["Message"]], Iterator[str]]
Opener = Callable[[Path, int], AbstractContextManager[Stream]]


class Bindings:
    """Seconds to the first piece of an answer, and pieces a second after it."""

    name = "bindings"

    def lacks(self) -> str | None:
        """Weights; the peer is compared where it is installed."""
        return missing([MODEL])

    def run(self, tell: Tell) -> Results:
        """Ask each binding the same."""
        path = next(folder_of(MODEL).glob("*.gguf"))
        threads = min(4, os.cpu_count() or 1)
        openers: dict[str, Opener] = {"xllamacpp": _ours}
        peer = "llama-cpp-python was not installed: not compared"
        if find_spec("llama_cpp") is not None:
            openers["llama_cpp_python"] = _peer
            peer = "llama-cpp-python, in the same run"
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        with ExitStack() as stack:
            streams = {name: stack.enter_context(opened(path, threads)) for name, opened in openers.items()}
            for number in range(TIMES):
                tell(f"prompt {number + 1} of {TIMES}")
                for name in sorted(streams, reverse=number % 2 == 1):
                    for key, those in _measured(streams[name], number).items():
                        samples.setdefault(f"{name}_{key}", []).extend(those)
        for key, those in samples.items():
            unit = "tokens/s" if key.endswith("per_s") else "s"
            figures[key] = intervals.of_samples(those, unit)
        return Results(
            figures, samples, {"model": f"{MODEL} Q4_K_M, {threads} threads, context 2048", "peer": peer}
        )

    def draw(self, results: Results, axes: "Axes") -> None:
        """The two waits, as bars."""
        names = [name for name in ("xllamacpp", "llama_cpp_python") if f"{name}_cold_s" in results.figures]
        for place, (name, colour) in enumerate(zip(names, (OURS, PEERS), strict=False)):
            waits = [results.figures[f"{name}_{wait}_s"].value for wait in ("cold", "warm")]
            axes.barh([row + 0.38 * place for row in (0, 1)], waits, 0.36, color=colour, label=name)
        axes.set(yticks=[0.19, 1.19], yticklabels=["new prompt", "known beginning"])
        axes.set(xlabel="seconds to the first piece of the answer (median)")
        axes.legend(loc="upper right")


def _measured(stream: Stream, number: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"cold_s": [], "warm_s": [], "written_per_s": []}
    # The number at the front makes a prompt whose every token is new to the cache.
    system: Message = {"role": "system", "content": f"House {number + 1}. {BEGINNING}"}
    for key, question in zip(("cold_s", "warm_s", "warm_s"), QUESTIONS, strict=True):
        began_s = time.perf_counter()
        moments = [time.perf_counter() for _ in stream([system, {"role": "user", "content": question}])]
        found[key].append(moments[0] - began_s)
        if len(moments) > 10:
            found["written_per_s"].append((len(moments) - 1) / (moments[-1] - moments[0]))
    return found


@contextmanager
def _ours(path: Path, threads: int) -> Iterator[Stream]:
    from assistant.language.engine import Sampling
    from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

    sampling = Sampling(repetition_penalty=1.0, max_new_tokens=NEW_TOKENS)
    settings = LlamaSettings(context=2048, threads=threads)
    with closing(LlamaCppModel(path, settings)) as model, asyncio.Runner() as runner:

        def stream(messages: Sequence["Message"]) -> Iterator[str]:
            pieces = model.stream(messages, sampling=sampling)
            while (piece := runner.run(_next(pieces))) is not None:
                yield piece

        yield stream


async def _next(pieces: AsyncIterator[str]) -> str | None:
    return await anext(pieces, None)


@contextmanager
def _peer(path: Path, threads: int) -> Iterator[Stream]:
    from llama_cpp import Llama  # compared only where installed

    settings = {"n_ctx": 2048, "n_threads": threads, "n_threads_batch": threads, "verbose": False}
    with closing(Llama(str(path), **settings)) as model:

        def stream(messages: Sequence["Message"]) -> Iterator[str]:
            chunks: Any = model.create_chat_completion(
                list(messages), stream=True, temperature=0.0, repeat_penalty=1.0, max_tokens=NEW_TOKENS
            )
            for chunk in chunks:
                if text := chunk["choices"][0]["delta"].get("content"):
                    yield text

        yield stream
