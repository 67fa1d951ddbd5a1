import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from skills.api import SkillError
from skills.registry import Registry
from skills.web import HttpWeb
from tests.skills.loopback import Server, serving
from tests.skills.surroundings import context_of

RECORDED = Path(__file__).parent / "open_meteo"
FORECAST = (RECORDED / "forecast.json").read_bytes()
SEARCH = (RECORDED / "search.json").read_bytes()


def registry_for(server: Server | None, **settings: Any) -> Registry:
    if server is not None:
        settings |= {"forecast_url": f"{server.url}/forecast", "geocoding_url": f"{server.url}/search"}
    return Registry.load({"weather": {"latitude": 52.52, "longitude": 13.41, "place": "Home", **settings}})


async def answered(
    registry: Registry, web: HttpWeb, tool: str, arguments: Mapping[str, Any], language: str = "en"
) -> str:
    answer = await registry.call("weather", tool, arguments, context_of(web=web, language=language))
    assert answer.commands == ()
    assert answer.say is not None
    return registry.reply("weather", answer.say, language)


@pytest.fixture
async def web(tmp_path):
    made = HttpWeb(tmp_path)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("tool", "arguments", "language", "reply"),
    [
        ("now", {}, "en", "It's 19 degrees and partly cloudy."),
        ("now", {}, "zh", "现在19度，多云。"),
        ("now", {"place": "Berlin"}, "en", "In Berlin it's 19 degrees and partly cloudy."),
        ("forecast", {}, "en", "today: overcast, 12 to 21 degrees."),
        ("forecast", {"day": "tomorrow"}, "zh", "明天中雨，10到18度。"),
        (
            "forecast",
            {"day": "saturday", "place": "Berlin"},
            "en",
            "Berlin, on Saturday: partly cloudy, 11 to 22 degrees.",
        ),
        ("rain", {}, "en", "No rain expected today."),
        ("rain", {"day": "tomorrow"}, "en", "Yes, it will probably rain tomorrow; the chance is 88 percent."),
        ("rain", {"day": "thursday"}, "zh", "可能会：星期四下雨的概率是百分之35。"),
    ],
)
async def test_the_weather_is_told_in_the_language_of_the_question(web, tool, arguments, language, reply):
    async with serving(forecast=FORECAST, search=SEARCH) as server:
        assert await answered(registry_for(server), web, tool, arguments, language) == reply


async def test_the_world_learns_the_place_to_a_kilometre_and_no_better(web):
    async with serving(forecast=FORECAST) as server:
        await answered(registry_for(server, latitude=52.516275, longitude=13.377704), web, "now", {})
        _path, asked = server.asked[0]
    assert (asked["latitude"], asked["longitude"], asked["timezone"]) == (["52.52"], ["13.38"], ["auto"])


async def test_a_second_question_within_ten_minutes_asks_nobody(web):
    async with serving(forecast=FORECAST) as server:
        registry = registry_for(server)
        await answered(registry, web, "now", {})
        await answered(registry, web, "rain", {"day": "tomorrow"})
        assert len(server.asked) == 1


async def test_without_a_network_an_old_answer_tells_its_age(web, monkeypatch):
    async with serving(forecast=FORECAST) as server:
        registry = registry_for(server)
        await answered(registry, web, "now", {})
    later = time.time() + 3 * 3600
    monkeypatch.setattr("skills.web.time.time", lambda: later)
    reply = await answered(registry, web, "now", {})
    assert reply == "I can't reach the weather service. As of 3 hours ago: It's 19 degrees and partly cloudy."


async def test_without_a_network_and_an_old_answer_it_says_so(web):
    async with serving(forecast=FORECAST) as server:
        registry = registry_for(server)
    with pytest.raises(SkillError) as caught:
        await answered(registry, web, "now", {})
    assert registry.reply("weather", caught.value.say, "zh") == "现在连不上天气服务。"


async def test_a_home_without_a_position_asks_for_it():
    registry = Registry.load({})
    with pytest.raises(SkillError) as caught:
        await registry.call("weather", "now", {}, context_of())
    assert "latitude" in registry.reply("weather", caught.value.say, "en")


async def test_an_unknown_place_is_named(web):
    async with serving(search=b'{"generationtime_ms": 0.4}') as server:
        registry = registry_for(server)
        with pytest.raises(SkillError) as caught:
            await answered(registry, web, "now", {"place": "Atlantis"})
    assert registry.reply("weather", caught.value.say, "en") == "I don't know a place called Atlantis."
