"""Sound on its way to the card: it rises and falls without a click, and can be held and let go on."""

from collections import deque

import numpy as np

from speech.audio import Samples

REWIND_S = (0.25, 0.8)
"""A voice that goes on begins again so far back, at the quietest moment in between: seldom within a word."""
QUIET_S = 0.03


class Ring:
    """What is still to be heard, and the last second of what was. Not thread-safe."""

    def __init__(self, fade: int, rate_hz: int) -> None:
        """`fade` is how many samples a rise or a fall takes."""
        self.length = 0
        self._pieces: deque[Samples] = deque()
        self._rise = np.linspace(0.0, 1.0, fade, dtype=np.float32)
        self._silent = True
        self._rewind = tuple(round(seconds * rate_hz) for seconds in REWIND_S)
        self._quiet = max(1, round(QUIET_S * rate_hz))
        self._past = np.zeros(0, dtype=np.int16)  # what was heard last
        self._ending = np.zeros(0, dtype=np.int16)  # the fall of what is held
        self._held = False

    @property
    def finished(self) -> bool:
        """Whether everything was heard."""
        return self.length == 0 and not self._held

    def put(self, samples: Samples) -> None:
        """Add to the end."""
        self._pieces.append(samples)
        self.length += len(samples)

    def cut(self, length: int) -> None:
        """Keep only the first `length` samples, faded out; what is held is dropped."""
        kept = self._ending if self._held else self._faded(self._pull(length))
        self._held = False
        self._ending = self._past = kept[:0]
        self._pieces.clear()
        self._pieces.append(kept)
        self.length = len(kept)

    def hold(self, length: int) -> None:
        """Be silent behind the next `length` samples, which fall, until `release`."""
        if self._held:
            return
        sound = self._pull(length)
        self._ending = self._faded(sound)
        self._remember(sound)
        self._held = True

    def release(self) -> None:
        """Go on at a quiet moment a little before what was heard last, if it is held."""
        if not self._held:
            return
        again = self._past[self._quiet_place() :].copy()
        self._held = False
        self._ending = self._past = again[:0]
        self._silent = True
        self._pieces.appendleft(again)
        self.length += len(again)

    def take(self, frames: int) -> Samples:
        """The next block; silence where there is no sound."""
        block = np.zeros(frames, dtype=np.int16)
        if self._held:
            sound, self._ending = self._ending[:frames], self._ending[frames:]
            block[: len(sound)] = sound
            return block
        sound = self._pull(frames)
        block[: len(sound)] = sound
        self._remember(sound)
        if len(sound) and self._silent:
            rise = self._rise[: len(sound)]
            block[: len(rise)] = (block[: len(rise)] * rise).astype(np.int16)
        if 0 < len(sound) < frames:
            fall = self._rise[: len(sound)][::-1]
            end = len(sound)
            block[end - len(fall) : end] = (block[end - len(fall) : end] * fall).astype(np.int16)
        self._silent = len(sound) < frames
        if self._silent:
            self._past = self._past[:0]  # what is said next does not begin within this
        return block

    def _remember(self, sound: Samples) -> None:
        self._past = np.concatenate([self._past, sound])[-self._rewind[1] :]

    def _quiet_place(self) -> int:
        """Where in the past to begin again."""
        earliest = max(0, len(self._past) - self._rewind[1])
        latest = len(self._past) - self._rewind[0]
        if latest <= earliest:
            return 0
        power = np.square(self._past[earliest : latest + self._quiet].astype(np.float64))
        return earliest + int(np.convolve(power, np.ones(self._quiet), "valid").argmin())

    def _faded(self, sound: Samples) -> Samples:
        fall = np.linspace(1.0, 0.0, len(sound), dtype=np.float32)
        return (sound * fall).astype(np.int16)

    def _pull(self, length: int) -> Samples:
        pulled = [np.zeros(0, dtype=np.int16)]
        wanted = min(length, self.length)
        self.length -= wanted
        while wanted:
            piece = self._pieces.popleft()
            if len(piece) > wanted:
                self._pieces.appendleft(piece[wanted:])
                piece = piece[:wanted]
            pulled.append(piece)
            wanted -= len(piece)
        return np.concatenate(pulled)
