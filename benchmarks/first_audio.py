"""How soon an answer is heard: from its first clause being known to its first sound at the loudspeaker.

The first time a clause is said it is synthesised; said again, it is remembered. The loudspeaker here takes
sound at once: what a sound card adds is its buffer (`speech.sound.speaker.LATENCY_S`).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import intervals
from benchmarks.plots import OTHER, OURS
from benchmarks.protocol import Figure, Results, Tell
from benchmarks.weights import missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from assistant.dialogue.mouth import Mouth
    from speech.audio import SpeechChunk
    from speech.synthesis.voices import Voices

VOICE = "piper-en_US-joe-medium"
MANDARIN = "fastspeech2-baker"
ANSWERS = {
    "en": (
        "Kitchen light on.",
        "Done.",
        "The bedroom blinds are closed.",
        "It is 21.5 °C in the living room.",
        "Your alarm is set for 7:05 am.",
        "I turned off the coffee machine.",
        "The front door is locked.",
        "Tomorrow it will be mostly cloudy, with a high of seventeen degrees and some rain in the evening.",
        "There are three things on your shopping list: milk, bread, and two kilos of potatoes.",
        "The timer has 12 min left.",
        "I can't reach the garage door right now.",
        "Playing some quiet music in the kitchen.",
    ),
    "zh": (
        "厨房的灯开了。",
        "好的。",
        "卧室的窗帘关上了。",
        "客厅现在21.5°C。",
        "闹钟定在7:05。",
        "咖啡机关掉了。",
        "大门已经锁好。",
        "明天多云，最高十七度，晚上有小雨。",
        "购物单上有三样东西：牛奶、面包和两公斤土豆。",
        "定时器还剩12分钟。",
        "现在连不上车库门。",
        "在厨房放一点安静的音乐。",
    ),
}
QUIET = 200
"""Of 32,767: below it nothing is heard (`speech.synthesis.edges.QUIET`)."""


class FirstAudio:
    """Milliseconds to the first sound, made and remembered, and the silence before it."""

    name = "first_audio"

    def lacks(self) -> str | None:
        """The English voice."""
        return missing([VOICE])

    def run(self, tell: Tell) -> Results:
        """Say every answer twice."""
        from assistant.config.schema import Config
        from assistant.opening.engines import load_voices

        engines = {"zh": "fastspeech2"} if missing([MANDARIN]) is None else {}
        samples: dict[str, list[float]] = {}
        for suffix, engine in (("", {}), ("_neural", engines)):
            if suffix and not engine:
                continue
            with closing(load_voices(Config.model_validate({"voice": {"engine": engine}}))) as voices:
                for language in ANSWERS if not suffix else ("zh",):
                    found = asyncio.run(_said(voices, language))
                    for what, values in found.items():
                        samples[f"{language}{suffix}_{what}"] = values
                    tell(f"{language}{suffix}: {np.median(found['synthesised_ms']):.0f} ms")
        figures: dict[str, Figure] = {
            key: intervals.of_samples(values, "ms") for key, values in samples.items()
        }
        return Results(
            figures,
            samples,
            {
                "answers": "a dozen a language, through the voice's lane and the mouth",
                "neural": "the Mandarin voice; the other Chinese is eSpeak NG's",
                "goals": "remembered 30 ms, synthesised 250 ms behind the first clause",
            },
        )

    def draw(self, results: Results, axes: "Axes") -> None:
        """Both times, a row a voice."""
        rows = [key for key in results.figures if not key.endswith("silence_ms")]
        for row, key in enumerate(rows):
            figure = results.figures[key]
            colour = OURS if "synthesised" in key else OTHER
            axes.barh(row, figure.value, color=colour)
            axes.plot([figure.value, figure.p95 or figure.value], [row, row], color="black", linewidth=1)
        axes.set(
            yticks=range(len(rows)), yticklabels=[key.removesuffix("_ms").replace("_", " ") for key in rows]
        )
        axes.set(xlabel="first clause to first sound, ms (line: 95th)", xscale="log")


class _Taker:
    """A loudspeaker that takes sound at once and keeps when, and what, came first."""

    def __init__(self) -> None:
        self.first: SpeechChunk | None = None
        self.at_s = 0.0

    async def play(self, chunk: "SpeechChunk") -> None:
        if self.first is None:
            self.first, self.at_s = chunk, time.perf_counter()

    async def drain(self) -> None: ...

    async def stop(self) -> None: ...

    async def close(self) -> None: ...


async def _said(voices: "Voices", language: str) -> dict[str, list[float]]:
    from assistant.dialogue.mouth import Mouth
    from assistant.scheduler import Lane

    found: dict[str, list[float]] = {"synthesised_ms": [], "remembered_ms": [], "silence_ms": []}
    with closing(Lane("voice")) as lane:
        taker = _Taker()
        mouth = Mouth(voices, taker, lane)
        await _time(mouth, taker, "one two three" if language == "en" else "一二三", language)
        for answer in ANSWERS[language]:
            for what in ("synthesised_ms", "remembered_ms"):
                found[what].append(1_000 * await _time(mouth, taker, answer, language))
            assert taker.first is not None
            heard = np.flatnonzero(np.abs(taker.first.samples.astype(np.int32)) > QUIET)
            found["silence_ms"].append(1_000 * float(heard[0] if len(heard) else 0) / taker.first.rate_hz)
    return found


async def _time(mouth: "Mouth", taker: _Taker, answer: str, language: str) -> float:
    from speech.synthesis.clauses import clauses

    async def written() -> AsyncIterator[str]:
        yield answer

    taker.first = None
    began_s = time.perf_counter()
    await mouth.say("turn", clauses(written()), language, lambda: None)
    return taker.at_s - began_s
