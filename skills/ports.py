"""A context as one skill may have it: narrowed to its manifest, and reachable from a plugin's thread."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from devices.adapters.adapter import AdapterError
from devices.commands import DeviceCommand
from devices.history import HistoryView, Span
from devices.home import Ability, Device, Kind
from skills.api import Context, HomeView, Manifest, Say, SkillError, Web
from skills.isolation import across, read_across
from skills.loading import Loaded
from skills.web import HttpWeb

_Ask = Callable[[str, str], Awaitable[Mapping[str, Any]]]
_log = logging.getLogger(__name__)


def narrowed(found: Loaded, context: Context) -> Context:
    """Return what the skill's manifest and settings leave of a context."""
    manifest = found.skill.manifest
    web = context.web
    if isinstance(web, HttpWeb):
        web = web.limited_to({*manifest.hosts, *_named_by_user(found.given)})
    return replace(context, web=web, ask=_guarded(manifest, context.ask), settings=found.settings)


def reached_from_elsewhere(context: Context, loop: asyncio.AbstractEventLoop) -> Context:
    """Return the same context for code that runs on another loop; `loop` is the assistant's.

    Storage needs no bridge: a `Store` may be used from anywhere.
    """

    async def ask(adapter: str, question: str) -> Mapping[str, Any]:
        return await across(loop, partial(context.ask, adapter, question))

    return replace(
        context,
        home=_Home(context.home, loop),
        web=_Web(context.web, loop),
        ask=ask,
        history=_History(context.history, loop),
    )


class _Web:
    def __init__(self, web: Web, loop: asyncio.AbstractEventLoop) -> None:
        self._web = web
        self._loop = loop

    async def get_json(
        self, url: str, parameters: Mapping[str, Any] | None = None, *, fresh_for_s: float = 0.0
    ) -> tuple[Any, float]:
        return await across(self._loop, partial(self._web.get_json, url, parameters, fresh_for_s=fresh_for_s))


class _Home:
    """The home, read on the assistant's loop, where it changes; each read is of one moment."""

    def __init__(self, home: HomeView, loop: asyncio.AbstractEventLoop) -> None:
        self._home = home
        self._loop = loop

    @property
    def rooms(self) -> Mapping[str, tuple[str, ...]]:
        return read_across(self._loop, lambda: dict(self._home.rooms))

    def __iter__(self) -> Iterator[Device]:
        return iter(read_across(self._loop, lambda: tuple(self._home)))

    def get(self, device_id: str) -> Device | None:
        return read_across(self._loop, lambda: self._home.get(device_id))

    def find(self, *, kind: Kind | None = None, room: str | None = None) -> tuple[Device, ...]:
        return read_across(self._loop, lambda: self._home.find(kind=kind, room=room))


class _History:
    def __init__(self, history: HistoryView, loop: asyncio.AbstractEventLoop) -> None:
        self._history = history
        self._loop = loop

    def spans(self, device_id: str, ability: Ability, since_s: float, until_s: float) -> tuple[Span, ...]:
        return read_across(self._loop, lambda: self._history.spans(device_id, ability, since_s, until_s))

    def undo(self, room: str | None = None) -> tuple[DeviceCommand, ...]:
        return read_across(self._loop, lambda: self._history.undo(room))

    def withdraw(self, turn_id: str, for_turn: str, but: Collection[str]) -> tuple[DeviceCommand, ...]:
        return read_across(self._loop, lambda: self._history.withdraw(turn_id, for_turn, but))


def _named_by_user(settings: Mapping[str, Any]) -> Iterator[str]:
    """The hosts that the user's own settings name; writing an address there is leave to reach it."""
    for value in settings.values():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            yield urlsplit(value).netloc


def _guarded(manifest: Manifest, ask: _Ask) -> _Ask:
    async def guarded(adapter: str, question: str) -> Mapping[str, Any]:
        if adapter not in manifest.adapters:
            raise PermissionError(f"the manifest does not name the adapter '{adapter}'")
        try:
            return await ask(adapter, question)
        except AdapterError as error:
            _log.warning("%s could not be asked: %s", adapter, error)
            raise SkillError(Say("offline")) from error

    return guarded
