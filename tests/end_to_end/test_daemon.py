"""`sotto run` as a process: it is ready, takes orders, reads its configuration again, and ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from assistant.serve.api.address import find
from tests.brokers import free_port

LONG_S = 90.0


class Running:
    """The process, what it keeps, and what it told systemd."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "sotto.toml"
        self.data = folder / "data" / "sotto-voce"
        self.err = folder / "err"
        self._systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._systemd.bind(str(folder / "notify"))
        self._systemd.settimeout(LONG_S)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SOTTO_")}
        environment |= {
            "XDG_DATA_HOME": str(self.folder / "data"),
            "NOTIFY_SOCKET": str(self.folder / "notify"),
        }
        with self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sotto_voce", "run", "--config", str(self.config)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=err,
            )

    def told(self, word: str) -> None:
        """Wait until systemd was told."""
        while word not in self._systemd.recv(4096).decode():
            pass

    def address(self) -> tuple[str, dict[str, str]]:
        """Where the API is, and what it takes to be let in."""
        deadline = time.monotonic() + LONG_S
        while time.monotonic() < deadline:
            address = find(self.data)
            if address is not None:
                token = Path(address.token_file).read_text().strip()
                return address.url, {"Authorization": f"Bearer {token}"}
            assert self.process is not None
            assert self.process.poll() is None, self.err.read_text()
            time.sleep(0.05)
        raise AssertionError(self.err.read_text())

    def ask(self, text: str) -> dict:
        url, headers = self.address()
        with httpx.Client(trust_env=False, timeout=LONG_S) as client:
            return client.post(f"{url}/v1/ask", json={"text": text}, headers=headers).json()

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(LONG_S)
        self._systemd.close()


@pytest.fixture
def daemon(tmp_path):
    running = Running(tmp_path)
    yield running
    running.close()


def configured(daemon: Running, extra: str = "") -> None:
    daemon.config.write_text(
        f"[mqtt]\nembedded_port = {free_port()}\n[home]\nsimulated = true\n[api]\nport = 0\n"
        f'[understanding]\norder = "local-only"\n[recognition]\nsecond_look = false\n{extra}'
    )


@pytest.mark.timeout(600)  # two starts of a whole assistant, on however busy a machine
def test_it_takes_orders_reads_its_configuration_again_and_ends_in_order(daemon):
    configured(daemon)
    daemon.start()
    daemon.told("READY=1")
    turn = daemon.ask("turn on the hall light")
    assert [each["result"] for each in turn["outcomes"]] == ["done"], turn

    daemon.config.write_text("[home]\nsimulatde = true\n")
    daemon.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + LONG_S
    while "the one before stays" not in daemon.err.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert 'unknown key "home.simulatde"; did you mean "simulated"?' in daemon.err.read_text()
    assert daemon.ask("turn off the hall light")["failure"] is None

    configured(daemon, '[home.things."Hall Light"]\nname = "Bertie"\n')
    before = daemon.process.pid
    daemon.process.send_signal(signal.SIGHUP)
    daemon.told("RELOADING=1")
    daemon.told("READY=1")
    turn = daemon.ask("turn on Bertie")
    assert [each["name"] for each in turn["outcomes"]] == ["Bertie"], turn
    assert daemon.process.pid == before
    assert daemon.process.poll() is None

    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(LONG_S) == 0, daemon.err.read_text()
    assert find(daemon.data) is None
    log = subprocess.run(
        [sys.executable, "-m", "sotto_voce", "history", "search", "--json"],
        env={**os.environ, "XDG_DATA_HOME": str(daemon.folder / "data")},
        capture_output=True,
        timeout=LONG_S,
        check=True,
    )
    heard = [turn["heard"] for turn in json.loads(log.stdout)]
    assert heard == ["turn on Bertie", "turn off the hall light", "turn on the hall light"]
