"""The whole turn, as a user runs it: recordings in real time through `sotto listen`, sentences through
`sotto ask`, both in a simulated home that answers over MQTT.

All moments are the assistant's own marks, on one clock, except where the last sound ends: that is looked up
in the recording itself, since the assistant's own idea of it (`speech_end`) is part of what is measured.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import intervals
from benchmarks.program import sotto, turns
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.recordings import Recording, last_sound_s, load, recordings, spoken
from benchmarks.weights import missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MODELS = ("whisper-base", "qwen2.5-coder-0.5b-instruct", "piper-en_US-joe-medium")
ORDERS = {  # what is said -> what the topic of each command must name
    "turn on the Kitchen lights": "kitchen",
    "set Kitchen brightness to 100 percent": "kitchen",
    "turn off all of the Kitchen lights": "kitchen",
    "turn on lights in the Kitchen": "kitchen",
    "set the brightness of the Kitchen to 25 percent": "kitchen",
    "turn off all of the lights in the Kitchen": "kitchen",
    "turn the Standing Light in the Office on": "office_standing_light",
    "turn the Standing Light in the Office off": "office_standing_light",
    "turn Bed Light on": "bed_light",
    "set Bed Light brightness to 75 percent": "bed_light",
    "set Bed Light color to orange": "bed_light",
    "set brightness of the Bed Light to 10 percent": "bed_light",
    "set the color of the Bed Light to yellow": "bed_light",
    "turn Bed Light off": "bed_light",
    "turn on the TV": "office_tv",
    "turn off TV": "office_tv",
    "turn on the TV in the Kitchen": "kitchen_tv",
    "turn off the TV in the Office": "office_tv",
}
INDIRECT = (  # what is said, the thing that should be told something, what it should be told
    ("it is far too dark in the hall", "hall_light", "ON"),
    ("I can hardly see what I am cooking", "kitchen", "ON"),
    ("I would like to read in the living room", "living_room", "ON"),
    ("nobody is in the hall any more", "hall_light", "OFF"),
    ("it is so dark in the bedroom that I cannot find my socks", "bedroom_light", "ON"),
    ("I could do with some coffee, so get the coffee maker going", "coffee_maker", "ON"),
    ("we have finished cooking, no need for light in there", "kitchen", "OFF"),
    ("I am about to work in the office and it is gloomy", "office_standing_light", "ON"),
    ("I want to sleep and the bedroom is far too bright", "bedroom_light", "OFF"),
    ("the coffee is ready, the machine can rest", "coffee_maker", "OFF"),
)
STILL_THINKING = "still_thinking"  # it had not answered within [understanding] timeout_s
LONG_CLIPS = 40
SIMULATED = "[home]\nsimulated = true\n"
FURNISHED = (
    SIMULATED
    + """
[devices."Bed Light"]
kind = "light"
room = "Bedroom"
schema = "json"
brightness = true
supported_color_modes = ["rgb"]
command_topic = "bench/bed_light/set"

[devices."Kitchen TV"]
kind = "switch"
room = "Kitchen"
command_topic = "bench/kitchen_tv/set"

[devices."Office TV"]
kind = "switch"
room = "Office"
aliases = ["TV"]
command_topic = "bench/office_tv/set"
"""
)
NO_MODEL = SIMULATED + '[understanding]\norder = "local-only"\n[voice]\nenabled = false\n'
STAGES = (  # a stage lasts from the mark before it
    ("endpoint", "deciding that it was all"),
    ("transcript", "recognition still to do"),
    ("plan", "understanding"),
    ("published", "sending"),
    ("confirmed", "the device's answer"),
    ("first_audio", "voice"),
)
COLOURS = ("#d98e4a", "#1b6e6a", "#57a39b", "#a7d0c9")  # of the stages up to the command


class Turn:
    """Milliseconds from the last sound, stage by stage; language-model turns; orders cut off."""

    name = "turn"

    def lacks(self) -> str | None:
        """Weights."""
        return missing(MODELS)

    def run(self, tell: Tell) -> Results:
        """Play the orders, ask the sentences, and look for long orders that were cut in two."""
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            clips, which = _orders(folder)
            tell(f"{len(clips)} spoken orders in real time")
            config = _config(folder, FURNISHED)
            _spoken_orders(clips, config, figures, samples, tell)
            tell(f"{len(INDIRECT)} sentences for the language model")
            _indirect(_config(folder, SIMULATED), figures, samples)
            long = recordings("commands")
            long = long[:: max(1, len(long) // LONG_CLIPS)][:LONG_CLIPS]
            if long:
                tell(f"{len(long)} long orders, looking for cuts")
                figures["long_orders_cut_off"] = _cut_off(long, _config(folder, NO_MODEL))
        return Results(figures, samples, {"orders": which, "long orders": "audio/commands, people"})

    def draw(self, results: Results, axes: "Axes") -> None:
        """The stages up to the command on one line, as means, which add up; then the answer's first sound."""
        at = 0.0
        for (stage, label), colour in zip(STAGES, COLOURS, strict=False):
            mean = float(np.mean(results.samples[f"stage_{stage}_ms"]))
            axes.barh(0, mean, left=at, color=colour, label=f"{label}: {mean:.0f} ms")
            at += mean
        audio = results.samples["last_sound_to_first_audio_ms"]
        if audio:
            axes.plot([np.mean(audio)] * 2, [-0.4, 0.4], color="black")
            axes.text(float(np.mean(audio)), 0.45, "first sound of the answer", ha="center", fontsize=9)
        whole = results.figures["last_sound_to_published_ms"]
        axes.set_title(f"command sent: median {whole.value:.0f} ms of {whole.n} orders", fontsize=9)
        axes.set(yticks=[], ylim=(-0.5, 0.75), xlabel="milliseconds after the last sound, means")
        axes.set_xlim(0, max(at, *audio) * 1.1)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.25), ncols=2)


