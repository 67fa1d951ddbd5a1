"""The mouth: one thing at a time, clause by clause, interruptible."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from assistant.dialogue.mouth import Mouth, Saying
from assistant.scheduler import Lane
from speech.audio import SpeechChunk
from speech.sound.ports import SoundError
from tests.fakes import HeldSpeaker, ToneVoices


class SlowSpeaker:
    """A loudspeaker that takes its time, and keeps what it was given."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.played: list[SpeechChunk] = []
        self.stopped = 0
        self._seconds = seconds

    async def play(self, chunk: SpeechChunk) -> None:
        self.played.append(chunk)
        await asyncio.sleep(self._seconds)

    async def drain(self) -> None:
        await asyncio.sleep(0)

    async def stop(self) -> None:
        self.stopped += 1

    async def close(self) -> None:
        pass


async def written(*clauses: str) -> AsyncIterator[str]:
    for clause in clauses:
        yield clause


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("voice")
    yield lane
    lane.close()


async def test_clauses_are_spoken_in_order_and_the_first_sound_is_marked_once(
    lane: Lane,
) -> None:
    voices, speaker, first = ToneVoices(), SlowSpeaker(), []
    mouth = Mouth(voices, speaker, lane)
    said, interrupted = await mouth.say("t", written("One,", "two."), "en", lambda: first.append(1))
    assert (said, interrupted) == ("One, two.", False)
    assert voices.said == ["One,", "two."]
    assert len(first) == 2
    assert mouth.state is Saying.SILENT


async def test_a_loudspeaker_that_goes_while_it_speaks_does_not_end_the_turn(lane: Lane) -> None:
    class Unplugged(SlowSpeaker):
        async def drain(self) -> None:
            raise SoundError("unplugged")

    mouth = Mouth(ToneVoices(), Unplugged(), lane)
    assert await mouth.say("t", written("One."), "en", lambda: None) == ("One.", False)


async def test_an_interruption_silences_the_loudspeaker_and_tells_what_was_begun(
    lane: Lane,
) -> None:
    speaker = SlowSpeaker(seconds=10)
    mouth = Mouth(ToneVoices(), speaker, lane)
    saying = asyncio.create_task(mouth.say("t", written("One.", "Two."), "en", lambda: None))
    async with asyncio.timeout(5):
        while not speaker.played:
            await asyncio.sleep(0.01)
    assert mouth.state is Saying.SPEAKING
    assert await mouth.interrupt()
    said, interrupted = await saying
    assert (said, interrupted) == ("One.", True)
    assert speaker.stopped == 1
    assert not await mouth.interrupt()


async def test_two_answers_are_said_one_after_the_other(lane: Lane) -> None:
    speaker = SlowSpeaker(seconds=0.01)
    mouth = Mouth(ToneVoices(), speaker, lane)
    await asyncio.gather(
        mouth.say("first", written("a", "b"), "en", lambda: None),
        mouth.say("second", written("c"), "en", lambda: None),
    )
    turns = [chunk.turn_id for chunk in speaker.played]
    assert turns == sorted(turns)


async def test_without_a_voice_the_words_are_still_there(lane: Lane) -> None:
    mouth = Mouth(None, SlowSpeaker(), lane)
    assert await mouth.say("t", written("你好。", "再见。"), "zh", lambda: None) == ("你好。再见。", False)


async def test_a_held_answer_goes_on_where_it_was_and_is_said_whole(lane: Lane) -> None:
    speaker = HeldSpeaker()
    mouth = Mouth(ToneVoices(), speaker, lane)
    saying = asyncio.create_task(mouth.say("t", written("One.", "Two."), "en", lambda: None))
    await speaker.heard(1)
    assert await mouth.hold()
    assert (mouth.state, speaker.paused) == (Saying.PAUSED, True)
    await mouth.go_on()
    assert (mouth.state, speaker.paused) == (Saying.SPEAKING, False)
    speaker.finish()
    assert await saying == ("One. Two.", False)
    assert mouth.state is Saying.SILENT


async def test_a_held_answer_that_is_ended_leaves_the_loudspeaker_to_the_next(lane: Lane) -> None:
    speaker = HeldSpeaker()
    mouth = Mouth(ToneVoices(), speaker, lane)
    saying = asyncio.create_task(mouth.say("t", written("One."), "en", lambda: None))
    await speaker.heard(1)
    await mouth.hold()
    await mouth.interrupt()
    assert await saying == ("One.", True)
    assert (mouth.state, speaker.paused) == (Saying.SILENT, False)
    await mouth.go_on()
    speaker.finish()
    assert await mouth.say("u", written("Two."), "en", lambda: None) == ("Two.", False)


async def test_a_loudspeaker_that_cannot_pause_is_stopped(lane: Lane) -> None:
    speaker = SlowSpeaker(seconds=10)
    mouth = Mouth(ToneVoices(), speaker, lane)
    saying = asyncio.create_task(mouth.say("t", written("One."), "en", lambda: None))
    async with asyncio.timeout(30):
        while not speaker.played:
            await asyncio.sleep(0.01)
    assert await mouth.hold()
    assert await saying == ("One.", True)
    assert speaker.stopped == 1


async def test_nothing_is_held_while_nothing_is_said(lane: Lane) -> None:
    mouth = Mouth(ToneVoices(), HeldSpeaker(), lane)
    assert not await mouth.hold()
    assert mouth.state is Saying.SILENT
