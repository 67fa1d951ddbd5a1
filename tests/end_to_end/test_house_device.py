"""`sotto run` as a device of Home Assistant's, at a virtual sound card: what a house really gets of it."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from speech.audio import RATE_HZ
from tests.brokers import Mosquitto, require_mosquitto
from tests.end_to_end.commands import SOTTO, config_file
from tests.end_to_end.conftest import Client
from tests.sound_card import DEVICE, SoundCard, require_sound_card, wait_for, write_wav
from tests.sound_card import RATE_HZ as SPEAKER_HZ
from tests.speaking import spoken

pytestmark = [
    pytest.mark.models,
    pytest.mark.broker,
    pytest.mark.sound_card,
    pytest.mark.usefixtures("models"),
]

ENDED_S = 5.0
LONG = "This is a long announcement about nothing at all, which nobody wants to hear to its very end. " * 2
SPOKEN_S = 10.0
"""What the long text takes at least when it is said to its end."""


@dataclass
class Running:
    """The assistant, the broker's other client, and the sound card."""

    process: subprocess.Popen[str]
    client: Client
    card: SoundCard
    log: Path
    folder: Path

    @property
    def base(self) -> str:
        """The beginning of its own topics."""
        return next(topic for topic in self.client.said if topic.startswith("sotto-voce/")).rsplit("/", 1)[0]

    def word(self, part: str) -> str:
        """The last word on one of its topics."""
        return self.client.said.get(f"{self.base}/{part}", "")

    def order(self, part: str, payload: str) -> None:
        """Order it as Home Assistant does."""
        self.client.publish(f"{self.base}/{part}/set", payload)

    def says(self, text: str) -> np.ndarray[Any, np.dtype[np.int16]]:
        """Have it say a text, and return what the loudspeaker played."""
        path = self.folder / "heard.wav"
        path.unlink(missing_ok=True)
        with self.card.record_speaker(path):
            self.order("say", text)
            wait_for(lambda: self.word("state") == "speaking", "it to speak", 20)
            wait_for(lambda: self.word("state") == "idle", "it to end", 30)
        return recorded(path)

    def microphones(self) -> int:
        """How many programs listen at the microphone now."""
        listed = subprocess.run(
            ["pactl", "list", "short", "source-outputs"],
            env=self.card.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        # The virtual microphone is itself fed by one, which is not a client's.
        return sum("protocol-native" in line for line in listed.stdout.splitlines())


def recorded(path: Path) -> np.ndarray[Any, np.dtype[np.int16]]:
    """What a recording of the loudspeaker holds so far, also while it goes on."""
    data = path.read_bytes()[44:]
    return np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2")


def loudness(samples: np.ndarray[Any, np.dtype[np.int16]]) -> float:
    """The root mean square, after the silence in front and before that behind."""
    heard = np.flatnonzero(np.abs(samples) > 20)
    speech = samples[heard[0] : heard[-1]].astype(np.float64) if len(heard) else np.zeros(1)
    return float(np.sqrt(np.mean(speech**2)))


def spoken_s(samples: np.ndarray[Any, np.dtype[np.int16]]) -> float:
    """For how long something loud was heard, in seconds."""
    return int(np.count_nonzero(np.abs(samples) > 300)) / SPEAKER_HZ


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, SoundCard, Path, int]]:
    """A broker, a client on it, a sound card and a folder."""
    require_mosquitto()
    require_sound_card()
    folder = tmp_path_factory.mktemp("device")
    broker = Mosquitto(folder)
    broker.start()
    client = Client(broker.port)
    with SoundCard() as card:
        yield client, card, folder, broker.port
    client.close()
    broker.stop()


