"""Of several things that fit: all of them, those that are here, the main one, or nobody knows."""

from collections.abc import Sequence

from assistant.understanding.frames.frame import Lost, Wants
from assistant.understanding.frames.groups import Group
from assistant.understanding.frames.scene import Found, Scene, found, which
from devices.home import Ability, Device, Kind

_ALL = frozenset({"all", "both", "everything", "everywhere", "them_all"})
_MAIN = frozenset({"big", "main", "ceiling", "overhead", "大", "主", "顶"})
_PLURAL = frozenset({"lighting", "heating", "illumination", "music"})
_OFF = frozenset({"off", "close_off"})
_PAIR = 2
_MOST_LOST = 4


_JUST = frozenset({"light", "lights", "lamp", "lamps", "灯", "的灯"})


def _is_of_room(device: Device) -> bool:
    return bool(device.room) and device.name.casefold().startswith((device.room or "").casefold())


def _is_just(device: Device) -> bool:
    """Whether a thing is called after its room and nothing else: "Kitchen Lights"."""
    return _is_of_room(device) and device.name.casefold()[len(device.room or "") :].strip() in _JUST


class Chooser:
    """Chooses among things that fit the words and can do what is wanted; `lost` are those that it left."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._around = scene.around
        self.lost: list[Lost] = []
        self.spared: frozenset[str] = frozenset()

    def choose(self, able: list[Device], group: Group, *, placed: bool, excepted: bool) -> Found:
        """Return the things meant. `placed` tells that a room was said, `excepted` that some were spared."""
        if len(able) == 1:
            return found(able)
        near = [each for each in able if each.room and each.room == self._around.room]
        excepted = excepted and any(each.id in self.spared for each in able)
        of_here = bool(near) and all(each in near for each in able if each.id in self.spared)
        rest = group.others and self._around.language == "zh"  # 别的灯都关了 is said of the whole house
        if excepted and of_here and not placed and not rest and not group.quantity & _ALL:
            return found(near)  # who spares a thing of this room speaks of this room
        everything = bool(group.quantity & _ALL) or excepted or group.others
        if "each" in group.quantity and not everything and not placed:
            return found(self.worth_it(near if len(near) > 1 else able))
        if everything:
            both = "both" in group.quantity and len(near) == _PAIR and not placed
            return found(near if both else able)
        plural = self._plural(group)
        if placed or near:
            self._lose(able, able if placed else near, "another is where it was said")
            return self._all_or_main(able if placed else near, group, plural)
        return self._elsewhere(able, plural)

    def _elsewhere(self, able: list[Device], plural: bool) -> Found:
        """Of things that are all in other rooms."""
        free = [each for each in able if not each.room]
        if len(free) == 1 and not plural:
            self._lose(able, free, "it belongs to no room")
            return found(free)
        if plural and self._around.language != "zh":
            return found(able)
        before = [each for each in able if each.id in self._around.last]
        return found(before) if before and self._around.following else which(able)

    def _all_or_main(self, able: list[Device], group: Group, plural: bool) -> Found:
        if plural or len(able) == 1:
            return found(self.worth_it(able))
        if self._is_mass(group):
            return found(able)
        main = self.main(able)
        lit = [each for each in able if each.state.get(Ability.ON) is True]
        wanted_off = any(action.verbs & _OFF for action in self._scene.actions)
        if wanted_off and lit and main not in lit:
            return found(lit)
        if main is not None:
            self._lose(able, [main], "it is not the main one")
            return found([main])
        lamp = any("lamp" in item.value.split(",") for item in group.content)
        if all(each.kind is Kind.LIGHT for each in able) and not lamp:
            return found(self.worth_it(able))
        together = all(each.kind is Kind.COVER and each.room == able[0].room for each in able)
        return found(able) if together else which(able)

    def main(self, able: Sequence[Device]) -> Device | None:
        """Return the main one of a room's things, by its name: the "Big Light", the "Bedroom Light"."""
        lights = any(each.kind is Kind.LIGHT for each in able)
        marked = [each for each in able if lights and _MAIN & self._around.words.get(each.id, frozenset())]
        plain = [each for each in able if _is_just(each)] or [each for each in able if _is_of_room(each)]
        found = marked + [each for each in plain if each not in marked] if len(plain) == 1 else marked
        return found[0] if len(found) == 1 else None

    def worth_it(self, able: list[Device]) -> list[Device]:
        """Make only those brighter or dimmer that are lit, if any is."""
        actions = self._scene.actions
        if actions and all(action.sign and action.dims & {"brightness", "any"} for action in actions):
            return [each for each in able if each.state.get(Ability.ON) is not False] or able
        return able

    def other(self, able: Sequence[Device]) -> Found:
        """Return the other one: not the one before."""
        left = [each for each in able if each.id not in self._around.last]
        near = [each for each in left if each.room == self._around.room]
        if len(left) == 1 or len(near) == 1:
            return found(left if len(left) == 1 else near)
        return which(left)

    def _is_mass(self, group: Group) -> bool:
        """Whether "some red light" is said, and not "the light"."""
        coloured = any(action.said and action.said.wants is Wants.COLOUR for action in self._scene.actions)
        return coloured and not any("the" in item.span.words[0].before for item in group.content)

    def _plural(self, group: Group) -> bool:
        if not group.content:
            return False
        word = group.content[-1].span.words[-1].text
        if not word.isascii():
            return all(item.role == "kind" for item in group.content)
        return word in _PLURAL or (word.endswith("s") and not word.endswith(("ss", "'s")))

    def _lose(self, able: Sequence[Device], kept: Sequence[Device], why: str) -> None:
        self.lost += [Lost(each.name, why) for each in able if each not in kept][:_MOST_LOST]
