"""Zigbee2MQTT in a process of its own, and what it sends on the air that it does not have."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.counterparts.prepare_zigbee2mqtt import FOLDER, HOW, is_prepared, node_binary
from tests.requirements import require

START_S = 90.0
STOP_S = 10.0

_HERE = Path(__file__).parent
_MODULES = FOLDER / "node_modules"

Frame = Mapping[str, Any]


def require_zigbee2mqtt() -> None:
    """Skip, or fail where everything is required, without an installed Zigbee2MQTT."""
    require("Zigbee2MQTT", is_prepared(), HOW)


class Program:
    """Zigbee2MQTT with the five devices of `database.db`. Devices in `unreachable` take no order."""

    def __init__(self, folder: Path, port: int, *, unreachable: Sequence[str] = ()) -> None:
        self._data = folder / "zigbee2mqtt"
        self._data.mkdir()
        for name in ("configuration.yaml", "database.db"):
            shutil.copy(_HERE / name, self._data)
        self._log = folder / "zigbee2mqtt.log"
        self._environment = {
            **os.environ,
            "ZIGBEE2MQTT_DATA": str(self._data),
            "ZIGBEE2MQTT_CONFIG_MQTT_SERVER": f"mqtt://127.0.0.1:{port}",
            "Z2M_HERDSMAN": str(_MODULES / "zigbee-herdsman"),
            "UNREACHABLE": ",".join(unreachable),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it says that it runs."""
        command = [node_binary(), "-r", _HERE / "radio.cjs", _MODULES / "zigbee2mqtt" / "index.js"]
        before = self._text().count("Zigbee2MQTT started!")
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=self._environment, cwd=self._data
            )
        deadline = time.monotonic() + START_S
        while self._text().count("Zigbee2MQTT started!") == before:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Zigbee2MQTT did not start: {self._text()[-3_000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End this very process. Without one nothing happens."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_S)

    @property
    def on_air(self) -> list[Frame]:
        """All frames so far: `ieee` or `group`, `cluster`, `command`, `payload`."""
        lines = self._text().splitlines()
        return [json.loads(line.removeprefix("RADIO ")) for line in lines if line.startswith("RADIO {")]

    def _text(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def catalogue(into: Path) -> list[Mapping[str, Any]]:
    """What every device that this Zigbee2MQTT knows exposes: `model` and `exposes` of each."""
    environment = {**os.environ, "Z2M_CONVERTERS": str(_MODULES / "zigbee-herdsman-converters")}
    subprocess.run([node_binary(), _HERE / "catalogue.cjs", into], env=environment, check=True, timeout=120)
    found: list[Mapping[str, Any]] = json.loads(into.read_text())
    return found
