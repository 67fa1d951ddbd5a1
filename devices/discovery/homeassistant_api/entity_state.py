"""What Home Assistant says of one entity, believed only as far as it makes sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from devices.discovery.components.settings import as_number, plain_text

MAX_NAME = 120
"""Characters of a name, a room, an alias."""
MAX_WORDS = 255
"""Characters of a state, as in Home Assistant."""
MAX_LISTED = 200
"""Words in one list; the longest real ones are the effects of a light strip."""

UNAVAILABLE = "unavailable"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EntityState:
    """One entity's state object: `said` is the state itself, a word."""

    entity_id: str
    said: str
    attributes: Mapping[str, Any]

    @classmethod
    def of(cls, raw: Any) -> Self | None:
        """Read a state object; None for what is none."""
        if not isinstance(raw, Mapping):
            return None
        entity_id, said, attributes = raw.get("entity_id"), raw.get("state"), raw.get("attributes")
        if not isinstance(entity_id, str) or not isinstance(said, str) or not 3 <= len(entity_id) <= 255:
            return None
        return cls(entity_id, said, attributes if isinstance(attributes, Mapping) else {})

    @property
    def domain(self) -> str:
        """What comes before the dot: "light"."""
        return self.entity_id.partition(".")[0]

    def has(self, feature: int) -> bool:
        """Whether a bit of `supported_features` is set."""
        features = self.attributes.get("supported_features")
        return isinstance(features, int) and bool(features & feature)

    def number(self, key: str) -> float | None:
        """A finite number, None when there is none."""
        value = self.attributes.get(key)
        return None if isinstance(value, bool) else as_number(value)

    def flag(self, key: str) -> bool | None:
        """A yes or a no, None when neither is said."""
        value = self.attributes.get(key)
        return value if isinstance(value, bool) else None

    def text(self, key: str) -> str:
        """Words, empty when there are none."""
        value = self.attributes.get(key)
        return plain_text(value, MAX_WORDS) if isinstance(value, str) else ""

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words; anything else is an empty one."""
        value = self.attributes.get(key)
        if not isinstance(value, list | tuple):
            return ()
        return tuple(word for word in value[:MAX_LISTED] if isinstance(word, str))

    @property
    def reading(self) -> int | float | str | None:
        """The state as a number where it is one, else as a word; None when nothing is known."""
        if self.said in (UNKNOWN, UNAVAILABLE, ""):
            return None
        number = as_number(self.said)
        if number is None:
            return plain_text(self.said, MAX_WORDS) or None
        return int(number) if number.is_integer() and "." not in self.said else number
