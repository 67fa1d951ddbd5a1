"""What a device switches and moves: relays, lights, shutters, fans. Each reads and orders one thing."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from devices.discovery import covering
from devices.discovery.components import colours, lighting
from devices.discovery.components.entity import Report, State
from devices.discovery.components.settings import as_number
from devices.discovery.components.values import as_colour, as_kelvin, as_percent, as_switch
from devices.discovery.tasmota.announced import Announced, LightKind, RelayKind
from devices.home import Ability, Device, Kind, Value
from devices.message import Message

WHITES = (colours.kelvin(500), colours.kelvin(153))
NARROW_WHITES = (colours.kelvin(380), colours.kelvin(200))
"""The warmest and the coolest, in kelvin, that a light is told."""
FAN_SPEEDS = 3
MEDIUM_SPEED = 2
"""What a fan is turned on to that is not told how fast."""


class Thing(Protocol):
    """One thing. `topics` are those on which it speaks; `polls` is what makes it say how it is."""

    device: Device
    topics: frozenset[str]
    polls: tuple[Message, ...]

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says, as the object that it is or stands for."""
        ...

    def write(self, ability: Ability, value: Value) -> tuple[Message, ...]:
        """What brings it about. Raises `CannotError`."""
        ...

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        ...


class Relay:
    """On and off."""

    def __init__(self, about: Announced, index: int, kind: Kind) -> None:
        device = about.device(f"{kind}_relay_{index}", about.name(index), kind)
        if about.fan and kind is Kind.LIGHT and device.name == about.plain_name:
            device = replace(device, name=f"{device.name} Light")  # the fan has the name of the whole
        self.device = replace(device, abilities=frozenset({Ability.ON}))
        self.topics = _answers(about, _power_topics(index))
        self.polls = state_polls(about)
        self._power = Power(about, index)

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says."""
        return self._power.read(said)

    def write(self, ability: Ability, value: Value) -> tuple[Message, ...]:  # noqa: ARG002 - it has but one
        """One message."""
        return self._power.send((self._power.order(as_switch(value)),))

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return state.get(ability) is as_switch(value)


class Light:
    """A light in its own words: Power, Dimmer, HsbColor, CT."""

    def __init__(self, about: Announced, index: int) -> None:
        device = about.device(f"light_light_{index}", about.name(index), Kind.LIGHT)
        self._power = Power(about, index)
        self._power_apart = about.option(20)
        self._kind, self._dimmer, self._set_dimmer = _channels(about, index)
        warmest, coolest = NARROW_WHITES if about.option(82) else WHITES
        self._white = lighting.White(False, warmest, coolest)
        abilities = {Ability.ON}
        limits: dict[Ability, tuple[float, float]] = {}
        if self._kind is not LightKind.NONE:
            abilities.add(Ability.BRIGHTNESS)
        if self._kind >= LightKind.RGB:
            abilities.add(Ability.COLOUR)
        if self._kind in (LightKind.WHITES, LightKind.RGB_WHITES):
            abilities.add(Ability.COLOUR_TEMPERATURE)
            limits[Ability.COLOUR_TEMPERATURE] = (warmest, coolest)
        self.device = replace(device, abilities=frozenset(abilities), limits=limits)
        self.topics = _answers(about, _power_topics(index), "DIMMER COLOR CT HSBCOLOR CHANNEL WHITE BACKLOG")
        self.polls = state_polls(about)

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says."""
        report: dict[Ability, Value | None] = {**self._power.read(said)}
        brightness = as_number(said.get(self._dimmer))
        if brightness is not None and 0 <= brightness <= 100:
            report[Ability.BRIGHTNESS] = round(brightness)
        report |= self._read_colour(said)
        return {ability: value for ability, value in report.items() if ability in self.device.abilities}

    def _read_colour(self, said: Mapping[str, Any]) -> Report:
        """A lamp tells its colour and its white always; the white channels say which of them one sees."""
        mireds, colour = as_number(said.get("CT")), _colour(said)
        kelvin = self._white.to_kelvin(mireds) if mireds is not None else None
        white = as_number(said.get("White"))
        if self._kind is LightKind.RGBW and white:
            return {Ability.COLOUR: (255, 255, 255)}
        if self._kind is LightKind.RGB_WHITES and white:
            return {Ability.COLOUR: None, **({Ability.COLOUR_TEMPERATURE: kelvin} if kelvin else {})}
        if self._kind is LightKind.RGB_WHITES and white == 0:
            return {Ability.COLOUR_TEMPERATURE: None, **({Ability.COLOUR: colour} if colour else {})}
        return {
            **({Ability.COLOUR: colour} if colour else {}),
            **({Ability.COLOUR_TEMPERATURE: kelvin} if kelvin else {}),
        }

    def write(self, ability: Ability, value: Value) -> tuple[Message, ...]:
        """One message, of several commands where it takes them."""
        on = self._power.order(True)
        if ability is Ability.ON:
            return self._power.send((self._power.order(as_switch(value)),))
        if ability is Ability.BRIGHTNESS:
            percent = as_percent(value)
            if percent == 0:
                return self._power.send((self._power.order(False),))
            dim = (self._set_dimmer, str(max(1, round(percent))))
            return self._power.send((dim, on) if self._power_apart else (dim,))
        if ability is Ability.COLOUR:
            hue, saturation = colours.to_hs(as_colour(value))
            return self._power.send(
                (on, ("HsbColor1", str(round(hue))), ("HsbColor2", str(round(saturation))))
            )
        return self._power.send((on, ("CT", str(self._white.to_device(as_kelvin(value))))))

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return lighting.lit_as_asked(ability, value, state, lighting.Dimmer(100), self._white)


