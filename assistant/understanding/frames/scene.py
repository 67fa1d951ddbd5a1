"""Where something is said, and which things its words may mean there."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.understanding.frames.abilities import steps_for
from assistant.understanding.frames.frame import Action, Fault, Lost, Trouble
from assistant.understanding.frames.parts import Item
from assistant.understanding.frames.things import fits_kind, orderable
from devices.home import Ability, Device, Home, Kind

Choices = Mapping[tuple[str, str], str]
"""(words, room) -> the thing that was meant by them there."""

_SEATS = frozenset({"座椅", "座位", "坐垫", "座垫"})
_WARMING = frozenset({"heat", "on", "open_on", "off", "close_off"})
_TELLING = 2  # characters of a Chinese word that may be of a name


@dataclass(frozen=True, slots=True)
class Around:
    """Where and after what something is said. `words` are those of each thing's names.

    `last` are the things of the order before, `group` those of the orders before that were alike ("them
    both"). `following` tells that there is an order before that this one may lean on. `choices` are what was
    answered before to "which one?".
    """

    home: Home
    room: str | None
    language: str
    words: Mapping[str, frozenset[str]]
    last: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    following: bool = False
    choices: Choices = field(default_factory=dict)

    def chosen(self, words: str, things: Collection[str]) -> str | None:
        """Return which of these things the words were found to mean where this is said."""
        thing = self.choices.get((words, self.room or ""))
        return thing if thing in things else None


_NO_LAMP = frozenset({"light", "lights", "strip", "spots", "ceiling", "pendant", "chandelier", "灯"})
_HEARD = frozenset({"radio", "stereo", "radios", "tunes"})
_CALLED = frozenset({"radio", "stereo", "speaker", "soundbar", "radiator", "heater", "boiler", "thermostat"})


@dataclass(slots=True)
class Found:
    """The things meant, or what is in the way."""

    things: tuple[str, ...] = ()
    trouble: Trouble | None = None
    lost: list[Lost] = field(default_factory=list)


def found(devices: Iterable[Device]) -> Found:
    """Return these things as what is meant."""
    return Found(tuple(each.id for each in devices))


def which(devices: Sequence[Device]) -> Found:
    """Return that nobody knows which of these is meant."""
    names, ids = tuple(each.name for each in devices), tuple(each.id for each in devices)
    return Found(trouble=Trouble(Fault.WHICH, names, ids))


def unknown(*words: str) -> Found:
    """Return that the words name nothing here."""
    return Found(trouble=Trouble(Fault.UNKNOWN_DEVICE, words))


class Scene:
    """The things that could be ordered, for some actions. With `only` no others are thought of."""

    def __init__(self, around: Around, actions: Sequence[Action], only: Collection[str] = ()) -> None:
        self.around = around
        self.actions = tuple(actions)
        self.devices = [
            device
            for device in around.home
            if device.exposed and orderable(device) and (not only or device.id in only)
        ]
        rooms = " ".join(around.home.rooms).casefold()
        self.is_car = "driver" in rooms or "驾" in rooms
        self._either = [action for action in self.actions if "either" in action.verbs]
        self._wanted = [action for action in self.actions if "either" not in action.verbs]

    def able(self, device: Device) -> bool:
        """Whether a thing can do all that is wanted; of alternatives one is enough."""
        if self._either and not any(steps_for(device, action) for action in self._either):
            return False
        return all(steps_for(device, action) for action in self._wanted)

    def before(self, things: Iterable[str]) -> list[Device]:
        """Return the things that were meant before, as they are now."""
        return [device for each in things if (device := self.around.home.get(each)) is not None]

    def inside(self, things: Iterable[Device], rooms: Collection[str]) -> list[Device]:
        """Return those of the rooms. What is in no room of a car serves all its seats."""
        kept = list(things)
        there = [each for each in kept if each.room in rooms]
        if there or not self.is_car:
            return there
        return [each for each in kept if not each.room and each.kind is not Kind.SCENE]

    def meant(self, content: Sequence[Item]) -> frozenset[str]:
        """Return the things that all of these words may mean."""
        common: frozenset[str] | None = None
        for item in content:
            named = self.named(item)
            common = named if common is None else common & named
        return common or frozenset()

    def only_told(self, content: Sequence[Item], rooms: Collection[str]) -> Found | None:
        """Return that nothing can be ordered of what is named: a window that only tells if it is open."""
        common: set[str] | None = None
        for item in content:
            entry = item.span.entry
            kinds = item.value.split(",") if item.role == "kind" else ()
            named = set(entry.full) | {
                each.id for each in self.around.home if any(fits_kind(each, kind) for kind in kinds)
            }
            common = named if common is None else common & named
        devices = self.before(sorted(common or ()))
        there = [each for each in devices if each.exposed and (not rooms or each.room in rooms)]
        if not there or any(orderable(each) for each in there) or not self.actions:
            return None
        names, ids = tuple(each.name for each in there[:1]), tuple(each.id for each in there[:1])
        return Found(trouble=Trouble(Fault.CANNOT, names, ids))

    def named(self, item: Item) -> frozenset[str]:
        """Return the things that one piece may name."""
        entry = item.span.entry
        if item.role == "thing":
            return entry.full if entry.own else entry.full | entry.part
        if item.role == "part":
            return entry.part
        fitting = self._of_kinds(item.value.split(","))
        if item.span.text in _CALLED:  # "the radio" is the one that is called so, if there is one
            words = self.around.words
            fitting = frozenset(each for each in fitting if item.span.text in words.get(each, ())) or fitting
        if item.span.text in _HEARD:  # "the radio" is no screen, where there is anything else
            fitting = fitting - self._fitting(["television"]) - self._screens() or fitting
        return self._called(fitting or entry.part & {each.id for each in self.devices}, item.span.text)

    def _screens(self) -> frozenset[str]:
        return frozenset(each.id for each in self.devices if "screen" in self.around.words.get(each.id, ()))

    def _called(self, things: frozenset[str], text: str) -> frozenset[str]:
        """Return those that have the very word in their names, where some have: 座椅加热 is no 座椅通风."""
        word = text.replace(" ", "")
        if word in _SEATS and any(action.verbs & _WARMING for action in self.actions):
            word = "热"  # 座椅打开 is of what heats it
        elif self.around.language != "zh" or "座" not in word or len(word) < _TELLING:
            return things
        names = {each.id: " ".join((each.name, *each.aliases)) for each in self.devices if each.id in things}
        return frozenset(thing for thing, name in names.items() if word in name) or things

    def _of_kinds(self, kinds: list[str]) -> frozenset[str]:
        if "lamp" in kinds:  # those that are called so, before all lights
            kinds = ["lamp"]
            named, lit = self._fitting(kinds), self._fitting(["light"])
            here = frozenset(each.id for each in self.devices if self._may_be_lamp(each))
            if named and not named & here and lit & here:
                return named | (lit & here)  # in a room without a "lamp", its lights may be called so
        if "cooling" in kinds and "climate" in kinds:  # 空调 is what cools, before all that has a thermostat
            kinds = ["cooling"] if self._fitting(["cooling"]) else kinds
        fitting = self._fitting(kinds)
        if kinds == ["fan"] and not fitting:  # the blower of a car's climate
            return frozenset(each.id for each in self.devices if Ability.FAN_SPEED in each.abilities)
        fitting = fitting or (self._fitting(["light"]) if kinds == ["lamp"] else frozenset())
        if kinds == ["heating"]:  # an air conditioner is not "the heating" beside a radiator
            return fitting - self._fitting(["cooling"]) or fitting
        if "curtain" in kinds and "blind" not in kinds:
            return self._of_class(fitting, "curtain")
        if "blind" in kinds and "curtain" not in kinds:
            return self._of_class(fitting, "blind", "shade")
        return fitting

    def _may_be_lamp(self, device: Device) -> bool:
        """Whether a light of this room may be called a lamp: "Anna's Side", not the "Hall Light"."""
        here = device.room is not None and device.room == self.around.room
        return here and not self.around.words.get(device.id, frozenset()) & _NO_LAMP

    def _fitting(self, kinds: Iterable[str]) -> frozenset[str]:
        wanted = tuple(kinds)
        return frozenset(each.id for each in self.devices if any(fits_kind(each, kind) for kind in wanted))

    def _of_class(self, things: frozenset[str], *classes: str) -> frozenset[str]:
        """Return those of the very class; all where there are none."""
        sure = (each.id for each in self.devices if each.id in things and each.device_class in classes)
        return frozenset(sure) or things
