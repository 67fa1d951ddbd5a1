"""Names that the recogniser got wrong, put right where only one thing can have been meant."""

import importlib.util

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.understanding.fast_path import FastPath
from assistant.understanding.mishearing import likeness_of, sound_of
from assistant.understanding.plan import Plan
from devices.home import Ability, Device, Home, Kind
from tests.assistant.test_fast_path import ALL, LAMP, REGISTRY, calls_of, understand
from tests.requirements import require

HOME = Home({"Hall": (), "Snug": (), "客厅": (), "书房": ()})
for _name, _kind, _abilities, _room, _class in (
    ("Bed Light", Kind.LIGHT, LAMP, None, ""),
    ("Hall Light", Kind.LIGHT, LAMP, "Hall", ""),
    ("Standing Light", Kind.LIGHT, LAMP, "Snug", ""),
    ("Nook Lamp", Kind.LIGHT, LAMP, "Snug", ""),
    ("Mantel Light", Kind.LIGHT, LAMP, None, ""),
    ("落地灯", Kind.LIGHT, LAMP, "客厅", ""),
    ("书房吊灯", Kind.LIGHT, LAMP, "书房", ""),
    ("EcoBee", Kind.CLIMATE, frozenset({Ability.SETPOINT, Ability.MODE}), None, ""),
    ("Sewing Machine", Kind.SWITCH, frozenset({Ability.ON}), None, ""),
    ("Story Time", Kind.SCENE, frozenset({Ability.PRESSED}), None, ""),
    ("Cellar Lock", Kind.LOCK, frozenset({Ability.LOCKED}), None, ""),
    ("Bay Window", Kind.COVER, frozenset({Ability.OPEN}), None, "window"),
    ("Bay Shade", Kind.COVER, frozenset({Ability.OPEN}), None, "shade"),
    ("House Alarm", Kind.ALARM, frozenset({Ability.ARMED}), None, ""),
):
    HOME.put(Device(_name, _name, _kind, _abilities, _room, device_class=_class))
HERE = FastPath(REGISTRY, HOME)
WORDS = "turn on off the not whole bad light hall set to 40 % and in is what standing like lock open".split()  # noqa: SIM905


def heard(text: str, *, language: str = "en", alternatives: tuple[str, ...] = ()) -> Plan | None:
    return HERE.understand(text, language, None, "turn-1", alternatives=alternatives)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("turn off the whole light", "turn off the hall light"),
        ("turn on the bad light", "turn on the bed light"),
        ("set the standing like to 40%", "set the standing light to 40%"),
        ("turn on the no clamp", "turn on the nook lamp"),
        ("turn on the man to light", "turn on the mantel light"),
        ("turn off the echo bee", "turn off the ecobee"),
        ("switch off the steering machine, please", "switch off the sewing machine"),
        ("turn on the lights in the smug", "turn on the lights in the snug"),
        ("activate storey time", "activate story time"),
        ("turn on the mental light and the bed light", "turn on the mantel light and the bed light"),
        ("close the bay shape", "close the bay shade"),
    ],
)  # fmt: skip
def test_a_name_that_was_misheard_is_put_right(text, meant):
    expected = calls_of(heard(meant))
    assert expected
    assert calls_of(HERE.understand(text, "en", None, "turn-1", mend=False)) == []
    assert calls_of(heard(text)) == expected


def test_the_plan_tells_that_a_name_was_mended():
    plan = heard("turn off the whole light")
    assert plan is not None
    assert "'whole' was taken for 'hall'" in plan.why


@pytest.mark.parametrize(
    "text",
    [
        "unlock the seller lock",
        "lock the seller lock",
        "open the bay widow",
        "disarm the house alarms system now",
        "turn off the hose alarm",
    ],
)
def test_what_lets_somebody_into_the_house_is_never_guessed(text):
    plan = heard(text)
    assert plan is None or "was taken for" not in plan.why


@pytest.mark.parametrize(
    "text",
    [
        "turn on the bathroom light",  # the language knows bathrooms: it was not misheard
        "turn on the shelf light",
        "turn on the bench light",
        "turn on the desk lamp",
        "set light 4 to 40%",
        "turn on the kettle",
        "turn on",
        "the whole light",
        "so until I'm",
    ],
)
def test_a_thing_that_is_not_there_is_not_given_another_one(text):
    assert heard(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I turned on the whole light",
        "don't turn on the whole light",
        "never turn off the bad light",
        "she said turn on the bad light",
        "turn on the bad light when I come home",
        "the whole light show was a bad joke",
        "what a standing like that does to a man",
    ],
)
def test_words_that_order_nothing_become_no_order(text):
    assert heard(text) is None


