"""How many orders to a coffee machine, by the voices of a published benchmark, are understood whole.

The clips (`audio/commands`) are 100 of the 619 of Picovoice/speech-to-intent-benchmark, real people in quiet
rooms. Each is heard by the configured recogniser and understood by the fast path with the built-in skills
and the example plugin of `examples/coffee`, which was written from that benchmark's public context file (its
drinks, sizes and amounts), never from the clips. 30 clips, the first by the SHA-256 of their file's name,
were looked at while the tolerance for misheard words was set; the other 70 are held out and scored only.

**Right** is the published benchmark's whole-command accuracy and a little stricter: the intent and every
labelled slot word for word (numbers as words, "12-ounce" is "twelve ounce"), and, which it does not ask, no
slot that is not labelled. **Wrong** means that the machine was told something else. **Asked** means that a
question came back, **refused** that nothing was understood or that the skill said no. Slots are compared as
the labels have them, the words said; a call's arguments are put back into words (`slots_of`).

What nobody understands is looked at again, as in a turn (`assistant/second_look.py`); `first_…` are the same
clips by their first transcript alone, `second_look_s` is what a second look takes where there is one.

**Noise** is mixed in as the published benchmark does (`noise.py`). The published rates are means over cafe
and kitchen noise from 6 to 24 dB in steps of 3, all 619 clips; ours over kitchen noise at 24, 18, 12 and
6 dB, 70 clips.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from benchmarks import intervals
from benchmarks.again import Again, load_engine, looking_again
from benchmarks.example import example_installed
from benchmarks.noise import kitchen, mixed
from benchmarks.plots import OURS, PEERS
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.recordings import HOW, Recording, load, recordings
from benchmarks.weights import missing
from benchmarks.words import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.understanding.fast_path import FastPath
    from skills.api import Context
    from skills.registry import Registry
    from speech.audio import Samples
    from speech.recognition.engine import Transcript

MODEL = "whisper-base"
DEVELOPMENT_CLIPS = 30
LEVELS_DB = (24, 18, 12, 6)
PUBLISHED = {
    "Picovoice Rhino": 0.976,
    "Microsoft LUIS": 0.899,
    "IBM Watson": 0.868,
    "Amazon Lex": 0.845,
    "Google Dialogflow": 0.776,
}
"""Command acceptance rates as published in that repository's README; not measured here."""

SLOTS = {"coffeeDrink": "drink", "size": "size", "roast": "roast", "numberOfShots": "shots"}
ADDITIONS = {"milkAmount": "milk", "sugarAmount": "sugar"}
SHOTS = {1: "single shot", 2: "double shot", 3: "triple shot"}

Slots = Mapping[str, tuple[str, ...]]
"""The label's slot -> its words."""
Hear = Callable[["Samples"], "Transcript"]


class Verdict(Enum):
    """What became of an order."""

    RIGHT = "right"
    WRONG = "wrong"
    ASKED = "asked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Understood:
    """What the assistant did with a sentence."""

    acted: bool
    asked: bool
    slots: Slots


@dataclass(frozen=True, slots=True)
class Desk:
    """Whoever takes orders: what becomes of a sentence in a language, and by which fast path."""

    understand: Callable[[str, str], Understood]
    fast_path: "FastPath"

    def __call__(self, text: str, language: str) -> Understood:
        """Return what becomes of a sentence."""
        return self.understand(text, language)


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip at one level of noise (None: clean), heard, understood and judged."""

    clip: str
    level_db: int | None
    verdict: Verdict
    wanted: Slots
    slots: Slots
    misheard: bool
    recognition_s: float
    understanding_ms: float
    first: Verdict = Verdict.REFUSED
    """What its first transcript alone comes to."""
    second_look_s: float | None = None


class Coffee:
    """Whole orders understood, clean and in noise."""

    name = "coffee"

    def lacks(self) -> str | None:
        """The recordings, or the weights."""
        if not recordings("commands") or not recordings("noise"):
            return f"no recordings of orders: {HOW}"
        return missing([MODEL])

    def run(self, tell: Tell) -> Results:
        """Hear and understand every clip, clean and at each level of noise."""
        from assistant.config.load import load as load_config
        from assistant.opening.engines import load_recogniser

        clips = recordings("commands")
        labels = labels_of(clips)
        noise = kitchen()
        if noise is None:
            raise BenchmarkError("audio/noise has no kitchen.wav")
        config = load_config(None).config
        recogniser = load_recogniser(config)
        engine = load_engine(config, recogniser)
        try:
            with (
                example_installed(),
                understanding() as desk,
                looking_again(engine, desk.fast_path, "Kitchen") as again,
            ):
                heard = []
                for level_db in (None, *LEVELS_DB):
                    tell(f"{len(clips)} clips, {'clean' if level_db is None else f'{level_db} dB'}")
                    for clip in clips:
                        samples = load(clip)
                        if level_db is not None:
                            samples = mixed(samples, noise, level_db, clip.path.name)
                        heard.append(
                            judged(
                                clip,
                                level_db,
                                labels[clip.path.name],
                                samples,
                                recogniser.transcribe,
                                desk,
                                again,
                            )
                        )
        finally:
            recogniser.close()
        return results_of(heard)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Orders right by level of noise, held-out clips, with the published rates of others as lines."""
        names = ["clean", *(f"{level} dB" for level in LEVELS_DB)]
        figures = [results.figures[f"right_{_key(level)}"] for level in (None, *LEVELS_DB)]
        values = [each.value for each in figures]
        errors = [
            [each.value - (each.low or 0.0) for each in figures],
            [(each.high or 1.0) - each.value for each in figures],
        ]
        for name, rate in PUBLISHED.items():
            axes.hlines(rate, -0.4, len(names) - 0.5, color=PEERS, linewidth=1, zorder=1)
            axes.annotate(f"{name} {rate:.1%}", (len(names) - 0.45, rate), fontsize=6, va="center")
        axes.errorbar(
            names, values, yerr=errors, color=OURS, marker="o", capsize=3, label="Sotto Voce, 70 clips"
        )
        axes.set(ylabel="orders wholly right", ylim=(0.3, 1.02), xlim=(-0.4, len(names) + 0.9))
        axes.set_xlabel("kitchen noise (lines: published means over 6 to 24 dB, not measured here)")
        axes.legend(loc="lower left")


