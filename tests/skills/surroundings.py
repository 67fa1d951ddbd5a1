"""What a skill is called with in these tests: a real home, a real registry, and no network."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from devices.home import Ability, Device, Home, Kind
from skills.api import Context, Web
from skills.web import HttpWeb

LAMP = frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR})
MONDAY = datetime(2025, 6, 2, 14, 20, tzinfo=UTC)


def lamp(device_id: str, name: str, room: str | None = None, **state: Any) -> Device:
    return Device(
        device_id, name, Kind.LIGHT, LAMP, room, state={Ability(each): value for each, value in state.items()}
    )


def thing(device_id: str, name: str, kind: Kind, room: str | None = None) -> Device:
    return Device(device_id, name, kind, frozenset({Ability.ON}), room)


def home_of(*devices: Device) -> Home:
    home = Home({"Kitchen": ("Galley",), "Bedroom": ()})
    for device in devices:
        home.put(device)
    return home


async def nobody(adapter: str, question: str) -> Mapping[str, Any]:
    raise AssertionError(f"{adapter} was asked for {question}")


def context_of(
    home: Home | None = None,
    *,
    room: str | None = None,
    web: Web | None = None,
    language: str = "en",
    ask: Any = nobody,
) -> Context:
    return Context(
        language=language,
        room=room,
        home=home if home is not None else home_of(),
        web=web if web is not None else HttpWeb(),
        ask=ask,
        settings={},
        now=lambda: MONDAY,
    )
