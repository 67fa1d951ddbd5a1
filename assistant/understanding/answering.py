"""A model's answer while it is being written: JSON that calls, or JSON that talks."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from assistant.language.engine import LanguageModelError
from assistant.sentences import sentence
from assistant.understanding.carrying import claims_an_action
from assistant.understanding.notation import first_key

_SENTENCE_ENDS = ".!?。！？\n"
_LONGEST_SENTENCE = 200


class Answer:
    """The model's JSON while it is being written."""

    def __init__(self, pieces: AsyncGenerator[str, None]) -> None:
        self._pieces = pieces
        self._written = ""

    async def talks(self) -> bool:
        """Tell, as soon as the first key is there, whether the answer is `say` rather than a call."""
        async for piece in self._pieces:
            self._written += piece
            if (key := first_key(self._written)) is not None:
                return key == "say"
        raise LanguageModelError(f"the language model wrote no answer: {self._written[:80]!r}")

    async def whole(self) -> str:
        """Return all of it."""
        async for piece in self._pieces:
            self._written += piece
        return self._written

    async def talk(self) -> AsyncGenerator[str, None]:
        """Yield what `say` holds, decoded, piece by piece."""
        said = ""
        try:
            while True:
                now = _string_so_far(self._written)
                if len(now) > len(said):
                    yield now[len(said) :]
                    said = now
                self._written += await anext(self._pieces)
        except StopAsyncIteration:
            return
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop the model."""
        await self._pieces.aclose()


async def honest(pieces: AsyncIterator[str], language: str) -> AsyncGenerator[str, None]:
    """Yield talk sentence by sentence, and end it where it claims that something was done: nothing was."""
    held = ""
    async for piece in pieces:
        held += piece
        while (end := _end_of_sentence(held)) > 0:
            ready, held = held[:end], held[end:]
            if claims_an_action(ready, language):
                yield sentence("did_nothing", language, {})
                return
            yield ready
    if claims_an_action(held, language):
        yield sentence("did_nothing", language, {})
    elif held:
        yield held


async def followed_by(
    pieces: AsyncIterator[str], more: str, done: Callable[[str], None]
) -> AsyncGenerator[str, None]:
    """Yield talk and then some words of ours; tell `done` what the model's part was, even half of it."""
    said = ""
    try:
        async for piece in pieces:
            said += piece
            yield piece
        if more and said:
            yield f" {more}"
    finally:
        done(said)


def _end_of_sentence(text: str) -> int:
    for at, character in enumerate(text):
        closed = character in "。！？\n" or (character in _SENTENCE_ENDS and text[at + 1 : at + 2] == " ")
        if closed:
            return at + 1
    return len(text) if len(text) > _LONGEST_SENTENCE else 0


def _string_so_far(written: str) -> str:
    """Decode the beginning of the JSON string behind `"say":`, as far as it is there."""
    _, _, rest = written.partition('"say"')
    _, quote, rest = rest.partition('"')
    if not quote:
        return ""
    end = _closing_quote(rest)
    body = rest if end is None else rest[:end]
    for cut in range(min(len(body), 6) + 1):  # an escape that is not whole yet is left for later
        try:
            text = str(json.loads(f'"{body[: len(body) - cut]}"', strict=False))
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        except ValueError:
            continue
    return ""


def _closing_quote(text: str) -> int | None:
    escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            return position
    return None
