"""`sotto devices`: what was found in the home."""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_json, print_table

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from devices.home import Device

    Found = Sequence[tuple[Device, Sequence[str]]]
    """Devices, each with the conventions by which it was announced."""


def devices(config: ConfigFile = None, json: Json = False) -> None:
    """Show the devices that were found."""
    broker, found = asyncio.run(_look(load_config(config).config))
    if json:
        print_json({"broker": broker, "devices": [_plain(device, by) for device, by in found]})
        return
    shown_room: str | None = ""
    rows = []
    for device, by in found:
        # On a screen a room is named once; in a pipe every line stands for itself.
        again = device.room == shown_room and sys.stdout.isatty()
        shown_room = device.room
        rows.append(("" if again else device.room or "-", *_row(device, by)))
    print_table(("room", "device", "kind", "can", "is", "reachable", "found by"), rows)
    print(_total(found, broker))


async def _look(config: "Config") -> "tuple[str, Found]":
    from assistant.opening.home import open_home

    async with open_home(config) as opened:
        announced = opened.keeper.announcements()
        found = [
            (device, tuple(dict.fromkeys(each.convention for each in announced.get(device.id, (device,)))))
            for device in sorted(opened.home, key=_place)
        ]
        return opened.broker, found


def _place(device: "Device") -> tuple[bool, list[str], list[str]]:
    """Where it stands in the table: by room, what has none last; "Lamp 2" before "Lamp 10"."""
    return device.room is None, _natural(device.room or ""), _natural(device.name)


def _natural(name: str) -> list[str]:
    return [part.zfill(12) if part.isdigit() else part for part in re.split(r"(\d+)", name.casefold())]


def _row(device: "Device", by: "Sequence[str]") -> "tuple[str, ...]":
    return (
        device.name if device.exposed else f"{device.name} (not by voice)",
        device.device_class or device.kind.value,
        _abilities(device),
        _state(device),
        "yes" if device.available else "no",
        ", ".join(by),
    )


def _abilities(device: "Device") -> str:
    """What it can, in words; its readings are not something that it can do."""
    from devices.home import READ_ONLY

    words = [_CAN.get(each.value, each.value.replace("_", " ")) for each in device.abilities - READ_ONLY]
    return ", ".join(sorted(set(words))) or "only tells"


def _state(device: "Device") -> str:
    """How it is, in words, the most important first."""
    told = [
        text
        for ability in sorted(device.state, key=lambda each: _FIRST.get(each.value, len(_FIRST)))
        if (text := _told(device, ability.value, device.state[ability]))
    ]
    return ", ".join(told) or ("-" if not device.reports_state or not _tells(device) else "not known")


def _tells(device: "Device") -> bool:
    """Whether it has anything to tell; a scene has not."""
    return any(ability.value != "pressed" for ability in device.abilities)


def _told(device: "Device", ability: str, value: object) -> str:
    if ability in _YES_NO and isinstance(value, bool):
        return _YES_NO[ability][0 if value else 1]
    if ability == "reading" and value in ("on", "off"):
        yes, no = _SENSES.get(device.device_class, ("on", "off"))
        return yes if value == "on" else no
    if (ability, value) == ("motion", "stopped"):
        return ""
    # What the word before has said: open is 100 %, closed is 0 %, and a lamp that is off has no brightness.
    state = {each.value: word for each, word in device.state.items()}
    if ability == "position" and (state.get("open"), value) in ((True, 100), (False, 0)):
        return ""
    if ability in ("brightness", "colour", "colour_temperature", "fan_speed") and state.get("on") is False:
        return ""
    if isinstance(value, tuple):
        return "#{:02x}{:02x}{:02x}".format(*value)
    unit = {**_UNITS, "reading": f" {device.unit}".rstrip()}.get(ability, "")
    text = f"{value:g}" if isinstance(value, int | float) else str(value).replace("_", " ")
    return f"{_NAMED.get(ability, '')}{text}{unit}"


def _total(found: "Found", broker: str) -> str:
    rooms = {device.room for device, _ in found if device.room}
    away = sum(not device.available for device, _ in found)
    counted = f"{len(found)} {'device' if len(found) == 1 else 'devices'}"
    where = f" in {len(rooms)} {'room' if len(rooms) == 1 else 'rooms'}" if rooms else ""
    return f"{counted}{where} at {broker}" + (f", {away} not reachable" if away else "")


_CAN: Mapping[str, str] = {
    "on": "on/off",
    "open": "open/close",
    "locked": "lock/unlock",
    "armed": "arm/disarm",
    "motion": "stop",
    "setpoint": "temperature",
    "cleaning": "clean",
    "colour_temperature": "colour temperature",
    "muted": "mute",
    "pressed": "start",
    "playback": "play",
}
_FIRST: Mapping[str, int] = {
    ability: rank
    for rank, ability in enumerate(
        ("on", "open", "locked", "armed", "cleaning", "playback", "mode", "motion", "position", "setpoint")
    )
}
_YES_NO: Mapping[str, tuple[str, str]] = {
    "on": ("on", "off"),
    "open": ("open", "closed"),
    "locked": ("locked", "unlocked"),
    "muted": ("muted", ""),
}
_SENSES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("door", "window", "garage_door", "opening"), ("open", "closed")),
    **dict.fromkeys(("motion", "moving"), ("motion", "no motion")),
    **dict.fromkeys(("occupancy", "presence"), ("somebody", "nobody")),
    "moisture": ("wet", "dry"),
    "smoke": ("smoke", "no smoke"),
    "gas": ("gas", "no gas"),
    "carbon_monoxide": ("gas", "no gas"),
    "lock": ("unlocked", "locked"),
    "battery": ("low", "fine"),
    "connectivity": ("connected", "not connected"),
    "problem": ("a problem", "fine"),
    "tamper": ("tampered with", "fine"),
}
_NAMED: Mapping[str, str] = {"setpoint": "set to ", "volume": "volume ", "fan_speed": "fan ", "tilt": "tilt "}
_UNITS: Mapping[str, str] = {
    "brightness": " %",
    "position": " %",
    "tilt": " %",
    "setpoint": " °C",
    "volume": " %",
    "fan_speed": " %",
    "colour_temperature": " K",
}


def _plain(device: "Device", by: "Sequence[str]") -> dict[str, object]:
    return {
        "id": device.id,
        "name": device.name,
        "room": device.room,
        "kind": device.kind.value,
        "device_class": device.device_class,
        "aliases": device.aliases,
        "abilities": sorted(device.abilities),
        "state": dict(device.state),
        "unit": device.unit,
        "options": {ability: list(words) for ability, words in device.options.items()},
        "limits": {ability: list(limits) for ability, limits in device.limits.items()},
        "available": device.available,
        "reports_state": device.reports_state,
        "exposed": device.exposed,
        "identities": sorted(device.identities),
        "members": list(device.members),
        "convention": device.convention,
        "conventions": list(by),
    }
