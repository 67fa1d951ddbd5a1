"""Which things a clause means: by name, by room and kind, by kind where it was said, or the only one."""

from collections.abc import Collection, Sequence

from assistant.understanding.frames.choosing import Chooser
from assistant.understanding.frames.frame import Action, Fault, Trouble
from assistant.understanding.frames.groups import Group, groups_of
from assistant.understanding.frames.parts import Item
from assistant.understanding.frames.scene import Around, Found, Scene, found, unknown, which
from assistant.understanding.frames.unsaid import Unsaid
from devices.home import Device, Kind

_OF_EVERYTHING = frozenset({Kind.LIGHT, Kind.SWITCH, Kind.FAN, Kind.CLIMATE, Kind.MEDIA_PLAYER, Kind.OTHER})
_POINTING = frozenset({"it", "them", "one", "them_all"})
_SEVERAL = frozenset({"them", "them_all", "both", "all"})
_MOST_NAMED = 4
_CARS = frozenset({"car", "whole car"})
_OF_CARS = frozenset({"car", "car's", "van", "preheat", "preheater", "preconditioning", "charger", "wallbox"})
_NO_WORDS: frozenset[str] = frozenset()


def _is_just_all(group: Group) -> bool:
    """Whether nothing is said but that it is all of them: 除了小夜灯，全关了."""
    named = group.content or group.rooms or group.here or group.there or group.reference or group.others
    return not named and bool(group.quantity) and group.quantity <= {"each", "all", "them_all"}


