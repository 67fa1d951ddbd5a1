"""What must stand behind a short clip: time, words wrong and loops, by kind and number of positions.

Three kinds of silence behind the same encoded orders: its end alone; all of it, thinned evenly; and folded
(`speech/recognition/folding.py`), each to so many positions. No guard steps in: what loops is counted.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import intervals
from benchmarks.plots import OTHER, OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recordings import HOW, load, recordings
from benchmarks.weights import folder_of, missing
from benchmarks.words import errors, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from speech.recognition.silence import Encoded
    from speech.recognition.whisper import WhisperRecogniser

MODEL = "whisper-base"
VOICE = "piper-en_US-joe-medium"
REAL = (1_500, 1_100, 750, 500, 250)
"""Positions in all, the clip's own included."""
FOLDED = (24, 48, 96, 192)
"""Positions of silence, behind any clip."""
KINDS = ("end", "thinned", "folded")


class Silence:
    """How little silence is enough."""

    name = "silence"

    def __init__(self, most: int | None = None, folded: Sequence[int] = FOLDED) -> None:
        """With `most` only so many clips."""
        self._most = most
        self._folded = folded

    def lacks(self) -> str | None:
        """Weights, a voice to fold by, and recordings."""
        return missing([MODEL, VOICE]) or (None if recordings("orders") else f"no recordings: {HOW}")

    def run(self, tell: Tell) -> Results:
        """Decode every order behind every kind of silence."""
        from speech.recognition.whisper import WhisperRecogniser

        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        with closing(WhisperRecogniser(folder_of(MODEL))) as recogniser:
            encode = recogniser._encode  # noqa: SLF001 - what is measured lies below its public face
            second = np.zeros(16_000, np.int16)
            clips = recordings("orders", named_by_text=True)[: self._most]
            own = [(encode(np.concatenate([load(each), second])), words(each.text)) for each in clips]
            for name, tail in _tails(recogniser, self._folded, tell):
                tell(name)
                took_ms, wrong, loops = _decoded(recogniser, own, tail)
                samples[f"{name}_ms"] = took_ms
                figures[f"{name}_ms"] = intervals.of_samples(took_ms, "ms")
                said = [float(len(text)) for _, text in own]
                figures[f"{name}_words_wrong"] = intervals.rate(wrong, said)
                figures[f"{name}_loops"] = intervals.share(loops, len(own))
        return Results(figures, samples, {"clips": "audio/orders, synthetic voices", "model": MODEL})

    def draw(self, results: Results, axes: "Axes") -> None:
        """Words wrong against the decoder's time, a line a kind."""
        for kind, colour in zip(KINDS, (PEERS, OTHER, OURS), strict=True):
            found = [name for name in results.samples if name.startswith(f"{kind}_")]
            keys = [name.removesuffix("_ms") for name in found]
            times = [results.figures[f"{key}_ms"].value for key in keys]
            wrong = [100 * results.figures[f"{key}_words_wrong"].value for key in keys]
            axes.plot(times, wrong, "o-", color=colour, label=kind)
            for key, x, y in zip(keys, times, wrong, strict=True):
                axes.annotate(
                    key.rpartition("_")[2], (x, y), fontsize=7, xytext=(3, 3), textcoords="offset points"
                )
        axes.set(xlabel="decoding, ms (median)", ylabel="words wrong, % (no guard)", yscale="log")
        axes.legend()


Tail = Callable[[int], "Encoded"]
"""What stands behind so many own positions."""


def _tails(recogniser: "WhisperRecogniser", folded: Sequence[int], tell: Tell) -> Iterator[tuple[str, Tail]]:
    from speech.recognition.silence import POSITIONS

    whole = recogniser._silence.whole(0)  # noqa: SLF001
    for total in REAL:

        def end(own: int, total: int = total) -> "Encoded":
            return whole[:, max(own, POSITIONS - max(0, total - own)) :]

        def thinned(own: int, total: int = total) -> "Encoded":
            return whole[:, np.linspace(own, POSITIONS - 1, max(0, total - own)).round().astype(int)]

        yield f"end_{total}", end
        if total < POSITIONS:
            yield f"thinned_{total}", thinned
    for positions, found in _fold(recogniser, folded, tell).items():
        yield f"folded_{positions}", _always(found)


def _always(found: "Encoded") -> Tail:
    return lambda _own: found


def _fold(recogniser: "WhisperRecogniser", sizes: Sequence[int], tell: Tell) -> Mapping[int, "Encoded"]:
    """Fold by the sentences that `sotto models tune` speaks, into so many positions each."""
    from assistant.config.schema import Config
    from assistant.opening.engines import load_voices
    from assistant.opening.tuning import sentences_of, spoken
    from speech.recognition import folding
    from speech.recognition.decoder import Decoder

    silence = recogniser._silence.whole(0)[0]  # noqa: SLF001
    with closing(load_voices(Config())) as voices:
        written = [
            recogniser._written(spoken(voices, text, language, number), language)  # noqa: SLF001
            for number, (text, language) in enumerate(sentences_of(recogniser), 1)
        ]
    decoder = Decoder(folder_of(MODEL) / "model.bin")
    made = {}
    for size in sizes:
        found = folding.fold(decoder, silence, written, lambda _share: None, positions=size)
        tell(f"folded to {size} positions: {found.error:.2%} off")
        made[size] = found.positions[None]
    return made


def _decoded(
    recogniser: "WhisperRecogniser", own: Sequence[tuple["Encoded", Sequence[str]]], tail: Tail
) -> tuple[list[float], list[float], int]:
    """Milliseconds and words wrong of each clip, and how many loop."""
    from speech.recognition.writer import Wish

    prompt = recogniser._prompt("en", "")  # noqa: SLF001
    took_ms, wrong, loops = [], [], 0
    for encoded, text in own:
        behind = tail(encoded.shape[1])
        began_s = time.perf_counter()
        limit = 8 + encoded.shape[1] // 5
        heard = recogniser._decode(encoded, behind, Wish(prompt, limit), "en")  # noqa: SLF001
        took_ms.append((time.perf_counter() - began_s) * 1000)
        found = words(heard.text)
        wrong.append(float(errors(text, found)))
        loops += len(found) > 2 * len(text) + 2
    return took_ms, wrong, loops
