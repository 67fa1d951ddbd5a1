"""Several microphones hear the same wake word: one answers.

The first that reports it holds the floor, and nobody waits for the others. Before the order can have begun
a clearly louder one may still take it over. Two people who call at the same moment in two rooms are two
callers: the sounds of their words differ (`same_sound`).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
import numpy.typing as npt

from speech.audio import RATE_HZ, Samples
from speech.detection.engine import WakeWordDetector

WINDOW_S = 1.0
"""Who reports a wake word so long after another may have heard the same: networks and detectors differ."""
TAKEOVER_S = 0.2
"""The order begins 0.25 s behind the wake word at the earliest (`EarSettings.wake_tail_ms`)."""
LOUDER_DB = 6.0
"""Half the distance."""
WORD_S = 1.2
"""A wake word, and where it begins and ends."""

Shape = npt.NDArray[np.float32]
"""Frames x frequencies, each without its mean: what `same_sound` compares."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A place has heard its wake word. `at_s` is on the clock that all places share.

    Without its sound (a satellite that wakes by itself does not send it) the times alone count.
    """

    place: str
    at_s: float
    level_db: float | None = None
    shape: Shape | None = None


class Verdict(Enum):
    """What a claim is beside one that holds the floor."""

    ANOTHER = auto()  # somebody else's call
    BEHIND = auto()  # the same call, and the other was first
    NEARER = auto()  # the same call, and this one takes over


def judge(holder: Claim, claim: Claim) -> Verdict:
    """Compare a claim with an earlier one that holds the floor."""
    behind_s = claim.at_s - holder.at_s
    if holder.place == claim.place or behind_s > WINDOW_S:
        return Verdict.ANOTHER
    if holder.shape is not None and claim.shape is not None and not same_sound(holder.shape, claim.shape):
        return Verdict.ANOTHER
    if holder.level_db is None or claim.level_db is None or behind_s > TAKEOVER_S:
        return Verdict.BEHIND
    return Verdict.NEARER if claim.level_db >= holder.level_db + LOUDER_DB else Verdict.BEHIND


class Arbiter:
    """Knows who holds the floor. One for all places of a house."""

    def __init__(self) -> None:
        self._holders: list[tuple[Claim, Callable[[], None]]] = []

    def claim(self, claim: Claim, lose: Callable[[], None]) -> bool:
        """Whether the place may listen to what follows. `lose` is called if another takes over."""
        self._holders = [each for each in self._holders if claim.at_s - each[0].at_s <= WINDOW_S]
        for holder in self._holders:
            match judge(holder[0], claim):
                case Verdict.BEHIND:
                    return False
                case Verdict.NEARER:
                    self._holders.remove(holder)
                    holder[1]()
                    break
        self._holders.append((claim, lose))
        return True


class Contender:
    """A place's wake words, which count only while nobody else answers the same call: a `WakeWordDetector`.

    `now` is the seconds of the shared clock. `on_lost` is called when the place is to be quiet again: it was
    not the first, or another took over.
    """

    def __init__(
        self,
        place: str,
        inner: WakeWordDetector,
        arbiter: Arbiter,
        now: Callable[[], float],
        on_lost: Callable[[], None] = lambda: None,
        *,
        has_sound: bool = True,
    ) -> None:
        """Without `has_sound` the word itself is not in the stream, only what follows it."""
        self.words = inner.words
        self.on_lost = on_lost
        self._place = place
        self._inner = inner
        self._arbiter = arbiter
        self._now = now
        self._has_sound = has_sound
        self._recent: deque[Samples] = deque()
        self._length = 0

    def detect(self, samples: Samples) -> str | None:
        """Take the next piece; return the word that ended within it, if this place may answer it."""
        if self._has_sound:
            self._remember(samples)
        word = self._inner.detect(samples)
        if word is None:
            return None
        claim = Claim(self._place, self._now())
        if self._has_sound:
            sound = np.concatenate(self._recent)
            claim = Claim(self._place, self._now(), level_db(sound), shape_of(sound))
        if self._arbiter.claim(claim, lambda: self.on_lost()):
            return word
        self.on_lost()
        return None

    def reset(self) -> None:
        """Forget what was heard."""
        self._inner.reset()
        self._recent.clear()
        self._length = 0

    def _remember(self, samples: Samples) -> None:
        self._recent.append(samples)
        self._length += len(samples)
        while self._length - len(self._recent[0]) >= WORD_S * RATE_HZ:
            self._length -= len(self._recent.popleft())


class WokenElsewhere:
    """The wake word of a place that hears it by itself and tells us: a `WakeWordDetector` that is told."""

    def __init__(self) -> None:
        self.words: tuple[str, ...] = ()
        self._word: str | None = None

    def tell(self, word: str) -> None:
        """It has woken; the sound that comes next follows the word."""
        self._word = word or "wake word"

    def detect(self, samples: Samples) -> str | None:  # noqa: ARG002 - it was told
        """Return what it was told, once."""
        word, self._word = self._word, None
        return word

    def reset(self) -> None:
        """A gap comes before every word that is told, so that it says nothing."""


# -- the sound of a word -------------------------------------------------------------------------------------

_HOP = RATE_HZ * 20 // 1000
_WINDOW = 1024
_BINS = slice(100 * _WINDOW // RATE_HZ, 2_000 * _WINDOW // RATE_HZ)
"""100 to 2,000 Hz in steps of 16: a voice's harmonics, which distance and a room leave where they are."""
_FLOOR = 0.01
"""Of the loudest: what lies below is the room's noise."""
_LAG = 20
"""Frames: 0.4 s, by which two places may differ in when they reported the same moment."""
_SAME = 0.45
"""59 people saying one wake word, in two rooms, 12 dB and up to 0.15 s apart: at 10 dB above a kitchen's
noise 95 % are more alike than 0.63, at 5 dB than 0.48; of two people 95 % are less alike than 0.43."""


def level_db(sound: Samples) -> float:
    """Return the loudness of the louder half of the frames, dB below full scale."""
    frames = sound[: len(sound) // _HOP * _HOP].reshape(-1, _HOP).astype(np.float32) / 32_768
    powers = np.sort(np.square(frames).mean(axis=1))
    return float(10 * np.log10(powers[len(powers) // 2 :].mean() + 1e-10))


def shape_of(sound: Samples) -> Shape:
    """Return how loud each harmonic was over time."""
    if len(sound) < _WINDOW:
        return np.zeros((0, _BINS.stop - _BINS.start), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)))[:, _BINS]
    loud = np.log(power + power.max() * _FLOOR + 1.0)
    return np.asarray(loud - loud.mean(axis=0), np.float32)


def same_sound(one: Shape, other: Shape) -> bool:
    """Whether two microphones heard the same word: how well the shapes agree at the best of the lags."""
    return likeness(one, other) >= _SAME


def likeness(one: Shape, other: Shape) -> float:
    """Return the correlation of two shapes at the best lag, -1 to 1."""
    best = -1.0
    for lag in range(-_LAG, _LAG + 1):
        a, b = one[max(0, lag) :], other[max(0, -lag) :]
        length = min(len(a), len(b))
        if length < _LAG:
            continue
        a, b = a[:length] - a[:length].mean(axis=0), b[:length] - b[:length].mean(axis=0)
        scale = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
        if scale > 0:
            best = max(best, float((a * b).sum()) / scale)
    return best
