"""`sotto devices`: what was found in the home."""

import asyncio
from typing import TYPE_CHECKING

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_json, print_table

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from devices.home import Device


def devices(config: ConfigFile = None, json: Json = False) -> None:
    """Show the devices that were found."""
    broker, found = asyncio.run(_look(load_config(config).config))
    if json:
        print_json({"broker": broker, "devices": [_plain(device) for device in found]})
        return
    rows = [
        (
            device.name,
            device.room or "-",
            device.kind.value,
            ", ".join(sorted(device.abilities)),
            ", ".join(f"{ability} {value}" for ability, value in device.state.items()) or "-",
            "yes" if device.available else "no",
        )
        for device in found
    ]
    print_table(("device", "room", "kind", "can", "state", "reachable"), rows)
    print(f"{len(found)} devices at {broker}")


async def _look(config: "Config") -> "tuple[str, list[Device]]":
    from assistant.opening.home import open_home

    async with open_home(config) as opened:
        return opened.broker, sorted(opened.home, key=lambda device: (device.room or "", device.name))


def _plain(device: "Device") -> dict[str, object]:
    return {
        "id": device.id,
        "name": device.name,
        "room": device.room,
        "kind": device.kind.value,
        "aliases": device.aliases,
        "abilities": sorted(device.abilities),
        "state": dict(device.state),
        "available": device.available,
        "convention": device.convention,
    }
