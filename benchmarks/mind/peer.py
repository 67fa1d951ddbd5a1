"""Beside us: hassil with home-assistant-intents, Home Assistant's own sentence templates, in the same homes.

What its intents do to things follows Home Assistant: a name is that of one thing (in the room where it was
said, if there are several), an area and a domain are all such things there, and `HassTurnOn` opens a cover
and locks a lock. It is asked for single orders to things alone: that is what it is made for.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from assistant.report import TurnReport
from assistant.understanding.plan import Tier
from benchmarks.mind.cases import Case, House
from benchmarks.mind.house import Ordered, names_of
from benchmarks.mind.judge import Verdict, judge
from benchmarks.mind.record import Happened
from benchmarks.mind.stage import NOW
from devices.commands import DeviceCommand
from devices.home import Ability, Device, Kind, Value
from devices.values import objection

if TYPE_CHECKING:
    from hassil.intents import Intents, SlotList

PACKAGE = "home_assistant_intents"
_CODES = {"en": "en", "zh": "zh-CN"}
_NOTHING = TurnReport("", "", "en", Tier.NONE)

_DOMAINS: Mapping[Kind, str] = {
    Kind.ALARM: "alarm_control_panel",
    Kind.OTHER: "switch",
}
_COLOURS: Mapping[str, Value] = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "red": (255, 0, 0),
    "orange": (255, 165, 0),
    "yellow": (255, 255, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "purple": (128, 0, 128),
    "brown": (165, 42, 42),
    "pink": (255, 192, 203),
    "turquoise": (64, 224, 208),
}
"""CSS's colours, which are Home Assistant's."""

_PLAYBACK: Mapping[str, tuple[Ability, Value]] = {
    "HassMediaPause": (Ability.PLAYBACK, "paused"),
    "HassMediaUnpause": (Ability.PLAYBACK, "playing"),
    "HassMediaNext": (Ability.PLAYBACK, "next"),
    "HassMediaPrevious": (Ability.PLAYBACK, "previous"),
    "HassMediaPlayerMute": (Ability.MUTED, True),
    "HassMediaPlayerUnmute": (Ability.MUTED, False),
}
_CLEANING: Mapping[str, tuple[Ability, Value]] = {
    "HassVacuumStart": (Ability.CLEANING, "cleaning"),
    "HassVacuumReturnToBase": (Ability.CLEANING, "docked"),
}
_FIXED = {**_PLAYBACK, **_CLEANING}
"""Intents that always ask the same."""
_NUMBERED = {
    "HassSetPosition": (Ability.POSITION, "position"),
    "HassClimateSetTemperature": (Ability.SETPOINT, "temperature"),
    "HassFanSetSpeed": (Ability.FAN_SPEED, "percentage"),
    "HassSetVolume": (Ability.VOLUME, "volume_level"),
}
"""Intents that ask for a number, and the slot that it is in."""
_ON: Mapping[bool, Mapping[Kind, tuple[Ability, Value]]] = {
    True: {
        Kind.COVER: (Ability.OPEN, True),
        Kind.LOCK: (Ability.LOCKED, True),
        Kind.SCENE: (Ability.PRESSED, True),
        Kind.VACUUM: (Ability.CLEANING, "cleaning"),
    },
    False: {
        Kind.COVER: (Ability.OPEN, False),
        Kind.LOCK: (Ability.LOCKED, False),
        Kind.VACUUM: (Ability.CLEANING, "docked"),
        Kind.CLIMATE: (Ability.MODE, "off"),
    },
}
"""What turning on and off is for things that have no such switch."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A case as the peer took it."""

    case: Case
    verdict: Verdict
    ms: float


def there() -> bool:
    """Whether it is installed."""
    return find_spec(PACKAGE) is not None


def version() -> str:
    """What it is, in words."""
    from importlib.metadata import version as of

    return f"hassil {of('hassil')} with home-assistant-intents {of('home-assistant-intents')}"


def is_device_order(case: Case) -> bool:
    """Whether a case is one order to things, now."""
    if len(case.turns) != 1:
        return False
    effects = case.turns[0].right[0].do
    return bool(effects) and all(effect.thing and not effect.moment for effect in effects)


def compare(cases: Sequence[Case], houses: Mapping[str, House]) -> Iterator[Compared]:
    """Yield what became of each case."""
    from hassil.recognize import recognize_best

    templates: dict[str, Intents] = {}
    for case in cases:
        if case.language not in templates:
            templates[case.language] = _templates(case.language)
        house = houses[case.home]
        context = {"area": {"value": case.room, "text": case.room}} if case.room else None
        lists = _lists(house)
        began_s = time.perf_counter()
        result = recognize_best(
            case.turns[0].say.rstrip(".!?。！？ "),
            templates[case.language],
            slot_lists=lists,
            intent_context=context,
            language=_CODES[case.language],
            best_slot_name="name",
        )
        ms = (time.perf_counter() - began_s) * 1000
        commands = []
        if result is not None:
            slots = {name: entity.value for name, entity in result.entities.items()}
            commands = list(commands_of(result.intent.name, slots, house, case.room))
        before = {thing.id: thing.state for thing in house.things}
        ordered = tuple(Ordered(command, before[command.device_id]) for command in commands)
        happened = Happened(_NOTHING, ordered, (), (), asked=False, plan_ms=ms, before=before)
        yield Compared(case, judge(case, case.turns[0], happened, before, house, NOW), ms)


