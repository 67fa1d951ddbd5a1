"""Who may talk to the API: its tokens, compared in constant time, and never told to anybody."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from assistant.config.errors import ConfigError
from assistant.config.serving import ApiKey, Scope

OWNER = "api"
"""The name of the owner's own key: the satellite that its orders come from."""
SHORTEST_TOKEN = 16
_EVERYTHING: frozenset[str] = frozenset(get_args(Scope))


@dataclass(frozen=True, slots=True)
class Key:
    """A key that was shown: whose it is, what it may, and the room that it speaks for."""

    name: str
    may: frozenset[str] = _EVERYTHING
    room: str | None = None
    token: str = field(default="", repr=False)


class Keys:
    """All keys. The owner's is made when the file is not there, and only its owner may read it."""

    def __init__(self, own_file: Path, others: Sequence[ApiKey] = ()) -> None:
        """Raises `ConfigError` for a token that cannot be read or is too short to be one."""
        own = Key(OWNER, token=_own(own_file))
        rest = (Key(each.name, frozenset(each.may), each.room, _read(each.token_file)) for each in others)
        self._keys = (own, *rest)

    def of(self, token: str) -> Key | None:
        """The key with this token. Takes as long for a wrong one, whatever is wrong about it."""
        shown = token.encode("utf-8", "surrogateescape")
        found = None
        for key in self._keys:
            if secrets.compare_digest(key.token.encode(), shown):
                found = key
        return found


def _own(file: Path) -> str:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if file.stat().st_mode & 0o077:
            file.chmod(0o600)
        return _read(file)
    except OSError as error:
        raise ConfigError(f"the API's token cannot be written to {file}: {error.strerror}") from error
    token = secrets.token_urlsafe(32)
    with os.fdopen(opened, "w", encoding="utf-8") as out:
        out.write(token + "\n")
    return token


def _read(file: Path) -> str:
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(f"cannot read the API's token in {file}: {why}") from error
    if len(token) < SHORTEST_TOKEN or not token.isascii():
        raise ConfigError(
            f"the token in {file} is none: at least {SHORTEST_TOKEN} characters of ASCII, "
            "as `openssl rand -hex 32` writes them"
        )
    return token