def labels_of(clips: Sequence[Recording]) -> dict[str, Slots]:
    """The labelled slots by file name. Raises `BenchmarkError` when a clip has none."""
    data = json.loads((clips[0].path.parent / "labels.json").read_text("utf-8"))
    try:
        return {
            clip.path.name: {slot: tuple(words(said)) for slot, said in data[clip.path.name]["slots"].items()}
            for clip in clips
        }
    except KeyError as error:
        raise BenchmarkError(f"{error} is not in labels.json") from error


def development(names: Sequence[str]) -> frozenset[str]:
    """The clips that may be looked at: the first by the SHA-256 of their names."""
    by_hash = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return frozenset(by_hash[:DEVELOPMENT_CLIPS])


@contextmanager
def understanding() -> Iterator[Desk]:
    """What the assistant would do with a sentence: fast path, then the skill itself. Nothing is sent."""
    from assistant.understanding.fast_path import FastPath
    from devices.home import Home
    from skills.api import Context
    from skills.registry import Registry
    from skills.web import HttpWeb

    registry = Registry.load({})
    if "coffee" not in registry.skills:
        raise BenchmarkError(f"the example plugin was not loaded: {'; '.join(registry.problems)}")
    home = Home({"Kitchen": (), "Living Room": ()})
    fast_path = FastPath(registry, home)
    context = Context("en", "Kitchen", home, HttpWeb(), _nobody, {}, lambda: datetime.now(UTC))
    with asyncio.Runner() as runner:

        def understand(text: str, language: str) -> Understood:
            plan = fast_path.understand(text, language, "Kitchen", "turn")
            calls = plan.calls if plan is not None else ()
            if [(call.skill, call.tool) for call in calls] != [("coffee", "order")]:
                acts = any(registry.tools[f"{call.skill}.{call.tool}"].acts for call in calls)
                return Understood(acts, asked=False, slots={})
            arguments = calls[0].arguments
            acted, asked = runner.run(_called(registry, arguments, context))
            return Understood(acted, asked, slots_of(arguments))

        yield Desk(understand, fast_path)


async def _nobody(adapter: str, question: str) -> Mapping[str, Any]:
    raise BenchmarkError(f"{adapter} was asked for {question}")


async def _called(
    registry: "Registry", arguments: Mapping[str, Any], context: "Context"
) -> tuple[bool, bool]:
    """Whether the skill gave a command, and whether it asked."""
    from skills.api import SkillError

    try:
        answer = await registry.call("coffee", "order", arguments, context)
    except SkillError:
        return False, False
    return bool(answer.commands), answer.question is not None


def slots_of(arguments: Mapping[str, Any]) -> Slots:
    """A call's arguments as the labels have them: "some skim milk", "twelve ounce"."""
    said = {
        slot: _said(parameter, arguments[parameter])
        for slot, parameter in SLOTS.items()
        if parameter in arguments
    }
    for slot, parameter in ADDITIONS.items():
        kind, amount = arguments.get(parameter), arguments.get(f"{parameter}_amount")
        if kind is not None:
            said[slot] = (
                kind if amount is None else f"some {kind}" if amount == "some" else f"{amount} of {kind}"
            )
    return {slot: tuple(words(each)) for slot, each in said.items()}


def _said(parameter: str, value: Any) -> str:
    if parameter == "shots":
        return SHOTS[int(value)]
    return f"{value} roast" if parameter == "roast" else str(value)


