"""Profiles: how a machine of a kind is set up where its owner says nothing; `[profile] name` forces one.

What the configuration names itself always holds.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from assistant.config.section import Section

Name = Literal["auto", "pi", "default", "gpu"]

SMALL_MEMORY_MB = 2_200
"""Below it the default's models leave too little for the system beside them."""
NVIDIA = Path("/proc/driver/nvidia/version")

SETTINGS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "pi": {
        "recognition": {"model": "whisper-tiny.en", "second_look": False},
        "understanding": {"order": "local-only"},
        "end_of_turn": {"model": ""},
    },
    "default": {},
    "gpu": {
        "recognition": {"compute_type": "float16", "beam_size": 5},
        "language_model": {"gpu_layers": 999},
    },
}
MULTILINGUAL = "whisper-base"
"""What a small machine hears Chinese with: whisper-tiny.en knows English alone."""


class Profile(Section):
    """Which profile is used; "auto" is the one that fits this machine."""

    name: Name = "auto"


class Chosen(NamedTuple):
    """The profile that is used, and why; one line."""

    name: str
    why: str


def choose(wanted: object, *, memory_mb: int | None = None, has_card: bool | None = None) -> Chosen:
    """The profile to use. `wanted` is what the configuration says, whatever it is."""
    if isinstance(wanted, str) and wanted in SETTINGS:
        return Chosen(wanted, "the configuration says so")
    memory_mb = _memory_mb() if memory_mb is None else memory_mb
    if memory_mb < SMALL_MEMORY_MB:
        return Chosen("pi", f"there are {memory_mb / 1000:.1f} GB of memory")
    if NVIDIA.exists() if has_card is None else has_card:
        return Chosen("gpu", "there is a graphics card with NVIDIA's driver")
    return Chosen("default", f"there are {memory_mb / 1000:.1f} GB of memory, and no graphics card")


def settings_of(profile: str, language: object) -> Mapping[str, Mapping[str, Any]]:
    """What the profile says of each section, in a home of that language."""
    settings = SETTINGS[profile]
    if profile == "pi" and language == "zh":
        return {**settings, "recognition": {**settings["recognition"], "model": MULTILINGUAL}}
    return settings


def _memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
