"""A component's configuration, read key by key: brokers carry numbers as words and flags as anything."""

from collections.abc import Mapping
from typing import Any

from devices.discovery.templates import Template, TemplateError
from devices.message import topic_is_sound

_YES = frozenset({"true", "1", "yes", "on"})

MAX_NUMBER = 1e15
"""Nothing in a home counts further; what does is a mistake or malice."""
MAX_OPTIONS, MAX_OPTION = 60, 80
"""Words in a list of modes or presets, and characters in each."""


class BadConfigError(ValueError):
    """This configuration describes no device that we can use; one line says why."""


class Settings:
    """One device's configuration in long words. Raises `BadConfigError` for what cannot be meant."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def is_null(self, key: str) -> bool:
        """Whether the key is written as null, which is not the same as missing."""
        return key in self._values and self._values[key] is None

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

    def word(self, key: str) -> str:
        """A word to be shown and spoken, such as a unit; empty when there is none."""
        return plain_text(self.text(key), MAX_OPTION)

    def options(self, key: str) -> tuple[str, ...]:
        """The words of a list that a device takes and a person may say, each once."""
        sound = (word for word in self.words(key) if plain_text(word, MAX_OPTION) == word != "")
        return tuple(dict.fromkeys(sound))[:MAX_OPTIONS]

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
        """A list of words, or of numbers as words; anything else is no part of it."""
        value = self._values.get(key)
        listed = value if isinstance(value, list) else ()
        return tuple(sound_text(each) for each in listed if isinstance(each, str | int | float))

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


def plain_text(value: Any, at_most: int) -> str:
    """A value as words to be shown: one line, and nothing that hides or turns what stands beside it."""
    line = " ".join(sound_text(value)[: 4 * at_most].split())
    return "".join(character for character in line if character.isprintable())[:at_most].strip()


def as_number(value: Any) -> float | None:
    """A number that makes sense out of a number or words, else None."""
    found = _float(value)
    return found if found is not None and abs(found) <= MAX_NUMBER else None


def is_numeric(value: Any) -> bool:
    """Whether that is written as a number, be it one without sense: infinite, or none at all."""
    return _float(value) is not None


def _float(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
