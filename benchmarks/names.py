"""Names that were misheard: orders over sixty things of a home, spoken by synthetic voices, from the sound to
the call that they become: as heard, mended by letters, and by a second look at the sound.

Thresholds of `assistant/understanding/misheard_names.py` were set on one half of the names ("development");
the other half ("held out") was only scored. The halves are told apart by a digest of the name.

Each order is also heard in a home without the thing that it names: whatever is mended there is wrong.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks import intervals
from benchmarks.again import load_engine, looking_again
from benchmarks.plots import OTHER, OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recognisers import kept
from benchmarks.speakers import PIPER, speaker, voices
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.understanding.fast_path import FastPath
    from devices.home import Home
    from speech.audio import Samples
    from speech.recognition.engine import Recogniser, SecondLook, Transcript

MODELS = ("whisper-base", PIPER)
ALTERNATIVES = 4  # other hypotheses that the recogniser is asked for

THINGS: dict[str, tuple[str, ...]] = {
    "light": (
        "Bed Light", "Hall Light", "Porch Lantern", "Sofa Lamp", "Piano Lamp", "Vanity Light", "Fairy Lights",
        "Lava Lamp", "Moon Lamp", "Shelf Light", "Mantel Light", "Alcove Spots", "Crib Light", "Bar Lights",
        "Stove Light", "Sink Light", "Arch Lamp", "Nook Lamp", "Bench Light", "Easel Lamp", "Gallery Spots",
        "Cabinet Lights", "Island Pendants", "Standing Light", "Tiffany Lamp", "Soffit Lights",
        "Hearth Light", "Wine Rack", "Salt Lamp", "Pergola Lights",
    ),
    "switch": (
        "Rice Cooker", "Towel Warmer", "Bread Oven", "Sewing Machine", "Heat Mat", "Fog Machine",
        "Record Player", "Juicer", "Waffle Iron", "Foot Spa", "Guitar Amp", "Bug Zapper", "Sauna",
        "Bird Bath", "Wax Melter",
    ),
    "fan": ("Attic Fan", "Tower Fan", "Gable Vent"),
    "scene": ("Date Night", "Story Time", "Sunday Brunch", "Yoga Hour", "Deep Focus"),
    "climate": ("EcoBee", "Nest"),
    "room": ("Mudroom", "Parlour", "Scullery", "Snug", "Conservatory"),
}  # fmt: skip
ORDERS = {
    "light": ("turn on the {}", "turn off the {}", "set the {} to 40 percent", "make the {} blue"),
    "switch": ("turn on the {}", "switch off the {}"),
    "fan": ("turn on the {}", "switch the {} off"),
    "scene": ("activate {}", "turn on the {} scene"),
    "climate": ("set the {} to 21 degrees", "turn off the {}"),
    "room": ("turn on the lights in the {}", "turn off the {} lights"),
}


WAYS = ("as_heard", "mended", "mended_with_alternatives", "looked_at_again")


@dataclass(frozen=True, slots=True)
class Spoken:
    """One order as it was said."""

    name: str
    kind: str
    text: str
    voice: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one order: whether it led to the very call, to another one, and to a call at all in
    the home without the thing.
    """

    right: bool
    wrong: bool
    made_up: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """One order, what the recogniser made of it, and its sound."""

    order: Spoken
    transcript: "Transcript"
    samples: "Samples"


class Names:
    """Right and wrong calls on misheard names, with and without mending."""

    name = "names"

    def lacks(self) -> str | None:
        """Weights."""
        return missing(MODELS)

    def run(self, tell: Tell) -> Results:
        """Speak, recognise, understand."""
        from assistant.config.load import load as load_config
        from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

        orders = list(spoken_orders())
        tell(f"{len(orders)} orders by {len(voices())} synthetic voices")
        with closing(WhisperRecogniser(folder_of(MODELS[0]), WhisperSettings(cache=kept()))) as recogniser:
            heard = list(heard_of(orders, recogniser, tell))
            return scored(heard, load_engine(load_config(None).config, recogniser))

    def draw(self, results: Results, axes: "Axes") -> None:
        """Right calls of the names that were not tuned on, in bars; wrong ones beside them."""
        rows = WAYS
        for row, key in enumerate(rows):
            right = results.figures[f"held_out_{key}_right"]
            wrong = results.figures[f"held_out_{key}_wrong"]
            axes.barh(row, right.value * 100, color=OURS if row else PEERS)
            axes.barh(row, wrong.value * 100, left=right.value * 100, color=OTHER)
            axes.text(
                right.value * 100 - 1, row, f"{right.value:.0%}", ha="right", va="center", color="white"
            )
        axes.set(yticks=range(len(rows)), yticklabels=[key.replace("_", " ") for key in rows])
        axes.set(xlabel="% of orders that became the right call (orange: a wrong one)", xlim=(0, 100))
        n = results.figures["held_out_as_heard_right"].n
        axes.set_title(f"{n} orders on names that nothing was tuned on, synthetic voices", fontsize=9)


