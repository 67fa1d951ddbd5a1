"""A house that nobody here wrote, driven by sentences: one real `sotto ask`, and a second client that reads
what the devices themselves say.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import Mosquitto, free_port, require_mosquitto
from tests.end_to_end.commands import Asking, config_file, sotto
from tests.end_to_end.conftest import Client
from tests.requirements import require
from tests.sound_card import wait_for

pytestmark = pytest.mark.broker

DEVICES = 23
MOVES = {"done", "already", "in_progress"}

RED = {"color": {"r": 255, "g": 0, "b": 0}}
GREEN = {"color": {"r": 0, "g": 255, "b": 0}}
BLUE = {"color": {"r": 0, "g": 0, "b": 255}}

ORDERS: list[tuple[str, str, dict[str, Any] | str]] = [
    ("Turn on the living room main light.", "light/sim_living_room_main", {"state": "ON"}),
    ("dim the living room main light to 30 percent", "light/sim_living_room_main", {"brightness": 76}),
    ("switch the living room main off", "light/sim_living_room_main", {"state": "OFF"}),
    ("turn the living room accent light on", "light/sim_living_room_accent", {"state": "ON"}),
    ("living room accent to half", "light/sim_living_room_accent", {"brightness": 128}),
    ("make the living room accent red", "light/sim_living_room_accent", RED),
    ("please switch off the living room accent", "light/sim_living_room_accent", {"state": "OFF"}),
    ("could you turn on the kitchen counter?", "light/sim_kitchen_counter", {"state": "ON"}),
    ("set the kitchen counter light to 40%", "light/sim_kitchen_counter", {"brightness": 102}),
    ("kitchen lights off", "light/sim_kitchen_counter", {"state": "OFF"}),
    ("switch on the hallway ceiling light", "light/sim_hallway_ceiling", {"state": "ON"}),
    ("brighten the hallway to eighty percent", "light/sim_hallway_ceiling", {"brightness": 204}),
    ("lights out in the hallway", "light/sim_hallway_ceiling", {"state": "OFF"}),
    ("turn on bedroom main", "light/sim_bedroom_main", {"state": "ON"}),
    ("bedroom main at 20 percent, please", "light/sim_bedroom_main", {"brightness": 51}),
    ("bedroom main off", "light/sim_bedroom_main", {"state": "OFF"}),
    ("turn on the bedroom mood light", "light/sim_bedroom_mood", {"state": "ON"}),
    ("set the bedroom mood to ten percent", "light/sim_bedroom_mood", {"brightness": 26}),
    ("can you make the bedroom mood light green", "light/sim_bedroom_mood", GREEN),
    ("turn the bedroom mood off", "light/sim_bedroom_mood", {"state": "OFF"}),
    ("turn on the light in bedroom two", "light/sim_bedroom_2_main", {"state": "ON"}),
    ("bedroom 2 main to 60 percent", "light/sim_bedroom_2_main", {"brightness": 153}),
    ("lights off in bedroom 2", "light/sim_bedroom_2_main", {"state": "OFF"}),
    ("start the coffee machine", "switch/sim_coffee_machine", "ON"),
    ("turn off the coffee machine", "switch/sim_coffee_machine", "OFF"),
    ("open the living room blind", "cover/sim_living_room_blind", {"state": "open", "position": 100}),
    ("living room blind to 35 percent", "cover/sim_living_room_blind", {"position": 35}),
    ("stop the living room blind", "cover/sim_living_room_blind", {"position": 35}),
    ("close the blinds in the living room", "cover/sim_living_room_blind", {"position": 0}),
    ("raise the bedroom blind", "cover/sim_bedroom_blind", {"state": "open", "position": 100}),
    ("open the bedroom blind halfway", "cover/sim_bedroom_blind", {"position": 50}),
    ("stop the bedroom blind", "cover/sim_bedroom_blind", {"position": 50}),
    ("let down the bedroom blind", "cover/sim_bedroom_blind", {"state": "closed"}),
    ("set the thermostat to 22.5 degrees", "climate/sim_home_thermostat", {"target_temperature": 22.5}),
    ("make it a degree warmer", "climate/sim_home_thermostat", {"target_temperature": 23.5}),
    ("set the thermostat to heat", "climate/sim_home_thermostat", {"hvac_mode": "heat"}),
    ("switch the thermostat to cooling", "climate/sim_home_thermostat", {"hvac_mode": "cool"}),
    ("turn off the thermostat", "climate/sim_home_thermostat", {"hvac_mode": "off"}),
    ("set the thermostat to heat", "climate/sim_home_thermostat", {"hvac_mode": "heat"}),
    ("start the vacuum", "vacuum/sim_robot_vacuum", {"state": "cleaning"}),
    ("pause the robot", "vacuum/sim_robot_vacuum", {"state": "paused"}),
    ("stop the vacuum cleaner", "vacuum/sim_robot_vacuum", {"state": "idle"}),
    ("send the vacuum back to its dock", "vacuum/sim_robot_vacuum", {"state": "returning"}),
    # Chinese
    ("打开厨房的灯", "light/sim_kitchen_counter", {"state": "ON"}),
    ("把走廊的灯调到百分之四十", "light/sim_hallway_ceiling", {"state": "ON", "brightness": 102}),
    ("把客厅的灯调成蓝色", "light/sim_living_room_accent", BLUE),
    ("关掉所有的灯", "light/sim_living_room_accent", {"state": "OFF"}),
    ("打开咖啡机", "switch/sim_coffee_machine", "ON"),
    ("打开卧室的窗帘", "cover/sim_bedroom_blind", {"position": 100}),
    ("把客厅百叶窗开到百分之三十五", "cover/sim_living_room_blind", {"position": 35}),
    ("把温度调到二十一度", "climate/sim_home_thermostat", {"target_temperature": 21.0}),
    ("关掉恒温器", "climate/sim_home_thermostat", {"hvac_mode": "off"}),
    ("开始扫地", "vacuum/sim_robot_vacuum", {"state": "cleaning"}),
]  # fmt: skip
"""What is said, which device it is meant for, and what that device's own topic must say afterwards."""

