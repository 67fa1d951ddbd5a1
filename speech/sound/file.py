"""Recordings of any common format: as a source of sound, and as something to transcribe."""

from collections.abc import AsyncIterator, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.clock import Clock
from speech.sound.formats import recut
from speech.sound.ports import SoundError

if TYPE_CHECKING:
    from av.container import InputContainer

LONGEST_S = 600
"""What `load_recording` holds in memory at most; longer recordings are heard utterance by utterance."""
PAUSED_S = 1.0


class RecordingSource:
    """A file as if it were spoken into a microphone: at once, or in real time.

    After its end comes `trailing_silence_ms` of silence, so that the end of the last turn can be decided.
    A chunk's `arrived_s` is when its last sample would have come from a microphone, however long the
    listener took over the chunks before; but one that comes back for the next chunk more than `PAUSED_S` late
    (it was busy with a whole turn) finds that a recording which need not keep real time had been paused.
    """

    def __init__(
        self,
        path: Path,
        *,
        realtime: bool = False,
        chunk_ms: int = 20,
        trailing_silence_ms: int = 1500,
        clock: Clock | None = None,
    ) -> None:
        self.path = path
        self.stream_id = path.name
        self.clock = clock or Clock(realtime=realtime)
        self._length = RATE_HZ * chunk_ms // 1000
        self._silence = RATE_HZ * trailing_silence_ms // 1000

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        """Yield chunks in order, the last one perhaps shorter. Raises `SoundError`."""
        sound = recut(chain(decode(self.path), [np.zeros(self._silence, dtype=np.int16)]), self._length)
        start_s = self.clock.now()
        start_sample = 0
        for samples in sound:
            end_sample = start_sample + len(samples)
            due_s = start_s + end_sample / RATE_HZ
            late_s = self.clock.now() - due_s
            if late_s > PAUSED_S and not self.clock.realtime:
                start_s += late_s
                due_s += late_s
            await self.clock.wait_until(due_s)
            yield AudioChunk(self.stream_id, start_sample, samples, due_s)
            start_sample = end_sample


def load_recording(path: Path) -> Samples:
    """The whole recording. Raises `SoundError`, also for one longer than `LONGEST_S`."""
    pieces = []
    length = 0
    for piece in decode(path):
        pieces.append(piece)
        length += len(piece)
        if length > LONGEST_S * RATE_HZ:
            raise SoundError(f"{path} is longer than {LONGEST_S // 60} minutes: cut it into shorter ones")
    return np.concatenate(pieces)


def decode(path: Path) -> Iterator[Samples]:
    """Yield the recording at `RATE_HZ`, mono, in pieces of some milliseconds; the file is never held whole.

    The first audio stream counts, its channels are averaged. A damaged stretch inside is left out. Raises
    `SoundError` when there is nothing to hear.
    """
    import av

    heard = 0
    with _opened(path) as container:
        if not container.streams.audio:
            raise SoundError(f"there is no sound in {path}, only other streams: give a recording")
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        for packet in container.demux(container.streams.audio[0]):
            try:
                frames = packet.decode()
            except av.error.FFmpegError:  # this packet is damaged; the next one may be whole
                continue
            for frame in frames:
                for piece in resampler.resample(frame):
                    heard += piece.samples
                    yield piece.to_ndarray()[0]
        for piece in resampler.resample(None) if heard else ():
            yield piece.to_ndarray()[0]
    if not heard:
        raise SoundError(f"{path} holds not a single sample: record it again")


def _opened(path: Path) -> "InputContainer":
    import av

    if not path.exists():
        raise SoundError(f"there is no file {path}: check its name")
    if path.is_dir():
        raise SoundError(f"{path} is a folder: name a recording in it")
    if path.is_file() and path.stat().st_size == 0:
        raise SoundError(f"{path} is empty: record it again")
    try:
        # An absolute path, so that a name like "http:x" is a file's name and nothing else.
        return av.open(str(path.absolute()))
    except PermissionError as error:
        raise SoundError(f"{path} must not be read: check its permissions") from error
    except av.error.FFmpegError as error:
        raise SoundError(
            f"{path} is no recording that can be read ({error.strerror}): try wav, flac, ogg, mp3 or m4a"
        ) from error
