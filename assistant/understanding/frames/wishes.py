"""What is said of here and now and means an order: "it's too dark in here", 太热了."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from assistant.understanding.frames.abilities import steps_for
from assistant.understanding.frames.frame import Action, Frame, Order, Step
from assistant.understanding.frames.lexicon import Lexicon
from assistant.understanding.frames.parts import Item
from assistant.understanding.frames.scene import Around
from assistant.understanding.frames.tagging import Span, Word, tagged
from assistant.understanding.frames.targets import Finder
from assistant.understanding.frames.things import Things
from devices.home import Ability, Device, Kind

A = Ability
_LONGEST = 14
_SHORTEST_HAN = 2
_CENTRAL = ("central heating", "heating", "thermostat", "boiler")


def wish_in(words: Sequence[Word], lexicon: Lexicon, things: Things, around: Around) -> Frame | None:
    """Return the order that a statement of here and now comes to; None where it is no such statement."""
    if len(words) > (_LONGEST * 2 if around.language == "zh" else _LONGEST):
        return None
    spans = tagged(tuple(words), lexicon, things, "wish")
    wishes = [span for span in spans if span.has("wishes")]
    if not wishes or len({key for span in wishes for key in span.get("wishes")} or {""}) > 3:
        return None
    if any(span.unknown for span in spans) or not _is_stated(spans, wishes, around.language):
        return None
    keys = frozenset.intersection(*(span.get("wishes") for span in wishes)) or wishes[0].get("wishes")
    items = [_item(span) for span in spans if _is_name(span)]
    for key in sorted(keys, key=lambda each: _rank(each, items)):
        orders = _orders(key, items, around)
        if orders:
            things_meant = tuple(dict.fromkeys(each for order in orders for each in order.things))
            return Frame((action_of(key),), orders, things_meant)
    return None


def _is_stated(spans: Sequence[Span], wishes: Sequence[Span], language: str) -> bool:
    """Whether it is more than a word that was dropped."""
    count = sum(len(span.words) for span in spans if span.has("wishes", "wish_frame", "degree_words"))
    if language == "zh":
        for at, span in enumerate(spans):
            if span in wishes and len(span.words) == 1:
                after = spans[at + 1] if at + 1 < len(spans) else None
                if (
                    at == 0
                    or not spans[at - 1].has("intensifiers")
                    or (after is not None and after.has("amount"))
                ):
                    return False
        return sum(len(word.text) for span in spans for word in span.words) >= _SHORTEST_HAN
    return count > 1 or any(len(span.words) > 1 for span in wishes)


def _is_name(span: Span) -> bool:
    if span.has("wishes"):
        return False
    return bool(span.entry.full or span.entry.rooms) or (span.has("kinds") and not span.has("wish_frame"))


def _item(span: Span) -> Item:
    if span.entry.full:
        return Item(span, "thing")
    if span.entry.rooms:
        return Item(span, "room")
    return Item(span, "kind", ",".join(sorted(span.get("kinds"))))


def _rank(key: str, items: Sequence[Item]) -> int:
    player = any(
        "television" in item.value or "player" in item.value or item.role == "thing" for item in items
    )
    return 0 if key.startswith("volume") == player else 1


def action_of(key: str) -> Action:
    """Return the action that a need comes to."""
    dim, _, way = key.rpartition("_")
    dims = {"air": "fan_speed", "fan": "fan_speed", "": "on"}.get(dim, dim)
    return Action(dims=frozenset({dims}), sign=1 if way == "up" else -1)


def _orders(key: str, items: Sequence[Item], around: Around) -> tuple[Order, ...]:
    if any(item.role != "room" for item in items):
        return _of_named(action_of(key), items, around)
    devices = [device for device in around.home if device.exposed]
    said = {room for item in items for room in item.span.entry.rooms}
    rooms = said or ({around.room} if around.room else set())
    here = [device for device in devices if device.room in rooms]
    free = [device for device in devices if not device.room]
    if key == "defrost":
        return grouped([(each, Step(A.ON, True)) for each in devices if _defrosts(each)])
    free = free or (central(devices) if key.startswith("setpoint") else [])
    helped = helps(key, here) or (helps(key, free) if not key.startswith("brightness") else [])
    return grouped(helped)


def central(devices: Sequence[Device]) -> list[Device]:
    """Return what heats the whole home, wherever it hangs: the one thing that is called so."""
    climates = [each for each in devices if each.kind is Kind.CLIMATE and A.SETPOINT in each.abilities]
    called = [each for each in climates if any(word in _names(each) for word in _CENTRAL)]
    return called if len(called) == 1 else []


def _names(device: Device) -> str:
    return " ".join((device.name, *device.aliases)).casefold()


def _of_named(action: Action, items: Sequence[Item], around: Around) -> tuple[Order, ...]:
    found = Finder(around, (action,)).find(items, ())
    devices = [device for each in found.things if (device := around.home.get(each)) is not None]
    return grouped([(device, step) for device in devices for step in steps_for(device, action)])


def _lighter(here: Sequence[Device]) -> list[tuple[Device, Step]]:
    lights = [each for each in here if each.kind is Kind.LIGHT]
    lit = [each for each in lights if each.state.get(A.ON) is not False]
    if not lit:
        return [(each, Step(A.ON, True)) for each in lights if A.ON in each.abilities]
    raised = [
        (each, Step(A.BRIGHTNESS, by=20.0))
        for each in lit
        if A.BRIGHTNESS in each.abilities and _below_full(each)
    ]
    dark = [(each, Step(A.ON, True)) for each in lights if each not in lit and A.ON in each.abilities]
    return raised or dark


def _below_full(device: Device) -> bool:
    now = device.state.get(A.BRIGHTNESS)
    return not isinstance(now, int | float) or now < 100


def _darker(here: Sequence[Device]) -> list[tuple[Device, Step]]:
    lit = [each for each in here if each.kind is Kind.LIGHT and each.state.get(A.ON) is not False]
    return [(each, Step(A.BRIGHTNESS, by=-20.0)) for each in lit if A.BRIGHTNESS in each.abilities]


def _is_off(device: Device) -> bool:
    return device.state.get(A.ON) is False or device.state.get(A.MODE) == "off"


def _cooling(device: Device) -> bool:
    modes = device.options.get(A.MODE, ())
    return bool({"cool", "dry", "fan_only", "fan"} & set(modes)) or (not modes and "空调" in device.name)


def _climates(devices: Sequence[Device]) -> list[Device]:
    return [each for each in devices if each.kind is Kind.CLIMATE and A.SETPOINT in each.abilities]


def _on(device: Device, mode: str) -> Step | None:
    if A.ON in device.abilities:
        return Step(A.ON, True)
    return Step(A.MODE, mode) if mode in device.options.get(A.MODE, ()) else None


def _warmer(devices: Sequence[Device]) -> list[tuple[Device, Step]]:
    found: list[tuple[Device, Step]] = []
    for each in _climates(devices):
        modes = each.options.get(A.MODE, ())
        if modes and not {"heat", "auto", "heat_cool"} & set(modes):
            continue  # what only cools warms nobody
        step = _on(each, "heat") if _is_off(each) else Step(A.SETPOINT, by=1.0)
        if step is not None:
            found.append((each, step))
    if not found:
        found = [
            (each, Step(A.ON, True))
            for each in devices
            if each.kind is Kind.SWITCH and "heat" in each.name.casefold()
        ]
    return found


def _cooler(devices: Sequence[Device]) -> list[tuple[Device, Step]]:
    found: list[tuple[Device, Step]] = []
    for each in _climates(devices):
        on = _on(each, "cool") if _cooling(each) else None
        step = on if _is_off(each) else Step(A.SETPOINT, by=-1.0)
        if step is not None:
            found.append((each, step))
    return found or air(devices)


def _sound(devices: Sequence[Device], by: float) -> list[tuple[Device, Step]]:
    players = [each for each in devices if A.VOLUME in each.abilities]
    playing = [
        each
        for each in players
        if each.state.get(A.PLAYBACK) == "playing" and each.state.get(A.ON) is not False
    ]
    return [(each, Step(A.VOLUME, by=by)) for each in playing]


def air(devices: Sequence[Device]) -> list[tuple[Device, Step]]:
    """Return what moves the air: fans that go on, or faster."""
    fans = [
        each
        for each in devices
        if each.kind is Kind.FAN and "seat" not in each.name.casefold() and "座" not in each.name
    ]
    off = [each for each in fans if each.state.get(A.ON) is False]
    if off:
        return [(each, Step(A.ON, True)) for each in off]
    return [(each, Step(A.FAN_SPEED, by=20.0)) for each in fans if A.FAN_SPEED in each.abilities]


def _blown(devices: Sequence[Device], by: float) -> list[tuple[Device, Step]]:
    running = [
        each for each in devices if A.FAN_SPEED in each.abilities and each.state.get(A.ON) is not False
    ]
    return [(each, Step(A.FAN_SPEED, by=by)) for each in running]


def _defrosts(device: Device) -> bool:
    if A.ON not in device.abilities:
        return False
    name = " ".join((device.name, *device.aliases)).casefold()
    return any(each in name for each in ("defrost", "demist", "除雾", "除霜"))


_HELPS: Mapping[str, Callable[[Sequence[Device]], list[tuple[Device, Step]]]] = {
    "brightness_up": _lighter,
    "brightness_down": _darker,
    "setpoint_up": _warmer,
    "setpoint_down": _cooler,
    "volume_up": partial(_sound, by=10.0),
    "volume_down": partial(_sound, by=-10.0),
    "fan_speed_up": partial(_blown, by=20.0),
    "fan_speed_down": partial(_blown, by=-20.0),
    "air_up": air,
    "air_down": lambda devices: _blown(devices, -20.0)[:1],
}
"""What is wished -> what the things of a place can do for it."""


def helps(key: str, devices: Sequence[Device]) -> list[tuple[Device, Step]]:
    """Return what these things can do about a need."""
    return _HELPS[key](devices)


def grouped(found: Sequence[tuple[Device, Step]]) -> tuple[Order, ...]:
    """Return one order for all that take the same step."""
    orders: dict[Step, list[str]] = {}
    for device, step in found:
        orders.setdefault(step, []).append(device.id)
    return tuple(Order(tuple(each), step) for step, each in orders.items())
