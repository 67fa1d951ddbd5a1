"""Orders that come in writing: each dialogue goes on where it was, and old ones are forgotten."""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

from assistant.report import TurnReport
from assistant.serve.api.tokens import Key
from assistant.serve.watch import Where
from devices.policy import Authority

if TYPE_CHECKING:
    from assistant.serve.daemon import Daemon
    from assistant.turn import Conversation

MOST_DIALOGUES = 64
MOST_WAITING = 32

_Dialogue = tuple[str, str, str | None]


class BusyError(Exception):
    """So many orders wait already."""


class Orders:
    """Takes written orders, as if they had been said in a room; nothing is spoken."""

    def __init__(self, daemon: "Daemon") -> None:
        self._daemon = daemon
        self._dialogues: OrderedDict[_Dialogue, Conversation] = OrderedDict()

    async def take(
        self, text: str, key: Key, *, room: str | None, language: str | None, dialogue: str
    ) -> TurnReport:
        """Obey. Cancelling the caller does not end the turn. Raises `BusyError`."""
        if self._daemon.written >= MOST_WAITING:
            raise BusyError(f"{MOST_WAITING} orders wait already; try again in a moment")
        place = key.room or room
        by = Authority(room=place, satellite=key.name)
        conversation = self._dialogue((key.name, dialogue, place))
        turn = asyncio.ensure_future(self._daemon.assistant.take_text(conversation, text, language, by=by))
        self._daemon.written += 1
        turn.add_done_callback(self._taken)
        return await asyncio.shield(turn)

    def _taken(self, _turn: object) -> None:
        self._daemon.written -= 1

    def _dialogue(self, key: _Dialogue) -> "Conversation":
        conversation = self._dialogues.pop(key, None)
        if conversation is None:
            name, _, room = key
            observer = self._daemon.watch.at(Where("api", room, name))
            conversation = self._daemon.assistant.conversation(observer, None, room=room)
        self._dialogues[key] = conversation
        while len(self._dialogues) > MOST_DIALOGUES:
            self._dialogues.popitem(last=False)
        return conversation
