"""Our recogniser against faster-whisper's and openai-whisper's own `transcribe`, in one run.

Who they are: `recognisers.py`. Short clips are home orders by synthetic voices, whose words are known; long
ones are people ordering coffee, of which the slots are known. Plain, all contenders hear them, clip by clip
taking turns in going first, and are timed; the slower ones hear a sample. Over kitchen noise ours and
faster-whisper hear all of them, and are not timed.
"""

import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.coffee import labels_of
from benchmarks.heard import By, Heard, Said, accuracy, judged, looped, ratio, speeds
from benchmarks.noise import kitchen, mixed
from benchmarks.plots import OTHER, OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recognisers import LABELS, PEER_VERSION, Transcribe, contenders, no_peer, no_torch
from benchmarks.recordings import Recording, load, recordings, spoken
from benchmarks.table import interval, number
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from benchmarks.noise import Sound
    from speech.audio import Samples

MODEL = "whisper-base"
LEVELS_DB = (20, 10, 5)
LONG_CLIPS = 40
SAMPLED = {"short": 24, "long": 12}
"""How many clips those hear that are not `BOTH`."""
BOTH = ("ours", "peer")
SHORT_S = 4.0
"""Up to here an order counts as short where speeds are compared."""
RATIOS = {
    "times_as_fast": ("ours", "peer"),
    "times_as_fast_as_peer_float32": ("ours", "peer_float32"),
    "times_as_fast_as_openai_whisper": ("ours", "openai_whisper"),
    "float32_times_as_fast": ("ours_float32", "peer_float32"),
    "torch_times_as_fast": ("ours_torch", "openai_whisper"),
}
SENTENCES = (
    "turn on the kitchen lights",
    "set the bedroom light to thirty percent",
    "what is the weather like in Helsinki",
    "close the blinds in the office",
    "skip this song",
    "make the living room a bit brighter",
)
Clips = Sequence[tuple["Samples", Said]]


class Recognition:
    """Seconds a clip, words wrong, slots found and loops; plain and over kitchen noise."""

    name = "recognition"

    def __init__(
        self, most: int | None = None, levels_db: Sequence[int] = LEVELS_DB, model: str = MODEL
    ) -> None:
        """With `most` only so many clips of each length."""
        self._most = most
        self._levels_db = levels_db
        self._model = model

    def lacks(self) -> str | None:
        """Weights, and the peer."""
        voice = [] if recordings("orders") else ["piper-en_US-joe-medium"]
        return no_peer() or missing([self._model, *voice])

    def run(self, tell: Tell) -> Results:
        """Transcribe every clip with each contender, plain and at each level of noise."""
        threads = min(4, os.cpu_count() or 1)
        clips = {length: those for length, those in self._clips().items() if those}
        hearing, folded = contenders(folder_of(self._model), threads)
        if (lack := no_torch()) is not None:
            tell(lack)
        noise = kitchen()
        levels_db = [None, *(self._levels_db if noise is not None else ())]
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        every: dict[str, list[By]] = {length: [] for length in clips}
        for level_db in levels_db:
            for length, those in clips.items():
                prefix = length if level_db is None else f"{length}_{level_db}_db"
                tell(f"{prefix}: {len(those)} clips")
                heard = _heard(hearing, length, those, level_db, noise)
                if level_db is None:
                    figures |= _speeds(length, heard, those, samples)
                figures |= dict([*accuracy(prefix, heard), *looped(prefix, heard)])
                every[length].append({who: heard[who] for who in BOTH})
                for line in _table(prefix, heard, figures):
                    tell(line)
        figures |= _together(every)
        conditions = self._conditions(clips, threads, levels_db)
        conditions["silence"] = "folded" if folded else "not folded on this machine"
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Seconds a clip on the left, words wrong by level of noise on the right."""
        place, figure = axes.get_subplotspec(), axes.get_figure()
        assert place is not None
        assert figure is not None
        halves = place.subgridspec(1, 2, width_ratios=(3, 2))
        left, right = (figure.add_subplot(halves[at]) for at in (0, 1))
        axes.remove()
        for each in (left, right):
            each.spines[["top", "right"]].set_visible(False)
        _draw_seconds(results, left)
        _draw_errors(results, right)

    def _clips(self) -> Mapping[str, Clips]:
        with tempfile.TemporaryDirectory() as folder:
            short = recordings("orders", named_by_text=True) or spoken(SENTENCES, Path(folder))
            long = _sample(recordings("commands"), self._most or LONG_CLIPS)
            slots = labels_of(long) if long else {}
            return {
                "short": [_loaded(clip) for clip in _sample(short, self._most or len(short))],
                "long": [_loaded(clip, tuple(slots[clip.path.name].values())) for clip in long],
            }

    def _conditions(
        self, clips: Mapping[str, Clips], threads: int, levels_db: Sequence[int | None]
    ) -> dict[str, str]:
        real = "audio/orders (synthetic voices), audio/commands (people)"
        return {
            "clips": real if "long" in clips else "made on the spot",
            "noise": f"kitchen, {', '.join(str(each) for each in levels_db[1:])} dB"
            if levels_db[1:]
            else "none",
            "weights": f"{self._model}, {threads} threads",
            "peer": f"faster-whisper {PEER_VERSION} WhisperModel.transcribe, int8",
            "openai-whisper": no_torch() or "whisper.transcribe, float32",
        }


def _sample(clips: Sequence[Recording], most: int) -> Sequence[Recording]:
    """So many of them, evenly."""
    return clips[:: max(1, len(clips) // most)][:most]


def _loaded(clip: Recording, slots: Sequence[Sequence[str]] = ()) -> tuple["Samples", Said]:
    samples = load(clip)
    return samples, Said(clip.path.name, len(samples) / 16_000, clip.text, slots)


def _heard(
    hearing: Mapping[str, Transcribe], length: str, clips: Clips, level_db: int | None, noise: "Sound | None"
) -> dict[str, list[Heard]]:
    """Those that take part hear the clips; the first of them once before anything is timed."""
    heard: dict[str, list[Heard]] = {who: [] for who in hearing if level_db is None or who in BOTH}
    every = max(1, len(clips) // SAMPLED[length])
    for at, (plain, said) in enumerate(clips):
        samples = plain if level_db is None or noise is None else mixed(plain, noise, level_db, said.clip)
        sampled = at % every == 0 and at // every < SAMPLED[length]
        order = [who for who in heard if who in BOTH or sampled]
        if at == 0 and level_db is None:
            for who in order:
                hearing[who](samples[:-1])  # the first run allocates; ours remembers a clip it has just heard
        random.Random(said.clip).shuffle(order)  # the same turns in every run
        for who in order:
            began_s = time.perf_counter()
            text = hearing[who](samples)
            heard[who].append(judged(said, text, time.perf_counter() - began_s))
    return heard


def _speeds(length: str, heard: By, clips: Clips, samples: dict[str, list[float]]) -> dict[str, Figure]:
    """Seconds, and the ratios; those of short orders over what is no longer than `SHORT_S`."""
    figures = dict(speeds(length, heard, samples))
    compared = {said.clip for _, said in clips if length == "long" or said.length_s <= SHORT_S}
    for name, (mine, theirs) in RATIOS.items():
        if mine in heard and theirs in heard:
            those = [each for each in heard[theirs] if each.clip in compared]
            if those:
                figures[f"{length}_{name}"] = ratio(heard[mine], those)
    return figures


def _together(every: Mapping[str, Sequence[By]]) -> dict[str, Figure]:
    """Ours and the peer's over all conditions; clips are what is resampled."""
    figures: dict[str, Figure] = {}
    whole: dict[str, list[Heard]] = {who: [] for who in BOTH}
    for length, conditions in every.items():
        heard = {who: [each for condition in conditions for each in condition[who]] for who in BOTH}
        figures |= dict(accuracy(f"{length}_all", heard))
        for who in BOTH:
            whole[who] += heard[who]
    for who in BOTH:
        share = sum(each.loops for each in whole[who]) / len(whole[who])
        figures[f"{who}_loops"] = Figure(share, "share", len(whole[who]))
    return figures


