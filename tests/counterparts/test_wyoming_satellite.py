"""The real wyoming-satellite, files for its microphone and its speaker, against the running assistant."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr

from speech.audio import RATE_HZ, Samples
from tests.brokers import free_port, require_mosquitto
from tests.conftest import CHECKOUT
from tests.counterparts import wyoming_microphone
from tests.counterparts.prepare_wyoming_satellite import HOW, is_prepared, python
from tests.end_to_end.commands import config_file
from tests.end_to_end.conftest import House
from tests.requirements import require
from tests.sound_card import wait_for
from tests.speaking import spoken

pytestmark = [pytest.mark.wyoming, pytest.mark.models, pytest.mark.broker, pytest.mark.timeout(400)]

PATIENT_S = 60.0
LOUD = 500


class Satellite:
    """One process; `say` puts sound in front of its microphone, `heard` is what came out of its speaker."""

    def __init__(self, name: str, folder: Path, *more: str) -> None:
        self.name = name
        self.port = free_port()
        self._folder = folder
        self._more = more
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()

    @property
    def speaker(self) -> Path:
        return self._folder / "speaker.raw"

    def start(self) -> None:
        microphone = f"{sys.executable} {wyoming_microphone.__file__} {self._folder}"
        command = [
            str(python()), "-m", "wyoming_satellite", "--name", self.name, "--no-zeroconf",
            "--uri", f"tcp://127.0.0.1:{self.port}",
            "--mic-command", microphone, "--mic-command-samples-per-chunk", "1024",
            "--snd-command", f"tee -a {self.speaker}", "--snd-command-rate", "22050",
            *self._more,
        ]  # fmt: skip
        self._log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=self._log, start_new_session=True
        )
        wait_for(self._answers, f"the satellite {self.name}", PATIENT_S)

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it with its microphone, as a plug that is pulled does."""
        process, self._process = self._process, None
        if process is not None:
            os.killpg(process.pid, how)
            process.wait(10)
            self._log.close()

    def say(self, samples: Samples) -> None:
        fresh = self._folder / "say.new"
        fresh.write_bytes(samples.astype("<i2").tobytes())
        fresh.rename(self._folder / "say.raw")

    def has_said(self) -> bool:
        """Whether its microphone has taken what was put there."""
        return not (self._folder / "say.raw").exists()

    def heard(self) -> Samples:
        return np.frombuffer(self.speaker.read_bytes() if self.speaker.exists() else b"", "<i2")

    def heard_s(self) -> float:
        return len(self.heard()) / 22_050

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Daemon:
    """`sotto run` in a process of its own, and what it tells."""

    def __init__(self, config: Path, folder: Path) -> None:
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from sotto_voce import main; main()", "run", "--config", str(config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=CHECKOUT,
            env={**os.environ, "XDG_DATA_HOME": str(folder / "data")},
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))

    def count(self, words: str) -> int:
        return sum(words in line for line in self.lines)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)


