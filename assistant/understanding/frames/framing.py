"""From a clause to a frame: its action, with what was left unsaid, and the steps of the things it means."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.understanding.frames.abilities import steps_for
from assistant.understanding.frames.frame import Action, Fault, Frame, Lost, Order, Step, Trouble
from assistant.understanding.frames.memory import Remembered
from assistant.understanding.frames.scene import Around, Found
from assistant.understanding.frames.sentences import Clause
from assistant.understanding.frames.targets import Finder
from devices.home import Ability, Device, Home, Kind

_CONTRARY = {"on": "off", "off": "on", "open": "close", "close": "open"}
_PERSONS = frozenset({"him", "her"})
_NAMING = frozenset({"thing", "part", "kind", "room", "absent", "quantity", "here"})
_TELLING = frozenset({"thing", "part", "kind", "room", "adjective"})
_CONTENT = frozenset({"thing", "part", "kind", "absent", "reference", "others"})
_OF_ROBOTS = frozenset({"dock", "clean"})
_NAMESAKE = 2  # characters that names have in common at their ends
_UPWARDS, _DOWNWARDS = frozenset({"brighten", "open"}), frozenset({"dim", "close"})
_HEATS = ("加热", "除雾", "heating")


class Framer:
    """Makes the frames of one sentence, in its order. `last` is the order before it."""

    def __init__(self, around: Around, last: Remembered | None) -> None:
        self._around = around
        self._last = last
        self._before: Frame | None = None  # the frame before, in the same sentence
        self.lost: list[Lost] = []

    def frame(self, clause: Clause) -> Frame | None:
        """Return a clause's frame; None where it is none, or leans on nothing."""
        made = self._made(clause)
        if made is not None:
            self._before = made
            if made.targets:
                self._around = replace(self._around, last=made.targets, following=True)
        return made

    def spared(self, clause: Clause) -> Frame | None:
        """What takes an exception back out of the order before: "everything off", "except the big light"."""
        if self._last is None or clause.actions or clause.items or not clause.exceptions:
            return None
        actions = [_CONTRARY.get(verb) for action in self._last.actions for verb in action.verbs]
        if len(actions) != 1 or actions[0] is None:
            return None
        action = Action(verbs=frozenset({actions[0]}))
        found = Finder(replace(self._around, last=(), following=False), (action,)).find(clause.exceptions, ())
        things = tuple(each for each in found.things if each in self._last.things)
        return frame_of(self._around.home, (action,), things) if things else None

    def _made(self, clause: Clause) -> Frame | None:
        if not self._around.last and any(item.span.text in _PERSONS for item in clause.items):
            return None  # "ask her"
        return self._of(clause, self._earlier())

    def _of(self, clause: Clause, earlier: tuple[Action, ...]) -> Frame | None:
        if not clause.actions and not (earlier and (clause.link or clause.repeat)):
            return self._bare(clause)
        spares = bool(clause.exceptions) and clause.link == "correct"
        if not clause.actions and not clause.items and not clause.repeat and not spares:
            return None
        actions = self._of_blowers(self._actions(clause, earlier), clause)
        if self._is_of_people(clause):
            return None
        if clause.less and not (earlier and _sign(earlier[0])):
            return None  # too much of what?
        if clause.instead and not any(item.role in _CONTENT for item in clause.items):
            finder = Finder(self._around, actions)
            self._last = Remembered(actions, finder.find(clause.instead, ()).things, 0.0)
            return self._elsewhere(clause, actions)
        goes_on = self._goes_on_elsewhere(clause)
        if goes_on or self._is_elsewhere(clause):
            there = self._elsewhere(clause, actions)
            if (not clause.actions and not goes_on) or (there is not None and there.trouble is None):
                return there
        found = self._settled(Finder(self._around, actions).find(clause.items, clause.exceptions), clause)
        self.lost += found.lost
        if found.trouble is not None and found.trouble.fault is Fault.WHICH and not clause.items:
            return None  # nobody named a thing: that is too little to ask back
        if found.trouble is not None and found.trouble.fault is Fault.WHICH and _merely_points(clause):
            return Frame(actions, trouble=found.trouble)
        return self._framed(actions, found)

    def _of_blowers(self, actions: tuple[Action, ...], clause: Clause) -> tuple[Action, ...]:
        """Where no fan stands, "the fan" is how hard a climate blows, and never how warm."""
        fans = any(item.role == "kind" and item.value == "fan" for item in clause.items)
        if not fans or any(each.exposed and each.kind is Kind.FAN for each in self._around.home):
            return actions
        blows = frozenset({"fan_speed"})
        told = (each.sign != 0 or each.said is not None for each in actions)
        return tuple(
            replace(each, dims=blows) if moves and not each.dims - {"any"} else each
            for each, moves in zip(actions, told, strict=True)
        )

    def _is_of_people(self, clause: Clause) -> bool:
        """Whether 回家 or 下班 is what people do: nobody spoke of a robot."""
        robots = any(device.kind is Kind.VACUUM for device in self._devices(self._around.last))
        wants = any(not each.firm and each.verbs & _OF_ROBOTS for each in clause.actions)
        return wants and not clause.items and not robots and self._around.language == "zh"

    def _devices(self, things: Iterable[str]) -> list[Device]:
        return [device for each in things if (device := self._around.home.get(each)) is not None]

    def _settled(self, found: Found, clause: Clause) -> Found:
        """What is meant, as it was answered before; or which words nobody knows the meaning of."""
        trouble = found.trouble
        if trouble is None or trouble.fault is not Fault.WHICH or not trouble.things or clause.exceptions:
            return found
        if not all(item.role in _TELLING for item in clause.items):
            return found
        words = " ".join(item.span.text for item in clause.items)
        words = words.replace(" ", "") if self._around.language == "zh" else words
        chosen = self._around.chosen(words, trouble.things)
        if chosen is not None:
            return Found((chosen,), lost=found.lost)
        return replace(found, trouble=replace(trouble, words=words))

    def _earlier(self) -> tuple[Action, ...]:
        if self._before is not None:
            return self._before.actions
        return self._last.actions if self._last is not None else ()

    # -- what is to be done ----------------------------------------------------------------------------------

    def _actions(self, clause: Clause, earlier: tuple[Action, ...]) -> tuple[Action, ...]:
        if not clause.actions or (clause.link == "same" and earlier):
            return earlier
        if clause.exceptions or any(item.role in _NAMING for item in clause.items):
            return clause.actions
        if (clause.more or clause.less) and len(clause.actions) == 1 and earlier and _sign(earlier[0]):
            sign = -_sign(earlier[0]) if clause.less else _sign(earlier[0])
            return (replace(clause.actions[0], sign=sign, dims=earlier[0].dims or _dims_of(earlier[0])),)
        return _leaning(clause.actions, earlier)

    # -- of what ---------------------------------------------------------------------------------------------

    def _is_elsewhere(self, clause: Clause) -> bool:
        """Whether only a place is said, after an order: "and the kitchen too"."""
        if self._last is None or self._before is not None or not clause.items:
            return False
        mine = all(item.role == "here" and item.span.has("mine") for item in clause.items)
        if clause.actions and not (mine or (clause.link == "also" and self._around.language == "zh")):
            return False
        return not any(item.role in _CONTENT and "one" not in item.value for item in clause.items)

    def _goes_on_elsewhere(self, clause: Clause) -> bool:
        """Whether a second order only says where: "heating up in here and off in the bedroom"."""
        if self._before is None or not clause.actions or not clause.items or self._around.language != "en":
            return False
        switches = all(action.verbs <= {"on", "off"} and action.said is None for action in clause.actions)
        return switches and all(item.role in ("room", "here") for item in clause.items)

    def _elsewhere(self, clause: Clause, actions: tuple[Action, ...]) -> Frame | None:
        """The same sort of things in another room."""
        home, room = self._around.home, self._around.room
        rooms = {room for item in clause.items for room in item.span.entry.rooms}
        if room and any(item.role == "here" for item in clause.items):
            rooms.add(room)
        last = self._last.things if self._last is not None else ()
        last = self._before.targets if self._before is not None else last
        devices = [device for each in last if (device := home.get(each)) is not None]
        sorts = {(device.kind, device.device_class) for device in devices}
        kinds = {device.kind for device in devices}
        there = [each for each in home if each.exposed and each.room in rooms and each.kind in kinds]
        fitting = [each for each in there if (each.kind, each.device_class) in sorts] or there
        able = [each for each in fitting if all(steps_for(each, action) for action in actions)]
        if alike := _namesakes(able, devices):
            return frame_of(home, actions, tuple(each.id for each in alike))
        if not rooms:
            return None
        names = tuple(item.span.text for item in clause.items)
        return Frame(actions, trouble=Trouble(Fault.UNKNOWN_DEVICE, names))

    def _bare(self, clause: Clause) -> Frame | None:
        """Just a thing's name: a scene is set; what heats or lights is switched on, if it is off."""
        if len(clause.items) != 1 or clause.exceptions or clause.items[0].role not in ("kind", "thing"):
            return None
        item, home = clause.items[0], self._around.home
        named = [device for each in item.span.entry.full if (device := home.get(each)) is not None]
        if item.span.entry.own and len(named) == 1 and named[0].kind is Kind.SCENE:
            return frame_of(home, (Action(verbs=frozenset({"press"})),), (named[0].id,))
        light = "light" in item.value.split(",") and self._around.room
        heats = any(word in item.span.text.replace(" ", "") for word in _HEATS)
        if not light and not heats:
            return None
        actions = (Action(verbs=frozenset({"on"})),)
        found = Finder(self._around, actions).find(clause.items, ())
        devices = [device for each in found.things if (device := home.get(each)) is not None]
        if not devices or any(device.state.get(Ability.ON) is True for device in devices):
            return None
        return self._framed(actions, found)

    def _framed(self, actions: tuple[Action, ...], found: Found) -> Frame | None:
        trouble = found.trouble
        if trouble is None:
            return frame_of(self._around.home, actions, found.things) if found.things else None
        if trouble.fault is Fault.WHICH and not trouble.things:
            return None
        if trouble.fault is Fault.UNKNOWN_DEVICE and not trouble.names:
            return None
        return Frame(actions, trouble=trouble)


