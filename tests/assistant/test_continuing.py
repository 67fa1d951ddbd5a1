"""What follows an order at once, and completes it: one sentence, planned anew."""

from functools import lru_cache
from typing import Any

import pytest

from assistant.dialogue.continuing import CONTINUES_S, Continuing
from assistant.dialogue.floor import means_nothing
from assistant.report import TurnReport
from assistant.understanding.fast_path import FastPath
from assistant.understanding.frames.memory import Memory
from assistant.understanding.plan import Tier
from assistant.understanding.understanding import Order, Understanding
from skills.registry import Registry
from speech.recognition.engine import Transcript
from tests.assistant.frames_home import NOW, house

REGISTRY = Registry.load({})
Step = tuple[str, dict[str, Any], str]
WITHDRAWN = "home.withdraw"


async def _no_model() -> Any:
    raise AssertionError("nobody asks the language model for half a sentence")


@lru_cache(maxsize=1)
def _understanding() -> Understanding:
    return Understanding(FastPath(REGISTRY, house()), _no_model, Order.LOCAL_ONLY, lambda: NOW)


class Talk:
    """Sentences in one room, so many seconds after the end of the one before."""

    def __init__(self, room: str = "Living Room") -> None:
        self._understanding = _understanding()
        self._room = room
        self._memory = Memory()
        self._continuing = Continuing(self._understanding, REGISTRY, room, self._memory)
        self._now_s = 100.0
        self._turns = 0

    def say(self, text: str, after_s: float | None = 0.8) -> list[Step] | None:
        """Return the calls; None for words that add nothing, or that nobody understands. `after_s` None is
        for what is written.
        """
        language = "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"
        span_s = None if after_s is None else (self._now_s + after_s, self._now_s + after_s + 1.0)
        self._turns += 1
        turn_id = f"turn {self._turns}"
        if self._continuing.adds_nothing(text, span_s):
            return None
        whole = self._continuing.whole(text, turn_id, span_s)
        self.joined = whole is not None
        plan = whole[1] if whole else None
        plan = plan or self._understanding.locally(text, language, self._room, turn_id, self._memory)
        calls = plan.calls if plan is not None else ()
        heard = whole[0] if whole else text
        self._now_s += (after_s or 0.0) + 1.0
        self._continuing.note(TurnReport(turn_id, heard, language, Tier.FAST, calls=calls))
        return [
            (f"{each.skill}.{each.tool}", dict(each.arguments), each.when.cause if each.when else "")
            for each in calls
        ]

    def after(self, first: str, rest: str) -> list[Step]:
        """Return the calls of what completes an order."""
        assert self.say(first)
        found = self.say(rest)
        assert self.joined, f"{rest!r} was not heard as the rest of {first!r}"
        assert found is not None
        return found


def ordered(steps: list[Step]) -> dict[str, Any]:
    """Return the value that each thing is brought to."""
    return {
        thing: step.get("value", "by")
        for name, step, when in steps
        if name == "home.order" and not when
        for thing in step["things"]
    }


def kept(steps: list[Step]) -> list[str]:
    """Return the things of the first half that are left as they are; what it did to others is taken back."""
    (name, arguments, _when) = steps[0]
    assert (name, arguments["turn"], arguments["for_turn"]) == (WITHDRAWN, "turn 1", "turn 2")
    return arguments["but"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("first", "rest", "things"),
    [
        ("Turn on the lights.", "In the kitchen.", {"spots": True, "counter": True}),
        ("Turn on the lights.", "And the fan.", {"main": True, "lamp": True, "fan": True}),
        ("Turn on the lights in the kitchen", "and the hall", {"spots": True, "counter": True, "hall": True}),
        ("Turn on the reading lamp.", "To fifty percent.", {"lamp": 50}),
        ("Turn the fan up.", "To sixty percent.", {"fan": 60}),
        ("Open the blind.", "Halfway.", {"blind": 50}),
        ("打开灯。", "卧室的。", {"bedlight": True}),
        ("关灯。", "厨房", {"spots": False, "counter": False}),
        ("打开阅读灯。", "调到五十。", {"lamp": 50}),
        ("打开窗帘", "一半", {"curtain": 50}),
        ("打开主灯", "还有阅读灯", {"main": True, "lamp": True}),
    ],
)
def test_the_whole_is_ordered_and_what_both_halves_order_stays(
    first: str, rest: str, things: dict[str, Any]
) -> None:
    steps = Talk().after(first, rest)
    assert ordered(steps) == things
    assert kept(steps) == sorted(things)


