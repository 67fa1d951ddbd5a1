"""Orders from recordings and from text, over mosquitto, to devices in another process."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.commands import SOTTO, sotto, turns
from tests.end_to_end.conftest import House
from tests.sound_card import wait_for, write_wav
from tests.speaking import spoken

pytestmark = [pytest.mark.models, pytest.mark.broker, pytest.mark.usefixtures("models")]

STAGES = ("speech_end", "endpoint", "transcript", "plan", "published", "confirmed")


def test_a_spoken_order_becomes_a_command_and_the_device_confirms_it(
    house: House, tmp_path: Path, weights: Callable[[str], Path]
) -> None:
    order = tmp_path / "order.wav"
    write_wav(order, spoken("Turn on the kitchen lights.", weights), 16_000)
    (turn,) = turns(sotto("listen", "--json", "--config", house.config, order))
    assert turn["file"] == str(order)
    assert turn["tier"] in ("fast", "frames")
    assert {command["topic"] for command in turn["commands"]} == {
        "simulated/kitchen_light/set",
        "simulated/kitchen_counter_light/set",
    }
    assert {outcome["result"] for outcome in turn["outcomes"]} == {"done"}
    assert house.witness.saw('simulated/kitchen_light/set {"state": "ON"')
    moments = [turn["timing_ms"][stage] for stage in STAGES]
    assert moments == sorted(moments)
    assert turn["timing_ms"]["first_audio"] > turn["timing_ms"]["plan"]


@pytest.mark.parametrize(
    ("clip", "language"), [("living_room_light_en.wav", "en"), ("living_room_light_zh.wav", "zh")]
)
def test_real_people_name_the_living_room_light(
    house: House, recordings: Path | None, clip: str, language: str
) -> None:
    if recordings is None:
        pytest.skip("no recordings lie beside this checkout")
    (turn,) = turns(sotto("listen", "--json", "--config", house.config, recordings / "rooms" / clip))
    assert turn["language"] == language
    assert "simulated/living_room_light/set" in {command["topic"] for command in turn["commands"]}
    assert house.witness.saw("simulated/living_room_light/set")


def test_orders_from_a_pipe_are_one_dialogue_with_rooms_and_languages(house: House) -> None:
    given = "\n".join(
        [
            "turn on the hall light",
            '{"text": "lights on", "room": "Office"}',
            "打开厨房的灯",
            '{"text": 3}',
            "is the hall light on?",
            "",
        ]
    )
    done = sotto("ask", "--json", "--config", house.config, given=given)
    assert "an order is" in done.stderr
    first, office, chinese, question = turns(done)
    assert [command["topic"] for command in first["commands"]] == ["simulated/hall_light/set"]
    assert [command["topic"] for command in office["commands"]] == ["simulated/office_standing_light/set"]
    assert chinese["language"] == "zh"
    assert len(chinese["commands"]) == 2
    assert question["commands"] == []
    assert question["reply"].startswith("Yes")


def test_the_language_model_takes_what_the_fast_path_does_not_know(house: House) -> None:
    done = sotto("ask", "--json", "--config", house.config, "who wrote Hamlet?", timeout=170)
    (turn,) = turns(done)
    assert turn["tier"] == "language_model"
    assert turn["commands"] == []
    assert "Shakespeare" in turn["reply"]


def test_the_broker_may_be_killed_and_come_back_in_mid_run(house: House) -> None:
    process = subprocess.Popen(
        [SOTTO, "ask", "--json", "--config", house.config],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SOTTO_UNDERSTANDING__ORDER": "local-only"},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def ask(text: str) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{text}\n")
        process.stdin.flush()
        return process.stdout.readline()

    assert '"done"' in ask("turn on the hall light")
    house.broker.kill()
    wait_for(
        lambda: '"no_broker"' in (said := ask("turn off the hall light")) and "can't reach" in said, "refusal"
    )
    house.broker.start()
    wait_for(lambda: '"done"' in ask("turn off the hall light"), "the order to be carried out again", 20)
    process.stdin.close()
    assert process.wait(20) == 0