READINGS: list[tuple[str, str]] = [
    ("what's the temperature in the bedroom?", "sensor/sim_bedroom_temperature"),
    ("how warm is it in bedroom 2?", "sensor/sim_bedroom_2_temperature"),
    ("how much power are we using?", "sensor/sim_power_meter"),
    ("what does the vacuum current room say?", "sensor/sim_vacuum_current_room"),
    ("卧室现在多少度？", "sensor/sim_bedroom_temperature"),
    ("现在用电多少？", "sensor/sim_power_meter"),
]

QUESTIONS: list[tuple[str, str, tuple[str, str]]] = [
    ("is the front door open?", "binary_sensor/sim_front_door_contact", ("Yes", "No")),
    ("is the kitchen window open?", "binary_sensor/sim_kitchen_window_contact", ("Yes", "No")),
    ("is there any motion in the hallway?", "binary_sensor/sim_hallway_motion", ("Yes", "No")),
    ("is anybody moving in the living room?", "binary_sensor/sim_living_room_motion", ("Yes", "No")),
    ("is there a leak in the kitchen?", "binary_sensor/sim_kitchen_leak", ("Yes", "No")),
    ("do you smell smoke in the hallway?", "binary_sensor/sim_hallway_smoke", ("Yes", "No")),
    ("厨房漏水吗？", "binary_sensor/sim_kitchen_leak", ("漏水了", "没有漏水")),
]
"""What is asked, the sensor, and how the answer begins when that says on or off."""


@dataclass
class Castle:
    """The house: its broker's other client, the assistant that is asked, and the configuration."""

    client: Client
    ask: Asking
    config: Path

    def own_word(self, device: str) -> str:
        """The last word on a device's own state topic."""
        return self.client.said.get(f"homeassistant/{device}/state", "")

    def says(self, device: str, expected: dict[str, Any] | str) -> bool:
        """Whether it says what is expected."""
        word = self.own_word(device)
        if isinstance(expected, str):
            return word == expected
        return bool(word) and all(json.loads(word).get(key) == value for key, value in expected.items())


