"""What a language model is to the assistant."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict


class Message(TypedDict):
    """A chat message as OpenAI's API and transformers' templates know it."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """Generation settings under the names that users of transformers know."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    repetition_penalty: float = 1.0
    max_new_tokens: int = 160


class LanguageModelError(Exception):
    """The model could not be loaded or failed; the message is one line for a person."""


class LanguageModel(Protocol):
    """A loaded model. Requests are served one after the other; closing the iterator cancels its request."""

    name: str

    def stream(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        sampling: Sampling = Sampling(),
    ) -> AsyncGenerator[str, None]:
        """Yield the answer piece by piece; with a JSON `schema` the whole answer is an instance of it.

        Raises `LanguageModelError`.
        """
        ...

    async def warm(self, messages: Sequence[Message]) -> None:
        """Read a prompt's fixed beginning now, so that the next request need not."""
        ...

    def close(self) -> None:
        """Give the memory back."""
        ...