class Shutter:
    """A pair of relays that opens and closes."""

    def __init__(self, about: Announced, number: int, relay: int) -> None:
        device = about.device(f"cover_shutter_{number}", about.name(relay), Kind.COVER)
        tilts = about.shutter_tilts
        self._tilt_from, self._tilt_to, tilt_lasts = tilts[number] if number < len(tilts) else (0, 0, 0)
        flags = about.shutter_options
        self._inverted = number < len(flags) and bool(flags[number] & 1)
        abilities = {Ability.OPEN, Ability.POSITION, Ability.MOTION}
        if tilt_lasts and self._tilt_from != self._tilt_to:
            abilities.add(Ability.TILT)
        options = {Ability.MOTION: covering.MOTIONS}
        self.device = replace(device, abilities=frozenset(abilities), options=options)
        self.topics = _answers(
            about, (), "SHUTTER SHUTTERPOSITION SHUTTEROPEN SHUTTERCLOSE SHUTTERSTOP SHUTTERTILT"
        )
        self.topics |= {f"{about.topics.tele}SENSOR", f"{about.topics.stat}STATUS10"}
        self.polls = status_polls(about)
        self._command, self._number = about.topics.command, number + 1

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says."""
        about = said.get(f"Shutter{self._number}")
        if not isinstance(about, Mapping):
            return {}
        report: dict[Ability, Value | None] = {}
        direction, position = as_number(about.get("Direction")), as_number(about.get("Position"))
        if direction is not None:
            way = -direction if self._inverted else direction
            report[Ability.MOTION] = "opening" if way > 0 else "closing" if way < 0 else "stopped"
        if position is not None and 0 <= position <= 100:
            percent = round(100 - position if self._inverted else position)
            report |= {Ability.POSITION: percent, Ability.OPEN: percent > 0}
        tilt = as_number(about.get("Tilt"))
        if tilt is not None and Ability.TILT in self.device.abilities:
            share = (tilt - self._tilt_from) / (self._tilt_to - self._tilt_from)
            report[Ability.TILT] = round(min(1.0, max(0.0, share)) * 100)
        return report

    def write(self, ability: Ability, value: Value) -> tuple[Message, ...]:
        """One message."""
        if ability is Ability.OPEN:
            return self._message("ShutterOpen" if as_switch(value) else "ShutterClose")
        if ability is Ability.MOTION:
            covering.must_be_stop(value)
            return self._message("ShutterStop")
        percent = round(as_percent(value))
        if ability is Ability.TILT:
            span = self._tilt_to - self._tilt_from
            return self._message("ShutterTilt", str(round(self._tilt_from + percent * span / 100)))
        return self._message("ShutterPosition", str(100 - percent if self._inverted else percent))

    def _message(self, command: str, argument: str = "") -> tuple[Message, ...]:
        return (Message(f"{self._command}{command}{self._number}", argument),)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether `state` is what was asked."""
        return covering.placed_as_asked(ability, value, state)


