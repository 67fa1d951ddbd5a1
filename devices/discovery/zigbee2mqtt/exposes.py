"""What Zigbee2MQTT says that a device can do: its `exposes`, read with suspicion.

Source: Zigbee2MQTT's documentation of exposes. A feature has a `name` (what it is), a `property` (its key in
the device's JSON), an `endpoint` where a device has several of a kind, and an `access` made of three bits.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

PUBLISHED, SETTABLE, GETTABLE = 1, 2, 4

MAX_FEATURES = 300
"""Features of one device; the richest in Zigbee2MQTT's own catalogue has about 230."""

MAX_DEPTH = 3
"""light > color_xy > x is as deep as it goes."""

LONGEST_REMEMBERED = 100_000
"""Characters of a description that is kept; usual ones have a few thousand."""

Scalar = str | bool | int | float


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature. `kind` is its type ("binary", "numeric", "light"), `key` its `property`.

    `on` and `off` are a binary's two words, `values` those of an enum; `low`, `high` and `step` are the range
    of a number in the device's own scale.
    """

    kind: str
    name: str
    key: str
    access: int = 0
    endpoint: str = ""
    category: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()
    on: Scalar | None = None
    off: Scalar | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    features: tuple["Feature", ...] = ()

    @property
    def published(self) -> bool:
        """Whether the device's JSON tells it."""
        return bool(self.access & PUBLISHED)

    @property
    def settable(self) -> bool:
        """Whether it can be ordered."""
        return bool(self.access & SETTABLE)

    @property
    def gettable(self) -> bool:
        """Whether it can be asked for."""
        return bool(self.access & GETTABLE)

    def part(self, name: str) -> "Feature | None":
        """The feature of that name below this one."""
        return next((each for each in self.features if each.name == name), None)


def features(raw: Any) -> tuple[Feature, ...]:
    """The features of a list, as many as are sound; anything else is an empty list.

    A home has many devices of few models, and hears of all of them whenever one changes: what a model exposes
    is read once.
    """
    try:
        text = json.dumps(raw)
    except RecursionError:
        return ()
    return _remembered(text) if len(text) <= LONGEST_REMEMBERED else _features(raw)


@lru_cache(maxsize=256)
def _remembered(text: str) -> tuple[Feature, ...]:
    return _features(json.loads(text))


def _features(raw: Any, depth: int = 0) -> tuple[Feature, ...]:
    if not isinstance(raw, list) or depth >= MAX_DEPTH:
        return ()
    return tuple(_sound(raw[:MAX_FEATURES], depth))


def number(raw: Any) -> float | None:
    """A finite number, else None. Words are none here: Zigbee2MQTT writes numbers as numbers."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    try:
        found = float(raw)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _sound(raw: list[Any], depth: int) -> Iterator[Feature]:
    for each in raw:
        if isinstance(each, Mapping) and (kind := _word(each.get("type"))):
            access = each.get("access")
            yield Feature(
                kind=kind,
                name=_word(each.get("name")),
                key=_word(each.get("property")),
                access=access if isinstance(access, int) and 0 <= access <= 7 else 0,
                endpoint=_word(each.get("endpoint")),
                category=_word(each.get("category")),
                unit=_word(each.get("unit")),
                values=_words(each.get("values")),
                on=_scalar(each.get("value_on")),
                off=_scalar(each.get("value_off")),
                low=number(each.get("value_min")),
                high=number(each.get("value_max")),
                step=number(each.get("value_step")),
                features=_features(each.get("features"), depth + 1),
            )


def _word(raw: Any) -> str:
    """A short word that can be written, else an empty one: JSON may hold halves of characters."""
    if not isinstance(raw, str) or len(raw) > 100:
        return ""
    return raw.encode(errors="replace").decode()


def _words(raw: Any) -> tuple[str, ...]:
    listed = raw[:MAX_FEATURES] if isinstance(raw, list) else []
    return tuple(word for each in listed if (word := _word(each)))


def _scalar(raw: Any) -> Scalar | None:
    if isinstance(raw, str):
        return _word(raw) or None
    return raw if isinstance(raw, bool) or number(raw) is not None else None
