"""sandcastle-sim, a simulated house that nobody here wrote: found, ordered about, and believed only as far as
its own state topics go, which a second client reads.

All of it answers at once, without being on its way, but for the vacuum: sent home, it says "returning" and
takes six seconds until it says "docked".
"""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from devices.commands import DeviceCommand, Outcome, Result
from devices.discovery.homeassistant import HomeAssistant
from devices.discovery.keeper import Keeper
from devices.home import Ability, Device, Home, Kind, Value
from devices.mqtt import MqttLink, MqttSettings
from devices.outbox import Outbox
from devices.policy import Authority, Risk
from tests.brokers import Mosquitto, free_port, require_mosquitto
from tests.devices.waiting import until
from tests.requirements import require

pytestmark = pytest.mark.broker

DIMMED = {Ability.ON, Ability.BRIGHTNESS}
COLOURED = {*DIMMED, Ability.COLOUR}
COVER = {Ability.OPEN, Ability.MOTION, Ability.POSITION}
READ = {Ability.READING}
WARM = {Ability.MODE, Ability.SETPOINT, Ability.READING}

HOUSE: dict[str, tuple[Kind, str | None, set[Ability], str]] = {
    "Living Room Main": (Kind.LIGHT, "Living Room", DIMMED, ""),
    "Living Room Accent": (Kind.LIGHT, "Living Room", COLOURED, ""),
    "Kitchen Counter": (Kind.LIGHT, "Kitchen", DIMMED, ""),
    "Hallway Ceiling": (Kind.LIGHT, "Hallway", DIMMED, ""),
    "Bedroom Main": (Kind.LIGHT, "Bedroom", DIMMED, ""),
    "Bedroom Mood": (Kind.LIGHT, "Bedroom", COLOURED, ""),
    "Bedroom 2 Main": (Kind.LIGHT, "Bedroom 2", DIMMED, ""),
    "Coffee Machine": (Kind.SWITCH, "Kitchen", {Ability.ON}, ""),
    "Front Door": (Kind.LOCK, "Hallway", {Ability.LOCKED}, ""),
    "Living Room Blind": (Kind.COVER, "Living Room", COVER, ""),
    "Bedroom Blind": (Kind.COVER, "Bedroom", COVER, ""),
    "Home Thermostat": (Kind.CLIMATE, None, WARM, ""),
    "Bedroom Temperature": (Kind.SENSOR, "Bedroom", READ, "temperature"),
    "Bedroom 2 Temperature": (Kind.SENSOR, "Bedroom 2", READ, "temperature"),
    "Power Meter": (Kind.SENSOR, None, READ, "power"),
    "Vacuum Current Room": (Kind.SENSOR, None, READ, ""),
    "Front Door Contact": (Kind.SENSOR, "Hallway", READ, "door"),
    "Kitchen Window Contact": (Kind.SENSOR, "Kitchen", READ, "window"),
    "Hallway Motion": (Kind.SENSOR, "Hallway", READ, "motion"),
    "Living Room Motion": (Kind.SENSOR, "Living Room", READ, "motion"),
    "Kitchen Leak": (Kind.SENSOR, "Kitchen", READ, "moisture"),
    "Hallway Smoke": (Kind.SENSOR, "Hallway", READ, "smoke"),
    "Robot Vacuum": (Kind.VACUUM, None, {Ability.CLEANING, Ability.READING}, ""),
}
"""Name -> kind, room, abilities and device class: written down from the simulator's own list."""

ORDERS: dict[Ability, list[tuple[Value, dict[str, Any] | str]]] = {
    Ability.ON: [(True, {"state": "ON"}), (False, {"state": "OFF"})],
    Ability.BRIGHTNESS: [(40, {"state": "ON", "brightness": 102}), (0, {"state": "OFF"})],
    Ability.COLOUR: [((255, 0, 0), {"state": "ON", "color": {"r": 255, "g": 0, "b": 0}})],
    Ability.OPEN: [(True, {"state": "open", "position": 100}), (False, {"state": "closed", "position": 0})],
    Ability.POSITION: [(35, {"state": "open", "position": 35})],
    Ability.MOTION: [("stopped", {"state": "open", "position": 35})],
    Ability.LOCKED: [(False, "UNLOCKED"), (True, "LOCKED")],
    Ability.SETPOINT: [(22.5, {"target_temperature": 22.5})],
    Ability.MODE: [(mode, {"hvac_mode": mode}) for mode in ("heat", "cool", "off", "auto")],
    Ability.CLEANING: [
        ("cleaning", {"state": "cleaning"}),
        ("paused", {"state": "paused"}),
        ("stopped", {"state": "idle"}),
    ],
}
"""What is asked, one after the other, and what the device's own topic must say after each."""


