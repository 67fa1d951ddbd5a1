"""Orders that name a thing and no value: "set the radiator", "change the brightness"."""

from dataclasses import replace

from assistant.understanding.frames.clauses import read_part
from assistant.understanding.frames.frame import Action, Fault, Frame
from assistant.understanding.frames.framing import frame_of
from assistant.understanding.frames.memory import Pending
from assistant.understanding.frames.scene import Around
from assistant.understanding.frames.sentences import Clause, Reading
from assistant.understanding.frames.targets import Finder
from devices.home import Ability, Home, Kind

A = Ability
_SETTABLE: dict[str, Ability] = {
    "brightness": A.BRIGHTNESS, "setpoint": A.SETPOINT, "volume": A.VOLUME, "fan_speed": A.FAN_SPEED,
    "position": A.POSITION, "colour": A.COLOUR, "colour_temperature": A.COLOUR_TEMPERATURE, "tilt": A.TILT,
    "mode": A.MODE, "preset": A.PRESET,
}  # fmt: skip
_BY_ITSELF = frozenset({A.BRIGHTNESS, A.SETPOINT, A.POSITION, A.VOLUME, A.FAN_SPEED})
_EITHER_OR = frozenset({"on", "off", "open", "close", "open_on", "close_off"})
_IDLE = frozenset({"press"})
_CONTENT = frozenset({"thing", "part", "kind"})
_MOST_WORDS = 14


def without_value(reading: Reading, around: Around) -> Frame | None:
    """Return what is to be set when nobody said to what; None for any other sentence."""
    spans = reading.spans
    if not spans or len(spans) > _MOST_WORDS:
        return None
    setting = next((at for at, span in enumerate(spans) if span.has("setting")), None)
    if setting is None:
        return None
    told = spans if around.language == "zh" else spans[setting:]
    dims = frozenset(key for span in told for key in span.get("aspect")) & _SETTABLE.keys()
    if around.language == "zh":  # 把空调温度调一下: the verb stands behind
        part = read_part([span for span in spans if not span.has("setting")], "zh")
    elif all(span.has("fillers", "glue", "also", "joins") for span in spans[:setting]):
        rest = [span for span in spans[setting + 1 : -1] if not (dims and span.text == "on")]  # "… on the AC"
        part = read_part([*rest, *spans[setting + 1 :][-1:]], around.language)
    else:
        return None
    if part.unknown or part.negated or part.exceptions or part.repeat:
        return None
    if any(action.said or action.sign or action.verbs - _IDLE for action in part.actions):
        return None
    named = any(item.role in _CONTENT for item in part.items)
    if not dims and not named:
        return None
    actions = (Action(dims=dims, sign=1),) if dims - {"colour", "mode"} else ()
    found = Finder(around, actions).find(part.items, ())
    trouble = found.trouble
    if trouble is not None and trouble.fault is Fault.WHICH and trouble.things:
        return Frame((Action(dims=dims),), trouble=trouble)
    devices = [device for each in found.things if (device := around.home.get(each)) is not None]
    wanted = {_SETTABLE[dim] for dim in dims} or _BY_ITSELF
    if trouble is not None or not devices:
        return None
    if not all(device.abilities & wanted and device.kind is not Kind.SCENE for device in devices):
        return None
    return Frame((Action(dims=dims),), targets=found.things)


def with_value(clause: Clause, pending: Pending, home: Home) -> Frame | None:
    """Return the order when the words tell the value: "eighteen and a half"."""
    dims = pending.actions[0].dims if pending.actions else frozenset()
    actions = tuple(
        replace(each, dims=dims) if dims and not each.dims - {"any"} else each for each in clause.actions
    )
    if not any(each.said is not None or each.sign or each.verbs & _EITHER_OR for each in actions):
        return None
    frame = frame_of(home, actions, pending.things)
    return frame if frame.orders else None
