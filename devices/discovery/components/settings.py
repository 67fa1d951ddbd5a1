"""A component's configuration, read key by key: brokers carry numbers as words and flags as anything."""

import math
from collections.abc import Mapping
from typing import Any

from devices.discovery.templates import Template, TemplateError
from devices.message import topic_is_sound

_YES = frozenset({"true", "1", "yes", "on"})


class BadConfigError(ValueError):
    """This configuration describes no device that we can use; one line says why."""


class Settings:
    """One device's configuration in long words. Raises `BadConfigError` for what cannot be meant."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def has(self, key: str) -> bool:
        """Whether the key is written at all, be it as null."""
        return key in self._values

    def raw(self, key: str) -> Any:
        """The value as it came, None when it is missing."""
        return self._values.get(key)

    def text(self, key: str, default: str = "") -> str:
        """Words, or whatever is written as words."""
        value = self._values.get(key)
        if value is None:
            return default
        if isinstance(value, str | int | float):
            return sound_text(value)
        raise BadConfigError(f"{key} should be words, not {type(value).__name__}")

    def number(self, key: str, default: float) -> float:
        """A finite number, which may come as words."""
        value = self._values.get(key)
        if value is None:
            return default
        found = as_number(value)
        if found is None:
            raise BadConfigError(f"{key} should be a number")
        return found

    def flag(self, key: str, default: bool = False) -> bool:
        """A yes or no, which may come as words."""
        value = self._values.get(key)
        return default if value is None else str(value).lower() in _YES

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words; anything else is an empty one."""
        value = self._values.get(key)
        return tuple(str(each) for each in value) if isinstance(value, list) else ()

    def topic(self, key: str) -> str | None:
        """A topic that every broker takes, None when there is none."""
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not topic_is_sound(value):
            raise BadConfigError(f"{key} is no usable topic")
        return value

    def template(self, key: str) -> Template:
        """A compiled template; one that passes everything when there is none."""
        value = self._values.get(key)
        try:
            return Template(None if value is None else str(value))
        except TemplateError as error:
            raise BadConfigError(f"{key}: {error}") from None

    @property
    def qos(self) -> int:
        """The quality of service for orders, 1 unless 0 or 2 is asked for."""
        value = self._values.get("qos")
        return int(value) if value in (0, 1, 2, "0", "1", "2") else 1


def sound_text(value: Any) -> str:
    """A value as words that can be written: JSON may hold halves of characters."""
    return str(value).encode(errors="replace").decode()


def as_number(value: Any) -> float | None:
    """A finite number out of a number or words, else None."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
