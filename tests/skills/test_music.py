import pytest

from skills.api import AdapterCommand, Answer, SkillError
from skills.music import Music
from skills.registry import BadCall, Registry
from skills.testing import Trial, home
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


STATIONS = {"Radio Paradise": "https://a.example/flac", "BBC Radio Four": "https://b.example/r4"}
PODCASTS = {"The Archers": "https://c.example/feed.xml", "故事会": "https://d.example/feed.xml"}
TWO = {("mpd", "outputs"): {"names": ("Living Room", "Kitchen speaker"), "on": ("Living Room",)}}
ROOMS = {"Kitchen": ("cook room", "厨房"), "Living Room": ("lounge",), "Bath": ()}


def sent(query, **given):
    trial = Trial(Music, stations=STATIONS, podcasts=PODCASTS)
    done = trial.call("play", trial.context(home=home(rooms=ROOMS), adapters=TWO), query=query, **given)
    return [(each.action, dict(each.arguments)) for each in done.commands] or done.reply


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("radio paradise", ("stream", {"url": "https://a.example/flac", "name": "Radio Paradise"})),
        ("paradise radio", ("stream", {"url": "https://a.example/flac", "name": "Radio Paradise"})),
        ("the radio", ("stream", {"url": "https://a.example/flac", "name": "Radio Paradise"})),
        ("收音机", ("stream", {"url": "https://a.example/flac", "name": "Radio Paradise"})),
        ("the latest episode of the archers", ("episode", {"feed": "https://c.example/feed.xml"})),
        ("the archers podcast", ("episode", {"feed": "https://c.example/feed.xml"})),
        ("最新一期故事会", ("episode", {"feed": "https://d.example/feed.xml"})),
        ("paradise", ("stream", {"url": "https://a.example/flac", "name": "Radio Paradise"})),
        ("paradise city", ("play", {"query": "paradise city"})),
        ("jazz in the kitchen", ("play", {"query": "jazz", "outputs": ["Kitchen speaker"]})),
        ("dancing in the dark", ("play", {"query": "dancing in the dark"})),
    ],
)
def test_stations_podcasts_and_rooms_are_told_apart_from_music(query, order):
    assert sent(query) == [order]


def test_a_room_without_a_loudspeaker_is_told():
    assert (
        sent("jazz in the bath")
        == "The music player has no loudspeaker in the Bath; it has Living Room and Kitchen speaker."
    )


def test_without_stations_it_says_where_they_are_listed():
    done = Trial(Music).call("play", query="the radio")
    assert "list them in the configuration" in done.reply


@pytest.mark.parametrize(
    ("text", "language", "call"),
    [
        ("shuffle the music", "en", ("music.shuffle", {"on": True})),
        ("repeat this song", "en", ("music.repeat", {"what": "one"})),
        ("stop repeating", "en", ("music.repeat", {"what": "off"})),
        ("随机播放", "zh", ("music.shuffle", {"on": True})),
        ("单曲循环", "zh", ("music.repeat", {"what": "one"})),
    ],
)
def test_shuffle_and_repeat_are_understood(understand, text, language, call):
    assert understand(text, language, skills=[Music]) == [call]