@pytest.fixture(scope="module")
def castle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Castle]:
    """mosquitto, the simulator in a process of its own, and `sotto ask`."""
    require("sandcastle-sim", importlib.util.find_spec("sandcastle_sim") is not None, "make install")
    require_mosquitto()
    folder = tmp_path_factory.mktemp("castle")
    broker = Mosquitto(folder)
    broker.start()
    client = Client(broker.port)
    where = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port), "CONTROL_PORT": str(free_port())}
    with (folder / "sandcastle.log").open("wb") as log:
        simulator = subprocess.Popen(
            [sys.executable, "-m", "sandcastle_sim.simulator.main"],
            env={**os.environ, **where},
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    config = config_file(folder, f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n')
    try:
        wait_for(
            lambda: sum(topic.endswith("/state") for topic in list(client.said)) >= DEVICES, "the house", 30
        )
        ask = Asking(config)
        assert ask("which devices are in the kitchen?")["failure"] is None
        yield Castle(client, ask, config)
        ask.close()
    finally:
        simulator.terminate()
        simulator.wait(10)
        client.close()
        broker.stop()


def test_all_devices_are_shown_with_rooms_and_abilities(castle: Castle) -> None:
    shown = json.loads(sotto("devices", "--json", "--config", castle.config).stdout)["devices"]
    assert len(shown) == DEVICES
    by_name = {device["name"]: device for device in shown}
    assert {device["room"] for device in shown} == {
        "Living Room", "Kitchen", "Hallway", "Bedroom", "Bedroom 2", None,
    }  # fmt: skip
    assert by_name["Bedroom Mood"]["abilities"] == ["brightness", "colour", "on"]
    assert by_name["Front Door Contact"]["device_class"] == "door"
    assert by_name["Home Thermostat"]["limits"] == {"setpoint": [7.0, 35.0]}
    assert sorted(by_name["Robot Vacuum"]["options"]["cleaning"]) == [
        "cleaning", "docked", "paused", "stopped",
    ]  # fmt: skip
    assert by_name["Power Meter"]["unit"] == "W"
    for device in shown:
        assert device["conventions"] == ["homeassistant"]
        assert device["identities"]
        assert device["exposed"] is True
        assert device["available"] is True


@pytest.mark.parametrize(("sentence", "device", "expected"), ORDERS)
def test_a_device_does_what_a_sentence_says(
    castle: Castle, sentence: str, device: str, expected: dict[str, Any] | str
) -> None:
    turn = castle.ask(sentence)
    assert turn["outcomes"], turn
    assert {outcome["result"] for outcome in turn["outcomes"]} <= MOVES, turn
    wait_for(lambda: castle.says(device, expected), f"{sentence}: {castle.own_word(device)}", 5)


def test_the_lock_takes_a_yes_to_open_and_none_to_close(castle: Castle) -> None:
    lock = "lock/sim_front_door"
    assert castle.ask("unlock the front door")["failure"] == "needs_confirmation"
    assert castle.says(lock, "LOCKED")
    assert castle.ask("yes please")["reply"] == "Front Door is unlocked."
    assert castle.says(lock, "UNLOCKED")
    assert castle.ask("is the front door locked?")["reply"] == "No, Front Door is unlocked."
    castle.ask("lock the front door")
    assert castle.says(lock, "LOCKED")


@pytest.mark.parametrize(("sentence", "device"), READINGS)
def test_a_sensors_value_is_told(castle: Castle, sentence: str, device: str) -> None:
    before = castle.own_word(device)
    turn = castle.ask(sentence)
    said = {before, castle.own_word(device)}  # it may have changed meanwhile
    assert any(_spoken(word) in turn["reply"] for word in said), (said, turn["reply"])
    assert turn["commands"] == []


@pytest.mark.parametrize(("sentence", "device", "answers"), QUESTIONS)
def test_a_question_is_answered_as_the_sensor_says(
    castle: Castle, sentence: str, device: str, answers: tuple[str, str]
) -> None:
    before = castle.own_word(device)
    turn = castle.ask(sentence)
    expected = {answers[word != "ON"] for word in (before, castle.own_word(device))}
    assert turn["reply"].startswith(tuple(expected)), (expected, turn["reply"])


def test_the_vacuums_battery_is_told(castle: Castle) -> None:
    charge = json.loads(castle.own_word("vacuum/sim_robot_vacuum"))["battery_level"]
    assert castle.ask("how full is the vacuum battery?")["reply"] == f"{charge} percent."


def _spoken(word: str) -> str:
    try:
        return f"{round(float(word), 1):g}"
    except ValueError:
        return word
