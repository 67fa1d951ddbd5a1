"""All that was announced, by whom, and the home that it makes: each thing once, under its owner's names.

Nothing here depends on the order in which things were announced.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from devices.discovery.identity import merged, stand_ins
from devices.discovery.rooms import RoomNames, folded
from devices.groups import CONVENTION, flattened, group_id, group_of, shared_state
from devices.home import Ability, Device, Home, Value
from devices.owner import Owner

logger = logging.getLogger(__name__)

MAX_SHARED = 64
"""A serial number that more things than this claim to have names nothing."""


class Announcements:
    """Keeps `home` as the conventions in `order` announce it; the first of them is believed.

    `groups` are those of the configuration: name -> names or ids of members.
    """

    def __init__(
        self, home: Home, order: Sequence[str], owner: Owner, groups: Mapping[str, Sequence[str]]
    ) -> None:
        self._home = home
        self._rank = {name: rank for rank, name in enumerate(order)}
        self._owner = owner
        self._rooms = RoomNames(home.rooms)
        self._announced: dict[str, Device] = {}
        self._sharing: dict[str, set[str]] = {}
        self._stands: dict[str, str] = {}
        self._behind: dict[str, tuple[str, ...]] = {}
        self._shown: dict[str, Device] = {}  # as in the home, but with the room that was said
        self._groups = _Groups(groups)

    def __contains__(self, device_id: str) -> bool:
        return device_id in self._announced

    def __iter__(self) -> Iterator[Device]:
        """Every announcement, also of what is shown under another one's id."""
        return iter(list(self._announced.values()))

    def convention(self, device_id: str) -> str | None:
        """Who announced it; None when nobody did."""
        device = self._announced.get(device_id)
        return None if device is None else device.convention

    def shown(self, device_id: str) -> bool:
        """Whether it is in the home under its own id."""
        return device_id in self._shown

    def behind(self, device_id: str) -> tuple[Device, ...]:
        """The announcements of one thing in the home, the believed one first."""
        return tuple(self._announced[each] for each in self._behind.get(device_id, ()))

    def appear(self, device: Device) -> None:
        """Take an announcement. One that says anew who it is keeps how it is."""
        before = self._announced.get(device.id)
        touched = self._sharers(before) if before else set()
        if before is not None:
            kept = {ability: value for ability, value in before.state.items() if ability in device.abilities}
            device = replace(device, state={**kept, **device.state}, available=before.available)
            self._unlist(before)
        self._announced[device.id] = device
        for identity in device.identities:
            self._sharing.setdefault(identity, set()).add(device.id)
        self._arrange(device.id, touched | self._sharers(device) | {device.id})

    def vanish(self, device_id: str) -> None:
        """Take an announcement back; unknown ids are ignored."""
        device = self._announced.get(device_id)
        if device is None:
            return
        touched = self._sharers(device)
        self._unlist(device)
        del self._announced[device_id]
        self._groups.announce(device_id, ())
        self._arrange(device_id, touched)

    def report(self, device_id: str, state: Mapping[Ability, Value | None]) -> None:
        """Take what a thing said of itself, also one that is hidden behind another announcement."""
        device = self._announced.get(device_id)
        if device is None:
            return
        known = {key: value for key, value in {**device.state, **state}.items() if value is not None}
        self._announced[device_id] = replace(device, state=known)
        if device_id in self._shown:
            self._home.report(device_id, state)
            self._recount(device_id)
            if device.members:
                self._count(device_id)

    def reach(self, device_id: str, available: bool) -> None:
        """Note whether a thing can be reached."""
        device = self._announced.get(device_id)
        if device is None or device.available == available:
            return
        self._announced[device_id] = replace(device, available=available)
        if device_id in self._shown:
            self._home.set_available(device_id, available)
            self._recount(device_id)

    # -- which announcements are one thing -------------------------------------------------------------------

    def _unlist(self, device: Device) -> None:
        for identity in device.identities:
            self._sharing[identity].discard(device.id)
            if not self._sharing[identity]:
                del self._sharing[identity]

    def _sharers(self, device: Device) -> set[str]:
        """Whoever else is that hardware; one more than `MAX_SHARED`, so that crossing the line is noticed."""
        sets = (self._sharing.get(identity, set()) for identity in device.identities)
        return {each for sharing in sets if len(sharing) <= MAX_SHARED + 1 for each in sharing}

    def _kin(self, start: Iterable[str]) -> set[str]:
        """All announcements that hang together with those by hardware."""
        found: set[str] = set()
        todo = [each for each in start if each in self._announced]
        while todo:
            device_id = todo.pop()
            if device_id not in found:
                found.add(device_id)
                for identity in self._announced[device_id].identities:
                    if len(self._sharing[identity]) <= MAX_SHARED:
                        todo += self._sharing[identity] - found
        return found

    def _arrange(self, changed: str, touched: set[str]) -> None:
        """Decide anew which announcements stand for things, and show those that are not as they were."""
        kin = self._kin(touched)
        stands = stand_ins((self._telling(each) for each in kin), self._rank)
        behind: dict[str, list[str]] = {}
        for device_id in sorted(kin, key=lambda each: (self._rank[self._announced[each].convention], each)):
            behind.setdefault(stands[device_id], []).append(device_id)
        for hidden in sorted((kin | touched | {changed}) - behind.keys()):
            self._behind.pop(hidden, None)
            self._hide(hidden)
        self._stands.pop(changed, None)
        self._stands |= stands
        for shown, together in behind.items():
            if changed in together or self._behind.get(shown) != tuple(together):
                self._behind[shown] = tuple(together)
                self._show(shown)
        groups = {each for member in kin | {changed} for each in self._groups.announced(member)}
        for group in sorted(groups):
            if group in self._shown:
                self._show(group)

    def _telling(self, device_id: str) -> Device:
        """The announcement without those identities that name nothing."""
        device = self._announced[device_id]
        telling = frozenset(each for each in device.identities if len(self._sharing[each]) <= MAX_SHARED)
        return device if telling == device.identities else replace(device, identities=telling)

    # -- what the home shows ---------------------------------------------------------------------------------

    def _show(self, device_id: str) -> None:
        announced = self.behind(device_id)
        device = merged(announced[0], announced[1:])
        if device.members:
            self._groups.announce(device_id, device.members)
            device = replace(device, members=self._shown_members(device))
        self._place(self._owner.applied(device, announced))
        self._recount(device_id)

    def _shown_members(self, group: Device) -> tuple[str, ...]:
        """The members under the ids that the home knows, without groups: nobody has those in groups."""
        ids = (self._stands.get(each) for each in group.members if not self._is_group(each))
        return tuple(dict.fromkeys(each for each in ids if each and not self._is_group(each)))

    def _is_group(self, device_id: str) -> bool:
        device = self._announced.get(device_id)
        return device is not None and bool(device.members)

    def _show_group(self, name: str) -> None:
        members = [device for each in self._groups.members(name) if (device := self._home.get(each))]
        if not members:
            self._hide(group_id(name))
            return
        group = group_of(name, members)
        self._place(self._owner.applied(group, [group]), says_room=False)

    def _place(self, device: Device, *, says_room: bool = True) -> None:
        """Put a thing into the home, and into its room; it may be the first to name that room."""
        changed = self._rooms.say(device.id, device.room if says_room else None)
        self._shown[device.id] = device
        self._put(device)
        if changed:
            for other in self._shown.values():
                if not other.room or folded(other.room) in changed:
                    self._put(other)
        if device.members:
            self._count(device.id)

    def _put(self, device: Device) -> None:
        placed = replace(device, room=self._rooms.of(device.room, device.name))
        before = self._home.get(device.id)
        if before is not None:
            now = before if device.members else self._announced[device.id]
            state = {ability: value for ability, value in now.state.items() if ability in device.abilities}
            placed = replace(placed, state=state, available=now.available)
        if placed == before:
            return
        self._home.put(placed)
        if placed.convention != CONVENTION:
            for name in self._groups.touched_by(placed):
                self._show_group(name)

    def _hide(self, device_id: str) -> None:
        if self._shown.pop(device_id, None) is None:
            return
        self._home.remove(device_id)
        changed = self._rooms.say(device_id, None)
        if changed:
            for other in list(self._shown.values()):
                if not other.room or folded(other.room) in changed:
                    self._put(other)
        for name in self._groups.without(device_id):
            self._show_group(name)

    # -- how groups are --------------------------------------------------------------------------------------

    def _recount(self, member_id: str) -> None:
        for name in self._groups.of(member_id):
            self._count(group_id(name))
        for announced in self._behind.get(member_id, ()):
            for group in self._groups.announced(announced):
                self._count(group)

    def _count(self, group: str) -> None:
        """Have a group be as its members are; what none of them says, it may say itself."""
        device = self._home.get(group)
        if device is None:
            return
        members = [member for each in device.members if (member := self._home.get(each)) is not None]
        own = self._announced[group].state if group in self._announced else {}
        state = {**own, **shared_state(members)}
        gone = dict.fromkeys(ability for ability in device.state if ability not in state)
        if gone or state != device.state:
            self._home.report(group, {**gone, **state})
            for name in self._groups.of(group):  # a convention's group may be in one of the configuration
                self._count(group_id(name))
        if members and group not in self._announced:
            self._home.set_available(group, any(member.available for member in members))


