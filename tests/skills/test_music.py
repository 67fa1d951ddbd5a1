import pytest

from skills.api import AdapterCommand, Answer, SkillError
from skills.registry import BadCall, Registry
from tests.skills.surroundings import context_of

REGISTRY = Registry.load({})


async def call(tool: str, **arguments: object) -> Answer:
    return await REGISTRY.call("music", tool, arguments, context_of())


@pytest.mark.parametrize(
    ("tool", "arguments", "command"),
    [
        ("play", {"query": "Kind of Blue"}, AdapterCommand("mpd", "play", {"query": "Kind of Blue"})),
        ("play", {}, AdapterCommand("mpd", "play", {})),
        ("pause", {}, AdapterCommand("mpd", "pause", {})),
        ("resume", {}, AdapterCommand("mpd", "resume", {})),
        ("stop", {}, AdapterCommand("mpd", "stop", {})),
        ("next", {}, AdapterCommand("mpd", "next", {})),
        ("previous", {}, AdapterCommand("mpd", "previous", {})),
        ("set_volume", {"percent": 30}, AdapterCommand("mpd", "set_volume", {"percent": 30})),
        ("change_volume", {"by": -10}, AdapterCommand("mpd", "change_volume", {"delta": -10})),
    ],
)
async def test_each_order_is_one_request_to_the_player(tool, arguments, command):
    assert (await call(tool, **arguments)).commands == (command,)


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        ({"state": "play", "title": "So What", "artist": "Miles Davis"}, "This is So What by Miles Davis."),
        ({"state": "pause", "title": "So What", "artist": None}, "So What is paused."),
        ({"state": "stop"}, "Nothing is playing."),
    ],
)
async def test_what_is_playing_is_asked_of_the_player(status, reply):
    async def ask(adapter, question):
        assert (adapter, question) == ("mpd", "status")
        return status

    answer = await REGISTRY.call("music", "playing", {}, context_of(ask=ask))
    assert answer.commands == ()
    assert answer.say is not None
    assert REGISTRY.reply("music", answer.say, "en") == reply


async def test_a_piece_without_a_title_is_admitted():
    async def ask(_adapter, _question):
        return {"state": "play", "title": None, "artist": None}

    with pytest.raises(SkillError):
        await REGISTRY.call("music", "playing", {}, context_of(ask=ask))


async def test_a_volume_beyond_its_range_is_no_call():
    with pytest.raises(BadCall, match="percent"):
        await call("set_volume", percent=130)
