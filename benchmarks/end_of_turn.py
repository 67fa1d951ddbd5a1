"""When a turn is over: how long the silence lasts until it is decided, and how often somebody is cut off.

Clips are played through the ear in the stream's own time: what recognition or the sound's judge takes on this
machine passes in the stream as well before the ear is told. A turn that ends before the clip's last sound was
cut off. Waits are counted from the last sound, on clips that were not cut off.

`orders` are short home orders by synthetic voices; `hesitant_0_6_s` are the same with so much of their own
room tone put between two words (where what is recognised of the first half is just the first words of the
order; clips without such a place are left out); `commands` are 100 people's orders, with their own pauses.
Four ways: 0.7 s of silence, as Home Assistant waits; the words alone; the words, and smart-turn where they
tell nothing; smart-turn alone.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import intervals
from benchmarks.plots import OTHER, OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recordings import HOW, last_sound_s, load, recordings
from benchmarks.weights import folder_of, missing
from benchmarks.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.understanding.fast_path import FastPath
    from devices.home import Home
    from speech.audio import Samples
    from speech.end_of_turn import Completeness, EndOfTurnSettings, TurnJudge
    from speech.hearing import Ear
    from speech.recognition.engine import Recogniser

MODELS = ("whisper-base", "smart-turn-v3.2")
RATE_HZ = 16_000
CHUNK = RATE_HZ // 50
QUIET_BEHIND_S = 2.0
PAUSES_S = (0.3, 0.6, 0.9, 1.2)
TOLERANCE_S = 0.05  # a turn that ends so close to the last sound lost nothing of it
WAYS = ("fixed_0_7_s", "words", "words_and_sound", "sound")
SETS = ("orders", *(f"hesitant_{pause_s}_s".replace(".", "_") for pause_s in PAUSES_S), "commands")
MOST_PLACES = 8  # that are looked at for a pause in one clip
LIGHTS = ("Kitchen Lights", "Bed Light", "Standing Light", "Office Light")
COVERS = ("Office Curtains", "Office Blinds", "Kitchen Windows", "Office Windows", "Sliding Door")


Answers = dict[int, tuple[Any, float]]
"""Length of a stretch -> what was made of it, and the seconds that it took."""


@dataclass(slots=True)
class Clip:
    """A clip, when its last sound ends, and what was made of its pauses."""

    samples: "Samples"
    last_s: float
    words: Answers = field(default_factory=dict)
    sound: Answers = field(default_factory=dict)


class EndOfTurn:
    """False cut-offs and waits, four ways."""

    name = "end_of_turn"

    def __init__(self, most: int | None = None, took_s: tuple[float, float] | None = None) -> None:
        """With `most` only so many clips of each set; with `took_s` recognition and judge are taken to need
        so many seconds, whatever they need here.
        """
        self._most = most
        self._took_s = took_s

    def lacks(self) -> str | None:
        """Weights and recordings."""
        return missing(MODELS) or (None if recordings("orders") else f"no recordings: {HOW}")

    def run(self, tell: Tell) -> Results:
        """Play every clip, each way."""
        from speech.detection.smart_turn import SmartTurn
        from speech.recognition.whisper import WhisperRecogniser

        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        judge = SmartTurn(folder_of(MODELS[1]))
        completeness = _fast_path().completeness
        with closing(WhisperRecogniser(folder_of(MODELS[0]))) as recogniser:
            orders = list(_clips("orders", self._most))
            places = [_place(clip, text, recogniser) for clip, text in orders]
            for name in SETS:
                clips = _set(name, orders, places) if name != "commands" else _people(self._most)
                tell(f"{name}: {len(clips)} clips")
                for way in WAYS:
                    player = Player(way, recogniser, completeness, judge, self._took_s)
                    ends = [(clip, player.end_s(clip)) for clip in clips]
                    waits = [end_s - clip.last_s for clip, end_s in ends]
                    kept = [wait for wait in waits if wait >= -TOLERANCE_S]
                    key = f"{name}_{way}"
                    figures[f"{key}_cut_off"] = intervals.share(len(waits) - len(kept), len(waits))
                    if kept:
                        samples[f"{key}_wait_ms"] = [wait * 1000 for wait in kept]
                        figures[f"{key}_wait_ms"] = intervals.of_samples(samples[f"{key}_wait_ms"], "ms")
        conditions = {
            "orders": "audio/orders, synthetic voices; hesitant: the same with a pause put between two words",
            "commands": "audio/commands, 100 people",
        }
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """The wait against the share that is cut off, a mark a way and set."""
        marks = dict(zip(SETS, "o1234^", strict=True))
        colours = dict(zip(WAYS, (PEERS, OURS, OTHER, "#8a8a8a"), strict=True))
        for name in SETS:
            for way in WAYS:
                wait = results.figures.get(f"{name}_{way}_wait_ms")
                if wait is not None:
                    cut = results.figures[f"{name}_{way}_cut_off"]
                    label = f"{way.replace('_', ' ')}, {name}"
                    axes.plot(wait.value, cut.value * 100, marks[name], color=colours[way], label=label)
        axes.set(xlabel="median wait behind the last sound, ms", ylabel="cut off, %")
        axes.legend(fontsize=6, ncols=2, loc="upper left", bbox_to_anchor=(1.0, 1.0))


class Player:
    """Plays clips to an ear, one way."""

    def __init__(
        self,
        way: str,
        recogniser: "Recogniser",
        completeness: "Completeness",
        judge: "TurnJudge",
        took_s: tuple[float, float] | None = None,
    ) -> None:
        self._took_s = took_s
        self._way = way
        self._recogniser = recogniser
        self._completeness = completeness
        self._judge = judge

    def end_s(self, clip: Clip) -> float:
        """Return when the first turn of a clip ended, in seconds from its beginning."""
        from speech.audio import AudioChunk
        from speech.detection.silero import SileroActivity
        from speech.hearing import Ear, EarSettings, Ended

        ear = Ear(SileroActivity(), None, EarSettings(addressed=True), self._settings())
        due: list[tuple[float, Callable[[], None]]] = []
        for start in range(0, len(clip.samples) - CHUNK, CHUNK):
            now_s = (start + CHUNK) / RATE_HZ
            for at_s, answer in [each for each in due if each[0] <= now_s]:
                due.remove((at_s, answer))
                answer()
            for event in ear.hear(AudioChunk("clip", start, clip.samples[start : start + CHUNK], now_s)):
                if isinstance(event, Ended):
                    return event.utterance.endpoint_s
                due = self._follow(event, ear, clip, now_s, due)
        return len(clip.samples) / RATE_HZ

    def _follow(
        self, event: object, ear: "Ear", clip: Clip, now_s: float, due: list[tuple[float, Callable[[], None]]]
    ) -> list[tuple[float, Callable[[], None]]]:
        """Return what is still to be answered, and when."""
        from speech.end_of_turn import Wholeness
        from speech.hearing import Paused, Resumed, Undecided

        match event:
            case Paused(turn_id=turn_id, samples=samples) if self._way == "sound":
                return [*due, (now_s, lambda: ear.judge(turn_id, Wholeness.UNKNOWN))]
            case Paused(turn_id=turn_id, samples=samples) if self._way != WAYS[0]:
                wholeness, took_s = _timed(clip.words, samples, self._wholeness)
                took_s = self._took_s[0] if self._took_s else took_s
                return [*due, (now_s + took_s, lambda: ear.judge(turn_id, wholeness))]
            case Undecided(turn_id=turn_id, samples=samples):
                chance, took_s = _timed(clip.sound, samples, self._judge)
                took_s = self._took_s[1] if self._took_s else took_s
                return [*due, (now_s + took_s, lambda: ear.judge_sound(turn_id, chance))]
            case Resumed():
                return []
        return due

    def _wholeness(self, samples: "Samples") -> object:
        transcript = self._recogniser.transcribe(samples)
        return self._completeness(transcript.text, transcript.language)

    def _settings(self) -> "EndOfTurnSettings":
        from speech.end_of_turn import EndOfTurnSettings

        if self._way == WAYS[0]:
            return EndOfTurnSettings(700, 700, 700, unheard_ms=700)
        unheard_ms = EndOfTurnSettings().open_ms
        return EndOfTurnSettings(unheard_ms=unheard_ms, ask_ms=None if self._way == "words" else 200)


def hesitant(samples: "Samples", at: int, pause_s: float) -> "Samples":
    """Return a clip with a pause of its own room tone at a sample."""
    levels = _levels(samples)
    quietest = float(np.sqrt(np.percentile(levels, 10)))
    tone = np.random.default_rng(0).normal(0.0, max(1.0, quietest), int(pause_s * RATE_HZ))
    made: Samples = np.concatenate([samples[:at], tone.astype(np.int16), samples[at:]])
    return made


def _place(clip: Clip, text: str, recogniser: "Recogniser") -> int | None:
    """Return a quiet sample between two words of an order; None where none was found."""
    frame = RATE_HZ // 100
    levels = np.convolve(_levels(clip.samples), np.ones(5) / 5, "same")
    first, last = int(clip.last_s * 100 * 0.25), int(clip.last_s * 100 * 0.8)
    dips = [at for at in range(first, last) if levels[at] == levels[max(0, at - 6) : at + 7].min()]
    said = words(text)
    for at in sorted(dips, key=lambda each: levels[each])[:MOST_PLACES]:
        heard = words(recogniser.transcribe(clip.samples[: at * frame], language="en").text)
        if 2 <= len(heard) < len(said) and heard == said[: len(heard)]:
            return at * frame
    return None


def _set(name: str, orders: Sequence[tuple[Clip, str]], places: Sequence[int | None]) -> list[Clip]:
    if name == "orders":
        return [clip for clip, _text in orders]
    pause_s = PAUSES_S[SETS.index(name) - 1]
    return [
        Clip(hesitant(clip.samples, at, pause_s), clip.last_s + pause_s)
        for (clip, _text), at in zip(orders, places, strict=True)
        if at is not None
    ]


def _people(most: int | None) -> list[Clip]:
    return [clip for clip, _text in _clips("commands", most)]


def _clips(folder: str, most: int | None) -> Iterator[tuple[Clip, str]]:
    for recording in recordings(folder, named_by_text=True)[:most]:
        samples = load(recording)
        noise = np.random.default_rng(1).normal(0.0, 8.0, int(QUIET_BEHIND_S * RATE_HZ)).astype(np.int16)
        yield Clip(np.concatenate([samples, noise]), last_sound_s(samples)), recording.text


def _levels(samples: "Samples") -> intervals.Numbers:
    """Return the mean square of every 10 ms."""
    frame = RATE_HZ // 100
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame).astype(np.float64)
    levels: intervals.Numbers = np.square(frames).mean(axis=1)
    return levels


def _timed(kept: Answers, samples: "Samples", answer: "Callable[[Samples], object]") -> tuple[Any, float]:
    """Return an answer and the seconds that it took; the same stretch of a clip is worked on once."""
    if len(samples) not in kept:
        began_s = time.perf_counter()
        kept[len(samples)] = answer(samples), time.perf_counter() - began_s
    return kept[len(samples)]


def _fast_path() -> "FastPath":
    from assistant.understanding.fast_path import FastPath
    from skills.registry import Registry

    return FastPath(Registry.load({}), _home())


def _home() -> "Home":
    """The things that the orders name."""
    from devices.home import Ability, Device, Home, Kind

    home = Home({"Kitchen": (), "Office": ()})
    lamp = frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR})
    kinds: Mapping[Kind, tuple[tuple[str, ...], frozenset[Ability]]] = {
        Kind.LIGHT: (LIGHTS, lamp),
        Kind.COVER: (COVERS, frozenset({Ability.OPEN})),
        Kind.LOCK: (("Front Door",), frozenset({Ability.LOCKED})),
        Kind.SWITCH: (("TV",), frozenset({Ability.ON})),
        Kind.CLIMATE: (("EcoBee",), frozenset({Ability.SETPOINT, Ability.READING})),
    }
    for kind, (names, abilities) in kinds.items():
        for name in names:
            room = next((each for each in ("Kitchen", "Office") if name.startswith(each)), None)
            home.put(Device(name, name, kind, abilities, room))
    return home
