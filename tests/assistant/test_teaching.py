"""What people teach, read from sentences (`teaching.toml`), and what it does afterwards, in a real turn."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.fast_path import FastPath
from assistant.understanding.frames.memory import Memory
from assistant.understanding.plan import Plan
from assistant.understanding.teaching.patterns import patterns_of, said
from assistant.understanding.understanding import Order, Understanding
from devices.home import Ability, Home, Kind
from skills.home import HomeSkill
from skills.lights import Lights
from skills.locks import Locks
from skills.registry import Registry
from skills.scenes import Scenes
from skills.taught import TaughtSkill
from skills.taught.book import Alias, Choice, Preference, Routine, Taught
from skills.testing import home, thing

SENTENCES = tomllib.loads((Path(__file__).parent / "teaching.toml").read_text("utf-8"))
REGISTRY = Registry.of(HomeSkill, Lights, Locks, Scenes, TaughtSkill)


def our_home() -> Home:
    return home(
        thing("Floor Lamp", Kind.LIGHT, "Living Room", brightness=80, on=True),
        thing("Blind", Kind.COVER, "Living Room"),
        thing("Radiator", Kind.CLIMATE, "Living Room"),
        thing("Desk Lamp", Kind.LIGHT, "Study"),
        thing("Reading Lamp", Kind.LIGHT, "Study"),
        thing("Socket 3", Kind.SWITCH, "Study"),
        thing("Front Door", Kind.LOCK, "Hall"),
        thing("Good Night", Kind.SCENE, "Hall"),
        thing("落地灯", Kind.LIGHT, "客厅", brightness=80, on=True),
        thing("空调", Kind.CLIMATE, "客厅"),
        thing("书架灯", Kind.LIGHT, "书房"),
        thing("门锁", Kind.LOCK, "门口"),
    )


@lru_cache(maxsize=1)
def at_home() -> tuple[Home, Understanding]:
    ours = our_home()
    return ours, Understanding(FastPath(REGISTRY, ours), _no_model, Order.LOCAL_ONLY)


class Told:
    """An understanding of our home that was taught this and nothing else."""

    def __init__(self, taught: Taught | None = None) -> None:
        ours, self.understanding = at_home()
        taught = taught or Taught()
        self.memory = Memory()
        ours.call(
            {thing: (alias.name,) for alias in taught.aliases for thing in alias.things},
            {alias.room: (alias.name,) for alias in taught.aliases if alias.room},
        )
        self.understanding.teaching.learn(taught)

    async def plan(self, text: str, language: str = "en", room: str | None = "Living Room") -> Plan:
        return await self.understanding.plan(text, language, room, "turn", self.memory)

    async def calls(self, text: str, language: str = "en", room: str | None = "Living Room") -> list[Any]:
        plan = await self.plan(text, language, room)
        return [(f"{each.skill}.{each.tool}", dict(each.arguments)) for each in plan.calls]


async def _no_model() -> Any:
    raise AssertionError("no model is asked")


def ordered(things: list[str], ability: Ability, value: Any) -> tuple[str, dict[str, Any]]:
    return "home.order", {"things": things, "ability": ability.value, "value": value}


def cases(sort: str) -> list[Any]:
    return [pytest.param(case, text, id=text) for case in SENTENCES[sort] for text in case["said"]]


ROOMS = {"en": "Living Room", "zh": "客厅"}


@pytest.mark.parametrize(("case", "text"), cases("alias"))
async def test_a_name_is_taught(case, text):
    meant = {key: case[key] for key in ("things", "room") if key in case}
    ((tool, arguments),) = await Told().calls(text, case["language"], ROOMS[case["language"]])
    assert (tool, arguments) == ("taught.alias", {"alias": arguments["alias"], **meant})
    assert arguments["alias"].removeprefix("the ") == case["name"].removeprefix("the ")


@pytest.mark.parametrize(("case", "text"), cases("prefer"))
async def test_a_liking_is_taught(case, text):
    liked = {key: case[key] for key in ("ability", "value", "things") if key in case}
    ((tool, arguments),) = await Told().calls(text, case["language"], ROOMS[case["language"]])
    assert tool == "taught.prefer"
    assert {key: each for key, each in arguments.items() if key != "text"} == liked


@pytest.mark.parametrize(("case", "text"), cases("routine"))
async def test_a_routine_is_taught(case, text):
    taught = ("taught.routine", {"phrase": case["phrase"], "orders": case["orders"]})
    assert await Told().calls(text, case["language"], ROOMS[case["language"]]) == [taught]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_what_teaches_nothing_is_not_taken_for_it(language):
    told = Told()
    for text in SENTENCES["nothing"][language]:
        assert not [call for call in await told.calls(text, language) if call[0].startswith("taught.")], text


@pytest.mark.parametrize(
    ("text", "language", "why"),
    [
        ("call the floor lamp the desk lamp", "en", "taken"),
        ("call the floor lamp study", "en", "taken"),
        ("call the floor lamp seven", "en", "number"),
        ("call the floor lamp light", "en", "word"),
        ("call the floor lamp turn on", "en", "word"),
        ("call the floor lamp stop", "en", "word"),
        ("call the floor lamp my very own big bright shining star of wonder", "en", "long"),
        ("when I say boss I mean the toaster", "en", "unknown"),
        ("把落地灯叫书房", "zh", "taken"),
        ("把落地灯叫七", "zh", "number"),
        ("把落地灯叫打开", "zh", "word"),
    ],
)
async def test_a_name_that_would_mislead_is_refused(text, language, why):
    ((tool, arguments),) = await Told().calls(text, language)
    assert (tool, arguments["why"]) == ("taught.alias", why)


async def test_a_name_for_one_of_several_takes_the_one():
    ((_tool, arguments),) = await Told().calls("call the lamp Bertie", room="Study")
    assert arguments["why"] == "several"


async def test_a_plain_statement_with_an_article_is_asked_about():
    ((tool, arguments),) = await Told().calls("the problem is the floor lamp")
    assert (tool, arguments["sure"]) == ("taught.alias", None)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("when I say lights off, turn on the floor lamp", "order"),
        ("when I say stop, turn on the floor lamp", "word"),
        ("when I say five, turn on the floor lamp", "number"),
        ("when I say study, turn on the floor lamp", "taken"),
        ("from now on when I say hello, sing a song", "unclear"),
        ("from now on when I say a b c d e f g h i j, turn on the floor lamp", "long"),
    ],
)
async def test_a_phrase_that_would_mislead_is_refused(text, why):
    ((tool, arguments),) = await Told().calls(text)
    assert (tool, arguments["why"]) == ("taught.routine", why)


async def test_orders_that_would_ask_back_are_no_routine():
    ((tool, arguments),) = await Told().calls("when I say hello, turn on the lamp", room="Study")
    assert (tool, arguments["why"]) == ("taught.routine", "several")


async def test_a_taught_name_is_understood_like_any_other():
    told = Told(Taught(aliases=(Alias("Bertie", ("floor_lamp",)), Alias("the cave", room="Study"))))
    assert await told.calls("turn Bertie off") == [ordered(["floor_lamp"], Ability.ON, False)]
    lights = ["desk_lamp", "reading_lamp"]
    assert await told.calls("turn off all the lights in the cave") == [ordered(lights, Ability.ON, False)]


async def test_a_thing_can_be_called_what_was_just_spoken_of():
    told = Told()
    await told.calls("turn on the desk lamp")
    assert await told.calls("call it Bertie") == [
        ("taught.alias", {"alias": "Bertie", "things": ["desk_lamp"]})
    ]


async def test_a_routine_is_its_orders():
    night = Routine("good night", "turn off the floor lamp and lock the front door", "en")
    told = Told(Taught(routines=(night,)))
    wanted = [ordered(["floor_lamp"], Ability.ON, False), ordered(["front_door"], Ability.LOCKED, True)]
    for text in (
        "good night",
        "Good night!",
        "good night please",
        "run good night",
        "start the good night routine",
    ):
        assert await told.calls(text) == wanted, text


async def test_a_routine_whose_thing_is_gone_says_so():
    told = Told(Taught(routines=(Routine("movie time", "turn on the beamer", "en"),)))
    plan = await told.plan("movie time")
    assert (plan.calls, plan.failure) == ((), "unknown_device")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("make it comfortable", "en"),
        ("make it comfy in here", "en"),
        ("set it how I like it", "en"),
        ("set the radiator how I like it", "en"),
        ("turn the radiator to my favourite temperature", "en"),
        ("set my favourite temperature", "en"),
        ("set the heating", "en"),
    ],
)
async def test_what_is_liked_is_used(text, language):
    told = Told(Taught(preferences=(Preference("21", Ability.SETPOINT, 21.0),)))
    assert await told.calls(text, language) == [ordered(["radiator"], Ability.SETPOINT, 21.0)]


@pytest.mark.parametrize(
    "text", ["调到我喜欢的温度", "把空调调到我喜欢的温度", "弄舒服一点", "按我的习惯来", "空调调到我喜欢的"]
)
async def test_what_is_liked_is_used_in_chinese(text):
    told = Told(Taught(preferences=(Preference("22度", Ability.SETPOINT, 22.0),)))
    assert await told.calls(text, "zh", "客厅") == [ordered(["空调"], Ability.SETPOINT, 22.0)]


async def test_what_is_liked_of_a_thing_goes_before_what_is_liked_anywhere():
    lamp = Preference("lamp", Ability.BRIGHTNESS, 30, ("floor_lamp",))
    told = Told(Taught(preferences=(lamp, Preference("lights", Ability.BRIGHTNESS, 60))))
    assert await told.calls("set the floor lamp how I like it") == [
        ordered(["floor_lamp"], Ability.BRIGHTNESS, 30)
    ]
    assert await told.calls("set the desk lamp how I like it") == [
        ordered(["desk_lamp"], Ability.BRIGHTNESS, 60)
    ]


async def test_without_a_liking_it_is_said_how_to_tell_one():
    assert await Told().calls("set it how I like it") == [("taught.liked", {})]
    assert await Told().calls("make it comfortable") == [("home.which", {"things": []})]


async def test_what_was_asked_once_is_known_afterwards():
    told = Told()
    assert (await told.calls("turn on the lamp", room="Study"))[0][0] == "home.which"
    order, choice = await told.calls("the reading lamp", room="Study")
    assert order == ordered(["reading_lamp"], Ability.ON, True)
    assert choice == ("taught.choice", {"words": "lamp", "thing": "reading_lamp", "room": "Study"})
    told.understanding.teaching.learn(Taught(choices=(Choice("lamp", "Study", "reading_lamp"),)))
    assert await told.calls("turn off the lamp", room="Study") == [
        ordered(["reading_lamp"], Ability.ON, False)
    ]


async def test_what_a_word_means_in_one_room_it_need_not_mean_in_another():
    told = Told(Taught(choices=(Choice("lamp", "Study", "reading_lamp"),)))
    assert (await told.calls("turn on the lamp", room="Hall"))[0][0] == "home.which"


async def test_a_chosen_thing_that_is_gone_is_asked_for_again():
    told = Told(Taught(choices=(Choice("lamp", "Study", "sold_lamp"),)))
    assert (await told.calls("turn on the lamp", room="Study"))[0][0] == "home.which"


@pytest.mark.parametrize(
    ("text", "language", "call"),
    [
        ("what is Bertie?", "en", ("taught.meaning", {"name": "Bertie"})),
        ("who is Bertie", "en", ("taught.meaning", {"name": "Bertie"})),
        ("what does movie time do?", "en", ("taught.meaning", {"name": "movie time"})),
        ("forget Bertie", "en", ("taught.forget", {"name": "Bertie"})),
        ("forget the nickname Bertie", "en", ("taught.forget", {"name": "Bertie"})),
        ("delete the movie time routine", "en", ("taught.forget", {"name": "movie time"})),
        ("forget what you learned about the lamp", "en", ("taught.forget", {"name": "lamp"})),
        ("forget the lamp", "en", ("taught.forget", {"name": "lamp"})),
        ("小黄是什么", "zh", ("taught.meaning", {"name": "小黄"})),
        ("忘掉小黄", "zh", ("taught.forget", {"name": "小黄"})),
        ("what have I taught you", "en", ("taught.known", {"sort": "everything"})),
        ("what routines have I taught you", "en", ("taught.known", {"sort": "routines"})),
        ("what names have I taught you", "en", ("taught.known", {"sort": "aliases"})),
        ("我教过你什么", "zh", ("taught.known", {"sort": "everything"})),
        ("forget everything I taught you", "en", ("taught.forget_all", {"sort": "everything"})),
        ("忘掉我教过你的所有东西", "zh", ("taught.forget_all", {"sort": "everything"})),
        ("run the disco routine", "en", ("taught.run", {"name": "disco"})),
    ],
)
async def test_what_was_taught_can_be_asked_for_and_forgotten(text, language, call):
    told = Told(
        Taught(
            aliases=(Alias("Bertie", ("floor_lamp",)), Alias("小黄", ("落地灯",))),
            routines=(Routine("movie time", "turn off the floor lamp", "en"),),
            choices=(Choice("lamp", "Study", "reading_lamp"),),
        )
    )
    assert await told.calls(text, language) == [call]


async def test_to_forget_a_thing_of_the_home_is_no_order_to_it():
    assert await Told().calls("forget good night") == [("taught.forget", {"name": "good night"})]


@given(st.text(max_size=80), st.sampled_from(["en", "zh"]))
def test_no_text_breaks_the_patterns(text, language):
    patterns = patterns_of(language)
    assert patterns is not None
    heard = said(text, language)
    assert len(heard.text) == len(heard.folded)
    for section in patterns.patterns:
        for groups in patterns.match(section, heard):
            assert all(isinstance(each, str) for each in groups.values())
