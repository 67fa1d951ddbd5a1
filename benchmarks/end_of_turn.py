"""When a turn is over: how long after the last sound its words are there, and how often somebody is cut off.

Clips are played through the ear in the stream's own time (`listening.py`), with their own room tone behind
and inside (`pauses.py`). Waits are counted from the last sound of complete clips that were not cut off:
until the end was decided (`wait`) and until the words were there (`transcript`). A turn that ends before the
clip's last sound was cut off; this is counted on the same clips with a pause of 0.3 to 1 s at every place
between two words where just the words before it can be heard.

`orders` are short home orders by synthetic voices, `commands` 100 people's orders to a coffee machine, with
their own pauses, and at most four places each. What can be set was set on one half of each, told apart by
the file's name: half of `orders` by its SHA-256, the first 50 of `commands`. The figures are the others'.

Who goes on at once completes the order before (`assistant/dialogue/continuing.py`). So a second figure
counts the pauses after which something else is ordered in the end than of the clip without a pause
(`halves.py`), by the words and smart-turn. It is about what is ordered, not about what is seen meanwhile: a
lamp that goes on and off again is not counted, and where the clip itself is misheard its mishearing is the
measure.

The ways: 0.7 s of silence and recognition behind it, as Home Assistant does; smart-turn alone, asked after
0.2 s, as in Pipecat's rule; the words alone; the words and smart-turn. Beside them Pipecat itself with the
same weights, in real time, on every few clips (`peers/pipecat.py`).
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks import intervals
from benchmarks.halves import Halves
from benchmarks.listening import Engines, Heard, Listening, Voice, Way
from benchmarks.pauses import Aligner, Spoken, spoken
from benchmarks.peers import pipecat
from benchmarks.plots import OTHER, OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recognisers import kept
from benchmarks.recordings import HOW, load, recordings
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.understanding.fast_path import FastPath
    from devices.home import Home
    from speech.recognition.engine import Recogniser

MODELS = ("whisper-base", "smart-turn-v3.2")
PAUSES_S = (0.3, 0.45, 0.6, 0.8, 1.0)
TOLERANCE_S = 0.05  # a turn that ends so close to the last sound lost nothing of it
SETS = ("orders", "commands")
PLACES = {"orders": None, "commands": 4}  # at most so many in one clip
DEVELOPMENT_COMMANDS = 50
PEER_CLIPS = 10
WAYS = ("fixed_0_7_s", "smart_turn", "words", "words_and_sound")
OURS_IS = WAYS[3]
PIPECAT = "pipecat"
COLOURS = dict(zip((*WAYS, PIPECAT), (PEERS, "#8a8a8a", OURS, OTHER, "#b3413c"), strict=True))

Played = Callable[[Spoken], Heard]


@dataclass(frozen=True, slots=True)
class Turn:
    """One clip, whole or with a pause in it, and what one way made of it.

    `pause_s` is 0 when it is whole. `wrong` tells that something else was ordered in the end. `wait_s` and
    `transcript_s` are those of whole clips.
    """

    clip: str
    pause_s: float
    cut_off: bool
    wrong: bool = False
    wait_s: float = 0.0
    transcript_s: float = 0.0


class EndOfTurn:
    """False cut-offs and waits, four ways and a peer's."""

    name = "end_of_turn"

    def __init__(
        self,
        most: int | None = None,
        took_s: tuple[float, float] | None = None,
        *,
        development: bool = False,
        peer: bool = True,
    ) -> None:
        """With `most` only so many clips of each set; with `took_s` recognition and judge are taken to need
        so many seconds, whatever they need here. `development` measures the half that may be looked at;
        without `peer` Pipecat is left out.
        """
        self._most = most
        self._took_s = took_s
        self._development = development
        self._peer = peer

    def lacks(self) -> str | None:
        """Weights and recordings."""
        return missing(MODELS) or (None if recordings("orders") else f"no recordings: {HOW}")

    def run(self, tell: Tell) -> Results:
        """Play every clip, each way."""
        from speech.detection.smart_turn import SmartTurn
        from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        conditions = {
            "clips": "the development half" if self._development else "the half that nothing was set on",
            "pauses": f"{', '.join(str(each) for each in PAUSES_S)} s of the clip's own room tone",
        }
        with closing(WhisperRecogniser(folder_of(MODELS[0]), WhisperSettings(cache=kept()))) as recogniser:
            path = fast_path()
            halves = Halves(path)
            engines = Engines(recogniser, SmartTurn(folder_of(MODELS[1])), path.completeness, self._took_s)
            for name in SETS:
                clips = list(self._clips(name, recogniser))
                places = sum(len(clip.places) for clip in clips)
                tell(f"{name}: {len(clips)} clips, {places} places for a pause")
                for way, turns in turns_of(clips, engines, ways(), halves).items():
                    put(f"{name}_{way}", turns, figures, samples)
                if self._peer and name == "orders":
                    conditions[PIPECAT] = self._pipecat(clips, tell, figures, samples)
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Last sound to the words against the share that is cut off, a mark a way and set."""
        for name, mark in zip(SETS, "o^", strict=True):
            for way, colour in COLOURS.items():
                wait = results.figures.get(f"{name}_{way}_transcript_ms")
                cut = results.figures.get(f"{name}_{way}_cut_off")
                if wait is not None and cut is not None:
                    label = f"{way.replace('_', ' ')}, {name}"
                    axes.plot(wait.value, cut.value * 100, mark, color=colour, label=label)
        axes.set(xlabel="last sound to the words, median, ms", ylabel="cut off at pauses of 0.3 to 1 s, %")
        axes.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.0, 1.0))

    def _clips(self, name: str, recogniser: "Recogniser") -> Iterator[Spoken]:
        aligner = Aligner(folder_of(MODELS[0]), recogniser)
        found = recordings(name, named_by_text=name == "orders")
        looked_at = [_may_be_looked_at(name, at, each.text) for at, each in enumerate(found)]
        half = [each for each, may in zip(found, looked_at, strict=True) if may is self._development]
        for recording in half[: self._most]:
            text = recording.text or recogniser.transcribe(load(recording), language="en").text
            yield spoken(recording, text, aligner, PLACES[name])

    def _pipecat(
        self, clips: Sequence[Spoken], tell: Tell, figures: dict[str, Figure], samples: dict[str, list[float]]
    ) -> str:
        """Measure the peer on a few clips; return what it was, or why it was not."""
        if (lack := pipecat.lacks()) is not None:
            tell(f"Pipecat: skipped, {lack}")
            return f"skipped, {lack}"
        few = clips[:: max(1, len(clips) // PEER_CLIPS)][:PEER_CLIPS]
        hesitant = [
            (clip.with_pause(place, pause_s), pause_s)
            for at, (clip, pause_s) in enumerate(zip(few, PAUSES_S * len(few), strict=False))
            if clip.places
            for place in (clip.places[at % len(clip.places)],)
        ]
        played = [(clip, 0.0) for clip in few] + hesitant
        tell(f"Pipecat: {len(played)} clips in real time")
        heard = pipecat.heard([clip for clip, _pause_s in played], folder_of(MODELS[0]))
        turns = [
            replace(_whole(clip, each), clip=clip.name.split(" | ")[0], pause_s=pause_s)
            for (clip, pause_s), each in zip(played, heard, strict=True)
        ]
        put(f"orders_{PIPECAT}", turns, figures, samples)
        return f"{pipecat.PACKAGE}, {len(few)} whole clips and {len(hesitant)} with one pause, paced"


def ways() -> tuple[Way, ...]:
    """Return what is compared."""
    from assistant.config.schema import EndOfTurn as Section
    from speech.end_of_turn import EndOfTurnSettings, Waits

    ours = Section().settings(recognises=True, judges=True)
    fixed = EndOfTurnSettings(unknown=Waits(700, 700, 700), unheard_ms=700, hesitant_factor=1.0)
    asked = EndOfTurnSettings(  # Pipecat's numbers
        unknown=Waits(200, 3_000, 3_000),
        unheard_ms=None,
        ask_ms=200,
        finished_above=0.5,
        hesitant_factor=1.0,
    )
    return (
        Way(WAYS[0], fixed, words=False),
        Way(WAYS[1], asked, words=False),
        Way(WAYS[2], replace(ours, ask_ms=None)),
        Way(WAYS[3], ours),
    )


def turns_of(
    clips: Sequence[Spoken], engines: Engines, compared: Sequence[Way], halves: Halves | None = None
) -> dict[str, list[Turn]]:
    """Play every clip whole, and with each pause at each of its places, all ways."""
    turns: dict[str, list[Turn]] = {way.name: [] for way in compared}
    for clip in clips:
        voice, whole = Voice(), ""
        for way in compared:
            heard = Listening(way, engines, voice).hear(clip)
            whole = heard.text if way.name == OURS_IS else whole
            turns[way.name].append(_whole(clip, heard))
        for place in clip.places:
            for pause_s in PAUSES_S:
                paused, voice = clip.with_pause(place, pause_s), Voice()
                for way in compared:
                    end_s = Listening(way, engines, voice).end_before_s(paused, paused.last_s - TOLERANCE_S)
                    cut = end_s is not None
                    wrong = False
                    if cut and halves is not None and way.name == OURS_IS:
                        parts = Listening(way, engines, voice).parts(paused)
                        wrong = not halves.come_to(parts, whole)
                    turns[way.name].append(Turn(clip.name, pause_s, cut, wrong))
    return turns


def _whole(clip: Spoken, heard: Heard) -> Turn:
    wait_s = heard.end_s - clip.last_s
    cut = wait_s < -TOLERANCE_S
    return Turn(clip.name, 0.0, cut, False, wait_s, heard.transcript_s - clip.last_s)


def put(key: str, turns: Sequence[Turn], figures: dict[str, Figure], samples: dict[str, list[float]]) -> None:
    """Add one way's figures: what was cut off over all pauses and at each, and the waits of whole clips."""
    paused = [turn for turn in turns if turn.pause_s]
    if paused:
        figures[f"{key}_cut_off"] = _share(paused, lambda turn: turn.cut_off)
        if key.endswith(OURS_IS):
            figures[f"{key}_wrong_in_the_end"] = _share(paused, lambda turn: turn.wrong)
    for pause_s in PAUSES_S:
        there = [turn for turn in paused if turn.pause_s == pause_s]
        if there:
            figures[f"{key}_cut_off_{pause_s:g}_s".replace(".", "_")] = _share(
                there, lambda turn: turn.cut_off
            )
    whole = [turn for turn in turns if not turn.pause_s]
    figures[f"{key}_cut_off_whole"] = intervals.share(sum(turn.cut_off for turn in whole), len(whole))
    kept = [turn for turn in whole if not turn.cut_off]
    if kept:
        samples[f"{key}_wait_ms"] = [turn.wait_s * 1000 for turn in kept]
        samples[f"{key}_transcript_ms"] = [turn.transcript_s * 1000 for turn in kept]
        for each in ("wait_ms", "transcript_ms"):
            figures[f"{key}_{each}"] = intervals.of_samples(samples[f"{key}_{each}"], "ms")


