"""The configured language model behind the local tiers, loaded once for all homes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Self

from assistant.understanding.language_model import LanguageModelPlanner
from benchmarks.mind.record import RecordingRegistry

if TYPE_CHECKING:
    from assistant.language.engine import LanguageModel
    from assistant.understanding.fast_path import FastPath


class ConfiguredModel:
    """`with ConfiguredModel() as model:`; `model.loads` is what `score.play` takes."""

    def __init__(self) -> None:
        self._model: LanguageModel | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._model is not None:
            self._model.close()

    def loads(
        self, registry: RecordingRegistry
    ) -> "Callable[[FastPath], Callable[[], Awaitable[LanguageModelPlanner]]]":
        """Return what makes a planner for a home, as `assistant.app` does."""
        from assistant.config.load import load
        from assistant.opening.language_model import load_language_model, settings_of

        config = load(None).config
        settings = settings_of(config)

        def of(fast_path: "FastPath") -> Callable[[], Awaitable[LanguageModelPlanner]]:
            async def planner() -> LanguageModelPlanner:
                if self._model is None:
                    self._model = await asyncio.to_thread(load_language_model, config)
                return LanguageModelPlanner(self._model, registry, fast_path.words, settings)

            return planner

        return of
