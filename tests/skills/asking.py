"""Calls a tool as the assistant would, and reads out what it answers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from devices.home import Ability, Device, Home, Kind
from skills.api import Answer, DeviceCommand, HistoryView, Say, SkillError
from skills.registry import Registry
from tests.skills.surroundings import context_of

REGISTRY = Registry.load({})


def device(device_id: str, name: str, kind: Kind, *abilities: Ability, **more: Any) -> Device:
    return Device(device_id, name, kind, frozenset(abilities), **more)


async def ask(
    name: str,
    home: Home,
    *,
    heard: str | None = None,
    settings: Mapping[str, Any] | None = None,
    history: HistoryView | None = None,
    **arguments: Any,
) -> Answer:
    """Return what a tool answers; `name` is "skill.tool", `heard` the room where it was said."""
    skill, _, tool = name.partition(".")
    context = replace(context_of(home, room=heard), settings=settings or {})
    if history is not None:
        context = replace(context, history=history)
    return await REGISTRY.call(skill, tool, arguments, context)


def orders(answer: Answer) -> list[tuple[str, Ability, Any]]:
    return [
        (each.device_id, each.ability, each.value)
        for each in answer.commands
        if isinstance(each, DeviceCommand)
    ]


def said(name: str, answer: Answer | Say, language: str = "en") -> str:
    say = answer.say if isinstance(answer, Answer) else answer
    assert say is not None
    return REGISTRY.reply(name.partition(".")[0], say, language)


async def refusal(name: str, home: Home, **arguments: Any) -> str:
    """Return why a tool refuses, in English; "" when it does not."""
    try:
        await ask(name, home, **arguments)
    except SkillError as error:
        return said(name, error.say)
    return ""