class Home:
    """A house, an assistant, two satellites whose wake word is heard here, and one that wakes by itself."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        wyoming = free_port()
        itself = ("--wake-uri", f"tcp://127.0.0.1:{wyoming}", "--wake-word-name", "okay_nabu")
        self.kitchen = Satellite("kitchen", folder / "kitchen")
        self.office = Satellite("office", folder / "office")
        self.hall = Satellite("hall", folder / "hall", *itself)
        tables = [
            f'[[satellites]]\nname = "{each.name}"\nroom = "{each.name.title()}"\n'
            f'uri = "tcp://127.0.0.1:{each.port}"\nwake = "{wake}"\n'
            for each, wake in ((self.kitchen, "here"), (self.office, "here"), (self.hall, "there"))
        ]
        config = config_file(
            folder,
            f'[mqtt]\nhost = "127.0.0.1"\nport = {self.house.broker.port}\n'
            f'[wyoming]\nenabled = true\nport = {wyoming}\nservices = ["wake"]\n'
            '[recognition]\nmodel = "whisper-tiny.en"\nsecond_look = false\n'
            '[understanding]\norder = "local-only"\n[api]\nenabled = false\n' + "".join(tables),
        )
        for each in (self.kitchen, self.office, self.hall):
            each.start()
        self.daemon = Daemon(config, folder)
        for each in (self.kitchen, self.office, self.hall):
            self.until_there(each)

    def until_there(self, satellite: Satellite, times: int = 1) -> None:
        there = f"the satellite {satellite.name} is there"
        wait_for(lambda: self.daemon.count(there) >= times, there, PATIENT_S)

    def published(self, beginning: str) -> int:
        return sum(line.startswith(beginning) for line in self.house.witness.lines)

    def close(self) -> None:
        self.daemon.close()
        for each in (self.kitchen, self.office, self.hall):
            each.stop()
        self.house.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, weights: Callable[[str], Path]) -> Iterator[Home]:
    require("wyoming-satellite", is_prepared(), HOW)
    require_mosquitto()
    weights("whisper-tiny.en")
    made = Home(tmp_path_factory.mktemp("home"))
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def order(weights: Callable[[str], Path]) -> Callable[..., Samples]:
    """Makes a wake word and an order; `slower` is the voice of another person."""

    def make(text: str, slower: float = 1.0) -> Samples:
        breath = np.zeros(RATE_HZ // 5, np.int16)
        said = np.concatenate([breath, spoken("Okay Nabu.", weights), breath, spoken(text, weights)])
        return soxr.resample(said, RATE_HZ, RATE_HZ * slower) if slower != 1.0 else said

    return make


def test_an_order_wakes_it_is_obeyed_and_answered_aloud(home: Home, order: Callable[..., Samples]) -> None:
    home.kitchen.say(order("Turn on the kitchen lights."))
    command = 'simulated/kitchen_light/set {"state": "ON"'
    wait_for(lambda: home.house.witness.saw(command), command, PATIENT_S)
    wait_for(lambda: home.kitchen.heard_s() > 0.3, "an answer", PATIENT_S)
    assert np.abs(home.kitchen.heard()).max() > LOUD
    assert home.office.heard_s() == home.hall.heard_s() == 0


@pytest.mark.parametrize("state", ["ON", "OFF"])  # it listens for its wake word again after the first
def test_one_that_wakes_by_itself_with_our_wake_word_service(
    home: Home, order: Callable[..., Samples], state: str
) -> None:
    before, command = home.hall.heard_s(), f"simulated/hall_light/set {state}"
    said = order(f"Turn {state.lower()} the hall light.")
    wait_for(lambda: _repeated(home.hall, said, home, command), command, PATIENT_S)
    wait_for(lambda: home.hall.heard_s() > before + 0.3, "an answer", PATIENT_S)


def test_two_orders_at_once_are_both_obeyed_each_answered_where_it_was_given(
    home: Home, order: Callable[..., Samples]
) -> None:
    heard = home.kitchen.heard_s(), home.office.heard_s()
    home.kitchen.say(order("Turn off the kitchen lights."))
    home.office.say(order("Turn on the bedroom light.", slower=1.12))
    for command in (
        'simulated/kitchen_light/set {"state": "OFF"',
        'simulated/bedroom_light/set {"state": "ON"',
    ):
        wait_for(lambda command=command: home.house.witness.saw(command), command, PATIENT_S)
    wait_for(
        lambda: home.kitchen.heard_s() > heard[0] and home.office.heard_s() > heard[1], "answers", PATIENT_S
    )


def test_two_that_hear_the_same_words_obey_once_and_answer_once(
    home: Home, order: Callable[..., Samples]
) -> None:
    heard = home.kitchen.heard_s(), home.office.heard_s()
    before = home.published("simulated/hall_light/set")
    said = order("Turn on the hall light.")
    home.kitchen.say(said)
    home.office.say(said // 2)
    wait_for(lambda: home.published("simulated/hall_light/set") > before, "an order", PATIENT_S)
    wait_for(
        lambda: (home.kitchen.heard_s() > heard[0]) != (home.office.heard_s() > heard[1]),
        "one answer",
        PATIENT_S,
    )
    # A turn of the other would have ended by the time that another order was given and answered.
    answered = home.hall.heard_s()
    question = order("Is the hall light on?")
    wait_for(
        lambda: home.hall.heard_s() > answered or _repeated(home.hall, question, home, "nothing"),
        "an answer",
        PATIENT_S,
    )
    assert home.published("simulated/hall_light/set") == before + 1


def test_one_that_is_killed_in_mid_sentence_harms_nobody_and_comes_back(
    home: Home, order: Callable[..., Samples]
) -> None:
    home.office.say(order("Turn off the bedroom light and the hall light and the kitchen lights."))
    wait_for(home.office.has_said, "the microphone", PATIENT_S)
    before = home.published('simulated/kitchen_light/set {"state": "ON"')
    home.office.stop()
    home.kitchen.say(order("Turn on the kitchen lights."))
    wait_for(
        lambda: home.published('simulated/kitchen_light/set {"state": "ON"') > before, "an order", PATIENT_S
    )
    home.office.start()
    home.until_there(home.office, times=2)
    heard = home.office.heard_s()
    home.office.say(order("Turn off the hall light."))
    wait_for(lambda: home.office.heard_s() > heard + 0.3, "an answer", PATIENT_S)
    assert home.daemon.count("Traceback") == 0


def _repeated(satellite: Satellite, said: Samples, home: Home, command: str) -> bool:
    """Say it again and again: a satellite connects to a wake service that has just come after seconds."""
    if home.house.witness.saw(command):
        return True
    if satellite.has_said():
        satellite.say(np.concatenate([said, np.zeros(4 * RATE_HZ, np.int16)]))
    return False
