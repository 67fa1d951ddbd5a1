"""What a skill's language file holds (`en.toml`): what people say to it, and what it answers."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """hassil templates that all mean the same call. `arguments` are those the words leave unsaid."""

    templates: tuple[str, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spot:
    """A tool whose parts are said in any order: "a large latte with milk", "a latte with milk, a large one".

    `parts` are templates that fill parameters, `triggers` those that begin the order, `fillers` what may
    stand anywhere between; `needs` are the parameters without which it is not understood. Each word must
    belong to one of them. `mend` lets one or two misheard words be taken for the likest of the parts and
    triggers ("lat" for "latte"), for a tool whose mistakes are harmless; never where the risk is not low.
    `exact` are further parts, taken word for word and never guessed: what the tool knows so that it can say
    that it has not got it. `expects` are the parameters without which no order is guessed from a second look
    at the sound: half an order explains the sound of all of it too well.
    """

    parts: tuple[str, ...]
    triggers: tuple[str, ...] = ()
    fillers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    mend: bool = False
    exact: tuple[str, ...] = ()
    expects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """One language file of one skill, read."""

    sentences: Mapping[str, tuple[Sentence, ...]]
    """Tool name -> what people say."""
    examples: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]]
    """Tool name -> (sentence, arguments), for the language model."""
    words: Mapping[str, Mapping[str, tuple[str, ...]] | None]
    """List name -> {value: its words}; None is a list that takes any words."""
    rules: Mapping[str, str]
    """Rule name -> a piece of template, written `<name>` in the sentences."""
    replies: Mapping[str, str]
    spots: Mapping[str, Spot] = field(default_factory=dict)
    """Tool name -> its parts in any order."""


def read_language(file: Path) -> Language:
    """Read one file. Raises `OSError`, `tomllib.TOMLDecodeError`, KeyError, TypeError, ValueError."""
    data: Mapping[str, Any] = tomllib.loads(file.read_text("utf-8"))
    tools = data.get("tools", {})
    return Language(
        sentences={
            name: tuple(
                Sentence(tuple(each["templates"]), each.get("arguments", {}))
                for each in entry.get("sentences", [])
            )
            for name, entry in tools.items()
        },
        examples={
            name: tuple((each["text"], each.get("arguments", {})) for each in entry.get("examples", []))
            for name, entry in tools.items()
        },
        rules=data.get("rules", {}),
        words={
            name: None if entry == "*" else {value: tuple(words) for value, words in entry.items()}
            for name, entry in data.get("words", {}).items()
        },
        replies=data.get("replies", {}),
        spots={name: _spot(entry["spot"]) for name, entry in tools.items() if "spot" in entry},
    )


_SPOT_LISTS = ("parts", "triggers", "fillers", "needs", "exact", "expects")


def _spot(data: Mapping[str, Any]) -> Spot:
    lists = {key: tuple(data.get(key, ())) for key in _SPOT_LISTS}
    return Spot(**lists, mend=data.get("mend", False) is True)
