"""The second tier: what is made of a model's answers, good and bad."""

import json
from collections.abc import Mapping

import pytest

from assistant.failures import Failure
from assistant.understanding.language_model import LanguageModelPlanner, PlannerSettings
from assistant.understanding.plan import Tier
from skills.registry import Registry
from tests.fakes import ScriptedModel

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "area": {"Hall": (), "Kitchen": ("厨房",)},
    "light": {"Hall Light": ()},
    "device": {"Hall Light": ()},
}


def planner(model: ScriptedModel) -> LanguageModelPlanner:
    return LanguageModelPlanner(model, Registry.load({}), lambda: WORDS, PlannerSettings(timeout_s=5))


def calls(*each: tuple[str, dict[str, object]]) -> str:
    return json.dumps({"calls": [{"tool": tool, "arguments": arguments} for tool, arguments in each]})


async def test_calls_become_a_plan() -> None:
    model = ScriptedModel(calls(("lights.turn", {"on": True, "room": "Hall"})))
    plan = await planner(model).plan("it is dark in the hall", "en", "t")
    assert plan.tier is Tier.LANGUAGE_MODEL
    assert [(call.skill, call.tool, dict(call.arguments)) for call in plan.calls] == [
        ("lights", "turn", {"on": True, "room": "Hall"})
    ]


async def test_talk_is_passed_on_while_it_is_written() -> None:
    model = ScriptedModel('{"say": "It is \\"four\\".\\nI think \\u00e9 so."}')
    plan = await planner(model).plan("what is two and two", "en", "t")
    assert plan.talk is not None
    pieces = [piece async for piece in plan.talk]
    assert "".join(pieces) == 'It is "four".\nI think é so.'
    assert len(pieces) > 3
    assert model.closed == 1


async def test_an_answer_to_a_question_never_acts_even_if_the_model_tries() -> None:
    model = ScriptedModel(calls(("lights.turn", {"on": True})))
    plan = await planner(model).plan("is the light on in the hall?", "en", "t")
    assert plan.failure == Failure.NOT_UNDERSTOOD
    assert plan.calls == ()


async def test_invented_tools_and_arguments_are_refused() -> None:
    for answer in (
        calls(("lights.explode", {})),
        calls(("lights.turn", {"on": True, "price": 3})),
        '{"calls": 3}',
        '{"calls": [{}]}',
    ):
        plan = await planner(ScriptedModel(answer)).plan("do something in the hall", "en", "t")
        assert plan.failure == Failure.NOT_UNDERSTOOD


async def test_a_model_that_breaks_off_is_told_as_such() -> None:
    plan = await planner(ScriptedModel('{"ca', breaks=True)).plan("make it nice", "en", "t")
    assert plan.failure == Failure.LANGUAGE_MODEL_FAILED


@pytest.mark.parametrize(
    ("texts", "told_of", "not_told_of"),
    [
        (("cosy in the hall please", "brighten up my day"), "lights.turn", "weather.now"),
        (("is it dark", "is it nice in Rome"), "weather.now", "lights.turn"),
    ],
)
async def test_all_orders_share_one_beginning_of_the_prompt_and_all_questions_another(
    texts: tuple[str, ...], told_of: str, not_told_of: str
) -> None:
    model = ScriptedModel('{"say": "yes"}', '{"say": "no"}')
    made = planner(model)
    for text in texts:
        plan = await made.plan(text, "en", "t")
        assert plan.talk is not None
        await plan.talk.aclose()  # type: ignore[attr-defined]  # it is a generator
    warm, first, second = (json.dumps(prompt[:-1]) for prompt in model.prompts)
    assert warm == first == second
    assert told_of in first
    assert not_told_of not in first


async def test_what_widens_an_action_is_not_the_models_to_choose() -> None:
    model = ScriptedModel('{"say": "which one?"}')
    plan = await planner(model).plan("turn bad light on", "en", "t")
    assert plan.talk is not None
    acting = json.dumps(model.schemas[0]).partition('"lights.turn"')[2].partition('"tool"')[0]
    assert '"on"' in acting
    assert "everywhere" not in acting
