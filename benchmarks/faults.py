"""Faults, one by one, in a running assistant: what the user is told, what is lost, how long until well again.

A real `sotto run`, a real mosquitto and a simulated home behind it, a skill that never ends, a satellite that
flaps, a server in a language model's place, and a clock that can be set; orders come through the API. Before
each fault an order is done; while it lasts another one is given, whose answer is what the user is told; once
it is over orders are given until one is done again. `told_done_falsely` counts answers that said "done" of
what was not; `..._lost` what was there before and is not there afterwards: turns of the record, and timers.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.breakable import Flapping, flapping, free_port, model_server, settable_clock, slow_skill
from benchmarks.intervals import of_samples
from benchmarks.plots import OURS
from benchmarks.program import environment
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TIMES = int(os.environ.get("SOTTO_FAULTS_TIMES", "3"))
LIMIT_S = 300.0
EVERY_S = 0.1
CLOCK_READ_S = 2.5
"""After so long the daemon has seen that its clock was set."""
_LAMP = "hall light"
_CONFIG = """\
[mqtt]
host = "127.0.0.1"
port = {port}
[home]
simulated = true
[api]
port = 0
[understanding]
order = "{order}"
[language_model.endpoint]
url = "http://127.0.0.1:{model_port}/v1"
model = "none"
fallback = false
retries = 0
timeout_s = 5
[listen]
mode = "off"
wake_words = ["alexa"]
"""
_FLAPPING = """\
[[satellites]]
name = "flapping"
uri = "tcp://127.0.0.1:{port}"
"""


@dataclass
class House:
    """The daemon, its broker, and where it keeps things."""

    folder: Path
    port: int
    order_of_thinking: str = "local-only"
    model_port: int = field(default_factory=free_port)
    satellite: Flapping | None = None
    orders: int = 0
    recorded: int = 0
    daemon: subprocess.Popen[bytes] | None = None
    broker: subprocess.Popen[bytes] | None = None
    model: subprocess.Popen[bytes] | None = None
    more: str = ""
    told: list[str] = field(default_factory=list)

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data" / "sotto-voce"

    def start_broker(self) -> None:
        """Start mosquitto where it was."""
        config = self.folder / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        program = mosquitto()
        assert program is not None
        self.broker = subprocess.Popen(
            [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def start(self) -> None:
        """Start the daemon."""
        file = self.folder / "sotto.toml"
        file.write_text(
            _CONFIG.format(
                port=self.port,
                model_port=self.model_port,
                order=self.order_of_thinking,
            )
            + self.more
            + (_FLAPPING.format(port=self.satellite.port) if self.satellite is not None else "")
        )
        self.daemon = subprocess.Popen(
            [sys.executable, "-m", "sotto_voce", "run", "--config", str(file)],
            env={
                **environment(),
                "XDG_DATA_HOME": str(self.folder / "data"),
                "PYTHONPATH": os.pathsep.join((str(Path.cwd()), str(self.folder / "sources" / "sotto-nap"))),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def start_model(self) -> None:
        """Start the language model's server."""
        self.model = model_server(self.model_port, self.folder / "data")

    def set_clock(self, by: str) -> None:
        """Set the daemon's clock, and nobody else's, by so many seconds: "7200"."""
        (self.folder / "clock").write_text(by)

    def end(self) -> None:
        """End all of them."""
        for process in (self.daemon, self.broker, self.model):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(10)

    def call(self, method: str, path: str, body: Any = None, limit_s: float = 30.0) -> Any:
        """Ask the API. Raises OSError when nobody answers."""
        try:
            address = json.loads((self.data / "daemon.json").read_text())
            token = Path(address["token_file"]).read_text().strip()
        except (ValueError, KeyError) as error:
            raise OSError("nobody is there") from error
        request = urllib.request.Request(  # our own address
            address["url"] + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method=method,
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=limit_s) as answer:
            return json.load(answer)

    def order(self, text: str | None = None) -> dict[str, Any]:
        """Give an order: the lamp on and off by turns, so that each of them has something to do."""
        self.orders += 1
        text = text or f"turn {'on' if self.orders % 2 else 'off'} the {_LAMP}"
        turn: dict[str, Any] = self.call("POST", "/v1/ask", {"text": text})
        self.recorded += 1
        return turn

    def until_done(self) -> float:
        """Seconds until an order is done. Raises `BenchmarkError`."""
        began_s = time.monotonic()
        while time.monotonic() - began_s < LIMIT_S:
            with contextlib.suppress(OSError):
                if self.order()["failure"] is None:
                    return time.monotonic() - began_s
            time.sleep(EVERY_S)
        raise BenchmarkError(f"no order was done within {LIMIT_S:.0f} s")

    def kept(self) -> int:
        """How many turns the record has."""
        return len(self.call("GET", "/v1/history?most=500")["turns"])


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks, and how it is put right again."""

    key: str
    what: str
    strike: Callable[[House], None]
    lift: Callable[[House], None]
    answers: bool = True
    """Whether the assistant can answer while it lasts."""
    asks: str | None = None
    """What is ordered meanwhile; None: the lamp."""


def _kill_broker(house: House) -> None:
    assert house.broker is not None
    house.broker.kill()
    house.broker.wait(10)


def _freeze_broker(house: House) -> None:
    assert house.broker is not None
    house.broker.send_signal(signal.SIGSTOP)


def _thaw_broker(house: House) -> None:
    assert house.broker is not None
    house.broker.send_signal(signal.SIGCONT)


def _damage(house: House) -> None:
    (house.data / "conversations.sqlite").write_bytes(b"\xff" * 20_000)
    house.recorded = 0  # those are in the file that was set aside


def _fill_disk(house: House) -> None:
    """To the daemon no file may grow any more, which is what it sees of a full disk."""
    assert house.daemon is not None
    resource.prlimit(house.daemon.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def _empty_disk(house: House) -> None:
    assert house.daemon is not None
    no_limit = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(house.daemon.pid, resource.RLIMIT_FSIZE, no_limit)


def _kill_daemon(house: House) -> None:
    assert house.daemon is not None
    time.sleep(1.5)  # what was said is written once a second
    house.daemon.kill()
    house.daemon.wait(10)


def _jump(house: House) -> None:
    house.set_clock("5400")
    time.sleep(CLOCK_READ_S)


def _jump_back(house: House) -> None:
    house.set_clock("0")
    time.sleep(CLOCK_READ_S)


def _kill_model(house: House) -> None:
    assert house.model is not None
    house.model.kill()
    house.model.wait(10)


def _ask_slow_skill(house: House) -> None:
    """Ask a skill that never ends for something, and do not wait for it."""

    def ask() -> None:
        with contextlib.suppress(OSError, ValueError):
            house.call("POST", "/v1/ask", {"text": "start the nap machine", "dialogue": "another"})

    threading.Thread(target=ask, daemon=True).start()
    time.sleep(0.5)


def _flap(house: House) -> None:
    assert house.satellite is not None
    house.satellite.flaps = True


def _flap_no_more(house: House) -> None:
    assert house.satellite is not None
    house.satellite.flaps = False


def _nothing(_house: House) -> None:
    pass


FAULTS: Sequence[Fault] = (
    Fault("broker_killed", "the broker is killed and started again", _kill_broker, House.start_broker),
    Fault("broker_frozen", "the broker holds its connections and does nothing", _freeze_broker, _thaw_broker),
    Fault("record_damaged", "the record's file is overwritten while it runs", _damage, _nothing),
    Fault("disk_full", "no file of the daemon may grow", _fill_disk, _empty_disk),
    Fault(
        "model_killed",
        "the language model's server is killed",
        _kill_model,
        House.start_model,
        asks="what do you think of the moon",
    ),
    Fault("slow_skill", "a skill that never ends is at work", _ask_slow_skill, _nothing),
    Fault("satellite_flaps", "a satellite comes and goes", _flap, _flap_no_more),
    Fault("clock_jumps", "the clock is set ahead by 90 minutes, and back", _jump, _jump_back),
    Fault("killed", "the daemon is killed and started again", _kill_daemon, House.start, answers=False),
)


class Faults:
    """Each fault some times over, in one household."""

    name = "faults"

    def lacks(self) -> str | None:
        """A broker that can be killed."""
        return None if mosquitto() else "there is no mosquitto: apt install mosquitto"

    def run(self, tell: Tell) -> Results:
        """Break it, and look."""
        samples: dict[str, list[float]] = {}
        told: dict[str, list[str]] = {fault.key: [] for fault in FAULTS}
        counts = {"turns_lost": 0, "timers_lost": 0, "told_done_falsely": 0}
        with household(breakable=True) as house:
            house.until_done()
            house.order("set a timer for 3 hours")
            for fault in FAULTS:
                tell(f"{fault.what}, {TIMES} times")
                for _ in range(TIMES):
                    self._one(fault, house, samples, told[fault.key], counts)
        figures = {key: of_samples(those, "s") for key, those in samples.items()}
        figures |= {key: Figure(count, "", TIMES * len(FAULTS)) for key, count in counts.items()}
        said = {fault.what: " | ".join(dict.fromkeys(told[fault.key])) for fault in FAULTS}
        return Results(figures, samples, said)

    def _one(
        self,
        fault: Fault,
        house: House,
        samples: dict[str, list[float]],
        told: list[str],
        counts: dict[str, int],
    ) -> None:
        house.until_done()
        house.recorded = house.kept()
        fault.strike(house)
        try:
            began_s = time.monotonic()
            turn = house.order(fault.asks)
            samples.setdefault(f"{fault.key}_answered_s", []).append(time.monotonic() - began_s)
            told.append(f"“{turn['reply']}”")
            results = [each["result"] for each in turn["outcomes"]]
            away = fault.key.startswith("broker")
            counts["told_done_falsely"] += away and results != [] and turn["failure"] is None
        except OSError:
            told.append("nothing: nobody is there" if not fault.answers else "nothing")
        fault.lift(house)
        samples.setdefault(f"{fault.key}_well_again_s", []).append(house.until_done())
        counts["turns_lost"] += max(0, house.recorded - _settled(house, house.recorded))
        left = house.order("how long is left on the timer")
        counts["timers_lost"] += not any(digit in left["reply"] for digit in "0123456789")

    def draw(self, results: Results, axes: "Axes") -> None:
        """How long until well again."""
        keys = [key for key in results.figures if key.endswith("_well_again_s")]
        names = [key.removesuffix("_well_again_s").replace("_", " ") for key in keys]
        axes.barh(names, [results.figures[key].value for key in keys], color=OURS)
        axes.set_xlabel("seconds until an order is done again")


def _settled(house: House, wanted: int) -> int:
    """How many turns the record has once it had time to write."""
    until_s = time.monotonic() + 15
    while (kept := house.kept()) < wanted and time.monotonic() < until_s:
        time.sleep(EVERY_S)
    return kept


@contextlib.contextmanager
def household(*, breakable: bool = False, more: str = "") -> Iterator[House]:
    """A daemon with a broker and a simulated home, from nothing; it may still be starting. With `breakable`
    it has a satellite, a language model's server, a slow skill and a clock of its own, too; `more` is added
    to its configuration.
    """
    with contextlib.ExitStack() as stack:
        house = House(Path(stack.enter_context(tempfile.TemporaryDirectory())), free_port())
        house.more = more
        if breakable:
            settable_clock(slow_skill(house.folder), house.folder / "clock")
            house.order_of_thinking = "local-first"
            house.satellite = stack.enter_context(flapping())
        try:
            house.start_broker()
            if breakable:
                house.start_model()
            house.start()
            yield house
        finally:
            house.end()


def mosquitto() -> str | None:
    """Where mosquitto is, if it is."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
