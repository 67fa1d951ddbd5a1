"""Clips played through the ear in the stream's own time.

What recognition or the judge of the sound takes on this machine passes in the stream as well before the ear
is told, and both share one lane, as in the assistant: what runs is not broken off, what waits is dropped when
the person goes on. The same stretch of sound is worked on once, however often it is played.
"""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.pauses import RATE_HZ, Spoken

if TYPE_CHECKING:
    from speech.audio import Samples, Utterance
    from speech.detection.silero import SileroActivity
    from speech.end_of_turn import Completeness, EndOfTurnSettings, TurnJudge
    from speech.hearing import Event
    from speech.recognition.engine import Recogniser, Transcript

CHUNK = RATE_HZ // 50


@dataclass(frozen=True, slots=True)
class Way:
    """One way to decide that it was all.

    `words`: recognised at each pause, and the ear is told how whole they are. Without it they are recognised
    when the turn is over, and the ear is told at each pause that they say nothing.
    """

    name: str
    settings: "EndOfTurnSettings"
    words: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """When the first turn of a clip ended, when its words were there, in seconds from the clip's beginning,
    and what they were.
    """

    end_s: float
    transcript_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One turn of several in a clip: when its sound began and when it was held to be over, in seconds from
    the clip's beginning, and its words.
    """

    began_s: float
    end_s: float
    text: str


@dataclass(slots=True)
class Engines:
    """What listens. With `took_s` recognition and judge are taken to need so many seconds."""

    recogniser: "Recogniser"
    judge: "TurnJudge"
    completeness: "Completeness"
    took_s: tuple[float, float] | None = None
    _words: dict[bytes, tuple["Transcript", float]] = field(default_factory=dict)
    _sound: dict[bytes, tuple[float, float]] = field(default_factory=dict)

    def words(self, samples: "Samples") -> tuple["Transcript", float]:
        """Return what was recognised in some sound, and the seconds that it took."""
        found, took_s = _once(self._words, samples, self.recogniser.transcribe)
        return found, self.took_s[0] if self.took_s else took_s

    def sound(self, samples: "Samples") -> tuple[float, float]:
        """Return what the judge said of some sound, and the seconds that it took."""
        found, took_s = _once(self._sound, samples, self.judge)
        return found, self.took_s[1] if self.took_s else took_s


def _once(kept: dict[bytes, tuple[Any, float]], samples: "Samples", work: Callable[..., Any]) -> Any:
    key = hashlib.blake2b(samples.tobytes(), digest_size=16).digest()
    if key not in kept:
        began_s = time.perf_counter()
        kept[key] = work(samples), time.perf_counter() - began_s
    return kept[key]


class Voice:
    """The voice activity of one clip, looked at once however often it is played."""

    def __init__(self) -> None:
        from speech.detection.silero import SileroActivity

        self._silero: SileroActivity = SileroActivity()
        self._found: list[float] = []

    def replayed(self) -> "Replay":
        """Return a detector that has the clip before it."""
        return Replay(self._silero, self._found)


class Replay:
    """A `VoiceActivityDetector` that remembers; blocks come in the same order each time."""

    def __init__(self, silero: "SileroActivity", found: list[float]) -> None:
        self.block_samples = silero.block_samples
        self._silero = silero
        self._found = found
        self._at = 0

    def probability(self, block: "Samples") -> float:
        """Return the chance that the next block holds speech."""
        if self._at == len(self._found):
            self._found.append(self._silero.probability(block))
        self._at += 1
        return self._found[self._at - 1]

    def reset(self) -> None:
        """A clip has no gaps."""


@dataclass(slots=True)
class _Job:
    """Work in the lane. `tell` is called when it is done."""

    begin_s: float
    done_s: float
    tell: Callable[[], None]


class Listening:
    """One clip, one way."""

    def __init__(self, way: Way, engines: Engines, voice: Voice) -> None:
        from speech.hearing import Ear, EarSettings

        self._way = way
        self._engines = engines
        self._ear = Ear(voice.replayed(), None, EarSettings(addressed=True), way.settings)
        self._jobs: list[_Job] = []
        self._free_s = 0.0
        self._known: tuple[float, str] | None = None  # when the words of this pause are there, and the words
        self._played = 0  # so many samples of the clip

    def hear(self, clip: Spoken) -> Heard:
        """Play a clip until its first turn ends."""
        ended = self._ended(clip, len(clip.samples) / RATE_HZ)
        if ended is None:
            end_s = len(clip.samples) / RATE_HZ
            return Heard(end_s, end_s, "")
        end_s = ended.endpoint_s
        if self._known is None:  # nobody looked at the words before
            transcript, took_s = self._engines.words(ended.samples)
            self._known = max(end_s, self._free_s) + took_s, transcript.text
        known_s, text = self._known
        return Heard(end_s, max(end_s, known_s), text)

    def parts(self, clip: Spoken) -> "Iterator[Part]":
        """Play a clip to its end and yield its turns."""
        while (ended := self._ended(clip, len(clip.samples) / RATE_HZ)) is not None:
            known, self._known = self._known, None
            text = known[1] if known is not None else self._engines.words(ended.samples)[0].text
            yield Part(ended.start_sample / RATE_HZ, ended.endpoint_s, text)

    def end_before_s(self, clip: Spoken, until_s: float) -> float | None:
        """Return when the first turn of a clip ended, if it did by `until_s`; nothing beyond is worked on."""
        ended = self._ended(clip, until_s)
        return None if ended is None else ended.endpoint_s

    def _ended(self, clip: Spoken, until_s: float) -> "Utterance | None":
        from speech.audio import AudioChunk
        from speech.hearing import Ended

        for start in range(self._played, min(len(clip.samples), int(until_s * RATE_HZ)) - CHUNK, CHUNK):
            self._played = start + CHUNK
            now_s = self._played / RATE_HZ
            self._tell(now_s)
            chunk = AudioChunk("clip", start, clip.samples[start : start + CHUNK], now_s)
            for event in self._ear.hear(chunk):
                if isinstance(event, Ended):
                    return event.utterance
                self._follow(event, now_s)
        return None

    def _follow(self, event: "Event", now_s: float) -> None:
        from speech.end_of_turn import Wholeness, doubting
        from speech.hearing import Paused, Resumed, Undecided

        match event:
            case Paused(samples=samples, said=said) if self._way.words:
                self._drop(now_s)
                transcript, took_s = self._engines.words(samples)
                wholeness = doubting(
                    self._engines.completeness(transcript.text, transcript.language),
                    transcript.log_probability,
                )
                done_s = self._do(now_s, took_s, lambda: self._ear.judge(said, wholeness))
                self._known = done_s, transcript.text
            case Paused(said=said):
                self._ear.judge(said, Wholeness.UNKNOWN)
            case Undecided(samples=samples, said=said):
                chance, took_s = self._engines.sound(samples)
                self._do(now_s, took_s, lambda: self._ear.judge_sound(said, chance))
            case Resumed():
                self._drop(now_s)

    def _do(self, now_s: float, took_s: float, tell: Callable[[], None]) -> float:
        begin_s = max(now_s, self._free_s)
        self._free_s = begin_s + took_s
        self._jobs.append(_Job(begin_s, self._free_s, tell))
        return self._free_s

    def _drop(self, now_s: float) -> None:
        """Forget what has not begun; what runs goes on, for nothing."""
        running = [job.done_s for job in self._jobs if job.begin_s < now_s]
        self._free_s = max(running, default=min(self._free_s, now_s))
        self._jobs.clear()
        self._known = None

    def _tell(self, now_s: float) -> None:
        due = [job for job in self._jobs if job.done_s <= now_s]
        self._jobs = [job for job in self._jobs if job.done_s > now_s]
        for job in due:
            job.tell()
