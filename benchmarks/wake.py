"""The wake word: how often it is missed or something else is taken for it, and what listening costs."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import intervals
from benchmarks.noise import kitchen, mixed
from benchmarks.plots import OTHER, OURS, PEERS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.recordings import HOW, Recording, load, recordings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from speech.audio import Samples
    from speech.detection.microwakeword import MicroWakeWords
    from speech.hearing import Ear

RATE_HZ = 16_000
CHUNK = RATE_HZ // 50
QUIET_BEHIND_S = 0.5  # a microphone goes on after the word; the recordings end with it
WORD = "alexa"
SENSITIVITIES = (0.1, 0.3, 0.5, 0.7, 0.9)
USUAL = 0.5
KITCHEN_DB = 10
PUBLISHED = (("published, clips of Picovoice's", 0.486, 3.49), ("published, dinner parties", 0.187, 3.49))
"""microWakeWord's own figures for "alexa" (README at github.com/kahrendt/microWakeWord, cutoff 0.66): false
wakes an hour and misses in percent, on real recordings, of an older model than the one that is shipped now.
"""
LISTENED_S = 15.0


class Wake:
    """One word that 100 people say, and all built-in words on speech that holds none of them."""

    name = "wake"

    def __init__(
        self, listened_s: float = LISTENED_S, sensitivities: Sequence[float] = SENSITIVITIES
    ) -> None:
        """`listened_s` is how long each number of streams is listened to, in real time."""
        self._listened_s = listened_s
        self._sensitivities = sensitivities

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
        figures |= self._by_sensitivity(said, other, hours, tell)
        synthetic = list(_synthetic())
        eager = [each for each in self._sensitivities if each >= USUAL]
        figures |= _on_synthetic(synthetic, eager, tell)
        figures |= self._cost(np.concatenate([load(clip) for clip in other[:80]]), tell)
        conditions = {
            "said": f"audio/wake/{WORD}",
            "not said": f"{len(other)} clips of other speech, {hours:.2f} h",
            "kitchen": f"the same clips over a kitchen, {KITCHEN_DB} dB",
            "synthetic": f"{sum(map(len, synthetic)) / RATE_HZ / 3600:.2f} h of what televisions and people"
            " say (tests/study), spoken by eSpeak NG in four accents: no real speech",
            "published": "microWakeWord's README on an older alexa model: 3.49 % missed, 0.486 false an hour"
            " (Picovoice's clips), 0.187 (Dinner Party Corpus)",
        }
        return Results(figures, {}, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Misses against false wakes, a point a sensitivity, with the published figures beside them."""
        for key, colour, label in (("missed", OURS, "clean"), ("missed_kitchen", OTHER, "kitchen, 10 dB")):
            shown = [
                (each, results.figures[f"{WORD}_{key}_at_{_named(each)}"], _false_at(results, each))
                for each in self._sensitivities
            ]
            axes.plot(
                [false.value for _, _, false in shown],
                [missed.value * 100 for _, missed, _ in shown],
                "o-",
                color=colour,
                label=label,
            )
            for each, missed, false in shown:
                axes.annotate(
                    f"{each:g}",
                    (false.value, missed.value * 100),
                    fontsize=7,
                    xytext=(3, 3),
                    textcoords="offset points",
                )
                axes.plot(
                    [false.low or 0, false.high or 0], [missed.value * 100] * 2, color=colour, alpha=0.25
                )
        for label, per_hour, missed_percent in PUBLISHED:
            axes.plot(per_hour, missed_percent, "s", color=PEERS, label=label)
        axes.set(
            xlabel="false wakes an hour of speech (line: 95 %)", ylabel=f'"{WORD}" missed, %', ylim=(0, None)
        )
        axes.set_xscale("symlog", linthresh=1)
        axes.set_xlim(0, None)
        axes.legend(fontsize=7)

    def _by_sensitivity(
        self, said: Sequence[Recording], other: Sequence[Recording], hours: float, tell: Tell
    ) -> dict[str, Figure]:
        from speech.detection.microwakeword import MicroWakeWords

        noise = kitchen()
        figures: dict[str, Figure] = {}
        for each in self._sensitivities:
            detector = MicroWakeWords([WORD], each)
            missed = sum(WORD not in _noticed(detector, load(clip)) for clip in said)
            false = sum(len(_noticed(detector, load(clip))) for clip in other)
            figures[f"{WORD}_missed_at_{_named(each)}"] = intervals.share(missed, len(said))
            if noise is not None:
                loud = [mixed(load(clip), noise, KITCHEN_DB, clip.path.name) for clip in said]
                in_kitchen = sum(WORD not in _noticed(detector, clip) for clip in loud)
                figures[f"{WORD}_missed_kitchen_at_{_named(each)}"] = intervals.share(in_kitchen, len(said))
            key = f"{WORD}_false_per_hour_at_{_named(each)}"
            figures[key] = intervals.events_per_hour(false, hours, len(other))
            tell(
                f"sensitivity {each:g}: {missed} of {len(said)} missed, {false} false wakes in {hours:.2f} h"
            )
        return figures

    def _cost(self, speech: "Samples", tell: Tell) -> dict[str, Figure]:
        """A core's share for one stream that only listens, in real time, and what that makes of one core."""
        from assistant.config.schema import Config
        from assistant.opening.sound import make_ear

        config = Config()
        settings = config.end_of_turn.settings(recognises=True, judges=False)
        shares = {}
        for streams in (1, 8):
            ears = [make_ear(config.listen, settings, addressed=False) for _ in range(streams)]
            shares[streams] = _share_of_core(ears, speech, self._listened_s) / streams
            tell(f"{streams} streams: {shares[streams] * 100:.1f} % of a core each")
        return {
            "core_share_of_a_stream": Figure(shares[1], "share", 1),
            "core_share_of_one_of_eight": Figure(shares[8], "share", 8),
            "streams_a_core": Figure(1 / shares[8], "x", 8),
        }