@dataclass
class Sandcastle:
    """The simulator's process, our view of it, and a second client that reads what it really says."""

    home: Home
    outbox: Outbox
    said: dict[str, str]

    def device(self, name: str) -> Device:
        (found,) = (device for device in self.home if device.name == name)
        return found

    def own_word(self, name: str) -> str:
        domain, slug = self.device(name).id.split(".sim_")
        return self.said[f"homeassistant/{domain}/sim_{slug.removeprefix(domain + '_')}/state"]

    async def ask(self, name: str, ability: Ability, value: Value) -> Outcome:
        command = DeviceCommand(self.device(name).id, ability, value)
        (outcome,) = await self.outbox.carry_out(
            [command], turn_id="t", now=time.monotonic, by=Authority(granted=Risk.PIN)
        )
        return outcome


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a broker on which the simulated house lives."""
    require("sandcastle-sim", importlib.util.find_spec("sandcastle_sim") is not None, "make install")
    require_mosquitto()
    folder = tmp_path_factory.mktemp("sandcastle")
    broker = Mosquitto(folder)
    broker.start()
    environment = {
        **os.environ,
        "MQTT_HOST": "127.0.0.1",
        "MQTT_PORT": str(broker.port),
        "CONTROL_PORT": str(free_port()),
    }
    with (folder / "sandcastle.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandcastle_sim.simulator.main"],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        yield broker.port
    finally:
        process.terminate()
        process.wait(10)
        broker.stop()


@asynccontextmanager
async def at(port: int) -> AsyncIterator[Sandcastle]:
    settings = MqttSettings(port=port)
    home, said = Home(), dict[str, str]()

    def heard(topic: str, payload: bytes, kept: bool) -> None:
        said[topic] = payload.decode()

    async with (
        MqttLink(settings) as witness,
        MqttLink(settings) as link,
        Keeper(link, home, [HomeAssistant()]) as keeper,
    ):
        witness.subscribe("homeassistant/+/+/state", heard)
        await until(lambda: len(home) == len(HOUSE), "the house", 30)
        await until(lambda: all(device.state for device in home), "the first words", 30)
        outbox = Outbox(home, link, keeper, {})
        yield Sandcastle(home, outbox, said)
        await outbox.close()


async def test_every_device_of_the_house_is_found_for_what_it_is(simulator: int) -> None:
    async with at(simulator) as house:
        found = {
            device.name: (device.kind, device.room, set(device.abilities), device.device_class)
            for device in house.home
        }
        assert found == HOUSE
        for device in house.home:
            assert device.identities == {f"id:{device.id.split('.', 1)[1]}"}
            assert device.reports_state
        thermostat = house.device("Home Thermostat")
        assert thermostat.limits == {Ability.SETPOINT: (7.0, 35.0)}
        assert thermostat.options == {Ability.MODE: ("off", "heat", "cool", "auto")}


@pytest.mark.parametrize("name", [name for name, (_, _, abilities, _) in HOUSE.items() if abilities - READ])
async def test_each_ability_of_a_device_is_ordered_and_its_own_state_says_so(
    simulator: int, name: str
) -> None:
    abilities = HOUSE[name][2] - READ
    async with at(simulator) as house:
        for ability in (each for each in ORDERS if each in abilities):
            for value, expected in ORDERS[ability]:
                outcome = await house.ask(name, ability, value)
                assert outcome.result in (Result.DONE, Result.ALREADY), (ability, value, outcome)
                await until(lambda: _as_said(house.own_word(name), expected), f"{name}: {ability} {value}")  # noqa: B023 - awaited at once


async def test_a_vacuum_that_goes_home_is_on_its_way_and_then_docked(simulator: int) -> None:
    async with at(simulator) as house:
        await house.ask("Robot Vacuum", Ability.CLEANING, "cleaning")
        asked = asyncio.create_task(house.ask("Robot Vacuum", Ability.CLEANING, "docked"))
        await until(lambda: _as_said(house.own_word("Robot Vacuum"), {"state": "returning"}), "its return")
        await until(lambda: house.device("Robot Vacuum").state[Ability.CLEANING] == "returning")
        assert (await asked).result in (Result.IN_PROGRESS, Result.NO_ANSWER)
        await until(lambda: _as_said(house.own_word("Robot Vacuum"), {"state": "docked"}), "its dock", 15)
        await until(lambda: house.device("Robot Vacuum").state[Ability.CLEANING] == "docked")


async def test_what_a_device_cannot_do_is_not_sent(simulator: int) -> None:
    async with at(simulator) as house:
        before = dict(house.said)
        for name, ability, value in (
            ("Home Thermostat", Ability.SETPOINT, 60),
            ("Home Thermostat", Ability.MODE, "dry"),
            ("Robot Vacuum", Ability.CLEANING, "locate"),
            ("Kitchen Counter", Ability.COLOUR, (1, 2, 3)),
            ("Kitchen Leak", Ability.READING, "off"),
        ):
            assert (await house.ask(name, ability, value)).result is Result.CANNOT
        kitchen = "homeassistant/light/sim_kitchen_counter/state"
        assert house.said[kitchen] == before[kitchen]


def _as_said(word: str, expected: dict[str, Any] | str) -> bool:
    """Whether a state topic's word holds what is expected; a switch says it without JSON."""
    if isinstance(expected, str):
        return word == expected
    if not word.startswith("{"):
        return word == expected.get("state")
    said = json.loads(word)
    return all(said.get(key) == value for key, value in expected.items())
