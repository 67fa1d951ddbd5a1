"""Not the television: how often something is done, or answered, that nobody asked of us.

No wake word, everything is heard, as in a follow-up window or `mode = "always"`: what televisions, radios and
people say to each other (tests/study), spoken by synthetic voices and recognised; and recordings of people
who speak to nobody here. Acting is what counts; what is answered to a television is a nuisance, and told
beside it.
"""

import asyncio
import itertools
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks import intervals
from benchmarks.plots import OURS
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.recordings import load, recordings
from benchmarks.weights import folder_of, missing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from assistant.report import TurnReport
    from benchmarks.mind.cases import Case, House
    from benchmarks.mind.score import Played
    from benchmarks.mind.stage import Stage
    from speech.recognition.engine import Recogniser, Transcript

MODEL = "whisper-base"
MANDARIN = "fastspeech2-baker"
AROUND_US = frozenset({"television", "news", "talk"})
"""What nobody says to us. The other sentences of the set are said to somebody who listens."""


class Television:
    """False actions by kind and language, as it is written and as it is heard."""

    name = "television"

    def __init__(self, every: int = 1) -> None:
        """Take every so many of the sentences."""
        self._every = every

    def lacks(self) -> str | None:
        """Weights and sentences."""
        from benchmarks.mind.cases import STUDY

        if not STUDY.is_dir():
            return "no sentences: tests/study is not here"
        return missing([MODEL, MANDARIN])

    def run(self, tell: Tell) -> Results:
        """Have it all said in a home."""
        from benchmarks.mind.cases import LANGUAGES, STUDY, SetError, houses, sentences
        from benchmarks.mind.ears import Hearing, speakers
        from speech.recognition.whisper import WhisperRecogniser, WhisperSettings

        try:
            known = houses()
            said = {
                language: [case for case in sentences(STUDY, language, known) if case.kind in AROUND_US]
                for language in LANGUAGES
            }
        except SetError as error:
            raise BenchmarkError(str(error)) from error
        figures: dict[str, Figure] = {}
        with closing(WhisperRecogniser(folder_of(MODEL), WhisperSettings())) as recogniser:
            with speakers() as voices:
                for language, cases in said.items():
                    those = cases[:: self._every]
                    ears = Hearing(recogniser, voices[language], None)
                    for way, hears in (("written", None), ("heard", ears)):
                        played = _play(those, known, hears)
                        figures |= _figures(f"{language}_{way}", played)
                        tell(f"{language}, {way}: {_told(played)}")
            figures |= self._real(recogniser, said["en"], known, tell)
        return Results(
            figures,
            {},
            {
                "said": "tests/study: televisions, newsreaders, people; synthetic voices",
                "recordings": "audio/not_wake: people, who read sentences to nobody here",
                "understanding": "local-only; everything is taken for speech to us",
            },
        )

    def draw(self, results: Results, axes: "Axes") -> None:
        """Acted on, a row a kind, with its interval."""
        keys = [key for key in results.figures if key.endswith("_acted")]
        for row, key in enumerate(keys):
            figure = results.figures[key]
            low, high = (figure.low or 0) * 100, (figure.high or 0) * 100
            axes.plot([low, high], [row, row], color=OURS, linewidth=3)
            axes.plot(figure.value * 100, row, "o", color=OURS)
        axes.set(
            yticks=range(len(keys)),
            yticklabels=[key.removesuffix("_acted").replace("_", " ") for key in keys],
        )
        axes.set(xlabel="acted on, % (95 % interval)", xlim=(0, None))

    def _real(
        self, recogniser: "Recogniser", like: "Sequence[Case]", known: "Mapping[str, House]", tell: Tell
    ) -> dict[str, Figure]:
        """People's recordings, in the homes of the sentences."""
        clips = recordings("not_wake")[:: self._every]
        if not clips:
            return {}
        heard = {clip.path.name: recogniser.transcribe(load(clip)) for clip in clips}
        cases = [
            replace(case, id=name, turns=(replace(case.turns[0], say=name),))
            for name, case in zip(heard, itertools.cycle(like), strict=False)
        ]

        async def hears(
            text: str,
            _stage: "Stage",
            _room: str | None,
            *,
            answers: bool,  # noqa: ARG001 - nothing was asked
        ) -> "Transcript":
            return heard[text]

        played = _play(cases, known, hears)
        tell(f"recordings: {_told(played)}")
        return _figures("recordings", played)


def _play(cases: "Sequence[Case]", known: "Mapping[str, House]", hears: object) -> "list[Played]":
    from benchmarks.mind.score import play

    return asyncio.run(play(cases, known, lambda _line: None, hears=hears))  # type: ignore[arg-type]


def _figures(key: str, played: "Sequence[Played]") -> dict[str, Figure]:
    acted = sum(each.false_action for each in played)
    answered = sum(any(_speaks(came.report) for came in each.happened) for each in played)
    return {
        f"{key}_acted": intervals.share(acted, len(played)),
        f"{key}_answered": intervals.share(answered, len(played)),
    }


def _speaks(report: "TurnReport") -> bool:
    """Whether anything was answered but that nothing was understood."""
    return bool(report.reply) and report.failure is None


def _told(played: "Sequence[Played]") -> str:
    wrong = [f"{each.case.id} ({each.happened[0].report.heard!r})" for each in played if each.false_action]
    return f"{len(wrong)} of {len(played)} acted on{': ' + ', '.join(wrong) if wrong else ''}"
