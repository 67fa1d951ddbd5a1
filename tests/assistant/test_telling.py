"""A Chinese sentence that tells something, or is said to somebody, moves nothing; a plain order does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.fast_path import FastPath
from assistant.understanding.frames.memory import Memory
from assistant.understanding.language_model import LanguageModelPlanner
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.questions import is_question
from assistant.understanding.telling.scoring import features, sounds_told, weights_of
from assistant.understanding.telling.told import is_told, moves_things
from assistant.understanding.understanding import Order, Understanding
from tests.assistant.frames_home import house
from tests.assistant.test_language_model import registry


def told(text: str, *, timed: bool = False) -> bool:
    return is_told(text, "zh", lambda name: name == "豆豆", timed=timed)


@pytest.mark.parametrize(
    "text",
    [
        "我每次睡觉前都把灯关了",
        "上回停电我们把窗帘拉开",
        "说明书上写着，开灯之前先关风扇",
        "要是我有钱就把灯全换了",
        "我待会儿自己关灯",
        "大姨，把灯打开",
        "糖糖，把灯关上",
        "老张，空调关了",
        "LED 比节能灯省电，我都打开了",
        "你先走，灯我来关",
        "把灯打开呗，老公",
    ],
)
def test_what_is_told_or_said_to_somebody_is_no_order(text: str) -> None:
    assert told(text)


@pytest.mark.parametrize(
    "text",
    [
        "把灯打开",
        "麻烦你把客厅的灯关一下，谢谢",
        "比以前亮一点",
        "跟上次一样",
        "妈呀，太热了",
        "等等，把灯关了",
        "豆豆，去扫地",
        "要是方便的话把灯打开",
        "客厅太暗了",
        "除了厨房，全屋的灯都关了",
    ],
)
def test_what_is_said_to_us_is_one(text: str) -> None:
    assert not told(text)


def test_what_happens_every_day_is_an_order_where_the_time_was_understood() -> None:
    assert told("每天七点都把窗帘拉开，天天如此")
    assert not told("每次我回家就把灯打开", timed=True)


def test_the_weights_are_of_what_is_masked_and_of_a_size_that_can_be_read() -> None:
    weights = weights_of("zh")
    assert weights is not None
    assert len(weights.runs) <= 600
    assert "D" in features("把台灯打开", weights.masks)
    assert weights.score("把客厅的台灯打开") > 0 > weights.score("他跟你说过多少次了你怎么老是不听")


def test_a_language_without_weights_is_not_weighed() -> None:
    assert not sounds_told("他们说了很多话，你听见没有，真是的，这日子怎么过", "fr")


def test_only_what_moves_things_is_asked_about() -> None:
    def plan(*calls: Call) -> Plan:
        return Plan("t", Tier.FAST, "zh", calls)

    def acts(call: Call) -> bool:
        return call.tool in ("order", "add")

    assert moves_things(plan(Call("home", "order", {})), acts)
    assert not moves_things(plan(Call("home", "was", {})), acts)  # of yesterday it may be asked
    assert not moves_things(plan(Call("home", "order", {}), Call("lists", "add", {})), acts)
    assert not moves_things(plan(), acts)


@given(st.text(max_size=500))
def test_any_text_may_be_weighed(text: str) -> None:
    assert told(text) in (True, False)


def understanding() -> Understanding:
    async def load() -> LanguageModelPlanner:
        raise AssertionError("nobody asks a language model here")

    return Understanding(FastPath(registry(), house()), load, Order.LOCAL_ONLY)


async def test_what_is_told_is_not_remembered_as_an_order() -> None:
    made, memory = understanding(), Memory()
    plan = await made.plan("大姨，把客厅的灯打开", "zh", "Living Room", "t", memory)
    assert plan.calls == ()
    assert memory.turns == ()
    plan = await made.plan("把客厅的灯打开", "zh", "Living Room", "t", memory)
    assert [call.tool for call in plan.calls] == ["order"]


def test_a_denial_said_twice_asks_nothing() -> None:
    assert not is_question("不对不对，开厨房的灯", "zh")
    assert is_question("对不对", "zh")
