"""The language models at hand, and the ways in which each is asked."""

import json
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.language.engine import LanguageModel, LanguageModelError, Message, Sampling
from benchmarks.protocol import BenchmarkError
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from assistant.language.llama_cpp import Tokens

MODELS = {"qwen": "qwen2.5-coder-0.5b-instruct", "smollm2": "smollm2-135m-instruct"}
TUNED = "SOTTO_TUNED"
"""Where the fine-tuned weights lie, if not in the data folder."""
JSON: Mapping[str, Any] = {"type": "object"}


class Way(StrEnum):
    """How a model is asked: with the tools alone, with examples too, or held to what the sentence grounds."""

    UNTUNED = "untuned"
    FEW_SHOT = "few_shot"
    GROUNDED = "grounded"
    TUNED = "tuned"
    TUNED_FREE = "tuned_free"


@dataclass(frozen=True, slots=True)
class Contender:
    """A model in an engine, asked in a way. `trained`: it reads the sentence alone."""

    model: str
    engine: str
    way: Way
    path: Path

    @property
    def name(self) -> str:
        """As figures are called."""
        short = {"llama.cpp": "", "transformers": "_torch"}[self.engine]
        return f"{self.model}{short}_{self.way.value}"

    @property
    def trained(self) -> bool:
        """Whether it was fine-tuned for the tools."""
        return self.way in (Way.TUNED, Way.TUNED_FREE)


def contenders() -> list[Contender]:
    """Return what can be asked here: the catalogue's models, and what was trained on this machine."""
    found = [
        Contender(short, "llama.cpp", way, next(folder_of(model).glob("*.gguf")))
        for short, model in MODELS.items()
        if missing((model,)) is None
        for way in (Way.UNTUNED, Way.FEW_SHOT, Way.GROUNDED)
    ]
    tuned = _tuned()
    if tuned.exists():
        found += [Contender("smollm2", "llama.cpp", way, tuned) for way in (Way.TUNED, Way.TUNED_FREE)]
    if find_spec("torch") is not None and (tuned.parent / "best").is_dir():
        found.append(Contender("smollm2", "transformers", Way.TUNED, tuned.parent / "best"))
    return found


def _tuned() -> Path:
    from platformdirs import user_data_path

    told = os.environ.get(TUNED)
    return Path(told) if told else user_data_path("sotto-voce") / "language-model" / "model.gguf"


def load(contender: Contender) -> "Asked":
    """Load a contender. Raises `BenchmarkError`."""
    model: LanguageModel
    try:
        if contender.engine == "transformers":
            from assistant.language.transformers_model import TransformersModel, TransformersSettings

            model = TransformersModel(contender.path, TransformersSettings("cpu"))
        else:
            from assistant.language.llama_cpp import LlamaCppModel, LlamaSettings

            model = LlamaCppModel(contender.path, LlamaSettings())
    except LanguageModelError as error:
        raise BenchmarkError(str(error)) from error
    return Asked(model, contender.way)


class Asked:
    """A model that is asked in one way: without examples, without a schema, or as it is in a turn."""

    def __init__(self, model: LanguageModel, way: Way) -> None:
        self.name = model.name
        self._model = model
        self._way = way

    @property
    def tokens(self) -> "Tokens | None":
        """What was read, spared and written, where the engine tells."""
        return getattr(self._model, "tokens", None)

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        sampling: Sampling = Sampling(),
    ) -> AsyncGenerator[str, None]:
        """Yield the answer. Without a schema of the sentence it need only be JSON."""
        free = schema is not None and self._way not in (Way.GROUNDED, Way.TUNED)
        pieces = self._model.stream(self._told(messages), schema=JSON if free else schema, sampling=sampling)
        try:
            async for piece in pieces:
                yield piece
        finally:
            await pieces.aclose()

    async def warm(self, messages: Sequence[Message]) -> None:
        """Read the beginning."""
        await self._model.warm(self._told(messages))

    def close(self) -> None:
        """Give the memory back."""
        self._model.close()

    def _told(self, messages: Sequence[Message]) -> Sequence[Message]:
        if self._way is not Way.UNTUNED:
            return messages
        return [messages[0], messages[-1]] if len(messages) > 1 else messages


class Pieces:
    """What was measured before, a file a contender: a run that was broken off goes on behind them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, contender: Contender, most: int) -> Mapping[str, Any] | None:
        """Return what was found with as many sentences and these very weights; None where it was not."""
        try:
            told = json.loads(self._path(contender).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        same = told.get("most") == most and told.get("weights") == _stamp(contender.path)
        return told if same else None

    def write(self, contender: Contender, most: int, told: Mapping[str, Any]) -> None:
        """Keep what was found."""
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = {"most": most, "weights": _stamp(contender.path), **told}
        self._path(contender).write_text(json.dumps(kept, indent=1, ensure_ascii=False), "utf-8")

    def _path(self, contender: Contender) -> Path:
        return self._folder / f"{contender.name}.json"


def _stamp(path: Path) -> str:
    file = path if path.is_file() else path / "config.json"
    told = file.stat()
    return f"{told.st_size} {told.st_mtime_ns}"
