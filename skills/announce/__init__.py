"""Words for another room, or for everybody: "tell the kitchen that dinner is ready"."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from skills.api import Announcement, Answer, AreaName, Context, Field, Question, Say, Skill, SkillError, tool

LONGEST_TEXT = 300
MOST_WAITING = 10

Words = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


@dataclass(frozen=True, slots=True)
class _Message:
    text: str
    room: str | None
    language: str


class Announce(Skill):
    """Says something elsewhere, through its background work, which may speak by itself."""

    name = "announce"
    api = 1

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[_Message] | None = None

    @tool()
    async def tell(self, context: Context, text: Words | None = None, room: AreaName | None = None) -> Answer:
        """Say something (text) aloud in a room, or in the whole house."""
        if text is None:
            given = {} if room is None else {"room": room}
            return Answer(question=Question(Say("what"), "text", given))
        if self._waiting is None or self._waiting.full():
            raise SkillError(Say("cannot"))
        self._waiting.put_nowait(_Message(_spoken(text, context.language), room, context.language))
        return Answer(
            say=Say("told_room" if room else "told", {"room": room}), facts={"text": text, "room": room}
        )

    async def background(self, context: Context) -> AsyncIterator[Announcement]:  # noqa: ARG002 - it needs nothing of it
        """Say what was given, in its order."""
        waiting: asyncio.Queue[_Message] = asyncio.Queue(MOST_WAITING)
        self._waiting = waiting
        try:
            while True:
                message = await waiting.get()
                say = Say("words", {"text": message.text})
                yield Announcement(say, room=message.room, language=message.language)
        finally:
            self._waiting = None


def _spoken(text: str, language: str) -> str:
    """The words as a sentence of their own."""
    said = text.strip(" ,;:，；：\"“”'")
    if not said:
        raise SkillError(Say("cannot"))
    end = "" if said[-1] in ".!?。！？" else "。" if language == "zh" else "."
    return f"{said[0].upper()}{said[1:]}{end}"
