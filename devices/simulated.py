"""A small simulated home: it announces itself, obeys and answers over MQTT like any real one.

`python -m devices.simulated --port 1883` runs it alone, to try things out against a broker.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from devices.message import BrokerAway, BrokerRefused, Message, MqttSettings
from devices.mqtt import MqttLink

logger = logging.getLogger(__name__)

BASE = "simulated"
STATUS = f"{BASE}/status"
GREETING = "homeassistant/status"
DELAY_S = (0.03, 0.08)
"""How long a lamp on a home's network takes until it says that it did as it was told."""
STEPS, STEP_S = 10, 0.1
"""In how many steps a blind goes all its way, and how long each takes."""


@dataclass(slots=True)
class Thing:
    """One simulated thing and its state. `component` is Home Assistant's word for it; `more` is what its
    announcement says beyond the usual.
    """

    component: str
    name: str
    room: str | None
    state: dict[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """Its name in topics."""
        return self.name.lower().replace(" ", "_")

    @property
    def speaks_json(self) -> bool:
        """Whatever has more to tell than one word does."""
        return len(self.state) > 1

    @property
    def obeys(self) -> bool:
        """Whether it takes orders."""
        return "sensor" not in self.component

    def announcement(self) -> Mapping[str, Any]:
        """What it says of itself by Home Assistant's discovery, some of it in the short words."""
        about = {"ids": [f"{BASE}_{self.slug}"], "name": self.name, "mf": "Sotto Voce", "sa": self.room}
        config: dict[str, Any] = {
            "~": f"{BASE}/{self.slug}",
            "name": None,
            "uniq_id": f"{BASE}_{self.slug}",
            "avty_t": STATUS,
            "dev": {key: value for key, value in about.items() if value is not None},
            **self.more,
        }
        if self.obeys:
            config["cmd_t"] = "~/set"
        if self.state:
            config["stat_t"] = "~/state"
        return config

    def payload(self) -> str:
        """Its state as it publishes it."""
        return json.dumps(self.state) if self.speaks_json else str(self.state["state"])

    def obey(self, payload: bytes) -> None:
        """Take an order; what makes no sense is ignored, as things do."""
        word = payload.decode(errors="replace")
        if word in ("ON", "OFF") and self.state:
            self.state["state"] = word

    def step(self) -> bool:
        """Move on by what a tenth of a second brings; whether there was anything to do."""
        return False


class Lamp(Thing):
    """A light with more than on and off: it is told and tells in JSON."""

    def announcement(self) -> Mapping[str, Any]:
        """Its one colour mode."""
        mode = self.state["color_mode"]
        return {**super().announcement(), "schema": "json", "brightness": True, "sup_clrm": [mode]}

    def obey(self, payload: bytes) -> None:
        """Take a JSON object."""
        try:
            order = json.loads(payload)
        except (ValueError, RecursionError):
            return
        if not isinstance(order, dict):
            return
        if order.get("state") in ("ON", "OFF"):
            self.state["state"] = order["state"]
        for key, kind in (("brightness", int), ("color", dict)):
            if key in self.state and isinstance(order.get(key), kind):
                self.state |= {key: order[key], "state": "ON"}


class Numbered(Thing):
    """A thing with one number beside its word, on the same topic: a fan's speed, a thermostat's degrees."""

    def obey(self, payload: bytes) -> None:
        """Take one of its words, or a number within its range."""
        key, lowest, highest, words = {
            "fan": ("percentage", 1, 100, ("ON", "OFF")),
            "climate": ("temperature", 7, 30, ("off", "heat")),
        }[self.component]
        word = payload.decode(errors="replace")
        if word in words:
            self.state["state"] = word
        elif (number := _number(word)) is not None and lowest <= number <= highest:
            self.state[key] = number


class Slow(Thing):
    """A thing that is on its way for a while before it is as told: `ORDERS` says by which word to where."""

    ORDERS: ClassVar[Mapping[str, Mapping[str, tuple[str, str]]]] = {
        "lock": {"LOCK": ("LOCKING", "LOCKED"), "UNLOCK": ("UNLOCKING", "UNLOCKED")},
        "vacuum": {
            "start": ("cleaning", "cleaning"),
            "pause": ("paused", "paused"),
            "stop": ("idle", "idle"),
            "return_to_base": ("returning", "docked"),
        },
    }
    _left = 0
    _then = ""

    def obey(self, payload: bytes) -> None:
        """Take a word, and set out."""
        found = self.ORDERS[self.component].get(payload.decode(errors="replace"))
        if found is not None and self.state["state"] != found[1]:
            self.state["state"], self._then = found
            self._left = STEPS // 2

    def step(self) -> bool:
        """Arrive after half a second."""
        self._left -= 1
        if self._left == 0:
            self.state["state"] = self._then
        return self._left >= 0


class Cover(Thing):
    """A cover that takes a second for its whole way, and tells where it is meanwhile."""

    _goal: int | None = None

    def obey(self, payload: bytes) -> None:
        """Take OPEN, CLOSE, STOP or a position."""
        word = payload.decode(errors="replace")
        number = {"OPEN": 100, "CLOSE": 0, "STOP": self.state["position"]}.get(word, _number(word))
        if number is not None and 0 <= number <= 100:
            self._goal = round(number)
            self._head()

    def step(self) -> bool:
        """Go a tenth of the way."""
        if self._goal is None:
            return False
        left = self._goal - self.state["position"]
        self.state["position"] += max(-100 // STEPS, min(100 // STEPS, left))
        self._head()
        return True

    def _head(self) -> None:
        assert self._goal is not None
        here = self.state["position"]
        resting = "open" if here else "closed"
        self.state["state"] = "opening" if here < self._goal else "closing" if here > self._goal else resting
        if here == self._goal:
            self._goal = None


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


_JSON_STATE = "{{ value_json.state }}"
_WARM = {"state": "heat", "temperature": 20, "current": 19.5}
_DEGREES = {"dev_cla": "temperature", "unit_of_meas": "°C"}
_FAN = {"stat_val_tpl": _JSON_STATE}
_VACUUM = {"sup_feat": ["start", "pause", "stop", "return_home", "battery"]}
_POSITION = {"pos_t": "~/state", "pos_tpl": "{{ value_json.position }}", "val_tpl": _JSON_STATE}
_BLIND = {**_POSITION, "set_pos_t": "~/set", "dev_cla": "blind"}


def things() -> tuple[Thing, ...]:
    """A fresh home: what the demo and the tests talk to."""
    dimmed = {"state": "OFF", "brightness": 255, "color_mode": "brightness"}
    coloured = {**dimmed, "color": {"r": 255, "g": 255, "b": 255}, "color_mode": "rgb"}
    closed = {"state": "closed", "position": 0}
    percentage = {"pct_cmd_t": "~/set", "pct_stat_t": "~/state", "pct_val_tpl": "{{ value_json.percentage }}"}
    degrees = {
        "modes": ["off", "heat"],
        "mode_cmd_t": "~/set",
        "mode_stat_t": "~/state",
        "mode_stat_tpl": _JSON_STATE,
        "temp_cmd_t": "~/set",
        "temp_stat_t": "~/state",
        "temp_stat_tpl": "{{ value_json.temperature }}",
        "curr_temp_t": "~/state",
        "curr_temp_tpl": "{{ value_json.current }}",
        "temp_unit": "C",
        "min_temp": 7,
        "max_temp": 30,
        "temp_step": 0.5,
    }
    return (
        Lamp("light", "Kitchen Light", "Kitchen", dict(dimmed)),
        Lamp("light", "Kitchen Counter Light", "Kitchen", dict(dimmed)),
        Thing("switch", "Coffee Maker", "Kitchen", {"state": "OFF"}),
        Lamp("light", "Living Room Light", "Living Room", dict(coloured)),
        Thing("light", "Living Room Lamp", "Living Room", {"state": "OFF"}),
        Lamp("light", "Bedroom Light", "Bedroom", dict(coloured)),
        Thing("light", "Hall Light", "Hall", {"state": "OFF"}),
        Thing("light", "Office Standing Light", "Office", {"state": "OFF"}),
        Thing("sensor", "Outdoor Temperature", None, {"state": 8.5}, _DEGREES),
        Numbered("climate", "Living Room Thermostat", "Living Room", dict(_WARM), degrees),
        Cover("cover", "Living Room Blind", "Living Room", dict(closed), _BLIND),
        Cover("cover", "Garage Door", "Garage", dict(closed), {**_POSITION, "dev_cla": "garage"}),
        Slow("lock", "Front Door", "Hall", {"state": "LOCKED"}),
        Numbered("fan", "Bedroom Fan", "Bedroom", {"state": "OFF", "percentage": 50}, _FAN | percentage),
        Slow("vacuum", "Robot Vacuum", None, {"state": "docked", "battery_level": 100}, _VACUUM),
        Thing("scene", "Movie Night", "Living Room"),
        Thing("binary_sensor", "Hall Motion", "Hall", {"state": "OFF"}, {"dev_cla": "motion"}),
        Thing("binary_sensor", "Front Door Contact", "Hall", {"state": "OFF"}, {"dev_cla": "door"}),
    )


class SimulatedHome:
    """`async with SimulatedHome(settings):` and it is there, with a link of its own; afterwards it is not.

    When it ends without a goodbye, the broker says of all its things that they are offline.
    """

    def __init__(self, settings: MqttSettings) -> None:
        will = Message(STATUS, "offline", retain=True)
        self.things = things()
        self._link = MqttLink(replace(settings, client_id=""), will=will)
        self._announced = asyncio.Event()
        self._obeying: set[asyncio.Task[None]] = set()
        self._moving: set[str] = set()

    async def __aenter__(self) -> Self:
        await self._link.__aenter__()
        self._link.subscribe(f"{BASE}/+/set", self._ordered)
        self._link.subscribe(GREETING, self._greeted)
        self._link.on_connect(self._announce)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await self._announced.wait()
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._obeying:
            task.cancel()
        with contextlib.suppress(BrokerAway, BrokerRefused):
            for thing in self.things:
                await self._link.publish(_config_topic(thing), "", retain=True)
            await self._link.publish(STATUS, "offline", retain=True)
        await self._link.__aexit__(*exc)

    async def _announce(self) -> None:
        await self._link.publish(STATUS, "online", retain=True)
        for thing in self.things:
            await self._link.publish(_config_topic(thing), json.dumps(thing.announcement()), retain=True)
            await self._tell(thing)
        self._announced.set()

    async def _tell(self, thing: Thing) -> None:
        if not thing.state:
            return
        await self._link.publish(f"{BASE}/{thing.slug}/state", thing.payload(), retain=True)

    def _greeted(self, _topic: str, payload: bytes, kept: bool) -> None:
        if payload == b"online" and not kept:
            self._start(self._announce())

    def _ordered(self, topic: str, payload: bytes, kept: bool) -> None:
        for thing in self.things:
            if topic == f"{BASE}/{thing.slug}/set" and thing.obeys and not kept:
                self._start(self._obey(thing, payload))

    async def _obey(self, thing: Thing, payload: bytes) -> None:
        await asyncio.sleep(random.uniform(*DELAY_S))  # noqa: S311 - a lamp's leisure, no secret
        thing.obey(payload)
        await self._tell(thing)
        if thing.slug in self._moving:  # it heeds the new order, and is told about by who moves it
            return
        self._moving.add(thing.slug)
        try:
            while thing.step():
                await self._tell(thing)
                await asyncio.sleep(STEP_S)
        finally:
            self._moving.discard(thing.slug)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        async def quietly() -> None:
            with contextlib.suppress(BrokerAway, BrokerRefused):  # a lamp without network says nothing
                await work

        task = asyncio.create_task(quietly())
        self._obeying.add(task)
        task.add_done_callback(self._obeying.discard)


def _config_topic(thing: Thing) -> str:
    return f"homeassistant/{thing.component}/{BASE}/{thing.slug}/config"


async def _run(host: str, port: int) -> None:
    async with SimulatedHome(MqttSettings(host=host, port=port)) as home:
        logger.info("%d simulated things at %s:%d; Ctrl+C ends them", len(home.things), host, port)
        await asyncio.Event().wait()


def main() -> None:
    """Run the simulated home until it is interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m devices.simulated", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--host", default="127.0.0.1", help="the MQTT broker")
    parser.add_argument("--port", type=int, default=1883)
    wanted = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(wanted.host, wanted.port))


if __name__ == "__main__":
    main()