def start(place: tuple[Client, SoundCard, Path, int], weights: Callable[[str], Path]) -> Running:
    """Start `sotto run` and return once it listens and is announced."""
    client, card, folder, port = place
    config = config_file(
        folder,
        f"""
[mqtt]
host = "127.0.0.1"
port = {port}
[home]
simulated = true
[home_assistant]
announce = true
show_words = true
[listen]
input_device = "{DEVICE}"
room = "Kitchen"
[understanding]
order = "local-only"
[voice]
output_device = "{DEVICE}"
variation = 0.0
[models]
folder = "{weights("whisper-base").parent}"
""",
    )
    log = folder / "said.txt"
    client.said.clear()
    with log.open("w") as out:
        process = subprocess.Popen(
            [SOTTO, "run", "--json", "--config", config],
            env={**os.environ, **card.environment},
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    running = Running(process, client, card, log, folder)

    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        return "listening for" in log.read_text()

    wait_for(listens, "the assistant to listen", 60)
    wait_for(
        lambda: any(t.startswith("sotto-voce/") and t.endswith("/volume") for t in client.said),
        "its own state to be told",
        20,
    )
    return running


@pytest.fixture(scope="module")
def running(place: tuple[Client, SoundCard, Path, int], weights: Callable[[str], Path]) -> Iterator[Running]:
    """One assistant for the tests that leave it running."""
    started = start(place, weights)
    yield started
    started.process.terminate()
    started.process.wait(30)


def test_it_announces_itself_as_a_device_with_all_that_it_can(running: Running) -> None:
    (topic,) = (t for t in running.client.said if t.startswith("homeassistant/device/sotto_voce_"))
    announced = json.loads(running.client.said[topic])
    assert set(announced["components"]) == {
        "state", "heard", "reply", "muted", "volume", "say", "ask", "stop",
    }  # fmt: skip
    assert announced["device"]["suggested_area"] == "Kitchen"
    assert running.word("available") == "online"
    assert (running.word("muted"), running.word("volume")) == ("OFF", "100")


def test_a_text_order_is_carried_out_and_answered(running: Running) -> None:
    running.order("ask", "turn on the hall light")
    wait_for(lambda: running.client.orders("simulated/hall_light/set")[-1:] == ["ON"], "the order", 20)
    wait_for(lambda: running.word("reply") == "Hall Light is on.", "the answer", 20)
    assert running.word("heard") == "turn on the hall light"
    wait_for(lambda: running.word("state") == "idle", "the answer to be said", 20)


def test_the_volume_changes_how_loud_it_speaks(running: Running) -> None:
    full = loudness(running.says("The washing machine has finished."))
    assert full > 500
    running.order("volume", "25")
    wait_for(lambda: running.word("volume") == "25", "the volume to be told")
    quiet = loudness(running.says("The washing machine has finished."))
    running.order("volume", "100")
    wait_for(lambda: running.word("volume") == "100", "the volume to be told")
    assert 0.15 < quiet / full < 0.4


def test_stop_silences_a_long_text_and_the_next_one_is_said_again(running: Running) -> None:
    path = running.folder / "stopped.wav"
    with running.card.record_speaker(path):
        running.order("say", LONG)
        wait_for(lambda: running.word("state") == "speaking", "it to speak", 20)
        wait_for(lambda: spoken_s(recorded(path)) > 0.2, "sound", 20)
        running.order("stop", "PRESS")
        wait_for(lambda: running.word("state") == "idle", "silence", 3)
    assert len(recorded(path)) / SPEAKER_HZ < SPOKEN_S / 2
    assert spoken_s(running.says("And this is said again.")) > 0.3


def test_muted_the_microphone_is_closed_and_unmuted_an_order_is_heard_again(
    running: Running, weights: Callable[[str], Path]
) -> None:
    pause = np.zeros(RATE_HZ // 4, np.int16)
    words = (spoken("Okay Nabu!", weights), pause, spoken("Turn on the coffee maker.", weights))
    order = running.folder / "order.wav"
    write_wav(order, np.concatenate([*words, np.zeros(RATE_HZ, np.int16)]), RATE_HZ)
    wait_for(lambda: running.microphones() == 1, "the microphone to be open")
    running.order("muted", "ON")
    wait_for(lambda: running.microphones() == 0, "the microphone to be closed")
    wait_for(lambda: running.word("muted") == "ON", "that it is deaf to be told")
    running.order("muted", "OFF")
    wait_for(lambda: running.microphones() == 1, "the microphone to be open again")
    running.card.play_into_microphone(order)
    # That it hears is what is tested here; how well, elsewhere: a busy machine may hear "purn on".
    wait_for(lambda: "coffee maker" in running.word("heard"), "the words", 20)


def test_killed_it_is_said_to_be_away_by_its_last_will(running: Running) -> None:
    assert running.word("available") == "online"
    running.process.kill()
    running.process.wait(10)
    wait_for(lambda: running.word("available") == "offline", "its last will")


def test_ended_politely_it_is_gone_in_time_and_says_that_it_is_away(
    place: tuple[Client, SoundCard, Path, int], weights: Callable[[str], Path]
) -> None:
    started = start(place, weights)
    started.process.send_signal(signal.SIGTERM)
    started.process.wait(ENDED_S)
    wait_for(lambda: started.word("available") == "offline", "its goodbye")
    assert "Traceback" not in started.log.read_text()
