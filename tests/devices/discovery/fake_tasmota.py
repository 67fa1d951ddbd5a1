"""A device with Tasmota's firmware that lives on a broker."""

import asyncio
import json
from pathlib import Path
from typing import Any

from devices.mqtt import MqttLink

PAYLOADS = Path(__file__).parent / "payloads/tasmota"


class FakeTasmota:
    """Does what it is told as the device in `payloads/tasmota/<model>.json` would, and says so."""

    def __init__(self, model: str, link: MqttLink) -> None:
        announced = json.loads((PAYLOADS / f"{model}.json").read_text())
        self.config: dict[str, Any] = announced["config"]
        self._sensors = announced["sensors"]
        self._link = link
        self._topic = f"{{}}/{self.config['t']}/"
        self._talking: set[asyncio.Future[None]] = set()
        self.state: dict[str, Any] = {}
        self.sensed: dict[str, Any] = {}
        self.orders: list[tuple[str, str]] = []

    async def plug_in(self) -> None:
        """Announce itself, retained as the firmware does, and obey."""
        self._link.subscribe(self._topic.format("cmnd") + "#", self._told)
        await self._link.publish(self._topic.format("tele") + "LWT", "Online", retain=True)
        base = f"tasmota/discovery/{self.config['mac']}"
        await self._link.publish(f"{base}/config", json.dumps(self.config), retain=True)
        if self._sensors:
            await self._link.publish(f"{base}/sensors", json.dumps(self._sensors), retain=True)

    async def unplug(self) -> None:
        """Its will, as the broker would send it."""
        await self._link.publish(self._topic.format("tele") + "LWT", "Offline", retain=True)

    def _told(self, topic: str, payload: bytes, kept: bool) -> None:
        assert not kept, "an order must never be retained"
        self._obey(topic.rpartition("/")[2], payload.decode())

    def _obey(self, command: str, argument: str) -> None:
        self.orders.append((command, argument))
        match command:
            case "Backlog":
                for each in argument.split(";"):
                    name, _, rest = each.partition(" ")
                    if name != "NoDelay":
                        self._obey(name, rest)
            case "STATE":
                self._says("stat", "RESULT", self.state)
            case "STATUS":
                self._says("stat", f"STATUS{argument}", {"StatusSNS": self.sensed})
            case "Power1" | "Power2":
                key = "POWER" if command == "Power1" and "POWER" in self.state else command.upper()
                self.state[key] = argument
                self._says("stat", "RESULT", {key: argument})
                self._says("stat", key, argument)
            case "Dimmer":
                self.state |= {"Dimmer": int(argument), "POWER": "ON"}
                self._says("stat", "RESULT", {"POWER": "ON", "Dimmer": int(argument)})
            case "ShutterPosition1":
                before = self.sensed["Shutter1"]["Position"]
                target = int(argument)
                way = (target > before) - (target < before)
                self._shutter(before, way, target)
                self._shutter(target, 0, target)
            case _:
                self._says("stat", "RESULT", {"Command": "Unknown"})

    def _shutter(self, position: int, direction: int, target: int) -> None:
        said = {"Position": position, "Direction": direction, "Target": target, "Tilt": 0}
        self.sensed["Shutter1"] = said
        self._says("stat", "RESULT", {"Shutter1": said})

    def _says(self, prefix: str, name: str, said: Any) -> None:
        payload = said if isinstance(said, str) else json.dumps(said)
        self._talking.add(
            asyncio.ensure_future(self._link.publish(self._topic.format(prefix) + name, payload))
        )