class Finder:
    """Finds the things of one clause, for its actions. With `only` no others are thought of."""

    def __init__(self, around: Around, actions: Sequence[Action], only: Collection[str] = ()) -> None:
        self._around = around
        self._only = bool(only)
        self._scene = Scene(around, actions, only)
        self._chooser = Chooser(self._scene)
        self._unsaid = Unsaid(self._scene, self._chooser)

    def find(self, items: Sequence[Item], exceptions: Sequence[Item]) -> Found:
        """Return the things that the words mean, less the exceptions."""
        groups = groups_of(items, self._scene)
        spared = self._chooser.spared = self._spared(exceptions)
        if any(group.others for group in groups) and not any(group.content for group in groups):
            return self._the_others(groups, exceptions, spared)
        if exceptions and groups and all(_is_just_all(group) for group in groups):
            return self._the_others(groups, exceptions, spared)
        if not groups:
            spares = exceptions and not self._around.following
            told = self._unsaid.everywhere if self._unsaid.told else lambda: self._everywhere(exceptions)
            each_found = [told() if spares else self._unsaid.find()]
        else:
            of_all = any(self._is_no_light(each) for each in spared)
            each_found = [self._of_group(group, bool(exceptions), of_all) for group in groups]
        for one in each_found:
            if one.trouble is not None:
                return Found(trouble=one.trouble, lost=self._chooser.lost)
        things = dict.fromkeys(thing for one in each_found for thing in one.things)
        if spared and self._around.language == "zh" and not spared & things.keys():
            beside = self._beside(exceptions, things)
            if beside is None:
                return which(())
            spared = self._chooser.spared = spared | beside
        left = tuple(thing for thing in things if thing not in spared)
        return Found(self._without_members(left), lost=self._chooser.lost)

    def _beside(self, exceptions: Sequence[Item], things: Collection[str]) -> frozenset[str] | None:
        """Return what is told by the thing that it is beside (电视后面那个), as it is called after that one;
        None where nothing is.
        """
        if not any("one" in item.value.split(",") or "it" in item.value.split(",") for item in exceptions):
            return frozenset()
        said = [item.span.text.replace(" ", "") for item in exceptions if item.names]
        beside = (each for each in self._scene.before(things) if any(word in each.name for word in said))
        return frozenset(each.id for each in beside) or None

    # -- one group -------------------------------------------------------------------------------------------

    def _is_no_light(self, thing: str) -> bool:
        device = self._around.home.get(thing)
        return device is not None and device.kind in _OF_EVERYTHING and device.kind is not Kind.LIGHT

    def _of_group(self, group: Group, excepted: bool, of_all: bool) -> Found:
        if group.absent:
            return unknown(*group.absent)
        if not self._scene.is_car and any(item.span.text in _CARS for item in group.items):
            return self._of_car(group)
        if "one" in group.reference and (one := self._one_alike(group)) is not None:
            return one
        if group.content:
            return self._by_words(group, excepted)
        if group.reference and not group.rooms and (self._around.last or not group.here):
            return self._referred(group)
        if of_all and (group.rooms or group.here) and not self._unsaid.told:
            return self._all_things(self._rooms(group))  # 除了空调，客厅里的都关掉
        return self._by_place(group)

    def _of_car(self, group: Group) -> Found:
        """What warms or charges the car that stands outside a house, which is not "everything" then."""
        told = [each for each in self._scene.devices if self._around.words.get(each.id, _NO_WORDS) & _OF_CARS]
        able = [each for each in told if self._scene.able(each)]
        car = " ".join(item.span.text for item in group.items)
        return found(able) if len(able) == 1 else which(able) if able else unknown(car)

    def _by_place(self, group: Group) -> Found:
        """Where no thing is named: "everything", "the kitchen to 20", "all off"."""
        rooms = self._rooms(group)
        if "everything" in group.quantity:
            return self._all_things(rooms)
        if self._only and rooms:
            return found(each for each in self._scene.devices if each.room in rooms)
        if group.there and not rooms:
            return which(())
        if group.rooms or group.here or group.there:
            main = self._main(rooms) if group.adjectives else None
            return main or self._unsaid.of_rooms(rooms)
        if group.quantity & {"everywhere", "all"}:
            return self._unsaid.everywhere()
        if group.quantity & {"them_all", "both", "each"} and self._around.last:
            return Found(self._around.group or self._around.last)
        return self._unsaid.find()

    def _main(self, rooms: Collection[str]) -> Found | None:
        """Return the main light of a room, where it has one: 卧室大灯 is not the bedside lamp."""
        lights = [each for each in self._scene.devices if each.kind is Kind.LIGHT and each.room in rooms]
        main = self._chooser.main(lights)
        return found([main]) if main is not None and self._scene.able(main) else None

    def _rooms(self, group: Group) -> frozenset[str]:
        if group.rooms:
            return group.rooms
        rooms = {self._around.room} if group.here and self._around.room else set()
        if group.there:
            rooms |= {device.room for device in self._scene.before(self._around.last) if device.room}
        return frozenset(rooms)

    def _by_words(self, group: Group, excepted: bool) -> Found:
        scene, rooms = self._scene, self._rooms(group)
        if group.there and not rooms:
            return which(())
        meant = scene.meant(group.content)
        named = [each for each in scene.devices if each.id in meant] or self._in_their_room(group)
        if named and all(each.kind is Kind.VACUUM for each in named):
            rooms = frozenset()  # a robot is told where to clean, and not where it stands
        there = scene.inside(named, rooms) if rooms else named
        there = self._narrowed(there or [each for each in named if self._named_after(each, group)], group)
        there = there or self._called_so(group, rooms)
        if not there:
            told = scene.only_told(group.content, rooms)
            return told or unknown(" ".join(item.span.text for item in group.items))
        vague = all(item.role == "part" and not item.span.entry.head for item in group.content)
        counted = group.quantity & {"both", "all", "each", "them_all"}
        if vague and len(there) != 1 and not rooms and not counted:
            return which(there)
        able = [each for each in there if scene.able(each)]
        if not able:
            names, ids = tuple(each.name for each in there[:_MOST_NAMED]), tuple(each.id for each in there)
            return Found(trouble=Trouble(Fault.CANNOT, names, ids))
        return self._chosen(able, group, placed=bool(rooms), excepted=excepted)

    def _in_their_room(self, group: Group) -> list[Device]:
        """Return what stands in the room of those whose it is: "the kids' fan"."""
        whose = [item.span.text.strip("'") for item in group.content if item.role == "part"]
        kinds = [item for item in group.content if item.role == "kind"]
        if len(whose) != 1 or not kinds or group.rooms:
            return []
        rooms = [
            room for room in self._around.home.rooms if room.casefold().split()[0].strip("'") == whose[0]
        ]
        meant = self._scene.meant(kinds)
        return [each for each in self._scene.devices if each.id in meant and each.room in rooms]

    def _called_so(self, group: Group, rooms: frozenset[str]) -> list[Device]:
        """Return what in these rooms bears the word that is all of another's name: one that is just "TV"."""
        said = {word for item in group.content for word in item.span.text.split()}
        words = self._around.words
        there = self._scene.inside(list(self._scene.devices), rooms) if said and rooms else ()
        return [each for each in there if said <= words.get(each.id, frozenset())]

    def _chosen(self, able: list[Device], group: Group, *, placed: bool, excepted: bool) -> Found:
        before = [each for each in able if each.id in self._around.last]
        if "other" in group.reference:
            return self._chooser.other(able)
        if group.others:
            able = [each for each in able if each not in before] or able
        elif before and group.reference & {"it", "them"}:
            able = before
        return self._chooser.choose(able, group, placed=placed, excepted=excepted)

    def _named_after(self, device: Device, group: Group) -> bool:
        """Whether the room that was said is only in the thing's name."""
        words = self._around.words.get(device.id, frozenset())
        return any(set(item.span.text.split()) & words for item in group.items if item.role == "room")

    def _narrowed(self, devices: list[Device], group: Group) -> list[Device]:
        for word in group.adjectives:
            fitting = [each for each in devices if word in self._around.words.get(each.id, frozenset())]
            if not fitting and word in ("bedside", "nightstand"):
                fitting = [each for each in devices if "bed" in (each.room or "").casefold()]
            devices = fitting or devices
        mine = [each for each in devices if group.mine and each.room and each.room == self._around.room]
        return mine or devices

    def _one_alike(self, group: Group) -> Found | None:
        """The front one, the kitchen one: such a thing as those before, told by a word or a room."""
        scene, around = self._scene, self._around
        kinds = {each.kind for each in scene.before(around.last)}
        told = group.adjectives or group.rooms or group.content
        if not kinds or not told or any(item.role != "part" for item in group.content):
            return None
        able = [each for each in scene.devices if each.kind in kinds and scene.able(each)]
        if group.content:
            meant = scene.meant(group.content)
            able = [each for each in able if each.id in meant]
        if group.rooms:
            able = scene.inside(able, group.rooms)
        for word in group.adjectives:
            able = [each for each in able if word in around.words.get(each.id, frozenset())]
        sorts = {(each.kind, each.device_class) for each in scene.before(around.last)}
        able = [each for each in able if (each.kind, each.device_class) in sorts] or able
        return found(able) if len(able) == 1 else which(able) if able else None

    # -- what was before -------------------------------------------------------------------------------------

    def _referred(self, group: Group) -> Found:
        scene, around = self._scene, self._around
        if "other" in group.reference and around.last:
            sorts = {(each.kind, each.device_class) for each in scene.before(around.last)}
            alike = [each for each in scene.devices if (each.kind, each.device_class) in sorts]
            return self._chooser.other([each for each in alike if scene.able(each)])
        if not around.last or not group.reference & _POINTING:
            found_here = self._unsaid.sounding() or self._unsaid.find()
            nameless = found_here.trouble is not None and not found_here.trouble.things
            return Found(trouble=Trouble(Fault.WHICH, (), ())) if nameless else found_here
        several = (group.reference | group.quantity) & _SEVERAL
        before = scene.before((around.group if several else ()) or around.last)
        able = [each for each in before if scene.able(each)]
        if able:
            return found(able)
        if self._unsaid.told:
            return self._unsaid.find()
        return Found(trouble=Trouble(Fault.CANNOT, tuple(each.name for each in before), around.last))

    # -- everything, and what is spared ----------------------------------------------------------------------

    def _all_things(self, rooms: Collection[str] = ()) -> Found:
        able = [
            each for each in self._scene.devices if each.kind in _OF_EVERYTHING and self._scene.able(each)
        ]
        # "close everything": what nothing else can, blinds and windows can.
        able = able or [
            each for each in self._scene.devices if each.kind is Kind.COVER and self._scene.able(each)
        ]
        fitting = [each for each in able if not rooms or each.room in rooms]
        return found(fitting) if fitting else Found(trouble=Trouble(Fault.CANNOT, ()))

    def _everywhere(self, exceptions: Sequence[Item]) -> Found:
        """Return all things of the sort that is excepted from."""
        kinds = [item for item in exceptions if item.role == "kind"]
        if not kinds:
            things = [item for item in exceptions if item.role in ("thing", "part")]
            lights = [
                each for each in self._scene.devices if each.kind is Kind.LIGHT and self._scene.able(each)
            ]
            of_lights = self._around.language == "zh" and not things and lights
            return found(lights) if of_lights else self._all_things()
        named = self._scene.named(kinds[0])
        return found(each for each in self._scene.devices if each.id in named and self._scene.able(each))

    def _spared(self, exceptions: Sequence[Item]) -> frozenset[str]:
        spared: set[str] = set()
        for group in groups_of(exceptions, self._scene):
            rooms = self._rooms(group)
            if group.reference and not group.content and not rooms:
                spared |= set(self._around.last)
            elif group.content or rooms:
                meant = self._scene.meant(group.content)
                named = (each for each in self._scene.devices if not group.content or each.id in meant)
                spared |= {each.id for each in named if not rooms or each.room in rooms}
        return frozenset(spared)

    def _the_others(
        self, groups: Sequence[Group], exceptions: Sequence[Item], spared: frozenset[str]
    ) -> Found:
        """The rest: of the same sort as what was spared, or as the things before."""
        known = spared or frozenset(self._around.last)
        sorts: Collection[Kind] = _OF_EVERYTHING
        if known:
            sorts = {device.kind for device in self._scene.before(known)}
        rooms = {room for group in groups for room in self._rooms(group)}
        before = self._scene.before(known)
        placed = any(item.role in ("room", "here", "there") for item in exceptions)
        alike = placed or any(each.kind is Kind.LIGHT for each in before)
        if spared and self._around.language == "zh" and not alike:
            exceptions = ()
            sorts = _OF_EVERYTHING  # 空调留着，其他的都关了
            rooms = rooms or {each.room for each in before if each.room}
        kinds = [item for item in exceptions if item.role == "kind"]
        named = self._scene.named(kinds[0]) if kinds else None
        fitting = [
            each
            for each in self._scene.devices
            if each.id not in known
            and each.kind in sorts
            and (named is None or each.id in named)
            and (not rooms or each.room in rooms)
            and self._scene.able(each)
        ]
        return found(fitting) if fitting else which(())

    def _without_members(self, things: tuple[str, ...]) -> tuple[str, ...]:
        """Return the things without those that a group among them orders anyway."""
        grouped = {member for device in self._scene.before(things) for member in device.members}
        return tuple(thing for thing in things if thing not in grouped)
