"""The example plugin as somebody would install it: built, unpacked beside us, found by its entry point."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.understanding.normalise import normalise
from assistant.understanding.spotting import Spotter
from skills.api import MqttCommand, SkillError
from skills.registry import Registry
from tests.conftest import CHECKOUT
from tests.skills.surroundings import context_of

EXAMPLE = CHECKOUT / "examples" / "coffee"

ORDERS = {
    "en": {
        "a large dark roast latte with two shots and some oat milk please": {
            "drink": "latte",
            "size": "large",
            "roast": "dark",
            "shots": 2,
            "milk": {"kind": "oat milk", "amount": "normal"},
        },
        "Can I get a double shot small americano, no sugar?": {
            "drink": "americano",
            "size": "small",
            "shots": 2,
        },
        "a latte, with milk, a large one": {
            "drink": "latte",
            "size": "large",
            "milk": {"kind": "milk", "amount": "normal"},
        },
        "brew me a coffee with two sugars": {
            "drink": "coffee",
            "sugar": {"kind": "sugar", "amount": "2 spoons"},
        },
        "could you please make me a dark rose latte": {"drink": "latte", "roast": "dark"},
    },
    "zh": {
        "来一杯大杯深烘拿铁，加一点燕麦奶，不要糖": {
            "drink": "latte",
            "size": "large",
            "roast": "dark",
            "milk": {"kind": "oat milk", "amount": "little"},
        },
        "给我一杯美式": {"drink": "americano"},
        "帮我做一杯拿铁，中杯，加双份浓缩": {"drink": "latte", "size": "medium", "shots": 2},
        "我想要一杯冰摩卡加两勺糖": {"drink": "iced mocha", "sugar": {"kind": "sugar", "amount": "2 spoons"}},
    },
}
NOT_ORDERS = {
    "en": [
        "don't make me a latte",
        "what is in a mocha",
        "she had a large latte yesterday",
        "put milk and sugar on the shopping list",
        "coffee",
        "turn on the coffee maker",
        "make me a latte and a cappuccino",
        "forget the double shot cappuccino",
    ],
    "zh": ["不要咖啡", "别给我做拿铁", "咖啡好了吗", "拿铁里有什么", "打开咖啡机"],
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("plugin")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(EXAMPLE),
    ]
    subprocess.run(build, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder / "site")
        yield Registry.load({"coffee": {"topic": "coffee/office/order"}})


async def ordered(registry: Registry, text: str, language: str) -> dict[str, object]:
    heard = normalise(text, language)
    match = Spotter(language, registry).understand(heard.tokens, text)
    assert match is not None
    answer = await registry.call("coffee", "order", match.arguments, context_of())
    (command,) = answer.commands
    assert isinstance(command, MqttCommand)
    assert command.topic == "coffee/office/order"
    told = json.loads(command.payload)
    assert isinstance(told, dict)
    return told


def test_it_is_found_whole_and_without_a_problem(registry: Registry) -> None:
    assert registry.problems == ()
    assert {"coffee.order", "coffee.status"} <= set(registry.tools)


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [(language, text, told) for language, all_of in ORDERS.items() for text, told in all_of.items()],
)
async def test_an_order_reaches_the_machine(
    registry: Registry, language: str, text: str, told: dict[str, object]
) -> None:
    assert await ordered(registry, text, language) == told


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language, all_of in NOT_ORDERS.items() for text in all_of]
)
def test_what_is_no_order_brews_nothing(registry: Registry, language: str, text: str) -> None:
    assert Spotter(language, registry).understand(normalise(text, language).tokens, text) is None


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Your large dark roast latte with a lot of oat milk and no sugar is on its way."),
        ("zh", "您的大杯深烘拿铁，很多燕麦奶、不加糖，马上就好。"),
    ],
)
async def test_it_says_back_what_it_ordered(registry: Registry, language: str, said: str) -> None:
    arguments = {
        "drink": "latte",
        "size": "large",
        "roast": "dark",
        "milk": "oat milk",
        "milk_amount": "a lot",
        "sugar": "none",
    }
    answer = await registry.call("coffee", "order", arguments, context_of(language=language))
    assert answer.say is not None
    assert registry.reply("coffee", answer.say, language) == said


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_value_of_its_lists_can_be_said_back(registry: Registry, language: str) -> None:
    words = registry.language("coffee", language)
    assert words is not None
    for drink in words.words["drink"] or ():
        try:
            say = (
                await registry.call("coffee", "order", {"drink": drink}, context_of(language=language))
            ).say
        except SkillError as declined:
            say = declined.say
        assert say is not None
        assert registry.reply("coffee", say, language)


async def test_without_a_drink_it_asks_for_one(registry: Registry) -> None:
    answer = await registry.call("coffee", "order", {"size": "large"}, context_of())
    assert answer.question is not None
    assert registry.reply("coffee", answer.question.say, "en") == "Which drink would you like?"


async def test_what_the_machine_lacks_is_said_in_words(registry: Registry) -> None:
    with pytest.raises(SkillError) as declined:
        await registry.call("coffee", "order", {"drink": "tea"}, context_of())
    told = registry.reply("coffee", declined.value.say, "en")
    assert told.startswith("This machine can't make tea. It makes americano, cappuccino,")


def test_its_own_tests_pass(tmp_path: Path) -> None:
    """As an author runs them: in its folder, with the house on the path."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE)],
        cwd=EXAMPLE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLE), str(CHECKOUT)])},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout
