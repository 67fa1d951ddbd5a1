"""A real broker for tests: mosquitto in a process of its own, to be killed, frozen and brought back."""

import getpass
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.requirements import require

START_S = 10.0


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Mosquitto:
    """mosquitto 2 on a loopback port that stays the same over restarts. Nothing is kept on disk."""

    def __init__(self, folder: Path, *, lines: Sequence[str] = (), listener: Sequence[str] = ()) -> None:
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        settings = [
            "persistence false",
            f"user {getpass.getuser()}",  # as root it would become a user who may not read the folder
            *lines,
            f"listener {self.port} 127.0.0.1",
            *(listener or ["allow_anonymous true"]),
        ]
        self._config.write_text("\n".join([*settings, ""]))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return once it takes connections."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [_binary(), "-c", str(self._config)], stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"mosquitto did not start: {self._log.read_text()}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End this very process, politely or with SIGKILL. Without one nothing happens."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)
            process.wait(10)

    def kill(self) -> None:
        """End it without a goodbye to anybody."""
        self.stop(signal.SIGKILL)

    def freeze(self) -> None:
        """Have it hold its connections and do nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)


def _binary() -> str:
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin") or ""


def require_mosquitto() -> None:
    """Skip, or fail where everything is required, without mosquitto."""
    require("mosquitto", bool(_binary()), "apt install mosquitto")


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running mosquitto of the test's own."""
    require_mosquitto()
    broker = Mosquitto(tmp_path)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
