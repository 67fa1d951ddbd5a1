"""A house for whole turns: mosquitto, a simulated home in a process of its own, and a witness on the wire."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest

from tests.brokers import Mosquitto, require_mosquitto
from tests.end_to_end.commands import config_file, sotto
from tests.requirements import require
from tests.sound_card import wait_for


class Witness:
    """mosquitto_sub: what really passes the broker, as `topic payload` lines."""

    def __init__(self, port: int) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-v", "-t", "#"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))

    def saw(self, beginning: str) -> bool:
        """Whether a line began so."""
        return any(line.startswith(beginning) for line in self.lines)

    def close(self) -> None:
        """End it by its own process."""
        self._process.terminate()
        self._process.wait(10)


class Client:
    """A second client on the broker: keeps the last word of every topic, and publishes."""

    def __init__(self, port: int) -> None:
        self.said: dict[str, str] = {}
        self.published: list[tuple[str, str]] = []
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        self._client.on_message = self._heard
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("#", qos=1)
        self._client.loop_start()

    def _heard(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        word = message.payload.decode(errors="replace")
        self.said[message.topic] = word
        self.published.append((message.topic, word))

    def publish(self, topic: str, payload: str) -> None:
        """Publish, and return when the broker has it."""
        self._client.publish(topic, payload, qos=1).wait_for_publish(5)

    def orders(self, topic: str) -> list[str]:
        """All payloads that were seen there."""
        return [payload for at, payload in list(self.published) if at == topic]

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()


class House:
    """A broker with a simulated home on it, and a configuration that points there."""

    def __init__(self, folder: Path) -> None:
        self.broker = Mosquitto(folder)
        self.broker.start()
        self.config = config_file(folder, f'[mqtt]\nhost = "127.0.0.1"\nport = {self.broker.port}\n')
        self.witness = Witness(self.broker.port)
        self._home = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "devices.simulated",
                "--host",
                "127.0.0.1",
                "--port",
                str(self.broker.port),
            ]
        )
        wait_for(lambda: self.witness.saw("simulated/kitchen_light/state"), "the simulated home")

    def close(self) -> None:
        """End everything that was started, each by its own process."""
        self._home.terminate()
        self._home.wait(10)
        self.witness.close()
        self.broker.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with devices, ready."""
    require_mosquitto()
    made = House(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def models(weights: Callable[[str], Path]) -> None:
    """Everything that the default configuration needs is there."""
    for model in ("whisper-base", "piper-en_US-joe-medium", "qwen2.5-coder-0.5b-instruct"):
        weights(model)
    checked = sotto("config", "check")
    require("a sound configuration", checked.returncode == 0, checked.stderr)
