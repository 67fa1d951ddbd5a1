"""The ear: cuts a stream of sound into utterances, and says early what may soon be one.

One `Ear` serves one stream. It is fed chunks and returns events; it does no I/O and waits for nothing. What
is being heard is one of four states, and `_MOVES` is all that can happen between them.
"""

import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from speech.audio import RATE_HZ, AudioChunk, Samples, Utterance
from speech.detection.engine import VoiceActivityDetector, WakeWordDetector
from speech.end_of_turn import EndOfTurnSettings, Wholeness, ended, worth_asking


class Hearing(StrEnum):
    """What is being heard at one place."""

    ASLEEP = "asleep"  # only the wake word counts
    ATTENTIVE = "attentive"  # addressed; nobody speaks yet
    SPEECH = "speech"  # somebody speaks
    PAUSE = "pause"  # somebody spoke and may go on


class Heard(StrEnum):
    """What can happen to an ear."""

    WAKE_WORD = "wake word"
    ATTENTION = "attention"
    VOICE = "voice"
    SILENCE = "silence"
    END_OF_TURN = "end of turn"
    NOBODY_SPOKE = "nobody spoke"


_MOVES: dict[tuple[Hearing, Heard], Hearing] = {
    (Hearing.ASLEEP, Heard.WAKE_WORD): Hearing.ATTENTIVE,
    (Hearing.ASLEEP, Heard.ATTENTION): Hearing.ATTENTIVE,
    (Hearing.ATTENTIVE, Heard.WAKE_WORD): Hearing.ATTENTIVE,
    (Hearing.SPEECH, Heard.WAKE_WORD): Hearing.ATTENTIVE,
    (Hearing.PAUSE, Heard.WAKE_WORD): Hearing.ATTENTIVE,
    (Hearing.ATTENTIVE, Heard.VOICE): Hearing.SPEECH,
    (Hearing.SPEECH, Heard.SILENCE): Hearing.PAUSE,
    (Hearing.PAUSE, Heard.VOICE): Hearing.SPEECH,
    (Hearing.SPEECH, Heard.END_OF_TURN): Hearing.ASLEEP,
    (Hearing.PAUSE, Heard.END_OF_TURN): Hearing.ASLEEP,
    (Hearing.ATTENTIVE, Heard.NOBODY_SPOKE): Hearing.ASLEEP,
}


class IllegalMoveError(Exception):
    """Something happened that cannot happen now: a fault of ours, which ends the turn and nothing else."""


@dataclass(frozen=True, slots=True)
class Woke:
    """A wake word ended at this sample."""

    word: str
    at_sample: int


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to speak to us."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A place in the sound: what was said between two samples of a stream, up to the last voiced one.

    Two looks at the same stretch have heard the same words.
    """

    stream_id: str
    start_sample: int
    end_sample: int


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The person has been speaking for another while; `samples` is the utterance so far."""

    turn_id: str
    samples: Samples
    said: Stretch


@dataclass(frozen=True, slots=True)
class Paused:
    """A short quiet: what was said so far may be all. `samples` is worth recognising now."""

    turn_id: str
    samples: Samples
    speech_end_s: float
    said: Stretch


@dataclass(frozen=True, slots=True)
class Undecided:
    """The pause lasts, and the words do not settle whether they were all: somebody may judge the sound, and
    tell `Ear.judge_sound`. `samples` have the quiet behind them.
    """

    turn_id: str
    samples: Samples
    said: Stretch


@dataclass(frozen=True, slots=True)
class Resumed:
    """The person went on; what was made of the last pause is void."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn is over. `said` is where its words lie."""

    utterance: Utterance
    said: Stretch


@dataclass(frozen=True, slots=True)
class GaveUp:
    """We were addressed, and then nobody spoke."""


Event = Woke | SpeechStarted | GoesOn | Paused | Undecided | Resumed | Ended | GaveUp


