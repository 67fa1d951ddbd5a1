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
from typing import Any, Self

from devices.message import BrokerAway, BrokerRefused, Message, MqttSettings
from devices.mqtt import MqttLink

logger = logging.getLogger(__name__)

BASE = "simulated"
STATUS = f"{BASE}/status"
GREETING = "homeassistant/status"
DELAY_S = (0.03, 0.08)
"""How long a lamp on a home's network takes until it says that it did as it was told."""


@dataclass(slots=True)
class Thing:
    """One simulated thing and its state. `component` is Home Assistant's word for it."""

    component: str
    name: str
    room: str | None
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """Its name in topics."""
        return self.name.lower().replace(" ", "_")

    @property
    def speaks_json(self) -> bool:
        """Lights with more than on and off do."""
        return self.component == "light" and len(self.state) > 1

    def announcement(self) -> Mapping[str, Any]:
        """What it says of itself by Home Assistant's discovery, some of it in the short words."""
        about = {"ids": [f"{BASE}_{self.slug}"], "name": self.name, "mf": "Sotto Voce", "sa": self.room}
        config: dict[str, Any] = {
            "~": f"{BASE}/{self.slug}",
            "name": None,
            "uniq_id": f"{BASE}_{self.slug}",
            "avty_t": STATUS,
            "stat_t": "~/state",
            "dev": {key: value for key, value in about.items() if value is not None},
        }
        if self.component != "sensor":
            config["cmd_t"] = "~/set"
        if self.speaks_json:
            mode = "rgb" if "color" in self.state else "brightness"
            config |= {"schema": "json", "brightness": True, "sup_clrm": [mode]}
        if self.component == "sensor":
            config |= {"dev_cla": "temperature", "unit_of_meas": "°C"}
        return config

    def payload(self) -> str:
        """Its state as it publishes it."""
        if not self.speaks_json:
            return str(self.state["state"])
        mode = "rgb" if "color" in self.state else "brightness"
        return json.dumps({**self.state, "color_mode": mode})

    def obey(self, payload: bytes) -> None:
        """Take an order; what makes no sense is ignored, as lamps do."""
        try:
            order = json.loads(payload) if self.speaks_json else {"state": payload.decode()}
        except (ValueError, RecursionError):
            return
        if not isinstance(order, dict):
            return
        if order.get("state") in ("ON", "OFF"):
            self.state["state"] = order["state"]
        for key, kind in (("brightness", int), ("color", dict)):
            if key in self.state and isinstance(order.get(key), kind):
                self.state |= {key: order[key], "state": "ON"}


def things() -> tuple[Thing, ...]:
    """A fresh home: what the demo and the tests talk to."""
    dimmed = {"state": "OFF", "brightness": 255}
    coloured = {**dimmed, "color": {"r": 255, "g": 255, "b": 255}}
    return (
        Thing("light", "Kitchen Light", "Kitchen", dict(dimmed)),
        Thing("light", "Kitchen Counter Light", "Kitchen", dict(dimmed)),
        Thing("switch", "Coffee Maker", "Kitchen", {"state": "OFF"}),
        Thing("light", "Living Room Light", "Living Room", dict(coloured)),
        Thing("light", "Living Room Lamp", "Living Room", {"state": "OFF"}),
        Thing("light", "Bedroom Light", "Bedroom", dict(coloured)),
        Thing("light", "Hall Light", "Hall", {"state": "OFF"}),
        Thing("light", "Office Standing Light", "Office", {"state": "OFF"}),
        Thing("sensor", "Outdoor Temperature", None, {"state": 8.5}),
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
        await self._link.publish(f"{BASE}/{thing.slug}/state", thing.payload(), retain=True)

    def _greeted(self, _topic: str, payload: bytes, kept: bool) -> None:
        if payload == b"online" and not kept:
            self._start(self._announce())

    def _ordered(self, topic: str, payload: bytes, kept: bool) -> None:
        for thing in self.things:
            if topic == f"{BASE}/{thing.slug}/set" and thing.component != "sensor" and not kept:
                self._start(self._obey(thing, payload))

    async def _obey(self, thing: Thing, payload: bytes) -> None:
        await asyncio.sleep(random.uniform(*DELAY_S))  # noqa: S311 - a lamp's leisure, no secret
        thing.obey(payload)
        await self._tell(thing)

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
