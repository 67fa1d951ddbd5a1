"""Our recogniser against faster-whisper's `transcribe`: same weights, threads and clips, in one run.

Both are given the language, decode greedily, predict no timestamps and look for no voice activity; what
differs is how much sound is encoded, and faster-whisper's fallback to higher temperatures when a text looks
wrong (ours decodes again, padded). Clip by clip they take turns in going first.
"""

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import intervals
from benchmarks.plots import OTHER, OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recordings import Recording, load, recordings, spoken
from benchmarks.weights import folder_of, missing
from benchmarks.words import errors, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from speech.audio import Samples

MODEL = "whisper-base"
PEER_VERSION = "1.2.1"
LONG_CLIPS = 40
SENTENCES = (
    "turn on the kitchen lights",
    "set the bedroom light to thirty percent",
    "what is the weather like in Helsinki",
    "close the blinds in the office",
    "skip this song",
    "make the living room a bit brighter",
)
Transcribe = Callable[["Samples"], str]


@dataclass(frozen=True, slots=True)
class _Heard:
    """One clip, heard by one contender."""

    seconds: float
    errors: int


class Recognition:
    """Seconds a clip and words wrong, ours and the peer's."""

    name = "recognition"

    def lacks(self) -> str | None:
        """Weights, and the peer."""
        if find_spec("faster_whisper") is None:
            return f"the peer is not installed: pip install faster-whisper=={PEER_VERSION}"
        return missing([MODEL, *([] if recordings("orders") else ["piper-en_US-joe-medium"])])

    def run(self, tell: Tell) -> Results:
        """Transcribe every clip with each contender."""
        threads = min(4, os.cpu_count() or 1)
        contenders = _contenders(threads)
        with tempfile.TemporaryDirectory() as folder:
            short = recordings("orders", named_by_text=True) or spoken(SENTENCES, Path(folder))
            long = recordings("commands")
            long = long[:: max(1, len(long) // LONG_CLIPS)][:LONG_CLIPS]
            tell(f"{len(short)} short clips and {len(long)} long ones, {len(contenders)} contenders")
            heard_short = _heard(contenders, short)
            heard_long = _heard({name: contenders[name] for name in ("ours", "peer")}, long)
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        for length, heard in (("short", heard_short), ("long", heard_long)):
            if heard["ours"]:
                figures |= _speeds(length, heard, samples)
        said = [float(len(words(clip.text))) for clip in short]
        figures |= _error_rates(heard_short, said)
        conditions = {
            "clips": "audio/orders (synthetic voices), audio/commands (people)"
            if long
            else "made on the spot",
            "peer": f"faster-whisper {PEER_VERSION} WhisperModel.transcribe, {MODEL} int8, {threads} threads",
        }
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """How the seconds are spread, for both lengths of clip."""
        rows = [
            (f"{name}, {length} clips", results.samples[f"{length}_{who}_s"], colour)
            for length in ("long", "short")
            for who, name, colour in (("ours", "Sotto Voce", OURS), ("peer", "faster-whisper", PEERS))
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
        axes.set(xlabel="seconds a clip (box: middle half, whiskers: 5th to 95th percentile)")
        axes.set_xlim(left=0)


def _contenders(threads: int) -> Mapping[str, Transcribe]:
    """Each takes samples and returns the text. Loaded and run once before anything is timed."""
    from faster_whisper import WhisperModel

    from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

    folder = folder_of(MODEL)
    ours = WhisperRecogniser(folder, WhisperSettings(device="cpu", compute_type="int8", threads=threads))
    exact = WhisperRecogniser(folder, WhisperSettings(device="cpu", compute_type="float32", threads=threads))
    peer = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads)

    def by_peer(samples: "Samples") -> str:
        sound = samples.astype(np.float32) / 32_768.0
        segments, _ = peer.transcribe(
            sound, language="en", beam_size=1, vad_filter=False, without_timestamps=True
        )
        return " ".join(segment.text.strip() for segment in segments)

    return {
        "ours": lambda samples: ours.transcribe(samples, language="en").text,
        "peer": by_peer,
        "ours_float32": lambda samples: exact.transcribe(samples, language="en").text,
    }


def _heard(contenders: Mapping[str, Transcribe], clips: Sequence[Recording]) -> dict[str, list[_Heard]]:
    heard: dict[str, list[_Heard]] = {name: [] for name in contenders}
    for number, clip in enumerate(clips):
        samples = load(clip)
        order = list(contenders)
        if number == 0:
            for transcribe in contenders.values():
                transcribe(samples)  # the first run allocates
        for name in order[number % len(order) :] + order[: number % len(order)]:
            began_s = time.perf_counter()
            text = contenders[name](samples)
            seconds = time.perf_counter() - began_s
            heard[name].append(_Heard(seconds, errors(words(clip.text), words(text))))
    return heard


def _speeds(
    length: str, heard: Mapping[str, Sequence[_Heard]], samples: dict[str, list[float]]
) -> dict[str, Figure]:
    figures = {}
    for name, those in heard.items():
        key = f"{length}_{name}_s"
        samples[key] = [each.seconds for each in those]
        figures[key] = intervals.of_samples(samples[key], "s")
    ours, peers = samples[f"{length}_ours_s"], samples[f"{length}_peer_s"]
    figures[f"{length}_times_as_fast"] = intervals.ratio_of_medians(ours, peers)
    return figures


def _error_rates(heard: Mapping[str, Sequence[_Heard]], said: Sequence[float]) -> dict[str, Figure]:
    wrong = {name: [float(each.errors) for each in those] for name, those in heard.items()}
    figures = {f"short_{name}_word_error_rate": intervals.rate(those, said) for name, those in wrong.items()}
    more = intervals.difference_of_rates(wrong["ours"], wrong["peer"], said)
    return {**figures, "short_word_error_rate_more_than_peer": more}
