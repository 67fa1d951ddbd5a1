"""What Home Assistant's registries add to an entity: its room, its other names, whose hardware it is, and
whether its owner opened it to voice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from devices.discovery.components.settings import plain_text
from devices.discovery.hardware import identity_of, is_ourselves
from devices.discovery.homeassistant_api.entity_state import MAX_LISTED, MAX_NAME

ASSISTANT = "conversation"
"""Home Assistant's name for its own voice assistant, to which owners open what they want to speak to."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an entity beside its state. `wanted` is false for what is no thing of a person's."""

    name: str = ""
    room: str | None = None
    aliases: tuple[str, ...] = ()
    exposed: bool = False
    identities: frozenset[str] = frozenset()
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Registries:
    """All that was read at one moment; entries by their own ids. `exposed` is None when everything is."""

    fahrenheit: bool = False
    areas: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    entities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exposed: frozenset[str] | None = None

    @classmethod
    def read(cls, answers: Mapping[str, Any], *, exposed_only: bool) -> Self:
        """Take Home Assistant's answers, by command: `config`, `areas`, `devices`, `entities`, `entries`
        (the long form of entity entries, which has the aliases) and `exposed`.
        """
        config, exposed = answers.get("config"), answers.get("exposed")
        units = config.get("unit_system") if isinstance(config, Mapping) else None
        listed = exposed.get("exposed_entities") if isinstance(exposed, Mapping) else None
        long_form = answers.get("entries")
        return cls(
            fahrenheit=isinstance(units, Mapping) and units.get("temperature") == "°F",
            areas={
                area["area_id"]: plain_text(area.get("name"), MAX_NAME)
                for area in entries(answers.get("areas"), "area_id")
            },
            devices={each["id"]: each for each in entries(answers.get("devices"), "id")},
            entities={each["entity_id"]: each for each in entries(answers.get("entities"), "entity_id")},
            aliases={
                entity_id: _aliases(entry)
                for entity_id, entry in (long_form.items() if isinstance(long_form, Mapping) else ())
                if isinstance(entry, Mapping)
            },
            exposed=_exposed(listed) if exposed_only else None,
        )

    def about(self, entity_id: str) -> About:
        """What the registries know of an entity, also of one that is in none of them."""
        entry = self.entities.get(entity_id, {})
        device = self.devices.get(str(entry.get("device_id")), {})
        opened = self.exposed is None or entity_id in self.exposed
        hidden = entry.get("entity_category") is not None or entry.get("hidden_by") is not None
        # What is meant for setting a device up stays away, unless its owner opened it to voice after all.
        explicit = self.exposed is not None and entity_id in self.exposed
        area = entry.get("area_id") or device.get("area_id")
        name = entry.get("name") or entry.get("original_name")
        return About(
            name=plain_text(name, MAX_NAME) if isinstance(name, str) else "",
            room=self.areas.get(str(area)) or None,
            aliases=self.aliases.get(entity_id, ()),
            exposed=opened,
            identities=frozenset(_identities(device)),
            wanted=(explicit or not hidden) and not _is_ourselves(device),
        )


def entries(listed: Any, key: str) -> Iterator[Mapping[str, Any]]:
    """The entries of a registry's list that have an id under `key`."""
    if isinstance(listed, list):
        yield from (
            entry for entry in listed if isinstance(entry, Mapping) and isinstance(entry.get(key), str)
        )


def _aliases(entry: Mapping[str, Any]) -> tuple[str, ...]:
    listed = entry.get("aliases")
    words = listed[:MAX_LISTED] if isinstance(listed, list) else ()
    found = (plain_text(word, MAX_NAME) for word in words if isinstance(word, str))
    return tuple(sorted({word for word in found if word}))


def _exposed(listed: Any) -> frozenset[str]:
    if not isinstance(listed, Mapping):
        return frozenset()
    return frozenset(
        entity_id
        for entity_id, assistants in listed.items()
        if isinstance(assistants, Mapping) and assistants.get(ASSISTANT) is True
    )


def _pairs(listed: Any) -> Iterator[tuple[str, str]]:
    for pair in listed if isinstance(listed, list) else ():
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair):
            yield pair[0], pair[1]


def _is_ourselves(device: Mapping[str, Any]) -> bool:
    return any(is_ourselves(identity_of(word)) for _, word in _pairs(device.get("identifiers")))


def _identities(device: Mapping[str, Any]) -> Iterator[str]:
    """What hardware it is, in the words that all conventions share. Only what was announced over MQTT keeps
    its other identifiers, since no other convention sees those of Home Assistant's integrations.
    """
    for kind, word in _pairs(device.get("connections")):
        identity = identity_of(word)
        if (kind, identity.partition(":")[0]) in (("mac", "mac"), ("zigbee", "ieee")):
            yield identity
    for platform, word in _pairs(device.get("identifiers")):
        if platform == "mqtt" and (identity := identity_of(word)):
            yield identity
