"""From words to one plan: the fast path first, the language model where it ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum

from assistant.failures import Failure
from assistant.language.engine import LanguageModelError
from assistant.understanding.fast_path import FastPath
from assistant.understanding.language_model import LanguageModelPlanner
from assistant.understanding.plan import Plan, Tier

_log = logging.getLogger(__name__)


class Order(StrEnum):
    """Who is asked, and in which order. The words are those of `[understanding] order`."""

    LOCAL_FIRST = "local-first"
    LANGUAGE_MODEL = "language-model"
    LOCAL_ONLY = "local-only"


class Understanding:
    """Makes the plan. The language model is loaded when it is first needed, or earlier by `warm`."""

    def __init__(
        self, fast_path: FastPath, load_planner: Callable[[], Awaitable[LanguageModelPlanner]], order: Order
    ) -> None:
        self._fast_path = fast_path
        self._load_planner = load_planner
        self._order = order
        self._planner: LanguageModelPlanner | None = None
        self._loading = asyncio.Lock()

    async def plan(self, text: str, language: str, room: str | None, turn_id: str) -> Plan:
        """Return the plan for these words; never raises for words that make no sense."""
        if self._order is not Order.LANGUAGE_MODEL:
            plan = self._fast_path.understand(text, language, room, turn_id)
            if plan is not None:
                return plan
        if self._order is Order.LOCAL_ONLY:
            return Plan(turn_id, Tier.NONE, language, failure=Failure.NOT_UNDERSTOOD)
        try:
            planner = await self._loaded()
        except LanguageModelError as error:
            _log.warning("%s", error)
            return Plan(turn_id, Tier.NONE, language, failure=Failure.NO_LANGUAGE_MODEL, why=str(error))
        return await planner.plan(text, language, turn_id)

    async def warm(self, language: str) -> None:
        """Load the language model and let it read its prompt, before anybody waits for it."""
        if self._order is Order.LOCAL_ONLY:
            return
        try:
            await (await self._loaded()).warm(language)
        except LanguageModelError as error:
            _log.warning("%s", error)

    async def _loaded(self) -> LanguageModelPlanner:
        async with self._loading:
            if self._planner is None:
                self._planner = await self._load_planner()
            return self._planner