def test_two_names_that_are_as_likely_are_left_alone():
    home = Home()
    for name in ("Mantel Light", "Mental Light"):
        home.put(Device(name, name, Kind.LIGHT, LAMP))
    fast_path = FastPath(REGISTRY, home)
    assert understand("turn on the mantal light", fast_path=fast_path) is None


def test_a_question_stays_a_question():
    plan = heard("is the whole light on?")
    assert plan is not None
    assert not any(REGISTRY.tools[f"{call.skill}.{call.tool}"].acts for call in plan.calls)


@pytest.mark.parametrize("alternative", ["turn on the mantel light", "turn on the mantle light"])
def test_another_hypothesis_helps_where_it_differs_in_the_name_alone(alternative):
    assert heard("turn on the month of light") is None
    plan = heard("turn on the month of light", alternatives=("turn up the moon", alternative))
    assert calls_of(plan) == calls_of(heard("turn on the mantel light"))


@pytest.mark.parametrize(
    ("text", "alternative"),
    [
        ("turn off the month of light", "turn on the mantel light"),
        ("I turned on the bad light", "turn on the bed light"),
        ("turn on the bathroom light", "turn on the bed light"),
        ("turn on the orchestra", "turn on the bed light"),
    ],
)
def test_another_hypothesis_that_says_something_else_is_not_believed(text, alternative):
    assert heard(text, alternatives=(alternative,)) is None


@pytest.mark.parametrize(("language", "text", "room", "calls", "ignore"), ALL)
def test_a_home_of_other_names_makes_nothing_up(language, text, room, calls, ignore):
    plan = HERE.understand(text, language, room, "turn-1")
    assert plan is None or "was taken for" not in plan.why


@pytest.mark.parametrize(
    ("text", "meant"),
    [("打开落低灯", "打开落地灯"), ("关掉舒房吊灯", "关掉书房吊灯"), ("把书防的灯打开", "把书房的灯打开")],
)
def test_a_chinese_name_is_known_by_its_sound(text, meant):
    require("pypinyin", importlib.util.find_spec("pypinyin") is not None, "pip install pypinyin")
    expected = calls_of(heard(meant, language="zh"))
    assert expected
    assert calls_of(heard(text, language="zh")) == expected


@pytest.mark.parametrize("text", ["打开壁灯", "打开卧室的灯", "别打开落低灯", "落低灯是谁买的", "打开雨伞"])
def test_chinese_words_of_another_meaning_are_left_alone(text):
    assert heard(text, language="zh") is None


def test_a_name_that_came_a_moment_ago_is_found():
    home = Home()
    fast_path = FastPath(REGISTRY, home)
    assert understand("turn on the porch long term", fast_path=fast_path) is None
    home.put(Device("p", "Porch Lantern", Kind.LIGHT, LAMP))
    assert understand("turn on the porch long term", fast_path=fast_path) is not None


def test_words_whose_vowels_alone_differ_are_alike():
    assert sound_of("whole") == sound_of("hall")
    assert likeness_of("whole", "hall") > 0.7 > likeness_of("whole", "hearth")


@pytest.mark.parametrize("room", ["Attic", "Cellar"])
def test_words_of_which_completeness_asked_first_still_mean_what_is_near(room):
    home = Home({"Attic": (), "Cellar": ()})
    for each in ("Attic", "Cellar"):
        home.put(Device(each, f"{each} Reading Lamp", Kind.LIGHT, LAMP, each))
    fast_path = FastPath(REGISTRY, home)
    fast_path.completeness("turn on the reading lamp", "en")
    plan = understand("turn on the reading lamp", room=room, fast_path=fast_path)
    assert calls_of(plan)[0]["arguments"]["device"] == f"{room} Reading Lamp"


def test_the_same_words_are_parsed_once(monkeypatch):
    fast_path, parsed = FastPath(REGISTRY, HOME), []
    grammar = fast_path._grammars["en"]
    understand_slowly = grammar.understand
    monkeypatch.setattr(grammar, "understand", lambda *what: parsed.append(what) or understand_slowly(*what))
    fast_path.completeness("turn on the bed light", "en")
    once = len(parsed)
    fast_path.completeness("turn on the bed light", "en")
    understand("turn on the bed light", room="Hall", fast_path=fast_path)
    assert len(parsed) == once > 0


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60), alternative=st.text(max_size=60))
def test_no_text_breaks_it(text, alternative):
    plan = HERE.understand(text, "en", None, "turn-1", alternatives=(alternative,))
    assert plan is None or plan.calls


@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=8))
def test_whatever_is_mended_orders_nothing_that_is_guarded(words):
    plan = heard(" ".join(words))
    if plan is not None and "was taken for" in plan.why:
        assert not {"unlock", "lock", "disarm", "arm"} & {call.tool for call in plan.calls}
