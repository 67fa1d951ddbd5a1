"""What llama.cpp has read of a prompt's beginning, kept on disk: the next start need not read it again.

A file belongs to one prompt, one file of weights, one context size and one version of the bindings; any other
has another name. It holds only the fixed beginning, which names nobody and nothing of the home.
"""

import contextlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import httpx

from assistant.language.engine import Message

_log = logging.getLogger(__name__)
_MOST_FILES = 8  # some ten megabytes each
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Slot:
    """llama.cpp's one slot, by its own port on loopback."""

    address: str
    key: str = field(repr=False)

    def act(self, action: str, filename: str) -> bool:
        """Have it saved or restored; whether that worked."""
        try:
            answer = httpx.post(
                f"{self.address}/slots/0",
                params={"action": action},
                json={"filename": filename},
                headers={"Authorization": f"Bearer {self.key}"},
                timeout=_TIMEOUT_S,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            _log.debug("a kept prompt could not be %sd: %s", action, error)
            return False
        return answer.status_code == httpx.codes.OK


class KeptPrompts:
    """The files of one model in a folder. Its methods block for some tens of milliseconds."""

    def __init__(self, folder: Path, weights: Path, context: int) -> None:
        self._folder = folder
        try:
            stat = weights.stat()
            self._belongs = (
                f"{weights.name} {stat.st_size} {stat.st_mtime_ns} {context} {version('xllamacpp')}"
            )
        except OSError:
            self._belongs = ""  # loading will tell that there is no such file

    def restore(self, messages: Sequence[Message], slot: Slot) -> bool:
        """Take back what was read of this prompt; whether there was anything."""
        name = self._name(messages)
        if not (self._folder / name).exists():
            return False
        if slot.act("restore", name):
            return True
        with contextlib.suppress(OSError):  # broken: it is made again
            (self._folder / name).unlink()
        return False

    def save(self, messages: Sequence[Message], slot: Slot) -> None:
        """Keep what was just read; the oldest files go."""
        name = self._name(messages)
        part = f"{name}.part"
        if not slot.act("save", part):
            return
        try:
            (self._folder / part).replace(self._folder / name)
            files = sorted(self._folder.glob("*.state"), key=lambda file: file.stat().st_mtime)
            for file in files[:-_MOST_FILES]:
                file.unlink()
        except OSError as error:
            _log.debug("a prompt could not be kept: %s", error)

    def _name(self, messages: Sequence[Message]) -> str:
        told = f"{self._belongs}\n{json.dumps(list(messages), ensure_ascii=False)}"
        return f"{sha256(told.encode()).hexdigest()[:24]}.state"
