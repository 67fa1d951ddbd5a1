"""The two ways to set it up that are measured: as it comes, and small, for a Raspberry Pi."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """`config` is what its configuration says beside the home; `key` begins the names of its figures."""

    key: str
    label: str
    config: str
    models: tuple[str, ...]


DEFAULT = Profile(
    "",
    "as it comes",
    '[profile]\nname = "default"\n',
    ("whisper-base", "smart-turn-v3.2", "qwen2.5-coder-0.5b-instruct", "piper-en_US-joe-medium"),
)
PI = Profile("pi_", "small", '[profile]\nname = "pi"\n', ("whisper-tiny.en", "piper-en_US-joe-medium"))
PROFILES = (DEFAULT, PI)
CONDITIONS: Mapping[str, str] = {
    "profiles": "as it comes: whisper-base, smart-turn and the language model; "
    "small (pi): whisper-tiny.en, no second look, understanding local-only"
}