def held_out(name: str) -> bool:
    """Whether nothing may be tuned on a name."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def spoken_orders() -> Iterator[Spoken]:
    """Yield two orders a name and voice; the templates take turns."""
    for kind, names in THINGS.items():
        templates = ORDERS[kind]
        for at, name in enumerate(names):
            for number, (voice, rate) in enumerate(voices()):
                for more in range(2):
                    template = templates[(at + number + more) % len(templates)]
                    yield Spoken(name, kind, template.format(name), f"{voice}@{rate:g}")


def heard_of(orders: Sequence[Spoken], recogniser: "Recogniser", tell: Tell) -> Iterator[Heard]:
    """Yield each order with what the recogniser makes of it."""
    from speech.synthesis.espeak import EspeakProcess

    process = EspeakProcess()
    with closing(process):
        speakers = {f"{voice}@{rate:g}": speaker(voice, rate, process) for voice, rate in voices()}
        for number, order in enumerate(orders):
            if number % 100 == 99:
                tell(f"{number + 1} of {len(orders)}")
            samples = speakers[order.voice](order.text)
            yield Heard(order, _recognised(recogniser, samples), samples)


def scored(heard: Sequence[Heard], engine: "SecondLook") -> Results:
    """Understand everything, in all ways, and count."""
    everything = home_of()
    figures: dict[str, Figure] = {}
    for half in ("development", "held_out"):
        those = [each for each in heard if held_out(each.order.name) == (half == "held_out")]
        for way in WAYS:
            verdicts = list(_verdicts(those, everything, way, engine))
            if verdicts:
                figures[f"{half}_{way}_right"] = _share(verdicts, "right")
                figures[f"{half}_{way}_wrong"] = _share(verdicts, "wrong")
                figures[f"{half}_{way}_made_up"] = _share(verdicts, "made_up")
    said = "synthetic voices (Piper joe, eSpeak NG in three accents), no human speech"
    return Results(figures, {}, {"orders": said, "recogniser": MODELS[0]})


def home_of(without: str = "") -> "Home":
    """A home of all the names but one."""
    from devices.home import Ability, Device, Home, Kind

    abilities = {
        "light": {Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR},
        "scene": {Ability.PRESSED},
        "climate": {Ability.ON, Ability.MODE, Ability.SETPOINT},
    }
    rooms = [name for name in THINGS["room"] if name != without]
    home = Home(dict.fromkeys(rooms, ()))
    for room in rooms:  # an empty room has no lights to turn on
        home.put(Device(room, f"{room} Lamp", Kind.LIGHT, frozenset(abilities["light"]), room))
    for kind, names in THINGS.items():
        for name in names:
            if kind != "room" and name != without:
                home.put(Device(name, name, Kind(kind), frozenset(abilities.get(kind, {Ability.ON}))))
    return home


def _verdicts(
    heard: Sequence[Heard], everything: "Home", way: str, engine: "SecondLook"
) -> Iterator[Verdict]:
    from assistant.understanding.fast_path import FastPath
    from skills.registry import Registry

    registry = Registry.load({})
    whole = FastPath(registry, everything)
    lacking: dict[str, FastPath] = {}
    for each in heard:
        name = each.order.name
        if name not in lacking:
            lacking = {name: FastPath(registry, home_of(without=name))}
        meant = _calls(whole, each.order.text, (), mend=False)
        got, there = (_understood(each, fast_path, way, engine) for fast_path in (whole, lacking[name]))
        yield Verdict(got == meant != (), got not in ((), meant), bool(there))


def _understood(heard: Heard, fast_path: "FastPath", way: str, engine: "SecondLook") -> tuple[object, ...]:
    """Return the calls that an order comes to."""
    others = heard.transcript.alternatives if way == "mended_with_alternatives" else ()
    text = heard.transcript.text
    if way == "looked_at_again":
        with looking_again(engine, fast_path, None) as again:
            text = again(heard.transcript, heard.samples).text
    return _calls(fast_path, text, others, mend=way != "as_heard")


def _calls(fast_path: "FastPath", text: str, others: tuple[str, ...], *, mend: bool) -> tuple[object, ...]:
    plan = fast_path.understand(text, "en", None, "bench", alternatives=others, mend=mend)
    return () if plan is None else tuple((call.tool, dict(call.arguments)) for call in plan.calls)


def _share(verdicts: Sequence[Verdict], what: str) -> Figure:
    return intervals.share(sum(getattr(each, what) for each in verdicts), len(verdicts))


def _recognised(recogniser: "Recogniser", samples: "Samples") -> "Transcript":
    """Return the greedy transcript, as the assistant takes it, with what else it may have been."""
    others = recogniser.transcribe(samples, language="en", alternatives=ALTERNATIVES)
    heard = recogniser.transcribe(samples, language="en")
    texts = dict.fromkeys((others.text, *others.alternatives))
    return replace(heard, alternatives=tuple(text for text in texts if text != heard.text))