def _share_of_core(ears: "Sequence[Ear]", speech: "Samples", seconds: float) -> float:
    from speech.audio import AudioChunk

    began_s, used_s = time.monotonic(), time.process_time()
    for number in range(round(seconds * 50)):
        at = number * CHUNK
        sound = speech[at % (len(speech) - CHUNK) :][:CHUNK]
        for ear in ears:
            for _ in ear.hear(AudioChunk("room", at, sound, began_s)):
                pass
        time.sleep(max(0.0, began_s + (number + 1) / 50 - time.monotonic()))
    return (time.process_time() - used_s) / (time.monotonic() - began_s)


def _synthetic() -> "Iterator[Samples]":
    """Sentences that nobody means for us, spoken in four accents; nothing where there are no sentences."""
    import soxr

    from benchmarks.mind.cases import STUDY, houses, sentences
    from speech.synthesis.espeak import WORDS_PER_MINUTE, EspeakProcess

    accents = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-us+f3")
    with closing(EspeakProcess()) as process:
        for case in sentences(STUDY, "en", houses()):
            for accent in accents:
                sound, rate_hz = process.speak(case.turns[0].say, accent, WORDS_PER_MINUTE)
                yield soxr.resample(sound, rate_hz, RATE_HZ)


def _on_synthetic(
    sounds: "Sequence[Samples]", sensitivities: Sequence[float], tell: Tell
) -> dict[str, Figure]:
    from speech.detection.microwakeword import MicroWakeWords, built_in_words

    hours = sum(map(len, sounds)) / RATE_HZ / 3600
    figures: dict[str, Figure] = {}
    for each in sensitivities:
        detector = MicroWakeWords(built_in_words(), each)
        false = Counter(word for sound in sounds for word in _noticed(detector, sound))
        for word in (WORD, "okay_nabu"):
            key = f"{word}_false_per_synthetic_hour_at_{_named(each)}"
            figures[key] = intervals.events_per_hour(false[word], hours, len(sounds))
        tell(f"sensitivity {each:g}: {dict(false)} in {hours:.2f} synthetic hours")
    return figures


def _false_at(results: Results, sensitivity: float) -> Figure:
    return results.figures[f"{WORD}_false_per_hour_at_{_named(sensitivity)}"]


def _named(sensitivity: float) -> str:
    return f"{round(sensitivity * 100)}"


def _noticed(detector: "MicroWakeWords", samples: "Samples") -> list[str]:
    """Every word that was noticed in a clip."""
    detector.reset()
    heard = np.concatenate([samples, np.zeros(int(QUIET_BEHIND_S * RATE_HZ), np.int16)])
    words = (detector.detect(heard[at : at + CHUNK]) for at in range(0, len(heard), CHUNK))
    return [word.lower().replace(" ", "_") for word in words if word is not None]
