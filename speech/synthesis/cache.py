"""Keeps short spoken texts, so that "Kitchen light on." costs nothing the second time."""

import hashlib
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import numpy as np

from speech.audio import Samples
from speech.synthesis.engine import Voice

LONGEST_TEXT = 80
"""Characters; longer texts hardly come twice."""
SUFFIX = ".voice"
_DIGEST_BYTES = 32

_log = logging.getLogger(__name__)


class CachedVoice:
    """A voice that remembers. Least recently used sound goes first, in memory and in `folder` alike.

    `max_bytes` bounds each of the two. With `folder` None nothing is written. A file is a SHA-256 of its
    sound, then the sound; one that does not match is dropped and made anew. A full or read-only disk
    costs the memory of what was said, not the saying. Only their owner can read the files: they are what
    was said.
    """

    def __init__(self, voice: Voice, folder: Path | None, max_bytes: int = 32 << 20) -> None:
        self.name = voice.name
        self.languages = voice.languages
        self.rate_hz = voice.rate_hz
        self._voice = voice
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._sounds: OrderedDict[str, Samples] = OrderedDict()

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        """Yield the remembered sound in one piece, else the voice's own pieces."""
        if len(clause) > LONGEST_TEXT:
            yield from self._voice.synthesise(clause, language)
            return
        key = self._key(clause, language)
        known = self._recall(key)
        if known is not None:
            yield known
            return
        pieces = []
        for piece in self._voice.synthesise(clause, language):
            pieces.append(piece)
            yield piece
        if pieces:
            self._remember(key, np.concatenate(pieces))

    def paced(self, rate: float) -> "CachedVoice":
        """Return the same voice, so many times as fast; both keep what they say in one place."""
        other = copy(self)
        other._voice = paced = self._voice.paced(rate)  # noqa: SLF001 - one of our own
        other.name = paced.name
        return other

    def close(self) -> None:
        """Close the voice; the folder stays."""
        self._voice.close()

    def _key(self, clause: str, language: str) -> str:
        told = "\0".join((self.name, str(self.rate_hz), language, clause))
        return hashlib.sha256(told.encode(errors="replace")).hexdigest()

    def _recall(self, key: str) -> Samples | None:
        with self._lock:
            if key in self._sounds:
                self._sounds.move_to_end(key)
                return self._sounds[key]
            sound = None if self._folder is None else _read(self._folder / (key + SUFFIX))
            if sound is not None:
                self._keep(key, sound)
            return sound

    def _remember(self, key: str, sound: Samples) -> None:
        if sound.nbytes > self._max_bytes:
            return
        with self._lock:
            self._keep(key, sound)
            if self._folder is None:
                return
            try:
                _write(self._folder, key, sound)
                _shrink(self._folder, self._max_bytes)
            except OSError as error:
                _log.warning("spoken texts are no longer kept in %s: %s", self._folder, error.strerror)
                self._folder = None

    def _keep(self, key: str, sound: Samples) -> None:
        self._sounds[key] = sound
        held = sum(each.nbytes for each in self._sounds.values())
        while held > self._max_bytes:
            held -= self._sounds.popitem(last=False)[1].nbytes


def _read(path: Path) -> Samples | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    digest, sound = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    if hashlib.sha256(sound).digest() != digest or not sound or len(sound) % 2:
        _forget(path)
        return None
    _touch(path)
    return np.frombuffer(sound, dtype="<i2")


def _write(folder: Path, key: str, sound: Samples) -> None:
    """Whole or not at all: a reader never sees half a file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = sound.astype("<i2").tobytes()
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
        file.write(hashlib.sha256(data).digest() + data)
    Path(file.name).replace(folder / (key + SUFFIX))


def _shrink(folder: Path, max_bytes: int) -> None:
    """Delete the files used longest ago until the rest fits."""
    files = [(each, each.stat()) for each in folder.glob("*" + SUFFIX)]
    held = sum(stat.st_size for _, stat in files)
    for path, stat in sorted(files, key=lambda each: each[1].st_mtime_ns):
        if held <= max_bytes:
            return
        _forget(path)
        held -= stat.st_size


def _touch(path: Path) -> None:
    """Mark as just used. A folder that cannot be written to only loses that."""
    try:
        os.utime(path)
    except OSError:
        return


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return
