"""One device that answered: who he is, and the things that his configuration and his status describe."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from devices.discovery.components.settings import plain_text
from devices.discovery.shelly import components, readings
from devices.discovery.shelly.components import Component, Part
from devices.home import Device, Kind

MAX_COMPONENTS = 100
"""Of one device; real ones have up to about 40, inputs and scripts included."""

MAX_NAME = 200

_ORDERED = frozenset({"switch", "light", "rgb", "rgbw", "cct", "rgbcct", "cover", "thermostat"})

SECOND_GENERATION = 2


class Info(BaseModel):
    """The answer to `Shelly.GetDeviceInfo`. Raises pydantic's ValidationError."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, Field(min_length=1, max_length=100)]
    mac: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{12}$")]
    gen: Annotated[int, Field(ge=SECOND_GENERATION, le=99)]
    name: Annotated[str, Field(max_length=MAX_NAME)] | None = None


@dataclass(slots=True)
class Peer:
    """A device by its prefix. `config` and `status` wait for each other, then become `parts`."""

    prefix: str
    info: Info
    online: bool = True
    config: Mapping[str, Any] | None = None
    status: Mapping[str, Any] | None = None
    parts: dict[str, Part] = field(default_factory=dict)
    sleeps: bool = False
    """Whether it is away most of the time, to save its battery: what it said last still holds."""

    def remake(self, config: Mapping[str, Any], status: Mapping[str, Any]) -> None:
        """Make the things anew."""
        made = [part for component in self._components(config, status) for part in _parts(component, config)]
        self.parts = {part.device.id: part for part in made}
        system = status.get("sys")
        period = system.get("wakeup_period") if isinstance(system, Mapping) else None
        self.sleeps = isinstance(period, int) and period > 0

    def topics(self, part: Part) -> frozenset[str]:
        """Where a thing speaks, whichever way its owner has chosen."""
        return frozenset({f"{self.prefix}/events/rpc", f"{self.prefix}/status/{part.component}"})

    def _components(self, config: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[Component]:
        known = [key for key, said in status.items() if _is_component(key) and isinstance(said, Mapping)]
        known = known[:MAX_COMPONENTS]
        own = {key: _own_name(config, key) for key in known}
        types = Counter(_type(key) for key in known)
        unnamed = {_type(key) for key in known if _type(key) in _ORDERED and not own[key]}
        for key in known:
            which = [_type(key).capitalize()] if _type(key) in unnamed and len(unnamed) > 1 else []
            which += [str(_number(key) + 1)] if types[_type(key)] > 1 else []
            about = config.get(key)
            name = self._name(own[key], " ".join(which))
            device = Device(
                id=f"shelly.{self.info.mac.upper()}_{key.replace(':', '_')}",
                name=name,
                kind=Kind.OTHER,
                abilities=frozenset(),
                convention="shelly",
                identities=frozenset({f"mac:{self.info.mac.lower()}"}),
            )
            yield Component(key, device, about if isinstance(about, Mapping) else {}, status[key])

    def _name(self, part: str, which: str) -> str:
        """The device's name and the component's own, or else what tells it from the others."""
        device = _shown(self.info.name)
        if part and part.casefold().startswith(device.casefold()):
            return part
        if part:
            return f"{device} {part}".strip()
        return f"{device or self.info.id} {which}".strip()


def _parts(component: Component, config: Mapping[str, Any]) -> Iterator[Part]:
    yield from components.of(component, feeds_light=_feeds_light(component, config))
    yield from readings.of(component)


def _feeds_light(component: Component, config: Mapping[str, Any]) -> bool:
    """Whether the owner has said that a light hangs on this relay (`sys.ui_data.consumption_types`)."""
    found: Any = config
    for key in ("sys", "ui_data", "consumption_types"):
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, list) or component.number >= len(found):
        return False
    said = found[component.number]
    return isinstance(said, str) and said.casefold().startswith("light")


def _type(key: str) -> str:
    return key.partition(":")[0]


def _number(key: str) -> int:
    return int(key.partition(":")[2])


def _own_name(config: Mapping[str, Any], key: str) -> str:
    about = config.get(key)
    return _shown(about.get("name")) if isinstance(about, Mapping) else ""


def _is_component(key: str) -> bool:
    type_, _, number = key.partition(":")
    known = type_ in _ORDERED or type_ in readings.QUANTITIES
    return known and number.isascii() and number.isdigit() and len(number) <= 4


def _shown(name: Any) -> str:
    """A name as it can be shown; empty for what is none."""
    return plain_text(name, MAX_NAME) if isinstance(name, str) else ""