def judged(
    clip: Recording,
    level_db: int | None,
    wanted: Slots,
    samples: "Samples",
    hear: Hear,
    desk: Desk,
    again: Again,
) -> Heard:
    """One clip, from the sound to the verdict."""
    began_s = time.perf_counter()
    transcript = hear(samples)
    recognised_s = time.perf_counter()
    understood = desk(transcript.text, transcript.language)
    done_s = time.perf_counter()
    first, second_look_s = verdict_of(understood, wanted), None
    looked = again(transcript, samples)
    if looked is not transcript or not understood.acted:
        second_look_s = time.perf_counter() - done_s
        understood = desk(looked.text, looked.language)
    return Heard(
        clip=clip.path.name,
        level_db=level_db,
        verdict=verdict_of(understood, wanted),
        wanted=wanted,
        slots=understood.slots,
        misheard=not all(_contains(words(transcript.text), said) for said in wanted.values()),
        recognition_s=recognised_s - began_s,
        understanding_ms=(done_s - recognised_s) * 1000,
        first=first,
        second_look_s=second_look_s,
    )


def verdict_of(understood: Understood, wanted: Slots) -> Verdict:
    """Right, wrong, asked or refused."""
    if understood.acted:
        return Verdict.RIGHT if understood.slots == wanted else Verdict.WRONG
    return Verdict.ASKED if understood.asked else Verdict.REFUSED


def _contains(heard: Sequence[str], said: Sequence[str]) -> bool:
    return any(list(heard[at : at + len(said)]) == list(said) for at in range(len(heard) - len(said) + 1))


def results_of(heard: Sequence[Heard]) -> Results:
    """All figures. Those without a suffix are of the held-out clips."""
    looked_at = development(sorted({each.clip for each in heard}))
    held_out = [each for each in heard if each.clip not in looked_at]
    figures: dict[str, Figure] = {}
    for level_db in (None, *LEVELS_DB):
        there = [each for each in held_out if each.level_db == level_db]
        figures[f"right_{_key(level_db)}"] = _share(there, Verdict.RIGHT)
    noisy = [each for each in held_out if each.level_db is not None]
    as_first = [replace(each, verdict=each.first) for each in held_out]
    figures["first_right_clean"] = _share([e for e in as_first if e.level_db is None], Verdict.RIGHT)
    for verdict in (Verdict.RIGHT, Verdict.WRONG):
        those = [each for each in as_first if each.level_db is not None]
        figures[f"first_{verdict.value}_noisy"] = _over_clips(those, verdict)
    figures["right_noisy"] = _over_clips(noisy, Verdict.RIGHT)
    for verdict in (Verdict.WRONG, Verdict.ASKED, Verdict.REFUSED):
        figures[f"{verdict.value}_clean"] = _share([e for e in held_out if e.level_db is None], verdict)
        figures[f"{verdict.value}_noisy"] = _over_clips(noisy, verdict)
    figures |= _slots(held_out)
    failed = [each for each in held_out if each.verdict is not Verdict.RIGHT]
    if failed:
        figures["failures_misheard"] = intervals.share(sum(each.misheard for each in failed), len(failed))
    known = [each for each in heard if each.clip in looked_at]
    figures["right_clean_development"] = _share([e for e in known if e.level_db is None], Verdict.RIGHT)
    figures["right_noisy_development"] = _over_clips(
        [e for e in known if e.level_db is not None], Verdict.RIGHT
    )
    samples = {
        "recognition_s": [each.recognition_s for each in heard],
        "understanding_ms": [each.understanding_ms for each in heard],
    }
    if looked := [each.second_look_s for each in heard if each.second_look_s is not None]:
        samples["second_look_s"] = looked
    figures |= {key: intervals.of_samples(those, key.rsplit("_", 1)[1]) for key, those in samples.items()}
    conditions = {
        "clips": f"{len(held_out) // (1 + len(LEVELS_DB))} held out, {DEVELOPMENT_CLIPS} for development",
        "noise": f"kitchen, {', '.join(str(level) for level in LEVELS_DB)} dB",
        "published": ", ".join(f"{name} {rate:.1%}" for name, rate in PUBLISHED.items()),
    }
    return Results(figures, samples, conditions)


def _slots(heard: Sequence[Heard]) -> dict[str, Figure]:
    """Precision and recall of slots over all clips and levels; a refused order has found none."""
    found = [float(len(each.slots.items() & each.wanted.items())) for each in heard]
    said = [float(len(each.wanted)) for each in heard]
    told = [(hits, float(len(each.slots))) for hits, each in zip(found, heard, strict=True) if each.slots]
    figures = {"slot_recall": intervals.rate(found, said)}
    if told:
        figures["slot_precision"] = intervals.rate([hits for hits, _ in told], [slots for _, slots in told])
    return figures


def _share(heard: Sequence[Heard], verdict: Verdict) -> Figure:
    return intervals.share(sum(each.verdict is verdict for each in heard), len(heard))


def _over_clips(heard: Sequence[Heard], verdict: Verdict) -> Figure:
    """A share over several levels; its interval resamples clips, whose levels go together."""
    clips = sorted({each.clip for each in heard})
    found = [float(sum(each.verdict is verdict for each in heard if each.clip == clip)) for clip in clips]
    return intervals.rate(found, [float(len(heard) / len(clips))] * len(clips))


def _key(level_db: int | None) -> str:
    return "clean" if level_db is None else f"{level_db}_db"