def _templates(language: str) -> "Intents":
    from hassil.intents import Intents

    return Intents.from_dict(import_module(PACKAGE).get_intents(_CODES[language]))


def _lists(house: House) -> "dict[str, SlotList]":
    """The slot lists as Home Assistant makes them of its registries."""
    from hassil.intents import TextSlotList

    names = [
        (name, name, {"domain": domain_of(thing), "device_class": thing.device_class})
        for thing in house.things
        for name in names_of(thing)
    ]
    areas = [(name, room) for room, others in house.rooms.items() for name in (room, *others)]
    return {
        "name": TextSlotList.from_tuples(names, allow_template=False),
        "area": TextSlotList.from_tuples(areas, allow_template=False),
        "floor": TextSlotList.from_tuples([], allow_template=False),
    }


def domain_of(thing: Device) -> str:
    """Home Assistant's word for the kind."""
    if thing.kind is Kind.COVER and thing.device_class == "valve":
        return "valve"
    return _DOMAINS.get(thing.kind, thing.kind.value)


# -- what an intent does -------------------------------------------------------------------------------------


def commands_of(intent: str, slots: Mapping[str, Any], house: House, room: str) -> Iterator[DeviceCommand]:
    """Yield the orders that an intent gives to the things that it is for, those that they can obey."""
    for thing in _targets(intent, slots, house, room):
        for ability, value in _orders(intent, slots, thing):
            if not objection(thing, ability, value):
                yield DeviceCommand(thing.id, ability, value)


def _targets(intent: str, slots: Mapping[str, Any], house: House, room: str) -> list[Device]:
    named = slots.get("name")
    area = slots.get("area")
    found = [thing for thing in house.things if area is None or thing.room == area]
    if named is not None:
        found = [
            thing for thing in found if str(named).casefold() in {name.casefold() for name in names_of(thing)}
        ]
        here = [thing for thing in found if thing.room == room]
        return here if len(found) > 1 and len(here) == 1 else found if len(found) == 1 else []
    domains = _listed(slots.get("domain")) or _implied(intent)
    classes = _listed(slots.get("device_class"))
    found = [thing for thing in found if not domains or domain_of(thing) in domains]
    found = [thing for thing in found if not classes or thing.device_class in classes]
    if area is None and not domains and not classes:
        return []
    if area is None and intent in ("HassClimateSetTemperature", *_FIXED) and len(found) > 1:
        here = [thing for thing in found if thing.room == room]
        return here if len(here) == 1 else []
    return found


def _listed(value: Any) -> list[str]:
    return [] if value is None else [str(each) for each in (value if isinstance(value, list) else [value])]


def _implied(intent: str) -> list[str]:
    """The domain that an intent is for, whoever says it."""
    if intent in _FIXED or intent in ("HassSetVolume", "HassSetVolumeRelative"):
        return ["vacuum" if intent in _CLEANING else "media_player"]
    known = {"HassLightSet": "light", "HassClimateSetTemperature": "climate", "HassFanSetSpeed": "fan"}
    return [known[intent]] if intent in known else []


def _orders(intent: str, slots: Mapping[str, Any], thing: Device) -> Iterator[tuple[Ability, Value]]:
    if intent in _FIXED:
        yield _FIXED[intent]
    elif intent in _NUMBERED:
        ability, slot = _NUMBERED[intent]
        yield ability, slots[slot]
    elif intent in ("HassTurnOn", "HassTurnOff"):
        on = intent == "HassTurnOn"
        able = Ability.ON in thing.abilities
        yield (Ability.ON, on) if able else _ON[on].get(thing.kind, (Ability.ON, on))
    elif intent == "HassLightSet":
        yield from _light(slots, thing)
    elif intent == "HassSetVolumeRelative":
        step = {"up": 10, "down": -10}.get(str(slots["volume_step"]), slots["volume_step"])
        now = thing.state.get(Ability.VOLUME, 0)
        if isinstance(now, int | float) and isinstance(step, int | float):
            yield Ability.VOLUME, min(max(now + step, 0), 100)


def _light(slots: Mapping[str, Any], thing: Device) -> Iterator[tuple[Ability, Value]]:
    if "brightness" in slots and Ability.BRIGHTNESS in thing.abilities:
        yield Ability.BRIGHTNESS, slots["brightness"]
    if "temperature" in slots and Ability.COLOUR_TEMPERATURE in thing.abilities:
        yield Ability.COLOUR_TEMPERATURE, slots["temperature"]
    colour = _COLOURS.get(str(slots.get("color")))
    if colour is not None and Ability.COLOUR in thing.abilities:
        yield Ability.COLOUR, colour
