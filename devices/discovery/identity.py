"""When two announcements are one thing, and what is taken from each.

Several conventions may announce the same hardware: Zigbee2MQTT tells of it in its own words and in Home
Assistant's, and Home Assistant tells of it once more. Two announcements are one thing when they come from
two conventions, name the same hardware (`Device.identities`), and agree in this:

    kinds            what else must agree
    ---------------  ----------------------------------------------------------------------------
    sensor           the device class; the name where neither has a class
    scene            the name: one remote has many buttons
    light | switch   nothing; but a light and a switch are one thing only where both just go on and off
                     (a relay, which is a lamp to whoever knows what hangs on it)
    any other        the kind is enough

Within one convention nothing is merged: whoever announces two gangs of a switch means two. The convention
that comes first in the configured order is believed; the other fills in what it left out, and takes over
when it falls silent for good.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from devices.home import Ability, Device, Kind

_RELAYS = frozenset({Kind.LIGHT, Kind.SWITCH})
_JUST_ON = frozenset({Ability.ON})


def same_thing(one: Device, other: Device) -> bool:
    """Whether two announcements mean the same thing. Symmetric."""
    if one.convention == other.convention or one.identities.isdisjoint(other.identities):
        return False
    if one.kind is not other.kind:
        return {one.kind, other.kind} == _RELAYS and one.abilities == other.abilities == _JUST_ON
    same_name = one.name.casefold() == other.name.casefold()
    if one.kind is Kind.SENSOR:
        return one.device_class == other.device_class and (bool(one.device_class) or same_name)
    return one.kind is not Kind.SCENE or same_name


def stand_ins(devices: Iterable[Device], rank: Mapping[str, int]) -> Mapping[str, str]:
    """Announcement -> the announcement that stands for it, which may be itself; both by their ids.

    `rank` orders the conventions, the lowest is believed. Depends on what there is, not on its order.
    """
    ordered = sorted(devices, key=lambda each: (rank[each.convention], each.id))
    stands: dict[str, str] = {}
    for device in ordered:
        before = [
            each
            for each in ordered
            if rank[each.convention] < rank[device.convention] and same_thing(each, device)
        ]
        if not before:
            stands[device.id] = device.id
            continue
        # Of the gangs of a switch, the one of the same name is meant.
        first = min(
            before,
            key=lambda each: (rank[each.convention], each.name.casefold() != device.name.casefold(), each.id),
        )
        stands[device.id] = stands[first.id]
    return stands


def merged(winner: Device, others: Sequence[Device]) -> Device:
    """The thing as `winner` tells it, completed by the others where it is silent. What the owner of any of
    them keeps away from voice stays away.
    """
    device = winner
    for other in others:
        device = replace(
            device,
            name=other.name if _is_no_name(device) and not _is_no_name(other) else device.name,
            room=device.room or other.room,
            aliases=device.aliases or other.aliases,
            exposed=device.exposed and other.exposed,
            device_class=device.device_class or other.device_class,
        )
    return device


def _is_no_name(device: Device) -> bool:
    """Whether the name is only the hardware's address, as of a thing that nobody has named yet."""
    name = device.name.casefold()
    return any(identity.partition(":")[2].casefold() == name for identity in device.identities)
