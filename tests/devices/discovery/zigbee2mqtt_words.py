"""Zigbee2MQTT's lists, written short: what a device exposes, and a bridge that lists it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from devices.discovery.convention import Appeared, Change
from devices.discovery.zigbee2mqtt import Zigbee2Mqtt
from devices.home import Device

Raw = dict[str, Any]


def binary(name: str, on: Any = "ON", off: Any = "OFF", access: int = 7, **more: Any) -> Raw:
    return {
        "type": "binary",
        "name": name,
        "property": name,
        "access": access,
        "value_on": on,
        "value_off": off,
        **more,
    }


def numeric(
    name: str, low: float | None = None, high: float | None = None, access: int = 7, **more: Any
) -> Raw:
    span = {"value_min": low, "value_max": high} if high is not None else {}
    return {"type": "numeric", "name": name, "property": name, "access": access, **span, **more}


def enum(name: str, *values: str, access: int = 7, **more: Any) -> Raw:
    return {"type": "enum", "name": name, "property": name, "access": access, "values": list(values), **more}


def colour(way: str = "color_xy", **more: Any) -> Raw:
    return {"type": "composite", "name": way, "property": "color", "access": 7, "features": [], **more}


def light(*features: Raw) -> Raw:
    return {"type": "light", "features": [binary("state"), numeric("brightness", 0, 254), *features]}


def gang(endpoint: str) -> Raw:
    state = binary("state", property=f"state_{endpoint}", endpoint=endpoint)
    return {"type": "switch", "endpoint": endpoint, "features": [state]}


SWITCH: Raw = {"type": "switch", "features": [binary("state")]}
LOCK: Raw = {
    "type": "lock",
    "features": [
        binary("state", "LOCK", "UNLOCK"),
        enum("lock_state", "not_fully_locked", "locked", "unlocked", access=1),
    ],
}
BLIND: Raw = {
    "type": "cover",
    "features": [enum("state", "OPEN", "CLOSE", "STOP", access=3), numeric("position", 0, 100)],
}
BATTERY = numeric("battery", 0, 100, access=1, unit="%", category="diagnostic")
COLOUR_LAMP = light(numeric("color_temp", 153, 500), colour())


def ieee(number: int) -> str:
    return f"0x{number:016x}"


def device(name: str, *exposes: Raw, number: int = 1, **more: Any) -> Raw:
    return {
        "ieee_address": ieee(number),
        "friendly_name": name,
        "type": "Router",
        "supported": True,
        "disabled": False,
        "interview_completed": True,
        "power_source": "Mains (single phase)",
        "definition": {"exposes": list(exposes), "description": "not its name"},
        "endpoints": {},
        **more,
    }


def group(name: str, *members: tuple[int, int], id_: int = 1) -> Raw:
    listed = [{"ieee_address": ieee(number), "endpoint": endpoint} for number, endpoint in members]
    return {"id": id_, "friendly_name": name, "members": listed}


def heard(convention: Zigbee2Mqtt, topic: str, said: Any) -> Sequence[Change]:
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    return tuple(convention.heard(f"zigbee2mqtt/{topic}", payload))


def devices(changes: Sequence[Change]) -> list[Device]:
    return [change.device for change in changes if isinstance(change, Appeared)]


def listed(*raw: Mapping[str, Any]) -> tuple[Zigbee2Mqtt, list[Device]]:
    """A convention that has heard of these devices, and what appeared."""
    convention = Zigbee2Mqtt()
    return convention, devices(heard(convention, "bridge/devices", list(raw)))
