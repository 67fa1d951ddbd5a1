"""The assistant's own voice in its own ears: what is understood over it, and how fast it yields to whom.

All of it is synthetic: the rooms are made-up impulse responses (`rooms.py`), the assistant's voice and the
listener's words are Piper's, the coughs are bursts of noise, and the orders are synthetic voices, too.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from benchmarks import intervals
from benchmarks.plots import OTHER, OURS
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.recordings import HOW, load, recordings, spoken
from benchmarks.rooms import RATE_HZ, ROOMS, Room, level
from benchmarks.weights import folder_of, missing
from benchmarks.words import errors, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from speech.audio import Samples
    from speech.echo.engine import Cleaned
    from speech.echo.room import RoomCanceller
    from speech.recognition.whisper import WhisperRecogniser

MODEL = "whisper-base"
VOICE = "piper-en_US-joe-medium"
LEVELS_DB = (10, 0, -10)
"""The order's level over that of the echo, at the microphone."""
ECHO_LEVEL = 1_000.0
ROOM_NOISE = 12.0
BEFORE_S = 4.0
"""So long the assistant speaks before somebody speaks over it."""
PIECE = RATE_HZ // 50
SYLLABLE = 8
"""Pieces, half of which are loud from a syllable's beginning on."""
ANSWERS = (
    "The kitchen light is on, the bedroom blinds are closed, and the front door is locked.",
    "Tomorrow it will be mostly cloudy, with a high of seventeen degrees and some rain in the evening.",
    "Your next appointment is at half past two, with the dentist in the old town.",
    "I have set the heating in the living room to twenty one degrees and turned off the fan.",
    "There are three things on your shopping list: milk, bread, and two kilos of potatoes.",
)
BACKCHANNELS = (
    "Uh-huh.",
    "Mm-hmm.",
    "Right.",
    "Okay.",
    "Yeah.",
    "I see.",
    "Hmm.",
    "Aha.",
    "Yes, yes.",
    "Oh.",
)
COUGHS = 12


@dataclass(frozen=True, slots=True)
class _Heard:
    """One stream at the microphone: as it is recognised, and as the detectors are shown it."""

    samples: "Samples"
    detection: "Samples"


