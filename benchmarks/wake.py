"""The wake word: how often it is missed, and how often something else is taken for it."""

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import intervals
from benchmarks.plots import OTHER, OURS
from benchmarks.protocol import Results, Tell
from benchmarks.recordings import HOW, load, recordings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from speech.audio import Samples
    from speech.detection.microwakeword import MicroWakeWords

RATE_HZ = 16_000
CHUNK = RATE_HZ // 50
QUIET_BEHIND_S = 0.5  # a microphone goes on after the word; the recordings end with it
WORD = "alexa"


class Wake:
    """One word that 100 people say, and all built-in words on speech that holds none of them."""

    name = "wake"

    def lacks(self) -> str | None:
        """The recordings."""
        return None if recordings("wake/alexa") and recordings("not_wake") else f"no recordings: {HOW}"

    def run(self, tell: Tell) -> Results:
        """Stream every clip in 20 ms chunks through the detector."""
        from speech.detection.microwakeword import MicroWakeWords, built_in_words

        said = recordings(f"wake/{WORD}")
        other = [*recordings("not_wake"), *recordings("commands"), *recordings("orders")]
        tell(f"{len(said)} clips with the word, {len(other)} without")
        one = MicroWakeWords([WORD])
        found = sum(WORD in _noticed(one, load(clip)) for clip in said)
        every = MicroWakeWords(built_in_words())
        false: Counter[str] = Counter()
        seconds = 0.0
        for clip in other:
            samples = load(clip)
            false.update(_noticed(every, samples))
            seconds += len(samples) / RATE_HZ
        hours = seconds / 3600
        figures = {
            f"{WORD}_found": intervals.share(found, len(said)),
            f"{WORD}_missed": intervals.share(len(said) - found, len(said)),
        }
        for word in built_in_words():
            figures[f"{word}_false_per_hour"] = intervals.events_per_hour(false[word], hours, len(other))
        heard = f"{len(other)} clips of other speech, {hours:.2f} h"
        return Results(figures, {}, {"said": f"audio/wake/{WORD}", "not said": heard})

    def draw(self, results: Results, axes: "Axes") -> None:
        """False wakes an hour, a word a row, with their intervals."""
        words = [key for key in results.figures if key.endswith("_false_per_hour")]
        for row, key in enumerate(words):
            figure = results.figures[key]
            low, high = figure.low or 0.0, figure.high or 0.0
            axes.plot([low, high], [row, row], color=OURS, linewidth=3)
            axes.plot(figure.value, row, "o", color=OTHER)
        found = results.figures[f"{WORD}_found"]
        axes.set(yticks=range(len(words)), yticklabels=[key.removesuffix("_false_per_hour") for key in words])
        axes.set(xlabel="false wakes an hour (dot) and 95 % interval")
        axes.set_title(f'"{WORD}" found in {found.value * 100:.0f} % of {found.n} clips', fontsize=9)


def _noticed(detector: "MicroWakeWords", samples: "Samples") -> list[str]:
    """Every word that was noticed in a clip."""
    detector.reset()
    heard = np.concatenate([samples, np.zeros(int(QUIET_BEHIND_S * RATE_HZ), np.int16)])
    words = (detector.detect(heard[at : at + CHUNK]) for at in range(0, len(heard), CHUNK))
    return [word.lower().replace(" ", "_") for word in words if word is not None]
