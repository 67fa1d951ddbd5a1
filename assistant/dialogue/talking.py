"""The language model's own words on their way to the mouth; where they break off, that is said."""

import logging
from collections.abc import AsyncGenerator

from assistant.failures import Failure, tell
from assistant.language.engine import LanguageModelError

_log = logging.getLogger(__name__)


class Talk:
    """One answer while it is being written. `failure` is set when it broke off."""

    def __init__(self, pieces: AsyncGenerator[str, None], language: str) -> None:
        self._pieces = pieces
        self._language = language
        self.failure: Failure | None = None

    async def told(self) -> AsyncGenerator[str, None]:
        """Yield the words, and after the last of a broken answer that it broke: a person hears no half one
        and then silence.
        """
        said = ""
        try:
            async for piece in self._pieces:
                said += piece
                yield piece
        except LanguageModelError as error:
            _log.warning("%s", error)
            self.failure = Failure.LANGUAGE_MODEL_FAILED
            # An end of a sentence, so that the voice does not run both together.
            end = "" if not said else "… " if self._language != "zh" else "……"
            yield end + tell(self.failure, self._language)

    async def aclose(self) -> None:
        """Stop the model."""
        await self._pieces.aclose()
