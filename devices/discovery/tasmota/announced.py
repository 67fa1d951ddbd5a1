"""What stands in a device's two announcements, checked: a broker carries anything."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from devices.discovery.components.settings import plain_text
from devices.home import Device, Kind
from devices.message import topic_is_sound

MAX_RELAYS = 64
MAX_SHUTTERS = 16

_UNNAMED = re.compile(r"Tasmota\d*")
"""What the firmware calls what its owner has given no name."""

MAX_NAME = 200

Name = Annotated[str, Field(max_length=MAX_NAME)]
_Tilt = Annotated[int, Field(ge=-360, le=360)]
"""Degrees; the last of three is how long turning takes."""


class RelayKind(IntEnum):
    """What `rl` says of each relay."""

    NONE = 0
    RELAY = 1
    LIGHT = 2
    SHUTTER = 3


class LightKind(IntEnum):
    """What `lt_st` says of the light: how many channels, and which."""

    NONE = 0
    DIMMER = 1
    WHITES = 2
    RGB = 3
    RGBW = 4
    RGB_WHITES = 5


class Announced(BaseModel):
    """`<MAC>/config`. Raises pydantic's ValidationError for what no device would say."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    mac: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{12}$")]
    device_name: Name = Field(alias="dn")
    friendly_names: tuple[Name | None, ...] = Field(alias="fn", max_length=MAX_RELAYS)
    hostname: Name = Field(alias="hn", default="")
    full_topic: Name = Field(alias="ft")
    topic: Name = Field(alias="t")
    prefixes: tuple[Name, Name, Name] = Field(alias="tp")
    offline: Name = Field(alias="ofln")
    online: Name = Field(alias="onln")
    words: tuple[Name, ...] = Field(alias="state", min_length=2, max_length=8)
    relays: tuple[int, ...] = Field(alias="rl", max_length=MAX_RELAYS)
    switches: tuple[int, ...] = Field(alias="swc", default=(), max_length=MAX_RELAYS)
    switch_names: tuple[Name | None, ...] = Field(alias="swn", default=(), max_length=MAX_RELAYS)
    options: dict[str, int] = Field(alias="so", default_factory=dict, max_length=200)
    light: LightKind = Field(alias="lt_st", default=LightKind.NONE)
    linked: int = Field(alias="lk", default=1)
    tuya: int = Field(alias="ty", default=0)
    fan: int = Field(alias="if", default=0)
    shutter_options: tuple[int, ...] = Field(alias="sho", default=(), max_length=MAX_SHUTTERS)
    shutter_tilts: tuple[tuple[_Tilt, _Tilt, _Tilt], ...] = Field(
        alias="sht", default=(), max_length=MAX_SHUTTERS
    )
    deep_sleep: int = Field(alias="dslp", default=0)

    @cached_property
    def topics(self) -> "Topics":
        """Where it listens and speaks. Raises ValueError for what no broker could carry."""
        command, stat, tele = (self._topic(prefix) for prefix in self.prefixes)
        if not all(topic_is_sound(f"{each}RESULT") for each in (command, stat, tele)):
            raise ValueError("its topics are none that a broker takes")
        return Topics(command, stat, tele)

    def _topic(self, prefix: str) -> str:
        parts = {
            "%prefix%": prefix,
            "%topic%": self.topic,
            "%hostname%": self.hostname,
            "%id%": self.mac[-6:],
        }
        topic = self.full_topic
        for part, stands_for in parts.items():
            topic = topic.replace(part, stands_for)
        return topic if topic.endswith("/") else f"{topic}/"

    def option(self, number: int) -> bool:
        """Whether `SetOption<number>` is set."""
        return self.options.get(str(number), 0) == 1

    def name(self, index: int) -> str:
        """What the owner calls the relay of that index."""
        given = self.friendly_names[index] if index < len(self.friendly_names) else None
        if given and not (_UNNAMED.fullmatch(given) and not _UNNAMED.fullmatch(self.device_name)):
            return plain_text(given, MAX_NAME)
        return self.plain_name if index == 0 else f"{self.plain_name} {index + 1}"

    @property
    def plain_name(self) -> str:
        """What the owner calls the device."""
        return plain_text(self.device_name, MAX_NAME) or f"Tasmota {self.mac[-6:]}"

    def device(self, own_id: str, name: str, kind: Kind) -> Device:
        """One thing of this device; what it can do is filled in by the thing."""
        return Device(
            id=f"tasmota.{self.mac}_{own_id}",
            name=name,
            kind=kind,
            abilities=frozenset(),
            convention="tasmota",
            identities=frozenset({f"mac:{self.mac.lower()}"}),
        )

    def shutters(self) -> tuple[int, ...]:
        """The first relay of each pair that moves a shutter; a relay without its pair is none."""
        found: list[int] = []
        index = 0
        while index < len(self.relays) and len(found) < MAX_SHUTTERS:
            if self.relays[index] != RelayKind.SHUTTER:
                index += 1
                continue
            if self.relays[index + 1 : index + 2] != (RelayKind.SHUTTER,):
                return ()
            found.append(index)
            index += 2
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Topics:
    """Each ends with a slash; the name of a command or an answer follows."""

    command: str
    stat: str
    tele: str


class Sensors(BaseModel):
    """`<MAC>/sensors`: an example of `tele/…/SENSOR`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sample: dict[str, Any] = Field(alias="sn", max_length=200)

    def values(self) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """Each value with the way to it: ("AM2301", "Temperature"), ("ENERGY", "Power", 0)."""
        for sensor, said in self.sample.items():
            if isinstance(said, Mapping):
                for key, value in said.items():
                    yield from _leaves((sensor, str(key)), value)


def _leaves(path: tuple[str | int, ...], value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, Mapping):
        yield from (((*path, str(key)), inner) for key, inner in value.items())
    elif isinstance(value, list):
        yield from (((*path, index), inner) for index, inner in enumerate(value))
    else:
        yield path, value
