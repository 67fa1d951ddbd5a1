"""What the assistant says by itself, one file a language; a further language is a further file."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

_FALLBACK = "en"


def languages() -> tuple[str, ...]:
    """The languages that there is a file for."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.toml")))


def sentence(key: str, language: str, values: Mapping[str, Any], *, default: str | None = None) -> str:
    """Return the sentence with its `{names}` filled in; English where the language lacks it.

    Raises KeyError when there is none and no `default`.
    """
    template = _sentences(language).get(key) or _sentences(_FALLBACK).get(key, default)
    if template is None:
        raise KeyError(key)
    for name, value in values.items():  # not str.format: a value may hold braces, and must not be read as one
        template = template.replace("{" + name + "}", str(value))
    return template


@lru_cache
def _sentences(language: str) -> Mapping[str, str]:
    path = Path(__file__).parent / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if language in languages() else {}