@dataclass(frozen=True, slots=True)
class EarSettings:
    """How an ear listens. `addressed` means that everything is meant for us, without a wake word."""

    addressed: bool = False
    voice_threshold: float = 0.5  # above it somebody begins to speak
    still_threshold: float = 0.8  # below it they have stopped: Silero falls slowly, 60 ms from here to 0.5
    floor: int = 16  # of 32,767: -66 dB, below what a microphone's own noise reaches
    onset_ms: int = 96  # this much voice is speech, less is a click
    over_answer_ms: int = 64  # the same while an answer is given: a pause for a click does little harm
    pause_ms: int = 64  # this much quiet is worth a first look at the words
    pre_roll_ms: int = 320  # kept from before the onset, which is found late
    after_roll_ms: int = 160  # kept behind the last voice: final consonants are quiet
    wake_latency_ms: int = 60  # the detector speaks up this long after the word's end
    wake_tail_ms: int = 250  # voice that goes on this long behind the wake word is the order already
    look_every_s: float = 2.0  # while somebody speaks on, the words so far are looked at this often
    patience_s: float = 6.0  # after the wake word, and in a follow-up window


class Ear:
    """Hears one stream."""

    def __init__(
        self,
        activity: VoiceActivityDetector,
        wake_words: WakeWordDetector | None,
        settings: EarSettings,
        end_of_turn: EndOfTurnSettings,
    ) -> None:
        self._activity = activity
        self._wake_words = wake_words
        self._settings = settings
        self._end_of_turn = end_of_turn
        self.state = Hearing.ATTENTIVE if settings.addressed else Hearing.ASLEEP
        self._undecided = np.empty(0, np.int16)  # less than one block of voice activity
        self._shown = self._undecided  # the same, as the detectors are shown it
        self._recent: deque[Samples] = deque()  # blocks before the onset
        blocks = self._ms(settings.pre_roll_ms) // activity.block_samples
        self._slept: deque[Samples] = deque(maxlen=blocks)  # what voice activity has not heard yet
        self._speech: list[Samples] = []  # blocks of the utterance
        self._onset_ms = settings.onset_ms
        self._at = 0  # stream position, in samples, of the next block
        self._voiced = 0  # samples of voice in a row; negative behind a wake word
        self._begin = 0  # where the utterance begins
        self._voice_end = 0  # one past its last voiced sample so far
        self._ours_until = 0  # a chime of ours is over at this sample
        self._patient_until = 0  # give up at this sample
        self._rest_until = 0  # and not before this one
        self._look_at = 0  # the sample of the next look at the words so far
        self._stream_id = ""
        self._turn_id = ""
        self._wholeness = Wholeness.UNHEARD  # of the words before the present pause
        self._finished: float | None = None  # what the sound of it was judged to be; None: nobody was asked
        self._hesitant = False  # whether the person has stopped to think in this turn

    def attend(self, seconds: float | None = None, *, over_answer: bool = False) -> None:
        """Open a window in which no wake word is needed: push-to-talk, a follow-up. 0 seconds close it. With
        `over_answer` we speak meanwhile, and whoever speaks over us is to be heard the sooner.
        """
        self._onset_ms = self._settings.over_answer_ms if over_answer else self._settings.onset_ms
        seconds = self._settings.patience_s if seconds is None else seconds
        if seconds and self.state is Hearing.ASLEEP:
            self._move(Heard.ATTENTION)
        self._patient_until = max(self._at + int(seconds * RATE_HZ), self._rest_until)

    def await_rest(self, seconds: float) -> None:
        """What was said may go on for so long, and until then no `attend` closes the window; 0 s end that."""
        self._rest_until = self._at + int(seconds * RATE_HZ)
        self.attend(seconds)

    def cut_out(self, seconds: float) -> None:
        """For so long a sound of our own is heard. An utterance that begins behind it has nothing of it;
        whoever speaks over it is heard all the same.
        """
        # Two blocks: one may be undecided still, and the utterance begins with a whole one.
        self._ours_until = self._at + int(seconds * RATE_HZ) + 2 * self._activity.block_samples

    def judge(self, said: Stretch, wholeness: Wholeness) -> None:
        """Take what understanding made of the words before the present pause; word of another is ignored."""
        if self.state is Hearing.PAUSE and said == self._stretch():
            self._wholeness = wholeness

    def judge_sound(self, said: Stretch, finished: float) -> None:
        """Take the chance that the person has finished, by the sound of the present pause; word of another
        is ignored.
        """
        if self.state is Hearing.PAUSE and said == self._stretch():
            self._finished = finished

    def hear(self, chunk: AudioChunk) -> Iterator[Event]:
        """Take the next chunk and tell what happened within it."""
        if chunk.start_sample != self._at + len(self._undecided):
            self._skip_to(chunk.start_sample)
        self._stream_id = chunk.stream_id
        shown = chunk.samples if chunk.detection is None else chunk.detection
        woke = self._wake_words.detect(shown) if self._wake_words is not None else None
        if woke is not None:
            yield self._wake(woke, chunk)
        self._undecided = np.concatenate([self._undecided, chunk.samples])
        self._shown = np.concatenate([self._shown, shown])
        block_samples = self._activity.block_samples
        while len(self._undecided) >= block_samples:
            block, self._undecided = self._undecided[:block_samples], self._undecided[block_samples:]
            shown, self._shown = self._shown[:block_samples], self._shown[block_samples:]
            seconds_behind = len(self._undecided) / RATE_HZ
            yield from self._hear_block(block, shown, chunk.arrived_s - seconds_behind)

    def _hear_block(self, block: Samples, shown: Samples, arrived_s: float) -> Iterator[Event]:
        self._at += len(block)
        if self.state is Hearing.ASLEEP:  # nobody is addressed: most of what listening costs is saved
            self._slept.append(shown)
            self._remember(block)
            return
        voiced = self._is_voiced(shown)
        match self.state:
            case Hearing.ATTENTIVE:
                yield from self._wait_for_speech(block)
            case Hearing.SPEECH | Hearing.PAUSE:
                yield from self._follow_speech(block, voiced, arrived_s)

    def _is_voiced(self, shown: Samples) -> bool:
        # A quiet room costs nothing: sound that no ear would hear is not shown to the model.
        loud = int(np.abs(shown).max()) >= self._settings.floor
        speaks = self.state in (Hearing.SPEECH, Hearing.PAUSE)
        threshold = self._settings.still_threshold if speaks else self._settings.voice_threshold
        voiced = loud and self._activity.probability(shown) >= threshold
        self._voiced = self._voiced + len(shown) if voiced else 0
        return voiced

    def _catch_up(self) -> None:
        """Voice activity slept, too: it hears what came just before, and knows by then who is speaking."""
        self._activity.reset()
        self._voiced = 0
        for shown in self._slept:
            self._is_voiced(shown)
        self._slept.clear()

    def _wait_for_speech(self, block: Samples) -> Iterator[Event]:
        self._remember(block)
        if self._voiced >= self._ms(self._onset_ms):
            self._move(Heard.VOICE)
            self._turn_id = uuid.uuid4().hex[:12]
            if self._at - self._voiced >= self._ours_until:
                self._keep_recent(self._at - self._ours_until)
            self._speech = list(self._recent)
            self._recent.clear()
            self._begin = self._at - sum(map(len, self._speech))
            self._voice_end = self._at
            self._hesitant = False
            self._look_at = self._at + int(self._settings.look_every_s * RATE_HZ)
            yield SpeechStarted(self._turn_id)
        elif not self._settings.addressed and self._at > self._patient_until:
            self._move(Heard.NOBODY_SPOKE)
            yield GaveUp()

    def _follow_speech(self, block: Samples, voiced: bool, arrived_s: float) -> Iterator[Event]:
        self._speech.append(block)
        if voiced:
            paused = self._at - len(block) - self._voice_end
            self._hesitant = self._hesitant or paused >= self._ms(self._end_of_turn.hesitant_ms)
            self._voice_end = self._at
            if self.state is Hearing.PAUSE:
                self._move(Heard.VOICE)
                self._forget_pause()
                self._look_at = self._at + int(self._settings.look_every_s * RATE_HZ)
                yield Resumed(self._turn_id)
        silence = self._at - self._voice_end
        speech_end_s = arrived_s - silence / RATE_HZ
        if self.state is Hearing.SPEECH and silence >= self._ms(self._settings.pause_ms):
            self._move(Heard.SILENCE)
            yield Paused(self._turn_id, self._said(), speech_end_s, self._stretch())
        elif self.state is Hearing.SPEECH and self._at >= self._look_at:
            self._look_at = self._at + int(self._settings.look_every_s * RATE_HZ)
            yield GoesOn(self._turn_id, self._said(), self._stretch())
        elif self._wonders(silence):
            self._finished = 0.0  # until we are told otherwise
            yield Undecided(self._turn_id, np.concatenate(self._speech), self._stretch())
        if ended(
            silence * 1000 / RATE_HZ,
            (self._at - self._begin) / RATE_HZ,
            self._wholeness,
            self._end_of_turn,
            self._finished,
            hesitant=self._hesitant,
        ):
            yield self._end(speech_end_s, arrived_s)

    def _wonders(self, silence: int) -> bool:
        """Whether it is time to have the sound judged: the words are known, and do not settle it."""
        ask_ms = self._end_of_turn.ask_ms
        return (
            self.state is Hearing.PAUSE
            and worth_asking(self._wholeness)
            and self._finished is None
            and ask_ms is not None
            and silence >= self._ms(ask_ms)
        )

    def _forget_pause(self) -> None:
        self._wholeness = Wholeness.UNHEARD
        self._finished = None

    def _end(self, speech_end_s: float, endpoint_s: float) -> Ended:
        self._move(Heard.END_OF_TURN)
        if self._settings.addressed:
            self.state = Hearing.ATTENTIVE
        said = Utterance(self._turn_id, self._stream_id, self._begin, self._said(), speech_end_s, endpoint_s)
        stretch = self._stretch()
        self._speech = []
        self._forget_pause()
        return Ended(said, stretch)

    def _stretch(self) -> Stretch:
        return Stretch(self._stream_id, self._begin, self._voice_end)

    def _said(self) -> Samples:
        """What was said so far, without the silence that decided that it was all."""
        keep = self._voice_end - self._begin + self._ms(self._settings.after_roll_ms)
        return np.concatenate(self._speech)[:keep]

    def _wake(self, word: str, chunk: AudioChunk) -> Woke:
        """Start afresh behind the wake word; it never reaches the transcript."""
        self._move(Heard.WAKE_WORD)
        self._speech = []
        self._keep_recent(self._ms(self._settings.wake_latency_ms))
        # Voice activity outlasts the word. Only voice that goes on for long, or that comes after a quiet
        # moment, is somebody speaking to us.
        self._voiced = self._ms(self._settings.onset_ms) - self._ms(self._settings.wake_tail_ms)
        self._forget_pause()
        self._patient_until = chunk.end_sample + int(self._settings.patience_s * RATE_HZ)
        return Woke(word, chunk.end_sample)

    def _remember(self, block: Samples) -> None:
        self._recent.append(block)
        self._keep_recent(self._ms(self._settings.pre_roll_ms))

    def _keep_recent(self, samples: int) -> None:
        while self._recent and sum(map(len, self._recent)) - len(self._recent[0]) >= samples:
            self._recent.popleft()

    def _skip_to(self, sample: int) -> None:
        """A gap in the stream: what was half heard is dropped, since its two sides do not fit."""
        self._undecided = self._shown = np.empty(0, np.int16)
        self._recent.clear()
        self._slept.clear()
        self._at = sample
        self._activity.reset()
        if self._wake_words is not None:
            self._wake_words.reset()

    def _move(self, heard: Heard) -> None:
        following = _MOVES.get((self.state, heard))
        if following is None:
            raise IllegalMoveError(f"{heard} cannot happen while {self.state}")
        if self.state is Hearing.ASLEEP:
            self._catch_up()
        self.state = following

    @staticmethod
    def _ms(milliseconds: int) -> int:
        return milliseconds * RATE_HZ // 1000
