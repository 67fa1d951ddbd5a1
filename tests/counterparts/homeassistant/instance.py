"""Starts, onboards and ends one Home Assistant, and asks it over REST and WebSocket."""

import json
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.brokers import free_port
from tests.counterparts.homeassistant.prepare import PYTHON

START_S = 300.0
CLIENT_ID = "http://127.0.0.1/"

CONFIGURATION = """
homeassistant:
  name: Counterpart
  latitude: 60.17
  longitude: 24.94
  unit_system: metric
  time_zone: UTC
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
websocket_api:
config:
conversation:
onboarding:
input_boolean:
  guests:
    name: Guests
input_button:
  bell:
    name: Bell
scene:
  - name: Movie night
    entities:
      input_boolean.guests: "on"
script:
  good_night:
    alias: Good night
    sequence:
      - action: input_boolean.turn_off
        target:
          entity_id: input_boolean.guests
logger:
  default: warning
"""


class Instance:
    """One Home Assistant in `folder`, with the demo integration and MQTT on `broker_port`."""

    def __init__(self, folder: Path, broker_port: int) -> None:
        self.port = free_port()
        self.token = ""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "configuration.yaml").write_text(CONFIGURATION.format(port=self.port))
        (folder / ".storage").mkdir()
        entries = [
            _entry("mqtt", {"broker": "127.0.0.1", "port": broker_port, "discovery": True}),
            _entry("demo", {}),
        ]
        store = {
            "version": 1,
            "minor_version": 5,
            "key": "core.config_entries",
            "data": {"entries": entries},
        }
        (folder / ".storage" / "core.config_entries").write_text(json.dumps(store))

    @property
    def url(self) -> str:
        """Of its REST API."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket(self) -> str:
        """Of its WebSocket API."""
        return f"ws://127.0.0.1:{self.port}/api/websocket"

    @property
    def log(self) -> str:
        """All that it has said so far, in this life and the ones before."""
        return (self._folder / "said.log").read_text(errors="replace")

    def start(self) -> None:
        """Start it, and return once it runs; the first time it also gets an owner."""
        with (self._folder / "said.log").open("ab") as log:
            command = [PYTHON, "-m", "homeassistant", "--config", self._folder, "--skip-pip"]
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._is_up():
                return
            time.sleep(0.25)
        raise RuntimeError(f"Home Assistant did not start: {self.log[-4000:]}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End this very process. Without one nothing happens."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def state(self, entity_id: str) -> dict[str, Any]:
        """An entity's state object; empty when there is no such."""
        answer = self._rest("GET", f"/api/states/{entity_id}")
        return answer.json() if answer.status_code == 200 else {}

    def states(self) -> dict[str, str]:
        """Every entity's state."""
        return {each["entity_id"]: each["state"] for each in self._rest("GET", "/api/states").json()}

    def call(self, domain: str, service: str, data: Mapping[str, Any]) -> None:
        """Call a service."""
        self._rest("POST", f"/api/services/{domain}/{service}", json=data).raise_for_status()

    def _is_up(self) -> bool:
        try:
            if not self.token:
                self._onboard()
            return self._rest("GET", "/api/config").json().get("state") == "RUNNING"
        except (httpx.HTTPError, ValueError):
            return False

    def _onboard(self) -> None:
        owner = {"client_id": CLIENT_ID, "name": "Owner", "username": "owner", "language": "en"}
        users = f"{self.url}/api/onboarding/users"
        made = httpx.post(users, json={**owner, "password": "counterpart"}).raise_for_status()
        grant = {
            "grant_type": "authorization_code",
            "code": made.json()["auth_code"],
            "client_id": CLIENT_ID,
        }
        answer = httpx.post(f"{self.url}/auth/token", data=grant).raise_for_status()
        self.token = answer.json()["access_token"]

    def _rest(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.request(method, self.url + path, headers=headers, timeout=20, **more)


def _entry(domain: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration entry, as if somebody had clicked it together."""
    now = "2025-01-01T00:00:00+00:00"
    return {
        "created_at": now,
        "modified_at": now,
        "data": data,
        "disabled_by": None,
        "discovery_keys": {},
        "domain": domain,
        "entry_id": f"sotto_{domain}_entry",
        "minor_version": 2 if domain == "mqtt" else 1,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [],
        "title": domain,
        "unique_id": None,
        "version": 1,
    }
