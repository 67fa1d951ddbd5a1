"""What Zigbee2MQTT lists: `bridge/devices` and `bridge/groups`, and who is online."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from devices.discovery.zigbee2mqtt.exposes import Feature, features
from devices.message import topic_is_sound

logger = logging.getLogger(__name__)

MAX_LISTED = 1_000
"""Devices or groups; a Zigbee network ends at a few hundred."""

MAX_MEMBERS = 300

_IEEE = re.compile(r"0x[0-9a-f]{16}")
_REFUSED = re.compile(
    r"Publish 'set' '[^']*' to '(.+?)' failed: '?(?:Error: )?(?:.* failed \()?([^\n]+?)\)?'?$"
)
_RESERVED = frozenset({"set", "get", "availability"})
_BIND_GROUP = "default_bind_group"


@dataclass(frozen=True, slots=True)
class Listed:
    """A device that can be used. `mains` is false where asking it for a reading would cost its battery;
    `endpoints` gives the names of its numbered endpoints.
    """

    ieee: str
    name: str
    exposes: tuple[Feature, ...]
    mains: bool
    endpoints: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Group:
    """A group that Zigbee2MQTT keeps: (address, endpoint) of each member."""

    id: int
    name: str
    members: tuple[tuple[str, int], ...]


def devices(payload: bytes) -> tuple[Listed, ...] | None:
    """The usable devices of `bridge/devices`; None for what is no such list, which then says nothing."""
    raw = _list(payload)
    return None if raw is None else tuple(_devices(raw))


def groups(payload: bytes) -> tuple[Group, ...] | None:
    """The groups of `bridge/groups`; None for what is no such list."""
    raw = _list(payload)
    return None if raw is None else tuple(_groups(raw))


def online(payload: bytes) -> bool | None:
    """What a state or availability topic says, as JSON or as a plain word; None when it says neither.

    An empty one was taken back: availability is no longer watched, and nothing speaks against the device.
    """
    if not payload:
        return True
    said = parse(payload)
    word = said.get("state") if isinstance(said, Mapping) else payload.decode(errors="replace")
    return {"online": True, "offline": False}.get(word) if isinstance(word, str) else None


def refused(payload: bytes) -> tuple[str, str] | None:
    """The name of who did not take an order, and why, out of a line of the log; None for any other line."""
    if b"Publish 'set'" not in payload:  # there are many lines, most of them about something else
        return None
    said = parse(payload)
    line = said.get("message") if isinstance(said, Mapping) else None
    found = _REFUSED.search(line[:1_000]) if isinstance(line, str) else None
    return None if found is None else (found[1], found[2])


def parse(payload: bytes) -> Any:
    """JSON, or None for what is none."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _list(payload: bytes) -> list[Any] | None:
    if not payload:
        return []
    raw = parse(payload)
    if not isinstance(raw, list):
        logger.warning("zigbee2mqtt: ignored a list that is none")
        return None
    if len(raw) > MAX_LISTED:
        logger.warning("zigbee2mqtt: %d are listed, only the first %d are taken", len(raw), MAX_LISTED)
    return raw[:MAX_LISTED]


def _devices(raw: list[Any]) -> Iterator[Listed]:
    seen: set[str] = set()
    for each in raw:
        if not isinstance(each, Mapping) or not _usable(each):
            continue
        ieee, definition = _ieee(each.get("ieee_address")), each.get("definition")
        name = _name(each.get("friendly_name"))
        if not ieee or ieee in seen or name is None or not isinstance(definition, Mapping):
            continue
        seen.add(ieee)
        source = each.get("power_source")
        mains = isinstance(source, str) and source.startswith(("Mains", "DC"))
        endpoints = _endpoints(each.get("endpoints"))
        yield Listed(ieee, name, features(definition.get("exposes")), mains, endpoints)


def _usable(raw: Mapping[Any, Any]) -> bool:
    """Not the radio itself, not switched off, supported, and known to the end."""
    return (
        raw.get("type") != "Coordinator"
        and not raw.get("disabled")
        and raw.get("supported") is not False
        and not raw.get("interviewing")
        and raw.get("interview_completed") is not False
    )


def _groups(raw: list[Any]) -> Iterator[Group]:
    seen: set[int] = set()
    for each in raw:
        if not isinstance(each, Mapping):
            continue
        id_, name, members = _id(each.get("id")), _name(each.get("friendly_name")), each.get("members")
        if id_ is None or id_ in seen or name is None or name == _BIND_GROUP or not isinstance(members, list):
            continue
        seen.add(id_)
        yield Group(id_, name, tuple(_members(members[:MAX_MEMBERS])))


def _members(raw: list[Any]) -> Iterator[tuple[str, int]]:
    for each in raw:
        if isinstance(each, Mapping) and (ieee := _ieee(each.get("ieee_address"))):
            yield ieee, _id(each.get("endpoint")) or 0


def _endpoints(raw: Any) -> Mapping[int, str]:
    if not isinstance(raw, Mapping):
        return {}
    return {
        int(key): about["name"]
        for key, about in list(raw.items())[:MAX_MEMBERS]
        if isinstance(about, Mapping)
        and isinstance(about.get("name"), str)
        and re.fullmatch(r"\d{1,3}", key, re.ASCII)
    }


def _id(raw: Any) -> int | None:
    sound = isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= 0xFFFF
    return raw if sound else None


def _ieee(raw: Any) -> str:
    address = raw.casefold() if isinstance(raw, str) else ""
    return address if _IEEE.fullmatch(address) else ""


def _name(raw: Any) -> str | None:
    """A friendly name that can be a topic of its own, None else.

    What could be taken for the bridge's topics, or for those beside another device's, could speak for it.
    """
    if not isinstance(raw, str) or not raw.strip() or len(raw) > 200 or not topic_is_sound(f"{raw}/set"):
        return None
    levels = raw.split("/")
    if levels[0] == "bridge" or "" in levels or _RESERVED.intersection(levels[1:]):
        return None
    return raw
