"""Two models as one: a server that thinks, and the local model where the server does not answer."""

import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from assistant.language.engine import LanguageModel, LanguageModelError, Message, Sampling

_log = logging.getLogger(__name__)
AWAY_S = 60.0
"""For so long a server that failed is not asked again: each try costs seconds in which somebody waits."""


class FallbackModel:
    """Asks the first; where it writes nothing at all, the second, which is loaded when it is first needed.

    An answer that breaks off in the middle stays broken: half of it may have been spoken.
    """

    def __init__(
        self,
        first: LanguageModel,
        load_second: Callable[[], Awaitable[LanguageModel]],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = first.name
        self._first = first
        self._load_second = load_second
        self._second: LanguageModel | None = None
        self._now = now
        self._away_until_s = 0.0

    async def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        sampling: Sampling = Sampling(),
    ) -> AsyncGenerator[str, None]:
        """Yield the answer of whichever answers. Raises `LanguageModelError`."""
        if self._now() >= self._away_until_s:
            said = False
            try:
                async with aclosing(self._first.stream(messages, schema=schema, sampling=sampling)) as pieces:
                    async for piece in pieces:
                        said = True
                        yield piece
            except LanguageModelError as error:
                self._away_until_s = self._now() + AWAY_S
                if said:
                    raise
                _log.warning("%s; the local language model answers", error)
            else:
                return
        second = await self._loaded()
        async with aclosing(second.stream(messages, schema=schema, sampling=sampling)) as pieces:
            async for piece in pieces:
                yield piece

    async def warm(self, messages: Sequence[Message]) -> None:
        """Warm the one that would answer now."""
        try:
            await (self._second if self._second is not None else self._first).warm(messages)
        except LanguageModelError as error:
            _log.warning("%s", error)

    def close(self) -> None:
        """Close both."""
        self._first.close()
        if self._second is not None:
            self._second.close()

    async def _loaded(self) -> LanguageModel:
        if self._second is None:
            self._second = await self._load_second()
        return self._second
