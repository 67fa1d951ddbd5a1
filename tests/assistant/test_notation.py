"""The short notation of trained models: it says the same, and is believed no more."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.failures import Failure
from assistant.understanding.grounding import Heard, answer_schema
from assistant.understanding.notation import first_key, lengthened, read, shortened
from assistant.understanding.prompt import Prompt, compact
from tests.assistant.test_language_model import HOSTILE, WORDS, planner, registry
from tests.fakes import ScriptedModel

NAMES = st.text("abc.", min_size=1, max_size=6).filter(lambda name: name not in ("say", "calls"))
CALLS = st.lists(
    st.fixed_dictionaries({"tool": NAMES, "arguments": st.dictionaries(NAMES, st.integers() | st.text())}),
    min_size=1,
    max_size=3,
)


@settings(deadline=None)
@given(calls=CALLS)
def test_calls_are_the_same_after_being_written_short_and_read(calls: list[dict[str, object]]) -> None:
    assert read(compact(shortened({"calls": calls}))) == {"calls": calls}


def test_talk_is_the_same_in_both_notations() -> None:
    assert read(compact(shortened({"say": "Hm."}))) == {"say": "Hm."}


@settings(deadline=None)
@given(text=st.text(max_size=60) | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_whatever_a_model_writes_is_an_answer_or_nothing(text: str) -> None:
    assert set(read(text)) <= {"say", "calls"} or "say" in read(text) or "calls" in read(text)


@pytest.mark.parametrize("strange", [[], [1], [{}], {"a": {}, "b": {}}, "x", None])
def test_what_is_no_call_is_none(strange: object) -> None:
    assert not lengthened(strange).get("calls")


@pytest.mark.parametrize(
    ("written", "key"),
    [('{"sa', None), ('{"say":"', "say"), (' [ {"lights.turn":', "lights.turn"), ('{"calls":[', "calls")],
)
def test_the_first_key_is_known_as_soon_as_it_is_there(written: str, key: str | None) -> None:
    assert first_key(written) == key


def test_the_short_schema_holds_the_same_calls() -> None:
    heard = Heard("turn on the hall light", "en", WORDS)
    tools = Prompt(registry(), trained=True).offered(question=False)
    short = json.dumps(answer_schema(tools, heard, short=True))
    assert '"lights.turn"' in short
    assert '"const"' not in short
    assert "Hall Light" in short
    assert "Kitchen" not in short


async def test_a_trained_model_is_checked_like_any_other() -> None:
    for written in (
        '{"lights.turn":{"on":true,"everywhere":true}}',
        '{"lights.turn":{"on":true,"room":"Kitchen"}}',
        '{"locks.unlock":{}}',
        '{"car.lock":{"locked":false}}',
        '[{"lights.turn":{"on":true,"room":"Hall"}},{"locks.unlock":{}}]',
        '{"lights.explode":{}}',
    ):
        plan = await planner(ScriptedModel(written), trained=True).plan(
            "unlock the hall, light on", "en", "t"
        )
        assert plan.failure == Failure.NOT_UNDERSTOOD, written
        assert plan.calls == ()


async def test_a_trained_model_never_acts_on_a_question() -> None:
    model = ScriptedModel('{"lights.turn":{"on":true,"room":"Hall"}}')
    plan = await planner(model, trained=True).plan("is the light on in the hall?", "en", "t")
    assert plan.calls == ()


@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("list_name", ["light", "scene", "query", "music", "weather"])
async def test_what_others_wrote_is_in_no_prompt(list_name: str, trained: bool) -> None:
    """Names of devices, titles of songs, words of the weather: none of them is read, so none gives orders."""
    words = {**WORDS, list_name: {HOSTILE: (HOSTILE,)}}
    model = ScriptedModel('{"say": "Once."}', '{"say": "Twice."}')
    made = planner(model, trained=trained)
    made._words = lambda: words
    for text in ("what is playing in the hall", "tell me a story about the hall"):
        plan = await made.plan(text, "en", "t")
        assert plan.calls == ()
    assert "unlock" not in json.dumps([prompt[-1] for prompt in model.prompts])
    assert HOSTILE not in json.dumps(model.prompts)


async def test_the_bytes_before_the_sentence_stay_after_talk_and_a_rename() -> None:
    """What the cache may keep: all before the past and the sentence, in both languages."""
    words = {"area": {"Hall": ()}, "light": {"Hall Light": ()}, "device": {"Hall Light": ()}}
    for language, texts in {
        "en": ("make it cosy", "a bit nicer"),
        "zh": ("弄得温馨一点", "再舒服一点"),
    }.items():
        model = ScriptedModel(*['{"say": "x"}'] * 2)
        made = planner(model)
        made._words = lambda: words
        start = len(made.beginning(language, question=False))
        for text in texts:
            await made.plan(text, language, "t")
            words["light"] = words["device"] = {f"{text} Lantern": ()}
        fixed = {json.dumps(prompt[:start]).encode() for prompt in model.prompts}
        assert len(fixed) == 1
        assert len(fixed.pop()) > 1_000
