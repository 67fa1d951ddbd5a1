import asyncio
from contextlib import aclosing

import pytest

from devices.home import Home
from skills.announce import MOST_WAITING, Announce
from skills.api import SkillError
from skills.registry import Registry
from skills.testing import Trial, context

HOME = Home({"Kitchen": ("厨房",), "Living Room": ("客厅",)})


@pytest.mark.parametrize(
    ("text", "language", "arguments"),
    [
        ("announce that dinner is ready", "en", {"text": "dinner is ready"}),
        (
            "tell the kitchen that dinner is ready in ten minutes and the kids should wash their hands",
            "en",
            {
                "text": "dinner is ready in ten minutes and the kids should wash their hands",
                "room": "Kitchen",
            },
        ),
        ("say good night in the living room", "en", {"text": "good night", "room": "Living Room"}),
        ("make an announcement", "en", {}),
        ("告诉大家吃饭了", "zh", {"text": "吃饭了"}),
        ("跟厨房说水开了", "zh", {"text": "水开了", "room": "Kitchen"}),
    ],
)
def test_a_message_is_understood(understand, text, language, arguments):
    found = understand(text, language, skills=[Announce], home=HOME)
    assert found == [("announce.tell", arguments)]


@pytest.mark.parametrize(
    ("text", "language"), [("tell me a joke", "en"), ("tell me the time", "en"), ("告诉我几点了", "zh")]
)
def test_what_is_asked_of_the_assistant_is_no_message(understand, text, language):
    assert understand(text, language, skills=[Announce], home=HOME) == []


async def test_a_message_goes_out_in_its_room_and_language():
    registry = Registry.of(Announce)
    english, chinese = context(HOME), context(HOME, language="zh")
    async with aclosing(registry.background("announce", english)) as stream:
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        answer = await registry.call(
            "announce", "tell", {"text": "dinner is ready", "room": "Kitchen"}, english
        )
        assert registry.reply("announce", answer.say, "en") == "I'm saying it in the Kitchen."
        first = await waiting
        await registry.call("announce", "tell", {"text": "吃饭了"}, chinese)
        second = await anext(stream)
    assert (registry.reply("announce", first.say, "en"), first.room) == ("Dinner is ready.", "Kitchen")
    assert (registry.reply("announce", second.say, "zh"), second.room) == ("吃饭了。", None)
    assert second.language == "zh"


async def test_messages_that_nobody_says_do_not_pile_up():
    registry = Registry.of(Announce)
    async with aclosing(registry.background("announce", context(HOME))) as stream:
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        for _each in range(MOST_WAITING):
            await registry.call("announce", "tell", {"text": "hello"}, context(HOME))
        with pytest.raises(SkillError):
            await registry.call("announce", "tell", {"text": "hello"}, context(HOME))
        await waiting


def test_it_asks_for_the_words_and_admits_that_it_cannot_speak():
    trial = Trial(Announce)
    asked = trial.call("tell", room="Kitchen")
    assert asked.reply == "What shall I say?"
    assert trial.answer("tell", asked, "dinner").reply == "I can't speak in other rooms right now."