def _table(prefix: str, heard: By, figures: Mapping[str, Figure]) -> Sequence[str]:
    """What one condition came to, a contender a line; then ours less the peer's."""
    columns = ("s", "word_error_rate", "slots_found", "slot_words_found", "loops")
    there = [each for each in columns if f"{prefix}_ours_{each}" in figures]
    rows = [["", *(each.replace("_", " ") for each in there), "n"]]
    for who, those in heard.items():
        told = (figures[f"{prefix}_{who}_{each}"] for each in there)
        rows.append([LABELS[who], *(number(each.value, each.unit) for each in told), str(len(those))])
    more = [figures.get(f"{prefix}_{each}_more_than_peer") for each in there]
    told_more = (f"{number(each.value, each.unit)} ({interval(each)})" if each else "" for each in more)
    rows.append(["ours less the peer's", *told_more, ""])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(pairs))
        for pairs in (list(zip(row, widths, strict=True)) for row in rows)
    ]


def _draw_seconds(results: Results, axes: "Axes") -> None:
    """How the seconds are spread, for both lengths of clip."""
    rows = [
        (f"{label}, {length}", results.samples[f"{length}_{who}_s"], colour)
        for length in ("long", "short")
        for who, label, colour in (
            ("openai_whisper", "openai-whisper", PEERS),
            ("peer", "faster-whisper", PEERS),
            ("ours", "Sotto Voce", OURS),
        )
        if f"{length}_{who}_s" in results.samples
    ]
    boxes = axes.boxplot(
        [those for _, those, _ in rows],
        orientation="horizontal",
        widths=0.6,
        patch_artist=True,
        whis=(5, 95),
        showfliers=False,
    )
    for box, (_, _, colour) in zip(boxes["boxes"], rows, strict=True):
        box.set_facecolor(colour)
    for median in boxes["medians"]:
        median.set_color(OTHER)
    axes.set_yticklabels([label for label, _, _ in rows])
    axes.set(xlabel="seconds a clip\n(box: middle half, whiskers: 5th to 95th percentile)")
    axes.set_xlim(left=0)


def _draw_errors(results: Results, axes: "Axes") -> None:
    """Words wrong on the short clips, with their intervals."""
    levels = [each for each in LEVELS_DB if f"short_{each}_db_ours_word_error_rate" in results.figures]
    prefixes = {"plain": "short", **{f"{each} dB": f"short_{each}_db" for each in levels}}
    for shift, who, label, colour in (
        (-0.06, "ours", "Sotto Voce", OURS),
        (0.06, "peer", "faster-whisper", PEERS),
    ):
        those = [results.figures[f"{prefix}_{who}_word_error_rate"] for prefix in prefixes.values()]
        ends = [
            [100 * (each.value - (each.low or 0.0)) for each in those],
            [100 * ((each.high or each.value) - each.value) for each in those],
        ]
        places = [place + shift for place in range(len(those))]
        axes.errorbar(
            places,
            [100 * each.value for each in those],
            yerr=ends,
            color=colour,
            marker="o",
            capsize=3,
            label=label,
        )
    axes.set(xticks=range(len(prefixes)), xticklabels=list(prefixes), ylabel="% of words wrong, short orders")
    axes.set_xlabel("kitchen noise")
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left")
