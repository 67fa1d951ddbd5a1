"""When a second look is taken, and when what it finds is."""

import asyncio
import math
from collections.abc import Sequence

import numpy as np
import pytest

from assistant.scheduler import Scheduler
from assistant.second_look import CLEARLY, WORSE, SecondLooks, chosen, says_as_much
from assistant.understanding.fast_path import FastPath
from assistant.understanding.plan import Call, Plan, Tier
from speech.audio import Samples
from speech.recognition.engine import Look, Reading, RecognitionError, Sentences, Transcript
from tests.assistant.test_fast_path import REGISTRY
from tests.assistant.test_misheard_names import HOME

HERE = FastPath(REGISTRY, HOME)
SOUND: Samples = np.zeros(1_600, np.int16)


class ScriptedLook:
    """Finds these readings, whatever it is given; keeps what it was given."""

    def __init__(self, *readings: tuple[str, float], heard: float = -4.0, breaks: bool = False) -> None:
        self._readings = tuple(Reading(*each) for each in readings)
        self._heard = heard
        self._breaks = breaks
        self.given: list[Sentences] = []

    def look(self, samples: Samples, heard: Transcript, sentences: Sentences) -> Look:
        self.given.append(sentences)
        if self._breaks:
            raise RecognitionError("it broke")
        return Look(Reading(heard.text, self._heard), self._readings)


def looked(engine: ScriptedLook, text: str, language: str = "en") -> str:
    def understands(text: str, language: str, room: str | None) -> bool:
        return HERE.understand(text, language, room, "", mend=False) is not None

    async def run() -> str:
        with Scheduler() as scheduler:
            looks = SecondLooks(engine, scheduler.recognition, HERE, understands)
            return (await looks.heard(Transcript(text, language), SOUND, None)).text

    return asyncio.run(run())


def test_a_sentence_that_is_understood_is_left_alone() -> None:
    engine = ScriptedLook(("Turn on the nook lamp.", 0.0))
    assert looked(engine, "Turn on the bed light.") == "Turn on the bed light."
    assert engine.given == []


def test_a_sentence_like_which_nothing_makes_sense_is_left_alone() -> None:
    engine = ScriptedLook(("Turn on the nook lamp.", 0.0))
    assert looked(engine, "What a lovely evening it was.") == "What a lovely evening it was."
    assert engine.given == []


def test_a_misheard_name_is_looked_at_again() -> None:
    engine = ScriptedLook(("Turn on the nook lamp.", -5.0))
    assert looked(engine, "Turn on the no clam.") == "Turn on the nook lamp."


def test_a_misheard_chinese_name_is_looked_at_again() -> None:
    pytest.importorskip("pypinyin")
    engine = ScriptedLook(("打开落地灯", -5.0))
    assert looked(engine, "打开络底登", "zh") == "打开落地灯"


def test_a_sentence_that_explains_the_sound_much_worse_was_not_said() -> None:
    engine = ScriptedLook(("Turn on the nook lamp.", -4.1 - WORSE))
    assert looked(engine, "Turn on the no clam.") == "Turn on the no clam."


def test_of_two_meanings_that_are_about_as_likely_neither_is_taken() -> None:
    engine = ScriptedLook(("Turn on the nook lamp.", -5.0), ("Turn on the bed light.", -5.1 - CLEARLY / 2))
    assert looked(engine, "Turn on the no clam.") == "Turn on the no clam."


@pytest.mark.parametrize(
    "reading", ["Unlock the cellar lock.", "Disarm the house alarm.", "Open the bay window."]
)
def test_what_is_guarded_is_never_guessed(reading: str) -> None:
    engine = ScriptedLook((reading, -4.0))
    assert looked(engine, "Turn on the no clam.") == "Turn on the no clam."


def test_half_of_what_was_said_is_not_taken() -> None:
    engine = ScriptedLook(("Turn on the nook lamp.", -4.0))
    text = "Turn on the no clam and a whole lot of other things."
    assert looked(engine, text) == text


def test_a_denial_is_not_guessed_away() -> None:
    engine = ScriptedLook(("Turn on the nook lamp.", -4.0))
    assert looked(engine, "Never turn on the no clam.") == "Never turn on the no clam."
    assert engine.given == []


def test_an_engine_that_fails_leaves_the_first_words() -> None:
    assert looked(ScriptedLook(breaks=True), "Turn on the no clam.") == "Turn on the no clam."


def plan(argument: int) -> Plan:
    return Plan("", Tier.FAST, "en", calls=(Call("coffee", "order", {"shots": argument}),))


def look(*readings: tuple[str, float]) -> Sequence[Look]:
    return [Look(Reading("two", -3.0), tuple(Reading(*each) for each in readings))]


def test_readings_of_one_meaning_count_together() -> None:
    both = math.log(math.exp(-3.2) + math.exp(-3.3))
    readings = (("one", -3.2), ("won", -3.3), ("two", both - CLEARLY - 0.01))
    found = chosen(look(*readings), lambda text: plan(2 if text == "two" else 1))
    assert found is not None
    assert found.text == "one"


def test_on_or_off_is_never_put_in_where_nothing_was_heard() -> None:
    on = Plan("", Tier.FAST, "en", calls=(Call("lights", "turn", {"on": True}),))
    heard = Reading("Turn the lamp.", -3.0)
    assert chosen([Look(heard, (Reading("Turn on the lamp.", -2.0),))], lambda _: on) is None
    misheard = Reading("Turn own the lamp.", -3.0)
    assert chosen([Look(misheard, (Reading("Turn on the lamp.", -2.0),))], lambda _: on) is not None


def test_readings_that_nobody_understands_do_not_count() -> None:
    found = chosen(look(("nuns", -0.1), ("one", -4.0)), lambda text: plan(1) if text == "one" else None)
    assert found is not None
    assert found.text == "one"


@pytest.mark.parametrize(
    ("heard", "text", "as_much"),
    [
        ("Rue a light roast cappuccino.", "Brew a light roast cappuccino.", True),
        ("Give me eight eight ounce coffee.", "Get me a eight ounce coffee.", True),
        ("Can I have iced milk with some milk?", "Can I have iced mocha with some milk?", True),
        ("I want them to have a latte with milk.", "I want to have a latte with milk.", False),
        ("The large latte with Omen milk costs six dollars.", "The large latte with", False),
        ("You can have a coffee with cream, did you?", "You can have a coffee with cream.", False),
        ("打开络底登", "打开落地灯", True),
        ("打开络底登的人昨天就走了", "打开落地灯", False),
    ],
)
def test_nothing_that_was_heard_is_left_unsaid(heard: str, text: str, as_much: bool) -> None:
    assert says_as_much(heard, text) is as_much
