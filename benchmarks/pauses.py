"""Hesitation, made: a clip with a pause of its own room tone between two words, and more of it behind.

Where words meet is asked of Whisper, which aligns the words that are known to have been said with the sound
(cross-attention and dynamic time warping, as in openai/whisper's `timing.py`). The cut is then made in the
quietest 10 ms nearby.

Room tone is noise with the spectrum and the level of the clip's own quietest stretches: digital silence
would tell every detector at once that something was put in, and white noise too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from benchmarks.protocol import BenchmarkError
from benchmarks.recordings import Recording, last_sound_s, load
from benchmarks.words import words

if TYPE_CHECKING:
    from speech.audio import Samples
    from speech.recognition.engine import Recogniser

RATE_HZ = 16_000
QUIET_BEHIND_S = 2.6
LEAST_WORDS = 2
"""Before a pause: whoever says one word and stops has not ordered anything."""

_FRAME = RATE_HZ // 100
_WINDOW = 512
_QUIETEST = 0.1  # of a clip is taken for its room tone
_NEARBY_S = 0.16  # that far from where the words meet the cut may be made
_FADE = RATE_HZ // 200
_CUTS = 3  # that are tried at each place
_MARGIN_S = 0.5

Levels = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Where two words meet. `before` is what was said until then."""

    at_sample: int
    before: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A clip with quiet behind it. `places` are where a pause can be put, `last_s` where its sound ends."""

    name: str
    samples: "Samples"
    last_s: float
    text: str = ""
    places: tuple[Place, ...] = ()

    def with_pause(self, place: Place, pause_s: float) -> "Spoken":
        """Return the clip with somebody thinking at a place."""
        at = place.at_sample
        tone = room_tone(self.samples[: int(self.last_s * RATE_HZ)], int(pause_s * RATE_HZ), seed=at)
        return Spoken(
            f"{self.name} | {at}",
            joined(self.samples[:at], tone, self.samples[at:]),
            self.last_s + pause_s,
            self.text,
        )


def spoken(
    recording: Recording, text: str, aligner: "Aligner | None" = None, most: int | None = None
) -> Spoken:
    """Read a clip, put quiet behind it and look for the places between its words, at most so many."""
    samples = load(recording)
    last_s = last_sound_s(samples)
    behind = room_tone(samples, int(QUIET_BEHIND_S * RATE_HZ), seed=0)
    places = tuple(aligner.places(samples, text, most)) if aligner is not None else ()
    return Spoken(recording.path.stem, joined(samples, behind), last_s, text, places)


def joined(*pieces: "Samples") -> "Samples":
    """Return pieces of sound in a row, each faded into the next over 5 ms."""
    ramp = np.linspace(0.0, 1.0, _FADE)
    made = [pieces[0].astype(np.float64)]
    for piece in pieces[1:]:
        sound = piece.astype(np.float64)
        if min(len(made[-1]), len(sound)) > _FADE:  # both sides at half their level where they meet
            made[-1] = made[-1].copy()
            made[-1][-_FADE:] *= 1.0 - ramp / 2
            sound[:_FADE] *= 0.5 + ramp / 2
        made.append(sound)
    whole: Samples = np.round(np.concatenate(made)).astype(np.int16)
    return whole


def room_tone(samples: "Samples", length: int, *, seed: int) -> "Samples":
    """Return noise with the spectrum and level of the quietest tenth of a clip, `length` samples of it."""
    steps = range(0, len(samples) - _WINDOW, _WINDOW // 4)
    frames = np.stack([samples[at : at + _WINDOW] for at in steps]).astype(np.float64)
    level = np.square(frames).mean(axis=1)
    alive = frames[level > 0.0]  # a clip padded with zeros has room tone elsewhere
    frames = alive[np.argsort(np.square(alive).mean(axis=1))]
    quiet = frames[: max(4, int(len(frames) * _QUIETEST))]
    power = np.square(np.abs(np.fft.rfft(quiet * np.hanning(_WINDOW), axis=1))).mean(axis=0)
    shape = np.fft.fftshift(np.fft.irfft(np.sqrt(power)))  # a filter with this spectrum, centred
    white = np.random.default_rng(seed).normal(size=length + _WINDOW)
    tone = np.convolve(white, shape, "same")[:length]
    tone *= np.sqrt(np.square(quiet).mean()) / max(1e-9, tone.std())
    made: Samples = np.round(tone).astype(np.int16)
    return made


def levels(samples: "Samples") -> Levels:
    """Return the mean square of every 10 ms."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float64)
    squares: Levels = np.square(frames).mean(axis=1)
    return squares


class Aligner:
    """Finds where the words of a clip meet: Whisper's weights, once more, and the recogniser's own ears."""

    def __init__(self, folder: Path, recogniser: "Recogniser") -> None:
        import ctranslate2
        import tokenizers

        self._model: Any = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="int8")
        self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._recogniser = recogniser

    def places(self, samples: "Samples", text: str, most: int | None = None) -> Iterator[Place]:
        """Yield the places behind each word, from the second to the last but one; `most`, evenly spread.

        A place where the recogniser hears anything but just the words before it lies within a word, or the
        voice runs on as nobody's does who stops there: it is left out.
        """
        said = text.split()
        starts_s = self._starts_s(samples, said)
        loud = np.convolve(levels(samples), np.ones(3) / 3, "same")
        counts = list(range(LEAST_WORDS, len(said)))
        if most is not None and len(counts) > most:
            counts = [counts[at] for at in np.linspace(0, len(counts) - 1, most).round().astype(int)]
        for count in counts:
            before = " ".join(said[:count])
            for frame in _dips(loud, starts_s[count]):
                at = frame * _FRAME + _FRAME // 2
                if words(self._recogniser.transcribe(samples[:at], language="en").text) == words(before):
                    yield Place(at, before)
                    break

    def _starts_s(self, samples: "Samples", said: Sequence[str]) -> list[float]:
        """Return when each word begins."""
        import ctranslate2

        from speech.recognition.log_mel import log_mel

        mel = log_mel(np.concatenate([samples, np.zeros(int(_MARGIN_S * RATE_HZ), np.int16)]))
        frames = mel.shape[1] // 2 * 2
        features = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[None, :, :frames]))
        start = [self._id("<|startoftranscript|>"), self._id("<|en|>"), self._id("<|transcribe|>")]
        tokens: list[int] = []
        first_token: list[int] = []
        for word in said:
            first_token.append(len(tokens))
            tokens += self._tokenizer.encode(f" {word}", add_special_tokens=False).ids
        (found,) = self._model.align(features, [*start], [tokens], [frames])
        at: dict[int, int] = {}
        for token, step in found.alignments:
            at.setdefault(token, step)  # steps of 20 ms
        return [at.get(token, 0) * 0.02 for token in first_token]

    def _id(self, word: str) -> int:
        token: int | None = self._tokenizer.token_to_id(word)
        if token is None:
            raise BenchmarkError(f"these are not Whisper's weights: there is no {word}")
        return token


def _dips(loud: Levels, near_s: float) -> list[int]:
    """Return the frames near a moment that are quieter than their neighbours, the quietest first."""
    first, last = int((near_s - _NEARBY_S) * 100), int((near_s + _NEARBY_S) * 100)
    frames = range(max(1, first), min(len(loud) - 1, last))
    dips = [at for at in frames if loud[at] == loud[max(0, at - 3) : at + 4].min()]
    return sorted(dips, key=lambda at: loud[at])[:_CUTS]