class _Groups:
    """Who is in which group: of the configuration by names, of conventions by ids."""

    def __init__(self, configured: Mapping[str, Sequence[str]]) -> None:
        self._wanted: dict[str, list[tuple[str, int]]] = {}
        self._members: dict[str, dict[str, int]] = {}
        self._in: dict[str, set[str]] = {}
        self._announced: dict[str, set[str]] = {}
        self._announced_members: dict[str, tuple[str, ...]] = {}
        for group, names in flattened(configured).items():
            self._members[group] = {}
            for place, name in enumerate(names):
                self._wanted.setdefault(folded(name), []).append((group, place))

    def touched_by(self, device: Device) -> set[str]:
        """Note a thing, perhaps under a new name; returns the configured groups that it is or was in."""
        if not self._wanted:
            return set()
        before = self.without(device.id)
        in_room = f"{device.room} {device.name}" if device.room else device.name
        for name in {folded(each) for each in (device.id, device.name, *device.aliases, in_room)}:
            for group, place in self._wanted.get(name, ()):
                self._members[group][device.id] = place
                self._in.setdefault(device.id, set()).add(group)
        return before | self._in.get(device.id, set())

    def without(self, device_id: str) -> set[str]:
        """Forget a thing; returns the configured groups that it was in."""
        groups = self._in.pop(device_id, set())
        for group in groups:
            del self._members[group][device_id]
        return groups

    def members(self, group: str) -> tuple[str, ...]:
        """Ids, in the order of the configuration."""
        members = self._members[group]
        return tuple(sorted(members, key=lambda each: (members[each], each)))

    def of(self, device_id: str) -> Iterable[str]:
        """The configured groups of a thing in the home."""
        return tuple(self._in.get(device_id, ()))

    def announce(self, group: str, members: tuple[str, ...]) -> None:
        """Note the members that a convention gives a group of its own."""
        for member in self._announced_members.get(group, ()):
            self._announced[member].discard(group)
        self._announced_members[group] = members
        for member in members:
            self._announced.setdefault(member, set()).add(group)

    def announced(self, member: str) -> Iterable[str]:
        """The groups of conventions that a thing is in, by the ids of their convention."""
        return tuple(self._announced.get(member, ()))