class Echo:
    """Words wrong over its own voice, time to fall silent, and false interruptions."""

    name = "echo"

    def __init__(
        self, most: int = 12, levels_db: Sequence[int] = LEVELS_DB, rooms: Sequence[Room] = ROOMS
    ) -> None:
        """With `most` only so many orders."""
        self._most = most
        self._levels_db = levels_db
        self._rooms = rooms

    def lacks(self) -> str | None:
        """Weights, the orders, and the library."""
        if not recordings("orders"):
            return f"no recordings: {HOW}"
        return missing([MODEL, VOICE])

    def run(self, tell: Tell) -> Results:
        """Speak over it, cough at it, and let it speak alone."""
        from speech.echo.engine import EchoError
        from speech.echo.webrtc import WebRtcCanceller

        try:
            WebRtcCanceller()
        except EchoError as error:
            raise BenchmarkError(str(error)) from error
        recogniser = _recogniser()
        try:
            with tempfile.TemporaryDirectory() as folder:
                answers = [load(each) for each in spoken(ANSWERS, Path(folder))]
                murmurs = [load(each) for each in spoken(BACKCHANNELS, Path(folder))]
            figures, samples = self._orders(recogniser, np.concatenate(answers), tell)
            figures |= self._murmurs(recogniser, np.concatenate(answers), murmurs, tell)
            figures |= self._alone(answers, tell)
        finally:
            recogniser.close()
        rooms = ", ".join(f"{room.name} (RT60 {room.rt60_s:.2f} s)" for room in self._rooms)
        return Results(
            figures,
            samples,
            {
                "rooms": f"synthetic impulse responses: {rooms}",
                "orders": f"audio/orders, {self._most} of them, over Piper's voice, which goes on",
                "coughs and listener's words": "synthetic: bursts of noise, and Piper's voice",
            },
        )

    def draw(self, results: Results, axes: "Axes") -> None:
        """Words wrong by level, with and without cancellation."""
        places = range(len(self._levels_db))
        for suffix, colour, label in (("", OURS, "echo taken out"), ("_uncancelled", OTHER, "as it is")):
            shown = [results.figures[f"words_wrong_{_named(db)}{suffix}"] for db in self._levels_db]
            axes.plot(places, [each.value * 100 for each in shown], "o-", color=colour, label=label)
            lows, highs = (
                [(each.low or 0) * 100 for each in shown],
                [(each.high or 0) * 100 for each in shown],
            )
            axes.fill_between(places, lows, highs, color=colour, alpha=0.15)
        axes.set(xticks=list(places), xticklabels=[f"{db:+d} dB" for db in self._levels_db])
        axes.set(xlabel="order over the assistant's own voice", ylabel="words wrong, %", ylim=(0, None))
        axes.legend()

    # -- orders spoken over an answer ------------------------------------------------------------------------

    def _orders(
        self, recogniser: "WhisperRecogniser", voice: "Samples", tell: Tell
    ) -> tuple[dict[str, Figure], dict[str, list[float]]]:
        orders = [(each.text, _trimmed(load(each))) for each in recordings("orders", named_by_text=True)]
        orders = orders[:: max(1, len(orders) // self._most)][: self._most]
        said = [words(text) for text, _ in orders]
        figures: dict[str, Figure] = {}
        onset_ms: list[float] = []
        alone = [_wrong(recogniser, one, text) for text, (_, one) in zip(said, orders, strict=True)]
        figures["words_wrong_alone"] = intervals.rate(alone, [len(text) for text in said])
        primed = {room.name: _Primed() for room in self._rooms}
        for db in self._levels_db:
            wrong: dict[bool, list[float]] = {True: [], False: []}
            for room in self._rooms:
                echo = _echo(room, voice)
                for text, (_, order) in zip(said, orders, strict=True):
                    near = _over(order, echo, db)
                    for cancels in (True, False):
                        heard = _heard(near, voice, cancels=cancels, known=primed[room.name])
                        wrong[cancels].append(_wrong(recogniser, _where_said(heard, order), text))
                        if cancels and (late := _onset(heard)) is not None:
                            onset_ms.append(late)
            lengths = [len(text) for text in said] * len(self._rooms)
            figures[f"words_wrong_{_named(db)}"] = intervals.rate(wrong[True], lengths)
            figures[f"words_wrong_{_named(db)}_uncancelled"] = intervals.rate(wrong[False], lengths)
            now = (
                figures[f"words_wrong_{_named(db)}"].value,
                figures[f"words_wrong_{_named(db)}_uncancelled"].value,
            )
            tell(f"{db:+d} dB: {now[0]:.1%} of words wrong, {now[1]:.1%} without cancellation")
        trials = len(orders) * len(self._rooms) * len(self._levels_db)
        figures["orders_noticed"] = intervals.share(len(onset_ms), trials)
        if onset_ms:
            figures["onset_to_silent_ms"] = intervals.of_samples(onset_ms, "ms")
            tell(f"silent {np.median(onset_ms):.0f} ms after the order's onset")
        return figures, {"onset_to_silent_ms": onset_ms}

    # -- what is no order ------------------------------------------------------------------------------------

    def _murmurs(
        self, recogniser: "WhisperRecogniser", voice: "Samples", murmurs: Sequence["Samples"], tell: Tell
    ) -> dict[str, Figure]:
        coughs = [_cough(seed) for seed in range(COUGHS)]
        figures: dict[str, Figure] = {}
        for name, sounds in (("coughs", coughs), ("backchannels", [_trimmed(each) for each in murmurs])):
            paused = ended = trials = 0
            for room in self._rooms:
                echo, known = _echo(room, voice), _Primed()
                for sound in sounds:
                    trials += 1
                    heard = _heard(_over(sound, echo, 5), voice, cancels=True, known=known)
                    pauses, ends = self._interrupts(recogniser, heard)
                    paused, ended = paused + pauses, ended + ends
            figures[f"{name}_pause"] = intervals.share(paused, trials)
            figures[f"{name}_end"] = intervals.share(ended, trials)
            tell(f"{name}: {paused} of {trials} made the answer pause, {ended} ended it")
        return figures

    def _interrupts(self, recogniser: "WhisperRecogniser", heard: _Heard) -> tuple[bool, bool]:
        """Whether an answer pauses for it, and whether it ends."""
        from assistant.dialogue.floor import means_nothing
        from speech.hearing import Ended

        events = [event for event in _events(heard) if isinstance(event, Ended)]
        ended = [event for event in events if event.said.end_sample > BEFORE_S * RATE_HZ]
        transcripts = [recogniser.transcribe(event.utterance.samples, language="en") for event in ended]
        answer = " ".join(ANSWERS)
        return bool(ended), any(means_nothing(each, answer) is None for each in transcripts)

    # -- nobody but itself -----------------------------------------------------------------------------------

    def _alone(self, answers: Sequence["Samples"], tell: Tell) -> dict[str, Figure]:
        from speech.hearing import SpeechStarted

        quiet = np.zeros(2 * RATE_HZ, np.int16)
        voice = np.concatenate([piece for answer in answers for piece in (answer, quiet)])
        figures: dict[str, Figure] = {}
        for cancels, suffix in ((True, ""), (False, "_uncancelled")):
            count = 0
            for room in self._rooms:
                near = _noisy(_echo(room, voice))
                events = _events(_heard(near, voice, cancels=cancels))
                count += sum(isinstance(event, SpeechStarted) for event in events)
            hours = len(voice) * len(self._rooms) / RATE_HZ / 3600
            figures[f"own_voice_pauses_per_hour{suffix}"] = intervals.events_per_hour(
                count, hours, len(answers) * len(self._rooms)
            )
            how = "" if cancels else ", uncancelled"
            tell(f"its own voice made it pause {count} times in {hours * 3600:.0f} s{how}")
        return figures


def _recogniser() -> "WhisperRecogniser":
    from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

    return WhisperRecogniser(folder_of(MODEL), WhisperSettings("cpu", "int8", 2, 1, ("en", "zh"), None))


def _wrong(recogniser: "WhisperRecogniser", sound: "Samples", said: Sequence[str]) -> float:
    return errors(said, words(recogniser.transcribe(sound, language="en").text))


def _trimmed(sound: "Samples") -> "Samples":
    """From its first syllable on: some clips begin with a click that takes 0.15 s to fade, and a quiet."""
    frames = sound[: len(sound) // PIECE * PIECE].astype(np.float64).reshape(-1, PIECE)
    levels = np.sqrt(np.square(frames).mean(axis=1))
    levels[:5] = 0
    loud = np.pad(levels > levels.max() / 10, (0, SYLLABLE))
    lasting = np.convolve(loud, np.ones(SYLLABLE), "valid")[: len(levels)] >= SYLLABLE / 2
    return sound[int(np.flatnonzero(loud[: len(levels)] & lasting)[0]) * PIECE :]


def _echo(room: Room, voice: "Samples") -> npt.NDArray[np.float64]:
    heard = room.heard(voice)
    return heard * (ECHO_LEVEL / level(heard))


def _over(sound: "Samples", echo: npt.NDArray[np.float64], db: float) -> "Samples":
    """The microphone's sound: somebody speaks over the echo, so many dB louder, and then it goes on."""
    begin, behind = round(BEFORE_S * RATE_HZ), round(1.5 * RATE_HZ)
    mixed = echo[: begin + len(sound) + behind].copy()
    loud = sound * (ECHO_LEVEL * 10 ** (db / 20) / level(sound))
    mixed[begin : begin + len(sound)] += loud[: len(mixed) - begin]
    return _noisy(mixed)


def _noisy(sound: npt.NDArray[np.float64]) -> "Samples":
    noise = np.random.default_rng(7).normal(0, ROOM_NOISE, len(sound))
    return (sound + noise).clip(-32_768, 32_767).astype(np.int16)


def _heard(near: "Samples", voice: "Samples", *, cancels: bool, known: "_Primed | None" = None) -> _Heard:
    """What reaches recognition and the detectors. `known` has heard the same beginning before."""
    if not cancels:
        return _Heard(near, near)
    from speech.echo.room import RoomCanceller
    from speech.echo.webrtc import WebRtcCanceller

    far = np.concatenate([voice, np.zeros(len(near), np.int16)])
    canceller, begin = RoomCanceller(WebRtcCanceller()), 0
    pieces: list[Cleaned] = []
    if known is not None:
        canceller, pieces, begin = known.canceller(near, far)
    pieces += [
        canceller.clean(near[at : at + PIECE], far[at : at + PIECE])
        for at in range(begin, len(near) // PIECE * PIECE, PIECE)
    ]
    return _Heard(
        np.concatenate([piece.samples for piece in pieces]),
        np.concatenate([piece.detection for piece in pieces]),
    )


class _Primed:
    """A canceller that has heard the assistant alone in a room: each trial there begins so, and the filter is
    most of what a trial takes. The guard, which cannot be copied, hears the beginning again.
    """

    def __init__(self) -> None:
        self._beginning: Samples = np.zeros(0, np.int16)
        self._canceller: RoomCanceller | None = None
        self._pieces: list[Cleaned] = []

    def canceller(self, near: "Samples", far: "Samples") -> "tuple[RoomCanceller, list[Cleaned], int]":
        """One that knows the beginning, what it made of it, and where it ends."""
        from speech.echo.room import RoomCanceller
        from speech.echo.webrtc import WebRtcCanceller

        end = round(BEFORE_S * RATE_HZ) // PIECE * PIECE
        starts = range(0, end, PIECE)
        guard = WebRtcCanceller()
        if self._canceller is None or not np.array_equal(self._beginning, near[:end]):
            self._beginning, canceller = near[:end], RoomCanceller(guard)
            self._pieces = [canceller.clean(near[at : at + PIECE], far[at : at + PIECE]) for at in starts]
            self._canceller = canceller.with_guard(None)
            return canceller, list(self._pieces), end
        for at in starts:
            guard.clean(near[at : at + PIECE], far[at : at + PIECE])
        return self._canceller.with_guard(guard), list(self._pieces), end


def _events(heard: _Heard) -> "Iterator[object]":
    from speech.audio import AudioChunk
    from speech.detection.silero import SileroActivity
    from speech.end_of_turn import EndOfTurnSettings
    from speech.hearing import Ear, EarSettings

    ear = Ear(SileroActivity(), None, EarSettings(addressed=True), EndOfTurnSettings())
    ear.attend(0, over_answer=True)
    for at in range(0, len(heard.samples), PIECE):
        piece = slice(at, at + PIECE)
        arrived_s = (at + PIECE) / RATE_HZ
        chunk = AudioChunk("room", at, heard.samples[piece], arrived_s, heard.detection[piece])
        yield from ear.hear(chunk)


def _where_said(heard: _Heard, order: "Samples") -> "Samples":
    """The order's stretch, as an ear that finds both of its ends cuts it."""
    begin = round(BEFORE_S * RATE_HZ)
    return heard.samples[begin - RATE_HZ // 5 : begin + len(order) + RATE_HZ // 5]


def _onset(heard: _Heard) -> float | None:
    """Milliseconds from the order's first sound to the last sound of the answer; None: it was not noticed.

    What the sound card takes is its buffer, its block and the fade, as they are asked for.
    """
    from speech.audio import AudioChunk
    from speech.detection.silero import SileroActivity
    from speech.end_of_turn import EndOfTurnSettings
    from speech.hearing import Ear, EarSettings, SpeechStarted
    from speech.sound.speaker import BLOCK_S, FADE_S, LATENCY_S

    ear = Ear(SileroActivity(), None, EarSettings(addressed=True), EndOfTurnSettings())
    ear.attend(0, over_answer=True)
    begin = round((BEFORE_S - 0.5) * RATE_HZ) // PIECE * PIECE
    for at in range(begin, len(heard.samples), PIECE):
        piece = slice(at, at + PIECE)
        chunk = AudioChunk("room", at, heard.samples[piece], 0.0, heard.detection[piece])
        if any(isinstance(event, SpeechStarted) for event in ear.hear(chunk)):
            late_s = (at + PIECE) / RATE_HZ - BEFORE_S
            return 1_000 * (late_s + LATENCY_S + BLOCK_S + FADE_S) if late_s > 0 else None
    return None


def _cough(seed: int) -> "Samples":
    """Two bursts of noise with a hard attack, through the resonance of a mouth."""
    rng = np.random.default_rng(seed)
    bursts = []
    for seconds, loud in ((0.12 + 0.08 * rng.random(), 1.0), (0.1 + 0.1 * rng.random(), 0.6)):
        times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        noise = rng.standard_normal(len(times)) * np.exp(-times / (seconds / 4)) * loud
        bursts += [noise, np.zeros(round((0.05 + 0.1 * rng.random()) * RATE_HZ))]
    sound = np.concatenate(bursts)
    hz = 700 + 600 * rng.random()
    mouth = np.exp(-np.arange(80) / 20) * np.cos(2 * np.pi * hz * np.arange(80) / RATE_HZ)
    shaped = np.convolve(sound, mouth)[: len(sound)]
    cough: Samples = (shaped / np.abs(shaped).max() * 12_000).astype(np.int16)
    return cough


def _named(db: int) -> str:
    return f"minus_{-db}_db" if db < 0 else f"{db}_db"
