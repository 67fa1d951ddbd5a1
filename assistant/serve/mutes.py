"""Which places are deaf, kept over a restart: a microphone that somebody closed does not open by itself."""

import json
import logging
import os
from pathlib import Path

_log = logging.getLogger(__name__)


class Mutes:
    """The names of the muted places, in one small file; without a path they are only remembered.

    A file that cannot be read mutes nobody, one that cannot be written is told in the log.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._muted = _read(path)

    def has(self, place: str) -> bool:
        """Whether the place is muted."""
        return place in self._muted

    def set(self, place: str, muted: bool) -> None:
        """Mute a place, or open it."""
        before = set(self._muted)
        if muted:
            self._muted.add(place)
        else:
            self._muted.discard(place)
        if self._path is None or self._muted == before:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_name(f"{self._path.name}.new")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(sorted(self._muted), ensure_ascii=False), "utf-8")
            os.replace(fresh, self._path)  # noqa: PTH105  # whole or not at all
        except OSError as error:
            _log.warning("who is muted will be forgotten at the next start: %s", error)


def _read(path: Path | None) -> set[str]:
    if path is None or not path.exists():
        return set()
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        _log.warning("who was muted is not known any more: %s", error)
        return set()
    return {each for each in kept if isinstance(each, str)} if isinstance(kept, list) else set()