class Fan:
    """A fan of three speeds (Sonoff iFan)."""

    def __init__(self, about: Announced) -> None:
        device = about.device("fan_fan_ifan", about.plain_name, Kind.FAN)
        self.device = replace(device, abilities=frozenset({Ability.ON, Ability.FAN_SPEED}))
        self.topics = _answers(about, (), "FANSPEED")
        self.polls = state_polls(about)
        self._topic = f"{about.topics.command}FanSpeed"

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says."""
        speed = as_number(said.get("FanSpeed"))
        if speed is None or speed not in range(FAN_SPEEDS + 1):
            return {}
        return {Ability.ON: speed > 0, Ability.FAN_SPEED: round(speed * 100 / FAN_SPEEDS)}

    def write(self, ability: Ability, value: Value) -> tuple[Message, ...]:
        """One message."""
        return (Message(self._topic, str(self._step(ability, value))),)

    def satisfied(self, ability: Ability, value: Value, state: State) -> bool:
        """Whether it is at the speed, of the few that it has."""
        if ability is Ability.ON:
            return state.get(Ability.ON) is as_switch(value)
        return state.get(Ability.FAN_SPEED) == round(self._step(ability, value) * 100 / FAN_SPEEDS)

    @staticmethod
    def _step(ability: Ability, value: Value) -> int:
        if ability is Ability.ON:
            return MEDIUM_SPEED if as_switch(value) else 0
        step = math.ceil(
            as_percent(value) * FAN_SPEEDS / 100 - 0.02
        )  # 67 percent is what it says of the second
        return max(1, step) if value else 0


class Power:
    """The power of one relay or light, in the device's own words for on and off."""

    def __init__(self, about: Announced, index: int) -> None:
        self._off, self._on = about.words[0], about.words[1]
        self._keys = (f"POWER{index + 1}",) if index else ("POWER", "POWER1")
        self._command = about.topics.command
        self._name = f"Power{index + 1}"

    def read(self, said: Mapping[str, Any]) -> Report:
        """What a message says of the power."""
        word = next((said[key] for key in self._keys if key in said), None)
        return {Ability.ON: word == self._on} if word in (self._on, self._off) else {}

    def order(self, on: bool) -> tuple[str, str]:
        """The command and its argument."""
        return self._name, self._on if on else self._off

    def send(self, commands: Iterable[tuple[str, str]]) -> tuple[Message, ...]:
        """One command on its own topic, several in a backlog without its usual pauses."""
        commands = tuple(commands)
        if len(commands) == 1:
            ((name, argument),) = commands
            return (Message(f"{self._command}{name}", argument),)
        backlog = ";".join(f"NoDelay;{name} {argument}" for name, argument in commands)
        return (Message(f"{self._command}Backlog", backlog),)


def of(about: Announced) -> list[Thing]:
    """All that a device switches and moves."""
    found: list[Thing] = []
    for index, kind in enumerate(about.relays):
        if about.fan and index == 0 and kind in (RelayKind.RELAY, RelayKind.LIGHT):
            found.append(Relay(about, index, Kind.LIGHT))  # the lamp of a fan is switched, not dimmed
        elif kind == RelayKind.RELAY:
            found.append(Relay(about, index, Kind.LIGHT if about.option(30) else Kind.SWITCH))
        elif kind == RelayKind.LIGHT:
            found.append(Light(about, index))
    found += [Shutter(about, number, relay) for number, relay in enumerate(about.shutters())]
    if about.fan:
        found.append(Fan(about))
    return found


def _channels(about: Announced, index: int) -> tuple[LightKind, str, str]:
    """What a light consists of, the key under which it tells its brightness, the command that sets it."""
    if about.option(68):
        return LightKind.DIMMER, f"Channel{index + 1}", f"Channel{index + 1}"
    if about.linked or about.light < LightKind.RGBW:
        return about.light, "Dimmer", "Dimmer3" if about.tuya else "Dimmer"
    if index == about.relays.index(RelayKind.LIGHT):
        return LightKind.RGB, "Dimmer1", "Dimmer1"
    whites = LightKind.DIMMER if about.light is LightKind.RGBW else LightKind.WHITES
    return whites, "Dimmer2", "Dimmer2"


def _power_topics(index: int) -> tuple[str, ...]:
    return ("POWER", "POWER1") if index == 0 else (f"POWER{index + 1}",)


def _answers(about: Announced, plain: Iterable[str], own: str = "") -> frozenset[str]:
    """Where it answers: on RESULT, on the plain topics, and with option 4 on a topic for each command."""
    topics = about.topics
    found = {f"{topics.stat}RESULT", f"{topics.tele}STATE", *(f"{topics.stat}{name}" for name in plain)}
    if about.option(4):
        found |= {f"{topics.stat}{name}" for name in ("STATE", *own.split())}
    return frozenset(found)


def state_polls(about: Announced) -> tuple[Message, ...]:
    """What makes a device say what `tele/…/STATE` says."""
    return (Message(f"{about.topics.command}STATE", ""),)


def status_polls(about: Announced) -> tuple[Message, ...]:
    """What makes a device say what `tele/…/SENSOR` says."""
    return (Message(f"{about.topics.command}STATUS", "10"),)


_HSB = 3


def _colour(said: Mapping[str, Any]) -> colours.Rgb | None:
    """The colour at its brightest, of `HSBColor` ("240,100,50") or else of `Color` in hex or decimals."""
    numbers = _numbers(said.get("HSBColor"))
    if len(numbers) == _HSB:
        return colours.from_hs(numbers[0], numbers[1])
    text = said.get("Color")
    if not isinstance(text, str):
        return None
    decimals = _numbers(text) if "," in text else _hex(text)
    if len(decimals) < 3 or not all(0 <= part <= 255 for part in decimals[:3]) or not any(decimals[:3]):
        return None
    red, green, blue = decimals[:3]
    return colours.from_hs(*colours.to_hs(colours.rgb(red, green, blue)))


def _numbers(text: Any) -> list[float]:
    if not isinstance(text, str) or len(text) > 60:
        return []
    numbers = [as_number(part) for part in text.split(",")]
    return [number for number in numbers if number is not None]


def _hex(text: str) -> list[float]:
    try:
        return [float(part) for part in bytes.fromhex(text[:10])]
    except ValueError:
        return []