def _share(turns: Sequence[Turn], counts: Callable[[Turn], bool]) -> Figure:
    """The share that counts; its interval resamples clips, whose places and pauses go together."""
    clips = sorted({turn.clip for turn in turns})
    found = [float(sum(counts(turn) for turn in turns if turn.clip == clip)) for clip in clips]
    figure = intervals.rate(found, [float(sum(turn.clip == clip for turn in turns)) for clip in clips])
    return replace(figure, n=len(turns))


def _may_be_looked_at(name: str, at: int, text: str) -> bool:
    if name == "commands":
        return at < DEVELOPMENT_COMMANDS
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def fast_path() -> "FastPath":
    """What understands the orders: the built-in skills, the example plugin and a home with what they name."""
    from assistant.understanding.fast_path import FastPath
    from benchmarks.example import example_installed
    from skills.registry import Registry

    with example_installed():
        return FastPath(Registry.load({}), home())


def home() -> "Home":
    """The things that the orders name; two rooms have a television."""
    from devices.home import Ability, Device, Home, Kind

    lamp = frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR})
    cover, reading = frozenset({Ability.OPEN}), frozenset({Ability.READING})
    television = frozenset({Ability.ON})
    made = Home({"Kitchen": (), "Office": (), "Bedroom": (), "Hall": ()})
    for name, room, kind, abilities, device_class in (
        ("Kitchen Lights", "Kitchen", Kind.LIGHT, lamp, ""),
        ("Bed Light", "Bedroom", Kind.LIGHT, lamp, ""),
        ("Standing Light", "Office", Kind.LIGHT, lamp, ""),
        ("Office Curtains", "Office", Kind.COVER, cover, "curtain"),
        ("Office Blinds", "Office", Kind.COVER, cover, "blind"),
        ("Kitchen Windows", "Kitchen", Kind.COVER, cover, "window"),
        ("Office Windows", "Office", Kind.COVER, cover, "window"),
        ("Sliding Door", "Office", Kind.COVER, cover, "door"),
        ("Front Door", "Hall", Kind.LOCK, frozenset({Ability.LOCKED}), ""),
        ("TV", "Kitchen", Kind.MEDIA_PLAYER, television, ""),
        ("TV", "Office", Kind.MEDIA_PLAYER, television, ""),
        ("EcoBee", None, Kind.CLIMATE, frozenset({Ability.SETPOINT, Ability.READING}), ""),
        ("Office Temperature", "Office", Kind.SENSOR, reading, "temperature"),
        ("Kitchen Temperature", "Kitchen", Kind.SENSOR, reading, "temperature"),
        ("Outdoor Humidity", None, Kind.SENSOR, reading, "humidity"),
        ("Party Time", None, Kind.SCENE, frozenset({Ability.PRESSED}), ""),
    ):
        made.put(Device(f"{room} {name}", name, kind, abilities, room, device_class=device_class))
    return made
