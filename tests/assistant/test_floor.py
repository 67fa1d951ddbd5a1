"""Who has the floor, and what said over an answer changes nothing about it."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dialogue.floor import Floor, is_echo, means_nothing
from assistant.dialogue.mouth import Mouth, Saying
from assistant.scheduler import Lane
from speech.recognition.engine import Transcript
from tests.fakes import HeldSpeaker, ToneVoices

ANSWER = "The kitchen light is on, and the window in the bathroom is open."


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("voice")
    yield lane
    lane.close()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        (" ", "zh"),
        ("Uh-huh.", "en"),
        ("Mm-hmm.", "en"),
        ("Mm.", "en"),
        ("Um...", "en"),
        ("Right, right.", "en"),
        ("OK.", "en"),
        ("Yeah, yeah.", "en"),
        ("Thank you.", "en"),
        ("嗯。", "zh"),
        ("嗯嗯，", "zh"),
        ("哦，对。", "zh"),
        ("对对对。", "zh"),
        ("好的。", "en"),  # the recogniser took it for English
    ],
)
def test_a_cough_and_what_a_listener_says_mean_nothing(text: str, language: str) -> None:
    assert means_nothing(Transcript(text, language), ANSWER) is not None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Stop.", "en"),
        ("Stop it, please.", "en"),
        ("停。", "zh"),
        ("别说了。", "zh"),
        ("Okay, turn off the kitchen light.", "en"),
        ("Right, and the bathroom?", "en"),
        ("No.", "en"),
        ("对，把灯关了。", "zh"),
        ("嗯，几点了？", "zh"),
        ("Turn off the kitchen light.", "en"),
    ],
)
def test_an_order_a_question_and_a_stop_mean_something(text: str, language: str) -> None:
    assert means_nothing(Transcript(text, language), ANSWER) is None


@pytest.mark.parametrize(
    ("heard", "saying", "echo"),
    [
        ("the window in the bathroom", ANSWER, True),
        ("Kitchen light is on and the windows in the bathroom", ANSWER, True),
        ("open the window in the kitchen", ANSWER, False),
        ("light", ANSWER, False),
        ("turn on the kitchen light", ANSWER, False),
        ("卧室的灯已经打开", "好的，卧室的灯已经打开了。", True),
        ("关灯", "好的，卧室的灯已经关了。", False),
        ("anything at all", "", False),
    ],
)
def test_our_own_words_are_known_when_they_come_back(heard: str, saying: str, echo: bool) -> None:
    assert is_echo(heard, saying) is echo


async def clauses(*texts: str) -> AsyncIterator[str]:
    for text in texts:
        yield text


def speaking(lane: Lane, speaker: HeldSpeaker) -> tuple[Mouth, Floor, asyncio.Task[tuple[str, bool]]]:
    mouth = Mouth(ToneVoices(), speaker, lane)
    floor = Floor(mouth, lambda: None)
    said = asyncio.create_task(mouth.say("t", clauses("One."), "en", lambda: None))
    return mouth, floor, said


async def test_an_answer_goes_on_only_when_everybody_who_spoke_was_judged(lane: Lane) -> None:
    speaker = HeldSpeaker()
    mouth, floor, said = speaking(lane, speaker)
    await speaker.heard(1)
    assert await floor.speaks("a")
    floor.finished("a")
    assert await floor.speaks("b")
    await floor.judged("a")
    assert (mouth.state, speaker.paused) == (Saying.PAUSED, True)
    floor.finished("b")
    await floor.judged("b")
    assert (mouth.state, speaker.paused) == (Saying.SPEAKING, False)
    speaker.finish()
    assert await said == ("One.", False)


async def test_an_answer_that_is_ready_while_somebody_speaks_waits_for_them(lane: Lane) -> None:
    speaker = HeldSpeaker()
    mouth = Mouth(ToneVoices(), speaker, lane)
    floor = Floor(mouth, lambda: None)
    await floor.speaks("a")
    said = asyncio.create_task(mouth.say("t", clauses("One."), "en", lambda: None))
    while mouth.state is Saying.SILENT:
        await asyncio.sleep(0)
    assert mouth.state is Saying.PAUSED
    assert not speaker.played
    await floor.gave_up()
    await speaker.heard(1)
    speaker.finish()
    assert await said == ("One.", False)


CUES = st.lists(
    st.tuples(
        st.sampled_from(["speaks", "finished", "gave up", "judged", "interrupt", "say"]),
        st.sampled_from("abc"),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(CUES)
def test_in_whatever_order_things_happen_nobody_stays_silent_for_ever(cues: list[tuple[str, str]]) -> None:
    async def play() -> None:
        lane = Lane("voice")
        speaker = HeldSpeaker()
        mouth = Mouth(ToneVoices(), speaker, lane)
        floor = Floor(mouth, lambda: None)
        answers = []
        for cue, turn in cues:
            match cue:
                case "speaks":
                    await floor.speaks(turn)
                case "finished":
                    floor.finished(turn)
                case "gave up":
                    await floor.gave_up()
                case "judged":
                    await floor.judged(turn)
                case "interrupt":
                    await mouth.interrupt()
                case "say":
                    answers.append(asyncio.create_task(mouth.say(turn, clauses("One."), "en", lambda: None)))
            await asyncio.sleep(0)
            assert mouth.state is not Saying.SPEAKING or not speaker.paused
        await floor.empty()
        speaker.finish()
        async with asyncio.timeout(30):
            await asyncio.gather(*answers)
        assert (mouth.state, speaker.paused) == (Saying.SILENT, False)
        lane.close()

    asyncio.run(play())
