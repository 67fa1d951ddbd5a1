"""The conversation around real skills, a real broker and made-up sound: guesses, interruptions, stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.app import open_assistant
from assistant.config.schema import Config, Home, Mqtt, Understanding
from assistant.dialogue.mouth import Mouth
from assistant.marks import Mark
from assistant.report import TurnReport
from assistant.scheduler import Lane
from assistant.turn import Conversation
from devices.home import Ability, Kind
from speech.audio import RATE_HZ, AudioChunk, Samples, SpeechChunk
from speech.clock import Clock
from speech.end_of_turn import EndOfTurnSettings
from speech.hearing import Ear, EarSettings, SpeechStarted
from tests.brokers import free_port
from tests.fakes import HeldSpeaker, LoudnessActivity, ScriptedRecogniser, ToneVoices, Watcher, WordAt, sound


class Stream:
    """Made-up sound as a source: wound, or paced in real time.

    With `answered` what comes after `until_s` seconds is spoken once that has happened, and never before it,
    however slow the machine is: who speaks over an answer waits for it to begin.
    """

    stream_id = "test"

    def __init__(
        self,
        samples: Samples,
        *,
        realtime: bool = False,
        until_s: float = 0.0,
        answered: asyncio.Event | None = None,
    ) -> None:
        self.clock = Clock(realtime=realtime)
        self._samples = samples
        self._until = round(until_s * RATE_HZ)
        self._answered = answered

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        began_s = self.clock.now()
        for start in range(0, len(self._samples), 320):
            if self._answered is not None and start >= self._until and not self._answered.is_set():
                stood_still_s = self.clock.now()
                await self._answered.wait()
                began_s += self.clock.now() - stood_still_s
            piece = self._samples[start : start + 320]
            at_s = began_s + (start + len(piece)) / RATE_HZ
            await self.clock.wait_until(at_s)
            yield AudioChunk(self.stream_id, start, piece, at_s)


class PatientSpeaker:
    """A loudspeaker that speaks until it is stopped."""

    def __init__(self) -> None:
        self.speaking = asyncio.Event()
        self._stopped = asyncio.Event()

    async def play(self, chunk: SpeechChunk) -> None:
        self.speaking.set()
        await self._stopped.wait()

    async def drain(self) -> None:
        pass

    async def stop(self) -> None:
        self._stopped.set()

    async def close(self) -> None:
        pass


@dataclass
class Room:
    """A conversation, what it was heard to do, and what hears for it."""

    conversation: Conversation
    watcher: Watcher
    recogniser: ScriptedRecogniser

    def ear(self) -> Ear:
        return Ear(LoudnessActivity(), None, EarSettings(addressed=True), EndOfTurnSettings())


@asynccontextmanager
async def room(
    texts: dict[float, str],
    speaker: PatientSpeaker | HeldSpeaker | None = None,
    where: str | None = None,
) -> AsyncIterator[Room]:
    """A place in a simulated home on an embedded broker, with real understanding and skills."""
    config = Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
    )
    async with AsyncExitStack() as stack:
        assistant = await stack.enter_async_context(open_assistant(config))
        lane = Lane("voice")
        stack.callback(lane.close)
        recogniser = ScriptedRecogniser(texts)
        parts = assistant.parts_with(recogniser)
        watcher = Watcher()
        mouth = Mouth(ToneVoices() if speaker else None, speaker or PatientSpeaker(), lane)
        yield Room(Conversation(parts, mouth, watcher, room=where), watcher, recogniser)


async def test_the_words_are_known_when_the_turn_ends() -> None:
    async with room({1.5: "Turn on the hall light."}) as place:
        await place.conversation.listen(Stream(sound(("voice", 1.2), ("quiet", 1.0))), place.ear())
        (report,) = place.watcher.reports
        assert len(place.recogniser.asked) == 1
        assert [partial.text for partial in place.watcher.partials] == ["Turn on the hall light."]
        assert [outcome.result for outcome in report.outcomes] == ["done"]
        # A whole order ends after a quarter of a second of quiet, not after 0.6.
        assert report.timing_ms[Mark.ENDPOINT] - report.timing_ms[Mark.SPEECH_END] < 330  # type: ignore[operator]


async def test_a_pause_for_thought_in_an_open_order_is_waited_for() -> None:
    texts = {1.0: "Turn on the", 2.9: "Turn on the hall light."}
    samples = sound(("voice", 0.8), ("quiet", 0.9), ("voice", 1.0), ("quiet", 1.0))
    async with room(texts) as place:
        await place.conversation.listen(Stream(samples), place.ear())
        (report,) = place.watcher.reports
        assert report.heard == "Turn on the hall light."
        assert len(report.outcomes) == 1


async def test_what_completes_an_order_at_once_is_one_with_it() -> None:
    texts = {1.1: "Turn on the lights.", 1.6: "In the kitchen."}
    samples = sound(("voice", 0.8), ("quiet", 1.0), ("voice", 1.3), ("quiet", 1.5))
    async with room(texts, where="Living Room") as place:
        home = place.conversation._parts.home
        ear = Ear(LoudnessActivity(), WordAt(1_000), EarSettings(), EndOfTurnSettings())
        await place.conversation.listen(Stream(samples), ear)
        first, whole = place.watcher.reports
        assert (first.heard, whole.heard) == ("Turn on the lights.", "Turn on the lights in the kitchen")
        lit = {each.name for each in home if each.kind is Kind.LIGHT and each.state.get(Ability.ON)}
        assert lit == {"Kitchen Light", "Kitchen Counter Light"}
        assert whole.failure is None


async def test_nothing_leaves_before_the_turn_is_over() -> None:
    texts = {1.0: "Turn on the hall light", 2.4: "Turn on the hall light don't do that at all"}
    samples = sound(("voice", 0.8), ("quiet", 0.2), ("voice", 1.1), ("quiet", 2.0))
    async with room(texts) as place:
        await place.conversation.listen(Stream(samples), place.ear())
        (report,) = place.watcher.reports
        assert report.outcomes == ()
        assert report.failure == "not_understood"


@pytest.mark.parametrize("second", ["Stop.", "Turn off the hall light."])
async def test_speaking_over_the_answer_silences_it_and_the_command_stays(second: str) -> None:
    speaker = PatientSpeaker()
    texts = {1.5: "Turn on the hall light.", 2.5: second}
    samples = sound(("voice", 1.0), ("quiet", 1.0), ("voice", 2.2), ("quiet", 1.0))
    async with room(texts, speaker) as place:
        stream = Stream(samples, realtime=True, until_s=1.9, answered=speaker.speaking)
        await place.conversation.listen(stream, place.ear())
        first, over = place.watcher.reports
        assert speaker.speaking.is_set()
        assert first.interrupted
        assert [outcome.result for outcome in first.outcomes] == ["done"]
        assert over.heard == second
        assert len(over.outcomes) == (0 if second == "Stop." else 1)


async def test_a_noise_is_not_answered() -> None:
    async with room({1.0: ""}) as place:
        await place.conversation.listen(Stream(sound(("voice", 0.6), ("quiet", 1.0))), place.ear())
        (report,) = place.watcher.reports
        assert (report.failure, report.reply) == ("nothing_heard", "")


async def test_a_recogniser_that_fails_ends_that_turn_only(tmp_path: Path) -> None:
    class Failing(ScriptedRecogniser):
        def transcribe(self, samples: Samples, *, language: str | None = None):  # type: ignore[no-untyped-def]
            if len(self.asked) < 2:
                self.asked.append(0)
                raise RuntimeError("out of memory")
            return super().transcribe(samples, language=language)

    async with room({}) as place:
        failing = Failing({1.0: "Turn on the hall light."})
        object.__setattr__(place.conversation._parts, "recogniser", failing)
        samples = sound(("voice", 0.8), ("quiet", 1.0), ("voice", 0.8), ("quiet", 1.0))
        await place.conversation.listen(Stream(samples), place.ear())
        assert [report.heard for report in place.watcher.reports] == ["Turn on the hall light."]


async def test_an_order_that_is_cut_at_its_longest_keeps_its_last_words() -> None:
    texts = {2.0: "turn on", 4.0: "Turn on the hall light."}
    async with room(texts) as place:
        ear = Ear(LoudnessActivity(), None, EarSettings(addressed=True), EndOfTurnSettings(longest_s=4.0))
        await place.conversation.listen(Stream(sound(("voice", 4.1), ("quiet", 0.2))), ear)
        assert [report.heard for report in place.watcher.reports] == ["Turn on the hall light."]
        assert place.watcher.partials[0].text == "turn on"


async def test_while_an_answer_is_given_no_wake_word_is_needed_to_stop_it() -> None:
    speaker = PatientSpeaker()
    texts = {1.5: "Turn on the hall light.", 2.5: "Stop."}
    samples = sound(("quiet", 0.3), ("voice", 1.0), ("quiet", 1.0), ("voice", 2.2), ("quiet", 4.0))
    async with room(texts, speaker) as place:
        ear = Ear(LoudnessActivity(), WordAt(4_000), EarSettings(), EndOfTurnSettings())
        stream = Stream(samples, realtime=True, until_s=2.2, answered=speaker.speaking)
        await place.conversation.listen(stream, ear)
        first, over = place.watcher.reports
        assert (first.interrupted, over.heard, over.outcomes) == (True, "Stop.", ())


class Talk:
    """Orders and what is said over their answers, one after the other, in one room."""

    def __init__(self, place: Room, speaker: HeldSpeaker) -> None:
        self._place = place
        self.speaker = speaker

    async def over(self, first: str, second: str) -> tuple[TurnReport, TurnReport]:
        """Say something over the answer to an order; both turns, in that order."""
        place, speaker = self._place, self.speaker
        speaker.begin_anew()
        place.watcher.reports.clear()
        place.recogniser.texts = {0.8: first, 1.9: second}
        samples = sound(("voice", 0.6), ("quiet", 1.4), ("voice", 1.4), ("quiet", 1.6))
        stream = Stream(samples, realtime=True, until_s=1.9, answered=speaker.speaking)
        listening = asyncio.create_task(place.conversation.listen(stream, place.ear()))
        async with asyncio.timeout(60):
            while not place.watcher.reports:
                await asyncio.sleep(0.01)
            self.paused = speaker.paused
            speaker.finish()
            await listening
        one, other = sorted(place.watcher.reports, key=lambda report: report.heard == second)
        return one, other


async def test_what_is_said_over_an_answer_pauses_it_and_decides_whether_it_goes_on() -> None:
    speaker = HeldSpeaker()
    async with room({}, speaker) as place:
        talk = Talk(place, speaker)
        for nothing in ("", "Right."):
            answer, over = await talk.over("Turn on the hall light.", nothing)
            assert (over.heard, over.reply, over.outcomes, answer.interrupted) == (nothing, "", (), False)
            assert "goes on" in over.why
            assert (speaker.pauses, speaker.stops) == (1, 0)
        answer, over = await talk.over("Turn on the hall light.", answer.reply)
        assert ("our own words" in over.why, answer.interrupted) == (True, False)
        answer, over = await talk.over("Turn on the hall light.", "Stop.")
        assert (answer.interrupted, over.outcomes, speaker.pauses, speaker.stops) == (True, (), 1, 1)
        answer, over = await talk.over("Turn on the hall light.", "Turn off the hall light.")
        assert (answer.interrupted, len(over.outcomes), speaker.pauses) == (True, 1, 1)
        answer, over = await talk.over("Unlock the front door.", "Right.")
        assert (answer.interrupted, len(over.outcomes)) == (True, 1)  # an answer to our question


async def test_an_answer_waits_for_who_is_speaking_still() -> None:
    speaker = HeldSpeaker()
    texts = {1.0: "Turn on the hall light.", 3.0: "Hm."}
    samples = sound(("voice", 0.8), ("quiet", 1.3), ("voice", 2.6), ("quiet", 1.5))
    async with room(texts, speaker) as place:
        watcher, acting = place.watcher, place.conversation._acting
        act, played_before_hm = acting.act, []

        async def slow(*of_the_turn: Any) -> TurnReport:
            while sum(isinstance(event, SpeechStarted) for event in watcher.events) < 2:
                await asyncio.sleep(0.01)
            return await act(*of_the_turn)

        def report(ended: TurnReport) -> None:
            played_before_hm.append(len(speaker.played))
            watcher.reports.append(ended)

        acting.act = slow  # type: ignore[method-assign]
        watcher.report = report  # type: ignore[method-assign]
        listening = asyncio.create_task(
            place.conversation.listen(Stream(samples, realtime=True), place.ear())
        )
        await speaker.heard(1)
        speaker.finish()
        async with asyncio.timeout(30):
            await listening
    assert [(each.heard, each.interrupted) for each in watcher.reports] == [
        ("Hm.", False),
        ("Turn on the hall light.", False),
    ]
    assert played_before_hm[0] == 0
