"""What a person would name in a listed device or group: one lamp, two switches, a temperature."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from devices.discovery.zigbee2mqtt import lights, others
from devices.discovery.zigbee2mqtt.bridge import Group, Listed
from devices.discovery.zigbee2mqtt.exposes import Feature
from devices.discovery.zigbee2mqtt.facets import Facet, OnOff, OnOffReading, Reading
from devices.discovery.zigbee2mqtt.names import (
    READINGS,
    SIGNS,
    plain,
    spoken,
    with_endpoint,
    with_kind,
    with_label,
)
from devices.home import Ability, Device, Kind

MAX_PARTS = 40
"""Things in one device; a wall of relays has 24 switches."""

_KINDS = {
    "light": Kind.LIGHT,
    "switch": Kind.SWITCH,
    "cover": Kind.COVER,
    "lock": Kind.LOCK,
    "climate": Kind.CLIMATE,
    "fan": Kind.FAN,
}
_GROUPED = ("light", "switch", "cover", "lock")
"""Zigbee2MQTT can order these together."""

_SIREN = "alarm"


@dataclass(frozen=True, slots=True)
class Thing:
    """A device of the home, the owner whose topics it speaks on, and what it can do.

    `owner` is the address of its hardware or the id of the group, `topic` where its state is published.
    """

    device: Device
    owner: str
    topic: str
    facets: Mapping[Ability, Facet]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One thing of a device, before it has its final name. `key` tells it from the others for good."""

    key: str
    name: str
    kind: Kind
    facets: tuple[Facet, ...]
    device_class: str = ""
    listens: bool = True


def of_device(listed: Listed, base: str, convention: str) -> tuple[Thing, ...]:
    """All things in a device, the orderable ones first."""
    parts = list(islice(_parts(listed), MAX_PARTS))
    return tuple(_thing(part, listed, base, convention) for part in parts)


def of_group(group: Group, listed: Mapping[str, Listed], base: str, convention: str) -> Thing | None:
    """A group as one thing; None for one of nothing, or of things that cannot be ordered together."""
    exposes: list[Feature] = []
    members: list[str] = []
    for ieee, endpoint in group.members:
        if ieee in listed:
            for expose in _of_endpoint(listed[ieee], endpoint):
                exposes.append(expose)
                members.append(f"{convention}.{ieee}.{_key(expose)}")
    kinds = {expose.kind for expose in exposes}
    if not exposes or not (len(kinds) == 1 or kinds == {"light", "switch"}):
        return None
    kind = exposes[0].kind if len(kinds) == 1 else "switch"
    facets = _facets(_merged(kind, exposes), ())
    if not facets:
        return None
    encoded = "".join(str(ord(character)) for character in base)  # as Zigbee2MQTT names it to Home Assistant
    device = Device(
        id=f"{convention}.group_{group.id}",
        name=spoken(group.name),
        kind=_KINDS[kind],
        abilities=frozenset(facet.ability for facet in facets),
        reports_state=any(facet.published for facet in facets),
        convention=convention,
        options=_options(facets),
        limits=_limits(facets),
        identities=frozenset({f"id:zigbee2mqtt_{encoded}_{group.id}"}),
        members=tuple(dict.fromkeys(members)),
    )
    return Thing(
        device, f"group {group.id}", f"{base}/{group.name}", {each.ability: each for each in facets}, ()
    )


def _thing(part: _Part, listed: Listed, base: str, convention: str) -> Thing:
    readings = [facet for facet in part.facets if facet.ability is Ability.READING]
    device = Device(
        id=f"{convention}.{listed.ieee}.{part.key}",
        name=part.name,
        kind=part.kind,
        abilities=frozenset(facet.ability for facet in part.facets),
        reports_state=any(facet.published for facet in part.facets),
        convention=convention,
        unit=readings[0].feature.unit if readings else "",
        device_class=part.device_class,
        options=_options(part.facets),
        limits=_limits(part.facets),
        identities=frozenset({f"ieee:{listed.ieee}"}),
    )
    asked = tuple(dict.fromkeys(key for facet in part.facets for key in facet.asked)) if part.listens else ()
    return Thing(
        device, listed.ieee, f"{base}/{listed.name}", {each.ability: each for each in part.facets}, asked
    )


def _parts(listed: Listed) -> Iterator[_Part]:
    name = spoken(listed.name)
    beside = [each for each in listed.exposes if each.category not in ("config", "diagnostic")]
    main = [expose for expose in listed.exposes if expose.kind in _KINDS and _is_main(expose)]
    orderable = [(expose, facets) for expose in main if (facets := _facets(expose, beside))]
    for expose, facets in orderable:
        alike = [each for each, _ in orderable if each.kind == expose.kind]
        said = name if expose.kind == orderable[0][0].kind else with_kind(name, expose.kind)
        if len(alike) > 1 and expose.endpoint:
            said = with_endpoint(said, expose.endpoint)
        yield _Part(_key(expose), said, _KINDS[expose.kind], facets)
    switches = tuple(_plain_switches(name, beside, any_main=bool(orderable)))
    yield from switches
    yield from _readings(name, listed, has_main=bool(orderable or switches))