def _namesakes(devices: Sequence[Device], last: Sequence[Device]) -> Sequence[Device]:
    """Return those that are called like the ones before, but for the room: 副驾座椅加热 like 主驾座椅加热."""
    ends = {name[-_NAMESAKE:] for each in last for name in (each.name, *each.aliases)}
    alike = [each for each in devices if {name[-_NAMESAKE:] for name in (each.name, *each.aliases)} & ends]
    sure = all(each.kind not in (Kind.SWITCH, Kind.OTHER) for each in devices)
    return alike or (devices if sure else [])


def frame_of(home: Home, actions: Iterable[Action], things: tuple[str, ...]) -> Frame:
    """Return the frame in which these things take their steps."""
    wanted = tuple(actions)
    orders: dict[Step, dict[str, None]] = {}
    for action in wanted:
        for thing in things:
            device = home.get(thing)
            for step in steps_for(device, action) if device is not None else ():
                if device is not None and not _goes_without_saying(step, device, wanted):
                    orders.setdefault(step, {})[thing] = None
    return Frame(wanted, tuple(Order(tuple(each), step) for step, each in orders.items()), things)


def _goes_without_saying(step: Step, device: Device, actions: Sequence[Action]) -> bool:
    """Whether switching on is meant by the value that was said with it."""
    if step != Step(Ability.ON, True) or not any(action.said is not None for action in actions):
        return False
    return device.state.get(Ability.ON) is not False or device.kind in (Kind.LIGHT, Kind.FAN)


def _merely_points(clause: Clause) -> bool:
    """Whether nothing but "it" was said of the thing."""
    return bool(clause.actions and clause.items) and all(item.role == "reference" for item in clause.items)


def _sign(action: Action) -> int:
    """Which way an action went: "dim" is down."""
    if action.sign or action.said is not None:
        return action.sign
    return 1 if action.verbs & _UPWARDS else -1 if action.verbs & _DOWNWARDS else 0


def _dims_of(action: Action) -> frozenset[str]:
    return frozenset({"brightness"}) if action.verbs & {"dim", "brighten"} else frozenset()


def _leaning(actions: tuple[Action, ...], earlier: Sequence[Action]) -> tuple[Action, ...]:
    """A bare "21" or "lower" is about what the order before was about."""
    dims = next((each.dims - {"any"} for each in earlier if each.dims - {"any"}), frozenset())
    if not dims:
        return actions
    return tuple(
        replace(each, dims=dims)
        if not each.dims - {"any"} and not each.verbs and (each.sign or each.said is not None)
        else each
        for each in actions
    )
