"""What a household can have beside it that breaks: a model's server, a slow skill, a satellite, a clock."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.cli.new_skill import new_skill, write

_CLOCK = """\
import datetime
import time

_real, _told = time.time, [0.0, float("-inf")]


def _by():
    now_s = time.monotonic()
    if now_s - _told[1] > 0.5:
        with open({file!r}) as file:
            _told[:] = [float(file.read() or 0), now_s]
    return _told[0]


class _Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=_by())


time.time = lambda: _real() + _by()
datetime.datetime = _Datetime
"""
_SLOW = "        return Answer("
_ASLEEP = """\
        import asyncio

        await asyncio.sleep(3600)
"""
_INFO = {
    "satellite": {
        "name": "flapping",
        "attribution": {"name": "", "url": ""},
        "installed": True,
        "description": None,
        "version": None,
    }
}


def settable_clock(folder: Path, file: Path) -> None:
    """Have a program that has this folder in its PYTHONPATH take its wall clock's error, in seconds, from a
    file: what Python's `time` and `datetime` tell. The clock that nobody sets stays.
    """
    file.write_text("0")
    (folder / "sitecustomize.py").write_text(_CLOCK.format(file=str(file)))


def slow_skill(folder: Path) -> Path:
    """Install a skill that never ends, in a folder for PYTHONPATH: "start the nap machine"."""
    package = write(new_skill("nap", "nap machine"), folder / "sources")
    module = package / "sotto_nap" / "__init__.py"
    module.write_text(module.read_text("utf-8").replace(_SLOW, _ASLEEP + _SLOW), "utf-8")
    about = package / "sotto_nap-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: sotto-nap\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[sotto.skills]\nnap = sotto_nap:NapSkill\n")
    return package


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def model_server(port: int, folder: Path) -> "subprocess.Popen[bytes]":
    """A program that listens where a language model's server would."""
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "-d", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Flapping:
    """A Wyoming satellite that is taken and, while it flaps, hangs up again and again."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.flaps = False
        self.calls = 0
        """How often it was called."""
        self._ended = False
        threading.Thread(target=self._serve, name="flapping satellite", daemon=True).start()

    def close(self) -> None:
        """Let the port go."""
        self._ended = True
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while not self._ended:
                call, _ = self._listening.accept()
                self.calls += 1
                threading.Thread(target=self._answer, args=(call,), daemon=True).start()

    def _answer(self, call: socket.socket) -> None:
        with contextlib.suppress(OSError), call:
            call.settimeout(0.2)
            data = json.dumps(_INFO)
            head = json.dumps({"type": "info", "data_length": len(data.encode())})
            call.sendall(f"{head}\n{data}".encode())
            while not self.flaps and not self._ended:
                with contextlib.suppress(TimeoutError):
                    if not call.recv(65_536):
                        return
            time.sleep(0.05)


@contextmanager
def flapping() -> Iterator[Flapping]:
    """A satellite as long as it is needed."""
    one = Flapping()
    try:
        yield one
    finally:
        one.close()