def _plain_switches(name: str, beside: Sequence[Feature], *, any_main: bool) -> Iterator[_Part]:
    """A bare on and off without a word of what it switches, and sirens."""
    for feature in beside:
        if feature.kind != "binary" or not feature.settable or feature.on is None or feature.off is None:
            continue
        on = (OnOff(Ability.ON, feature),)
        if feature.name == "state" and feature.on == "ON" and not any_main:
            said = with_endpoint(name, feature.endpoint) if feature.endpoint else name
            yield _Part(feature.key, said, Kind.SWITCH, on)
        elif feature.name == _SIREN:
            yield _Part(feature.key, with_kind(name, _SIREN), Kind.SWITCH, on, "siren")


def _readings(name: str, listed: Listed, *, has_main: bool) -> Iterator[_Part]:
    found: dict[str, Feature] = {}
    for feature in listed.exposes:
        known = READINGS if feature.kind == "numeric" else SIGNS if feature.kind == "binary" else {}
        hidden = feature.category in ("config", "diagnostic") and not feature.name.startswith("battery")
        sound = feature.kind == "numeric" or (feature.on is not None and feature.off is not None)
        if feature.name in known and feature.key and feature.published and sound and not hidden:
            found.setdefault(feature.key, feature)
    if any(each.name == "battery" for each in found.values()):
        found = {key: each for key, each in found.items() if each.name != "battery_low"}
    by_name = None if has_main else plain(tuple(found.values()))
    for feature in found.values():
        numeric = feature.kind == "numeric"
        label = (READINGS if numeric else SIGNS)[feature.name]
        said = name if feature is by_name else with_label(name, label)
        if feature.endpoint and [each.name for each in found.values()].count(feature.name) > 1:
            said = with_endpoint(said, feature.endpoint)
        facet = (Reading if numeric else OnOffReading)(Ability.READING, feature)
        yield _Part(feature.key, said, Kind.SENSOR, (facet,), label.device_class, listed.mains)


def _is_main(expose: Feature) -> bool:
    """Whether it is a thing, and not a setting that was dressed up as a switch ("window_detection")."""
    state = expose.part("state")
    return expose.kind != "switch" or (state is not None and _root(state) == "state")


def _facets(expose: Feature, beside: Sequence[Feature]) -> tuple[Facet, ...]:
    """The sound abilities of a light, a switch, a cover, …; one facet for each."""
    found: Sequence[Facet] = ()
    match expose.kind:
        case "light":
            found = lights.facets(expose)
        case "switch":
            found = [OnOff(Ability.ON, each) for each in expose.features if each.name == "state"]
        case "cover":
            found = tuple(others.cover(expose, beside))
        case "lock":
            found = tuple(others.lock(expose))
        case "fan":
            found = tuple(others.fan(expose))
        case "climate":
            abilities = tuple(others.climate(expose))
            can_be_off = any("off" in each.options for each in abilities)
            found = abilities if can_be_off else (*abilities, *_power_of(expose, beside))
    sound: dict[Ability, Facet] = {}
    for facet in found:
        words = facet.feature.on is not None and facet.feature.off is not None
        if facet.feature.key and (words or not isinstance(facet, OnOff)):
            sound.setdefault(facet.ability, facet)
    return tuple(sound.values()) if any(facet.feature.settable for facet in sound.values()) else ()


def _power_of(expose: Feature, beside: Sequence[Feature]) -> Iterator[Facet]:
    """A radiator's on and off, which lies beside it."""
    for each in beside:
        if (
            each.kind == "binary"
            and each.name == "state"
            and each.endpoint == expose.endpoint
            and each.settable
        ):
            yield OnOff(Ability.ON, each)


def _of_endpoint(listed: Listed, endpoint: int) -> Iterator[Feature]:
    """What of a device is in a group that names one of its endpoints."""
    called = listed.endpoints.get(endpoint)
    for expose in listed.exposes:
        mine = not expose.endpoint or called is None or expose.endpoint == called
        if expose.kind in _GROUPED and mine and _is_main(expose) and _facets(expose, ()):
            yield expose


def _merged(kind: str, exposes: Sequence[Feature]) -> Feature:
    """What members can do together: a group takes what any of them takes, by plain keys."""
    found: dict[str, Feature] = {}
    for expose in exposes:
        for feature in expose.features:
            bare = replace(feature, key=_root(feature), endpoint="")
            found.setdefault(feature.name, bare)
    if {"color_xy", "color_hs"} <= found.keys():
        del found["color_hs"]
    return Feature(kind=kind, name="", key="", features=tuple(found.values()))


def _root(feature: Feature) -> str:
    """A feature's key without its endpoint."""
    return feature.key.removesuffix(f"_{feature.endpoint}") if feature.endpoint else feature.key


def _key(expose: Feature) -> str:
    return f"{expose.kind}_{expose.endpoint}" if expose.endpoint else expose.kind


def _options(facets: Sequence[Facet]) -> Mapping[Ability, tuple[str, ...]]:
    return {facet.ability: facet.options for facet in facets if facet.options}


def _limits(facets: Sequence[Facet]) -> Mapping[Ability, tuple[float, float]]:
    return {facet.ability: limits for facet in facets if (limits := facet.limits) is not None}