def test_a_step_counts_from_how_it_was_before_the_first_half() -> None:
    steps = Talk().after("Open the blind.", "A bit.")
    assert ordered(steps) == {"blind": "by"}
    assert kept(steps) == []


@pytest.mark.parametrize(
    ("first", "rest", "cause"),
    [
        ("Turn off the lights.", "At seven.", "at"),
        ("Turn off the lights.", "In ten minutes.", "in"),
        ("关掉电视", "十分钟后", "in"),
    ],
)
def test_what_is_for_later_after_all_is_taken_back_now(first: str, rest: str, cause: str) -> None:
    steps = Talk().after(first, rest)
    assert kept(steps) == []
    assert [when for _name, _step, when in steps] == ["", cause]


def test_a_timer_that_runs_is_changed() -> None:
    assert Talk().after("Set a timer for one hour.", "And ten minutes.") == [
        ("timers.change", {"when": "one hour and ten minutes"}, "")
    ]


def test_a_question_is_answered_anew() -> None:
    assert Talk().after("What's the temperature?", "In the bedroom?") == [
        ("climate.temperature", {"room": "Bedroom"}, "")
    ]


def test_a_sentence_may_go_on_twice() -> None:
    talk = Talk()
    talk.after("Turn on the lights.", "In the kitchen.")
    steps = talk.say("And the hall.")
    assert steps is not None
    assert ordered(steps) == {"spots": True, "counter": True, "hall": True}
    assert (steps[0][1]["turn"], steps[0][1]["for_turn"]) == ("turn 2", "turn 3")


def test_later_words_lean_on_the_whole() -> None:
    talk = Talk()
    talk.after("Turn on the lights.", "In the kitchen.")
    later = talk.say("Turn them off again.", after_s=20.0)
    assert later is not None
    assert ordered(later) == {"spots": False, "counter": False}


@pytest.mark.parametrize(
    "rest",
    [
        "Turn off the fan.",
        "No, the reading lamp.",
        "Never mind.",
        "Stop.",
        "Dinner is ready.",
        "不对，阅读灯",
    ],
)
def test_what_stands_alone_corrects_or_makes_no_sense_with_it_completes_nothing(rest: str) -> None:
    talk = Talk()
    talk.say("Turn on the lights.")
    talk.say(rest)
    assert not talk.joined


@pytest.mark.parametrize("after_s", [CONTINUES_S + 0.1, None])
def test_what_comes_late_or_is_written_completes_nothing(after_s: float | None) -> None:
    talk = Talk()
    talk.say("Turn on the lights.")
    talk.say("In the kitchen.", after_s)
    assert not talk.joined


def test_what_cannot_be_taken_back_is_not_planned_anew() -> None:
    talk = Talk()
    assert talk.say("Tell me a joke.") is not None
    talk.say("In the kitchen.")
    assert not talk.joined


@pytest.mark.parametrize("words", ["Please.", "Thanks.", "Mm.", "谢谢。", "请"])
def test_courtesy_behind_an_order_adds_nothing(words: str) -> None:
    talk = Talk()
    talk.say("Turn on the lights." if words.isascii() else "打开灯")
    assert talk.say(words) is None
    assert means_nothing(Transcript(words, "en"), "The lights are on.") is not None