def _orders(folder: Path) -> tuple[list[Recording], str]:
    real = {clip.text: clip for clip in recordings("orders", named_by_text=True)}
    if all(text in real for text in ORDERS):
        return [
            real[text] for text in ORDERS
        ], "audio/orders, synthetic voices; simulated home and three devices that report no state"
    return spoken(list(ORDERS), folder), "spoken on the spot by the Piper voice"


def _config(folder: Path, text: str) -> Path:
    path = folder / f"{len(list(folder.glob('*.toml')))}.toml"
    path.write_text(text, "utf-8")
    return path


def _spoken_orders(
    clips: Sequence[Recording],
    config: Path,
    figures: dict[str, Figure],
    samples: dict[str, list[float]],
    tell: Tell,
) -> None:
    command = sotto(
        "listen", "--json", "--realtime", "--config", str(config), *(str(clip.path) for clip in clips)
    )
    told = turns(command, limit_s=60 + 10 * len(clips))
    turn_of = {turn["file"]: turn for turn in reversed(told)}  # a clip's first turn, should it have two
    done = []
    for clip in clips:
        turn = turn_of.get(str(clip.path), {"commands": [], "heard": "", "reply": "no turn"})
        if _names(turn, ORDERS[clip.text]) and turn["tier"] in ("fast", "frames"):
            done.append(turn)
        else:
            tell(f'"{clip.text}" led elsewhere: heard "{turn["heard"]}", replied "{turn["reply"]}"')
    if len(done) < len(clips) // 2:
        raise BenchmarkError(f"only {len(done)} of {len(clips)} spoken orders led to the right command")
    figures["orders_right"] = intervals.share(len(done), len(clips))
    ends_ms = {str(clip.path): last_sound_s(load(clip)) * 1000 for clip in clips}
    samples["speech_end_after_last_sound_ms"] = [
        turn["timing_ms"]["speech_end"] - ends_ms[turn["file"]] for turn in done
    ]
    samples["last_sound_to_published_ms"] = [
        turn["timing_ms"]["published"] - ends_ms[turn["file"]] for turn in done
    ]
    samples["last_sound_to_first_audio_ms"] = [
        turn["timing_ms"]["first_audio"] - ends_ms[turn["file"]]
        for turn in done
        if turn["timing_ms"]["first_audio"] is not None
    ]
    for turn in done:
        for stage, took_ms in _stages(turn["timing_ms"], ends_ms[turn["file"]]).items():
            samples.setdefault(f"stage_{stage}_ms", []).append(took_ms)
    for key, those in samples.items():
        if those:
            figures[key] = intervals.of_samples(those, "ms")


def _stages(timing_ms: Mapping[str, float | None], last_sound_ms: float) -> dict[str, float]:
    """How long each stage took that was reached; the first one begins with the last sound."""
    took = {}
    before = last_sound_ms
    for stage, _ in STAGES:
        moment = timing_ms.get(stage)
        if moment is not None:
            took[stage] = moment - before
            before = moment
    return took


def _indirect(config: Path, figures: dict[str, Figure], samples: dict[str, list[float]]) -> None:
    lines = "\n".join(text for text, _, _ in INDIRECT) + "\n"
    told = turns(
        sotto("ask", "--json", "--config", str(config)), given=lines, limit_s=60 + 30 * len(INDIRECT)
    )
    if len(told) != len(INDIRECT):
        raise BenchmarkError(f"{len(told)} answers to {len(INDIRECT)} sentences")
    waits = [
        turn["timing_ms"]["plan"]
        for turn in told
        if turn["tier"] == "language_model" and turn["timing_ms"]["plan"] is not None
    ]
    late = sum(turn["failure"] == STILL_THINKING for turn in told)
    figures["language_model_gave_up"] = intervals.share(late, len(INDIRECT))
    if len(waits) > 1:
        figures["language_model_first_plan_ms"] = Figure(waits[0], "ms", 1)
        samples["language_model_plan_ms"] = waits[1:]
        figures["language_model_plan_ms"] = intervals.of_samples(waits[1:], "ms")
    right = sum(_right(turn, slug, wanted) for turn, (_, slug, wanted) in zip(told, INDIRECT, strict=True))
    figures["indirect_sentences_right"] = intervals.share(right, len(INDIRECT))


def _right(turn: Mapping[str, Any], slug: str, wanted: str) -> bool:
    """Whether commands left, all of them for the right thing and with the right word."""
    return _names(turn, slug) and all(f'"{wanted}"' in f'"{sent["payload"]}"' for sent in turn["commands"])


def _names(turn: Mapping[str, Any], slug: str) -> bool:
    """Whether commands left, all of them for the right thing."""
    return bool(turn["commands"]) and all(slug in sent["topic"] for sent in turn["commands"])


def _cut_off(clips: Sequence[Recording], config: Path) -> Figure:
    """How many long orders were taken for more than one turn."""
    command = sotto("listen", "--json", "--config", str(config), *(str(clip.path) for clip in clips))
    files = [turn["file"] for turn in turns(command, limit_s=60 + 15 * len(clips)) if turn["heard"]]
    return intervals.share(sum(files.count(str(clip.path)) > 1 for clip in clips), len(clips))
