"""The same orders through the ears: spoken by synthetic voices, clean and in a kitchen, and what that costs.

Of the held-out orders every few are spoken, each by the next voice: English by flite, which nothing was tuned
on (by eSpeak NG where flite is not installed), Chinese by the neural Mandarin voice. Four hearings are played
beside the written text: clean and at 10 dB, each as it was recognised and with a second look where nobody
understood the words.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks import intervals
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.recognisers import kept
from benchmarks.weights import folder_of, missing
from benchmarks.words import errors, words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from benchmarks.mind.cases import Case, House
    from benchmarks.mind.score import Played
    from benchmarks.mind.stage import Stage
    from speech.audio import Samples
    from speech.recognition.engine import Recogniser, SecondLook, Transcript

MODEL = "whisper-base"
EVERY = 3
LEVEL_DB = 10
LEVELS: Mapping[str, int | None] = {"clean": None, "noisy": LEVEL_DB}
MANDARIN = "fastspeech2-baker"
WITHOUT_FLITE = ("en-us", "en-gb-x-rp")

_HAN = re.compile(r"[\u3400-\u9fff]")

Speak = Callable[[str], "Samples"]


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says it."""

    name: str
    speak: Speak


class Ears:
    """Exact effects of the same orders, written, and heard in four ways."""

    name = "ears"

    def __init__(self, every: int = EVERY) -> None:
        """Every so many orders are spoken."""
        self._every = every

    def lacks(self) -> str | None:
        """Weights, sentences and the kitchen."""
        from benchmarks.mind.cases import HELD_OUT
        from benchmarks.noise import kitchen
        from benchmarks.recordings import HOW

        if not HELD_OUT.is_dir():
            return "no sentences: tests/held_out is not here"
        return missing((MODEL, MANDARIN)) or (None if kitchen() is not None else f"no kitchen noise: {HOW}")

    def run(self, tell: Tell) -> Results:
        """Play the written orders, then what was heard of them."""
        from assistant.config.load import load as load_config
        from benchmarks.again import load_engine
        from benchmarks.mind.cases import HELD_OUT, LANGUAGES, SetError, houses, orders
        from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

        figures: dict[str, Figure] = {}
        try:
            known = houses()
            those = {each: orders(HELD_OUT, each, known)[:: self._every] for each in LANGUAGES}
        except SetError as error:
            raise BenchmarkError(str(error)) from error
        config = load_config(None).config
        with (
            closing(WhisperRecogniser(folder_of(MODEL), WhisperSettings(cache=kept()))) as recogniser,
            speakers() as voices,
        ):
            engine = load_engine(config, recogniser)
            for language, cases in those.items():
                tell(f"{language}: {len(cases)} orders, as they are written")
                played = {"written": _play(cases, known, None)}
                for level, level_db in LEVELS.items():
                    hearing = Hearing(recogniser, voices[language], level_db)
                    tell(f"{language}: the same, {level}")
                    played[level] = _play(cases, known, hearing)
                    played[f"{level}_looked_at_again"] = _play(cases, known, hearing.with_looks(engine))
                    figures[f"{language}_{level}_error_rate"] = hearing.wrong()
                figures |= _counted(language, played)
        who = {each: ", ".join(voice.name for voice in those) for each, those in voices.items()}
        conditions = {
            "orders": f"every {self._every} of the held-out ones, without a language model",
            "voices": f"synthetic: {'; '.join(f'{key}: {value}' for key, value in who.items())}",
            "noisy": f"kitchen, {LEVEL_DB} dB",
            "recogniser": MODEL,
        }
        return Results(figures, {}, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Right orders by how they came in, a group of bars a language."""
        from benchmarks.plots import OURS, PEERS

        ways = [("written", "written")]
        for level in LEVELS:
            ways += [(level, level), (f"{level}_looked_at_again", f"{level}, second look")]
        for at, (language, colour) in enumerate((("en", OURS), ("zh", PEERS))):
            rows = [row + (at - 0.5) * 0.4 for row in range(len(ways))]
            shares = [results.figures[f"{language}_{key}_exact"].value * 100 for key, _label in ways]
            axes.barh(rows, shares, 0.4, color=colour, label=language)
        axes.set(yticks=range(len(ways)), yticklabels=[label for _key, label in ways], xlim=(0, 100))
        axes.invert_yaxis()
        axes.set_xlabel("% of held-out orders with exactly the right effects, synthetic voices")
        axes.legend(fontsize=7)


@dataclass(slots=True)
class Hearing:
    """Hears sentences: speaks each once, and recognises it once, however often it is played.

    `level_db` is that of the speech over a kitchen, None without one. With `looks` the sound of what nobody
    understood is looked at again.
    """

    recogniser: "Recogniser"
    voices: Sequence[Voice]
    level_db: int | None
    looks: "SecondLook | None" = None
    known: "dict[str, tuple[Samples, Transcript]]" = field(default_factory=dict)

    def with_looks(self, engine: "SecondLook") -> "Hearing":
        """The same sounds and transcripts, looked at again."""
        return Hearing(self.recogniser, self.voices, self.level_db, engine, self.known)

    async def __call__(self, text: str, stage: "Stage", room: str | None, *, answers: bool) -> "Transcript":
        """What is heard when somebody says a text. A question that is being answered has no second look."""
        if text not in self.known:
            samples = self._sound(text)
            self.known[text] = samples, self.recogniser.transcribe(samples)
        samples, transcript = self.known[text]
        if self.looks is None or answers:
            return transcript
        from assistant.second_look import SecondLooks

        lane, fast_path = stage.scheduler.recognition, stage.fast_path
        looks = SecondLooks(self.looks, lane, fast_path, stage.understanding.understands)
        return await looks.heard(transcript, samples, room)

    def wrong(self) -> Figure:
        """The share of words, in Chinese of characters, that were not heard as they were said."""
        pairs = [(_parts(said), _parts(heard.text)) for said, (_sound, heard) in self.known.items()]
        wrong = [float(errors(said, heard)) for said, heard in pairs]
        return intervals.rate(wrong, [float(len(said)) for said, _heard in pairs])

    def _sound(self, text: str) -> "Samples":
        from benchmarks.noise import kitchen, mixed

        samples = self.voices[len(self.known) % len(self.voices)].speak(text)
        noise = kitchen() if self.level_db is not None else None
        return (
            samples if noise is None or self.level_db is None else mixed(samples, noise, self.level_db, text)
        )


def _parts(text: str) -> list[str]:
    """Return the words of a text; Chinese characters, in their simplified forms, one by one."""
    from assistant.understanding.normalise import words_of

    simple = _HAN.sub(r" \g<0> ", text.translate(dict(words_of("zh").twins)))
    return words(simple)


@contextmanager
def speakers() -> "Iterator[Mapping[str, Sequence[Voice]]]":
    """Who speaks, by language."""
    from benchmarks.speakers import mandarin, speaker, voices
    from speech.synthesis.espeak import EspeakProcess

    english = [name for name, _rate in voices() if name.startswith("flite")] or WITHOUT_FLITE
    with closing(EspeakProcess()) as process, mandarin(MANDARIN) as chinese:
        yield {
            "en": [Voice(name, speaker(name, 1.0, process)) for name in english],
            "zh": [Voice(MANDARIN, chinese)],
        }


def _play(cases: "Sequence[Case]", known: "Mapping[str, House]", hearing: Hearing | None) -> "list[Played]":
    from benchmarks.mind.score import play

    return asyncio.run(play(cases, known, lambda _line: None, hears=hearing))


def _counted(language: str, played: "Mapping[str, Sequence[Played]]") -> dict[str, Figure]:
    found = {}
    for way, those in played.items():
        found[f"{language}_{way}_exact"] = intervals.share(sum(each.exact for each in those), len(those))
        wrong = sum(each.false_action for each in those)
        found[f"{language}_{way}_false_actions"] = intervals.share(wrong, len(those))
    return found
