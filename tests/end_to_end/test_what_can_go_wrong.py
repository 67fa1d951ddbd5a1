"""What people really do: nothing plugged in, wrong files, half a download. Each is a clear line."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.commands import SOTTO, config_file, sotto, turns
from tests.end_to_end.conftest import House
from tests.sound_card import wait_for, write_wav

NO_SOUND_CARD: Mapping[str, str] = {"PULSE_SERVER": "unix:/nonexistent"}


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What was said on standard error: never a traceback."""
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A configuration whose models folder is empty and cannot be filled: no weights, no network."""
    folder = tmp_path / "models"
    return config_file(
        tmp_path, f'[models]\nfolder = "{folder}"\nsources = ["mirror"]\nmirror = "{tmp_path}/none"\n'
    )


def test_without_weights_listening_names_the_command_that_brings_them(bare: Path, tmp_path: Path) -> None:
    write_wav(tmp_path / "order.wav", np.zeros(16_000, np.int16), 16_000)
    done = sotto("listen", "--config", bare, tmp_path / "order.wav")
    assert done.returncode == 3
    assert "sotto models pull whisper-base" in one_line(done)


def test_without_weights_everyday_orders_from_text_still_work(bare: Path) -> None:
    with bare.open("a") as config:
        config.write("[home]\nsimulated = true\n")
    turned, asked = turns(
        sotto("ask", "--json", "--config", bare, given="turn on the hall light\nwhy is the sky blue?\n")
    )
    assert turned["outcomes"][0]["result"] == "done"
    assert asked["failure"] == "no_language_model"


def test_weights_that_cannot_be_had_are_told_with_a_reason_for_each_source(bare: Path) -> None:
    done = sotto("models", "pull", "whisper-tiny.en", "--config", bare)
    assert done.returncode == 3
    assert "mirror" in one_line(done)


def test_doctor_on_a_bare_machine_names_each_missing_piece_and_its_remedy(bare: Path) -> None:
    done = sotto("doctor", "--json", "--config", bare, env=NO_SOUND_CARD)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    said = json.dumps(json.loads(done.stdout))
    assert "sotto models pull" in said
    assert "microphone" in said


@pytest.mark.models
@pytest.mark.usefixtures("models")
def test_a_truncated_weight_file_is_noticed_before_it_is_used(
    tmp_path: Path, weights: Callable[[str], Path]
) -> None:
    folder = tmp_path / "models"
    for file in weights("whisper-base").iterdir():
        (folder / "whisper-base").mkdir(parents=True, exist_ok=True)
        (folder / "whisper-base" / file.name).write_bytes(file.read_bytes()[:100_000])
    config = config_file(tmp_path, f'[models]\nfolder = "{folder}"\n')
    write_wav(tmp_path / "order.wav", np.zeros(16_000, np.int16), 16_000)
    done = sotto("listen", "--config", config, tmp_path / "order.wav")
    assert done.returncode == 3
    assert "sotto models pull whisper-base" in one_line(done)


def test_a_typo_in_the_configuration_is_told_with_its_line(tmp_path: Path) -> None:
    config = config_file(tmp_path, '[mqtt]\nhots = "192.168.1.2"\n')
    done = sotto("ask", "--config", config, "hello")
    assert done.returncode == 2
    assert "sotto.toml:2" in one_line(done)
    assert '"host"' in done.stderr


@pytest.mark.models
@pytest.mark.usefixtures("models")
def test_broken_recordings_are_told_one_by_one_and_the_sound_one_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("this is not sound")
    write_wav(tmp_path / "nothing.wav", np.zeros(0, np.int16), 16_000)
    write_wav(tmp_path / "quiet.wav", np.zeros(32_000, np.int16), 16_000)
    config = config_file(tmp_path, "[mqtt]\nembedded_port = 18977\n")
    names = ("empty.wav", "text.wav", "nothing.wav", "missing.wav", "quiet.wav")
    done = sotto("listen", "--json", "--config", config, *(tmp_path / name for name in names))
    assert done.returncode == 1
    said = one_line(done)
    for name in names[:-1]:
        assert name in said
    (quiet,) = turns(done)
    assert quiet["heard"] == ""
    assert quiet["failure"] == "nothing_heard"


@pytest.mark.models
@pytest.mark.usefixtures("models")
def test_an_hour_of_quiet_is_survived_and_says_nothing(tmp_path: Path) -> None:
    write_wav(tmp_path / "hour.wav", np.zeros(3_600 * 16_000, np.int16), 16_000)
    done = sotto("transcribe", "--json", tmp_path / "hour.wav", timeout=170)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["segments"] == []


@pytest.mark.models
@pytest.mark.usefixtures("models")
def test_without_a_microphone_the_assistant_says_so_and_stays(tmp_path: Path) -> None:
    config = config_file(tmp_path, '[mqtt]\nembedded_port = 18978\n[understanding]\norder = "local-only"\n')
    log = tmp_path / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [SOTTO, "run", "--config", config], stdout=out, stderr=out, env={**os.environ, **NO_SOUND_CARD}
        )
        try:
            wait_for(lambda: "microphone" in log.read_text(), "a word about the microphone", 60)
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(30)
    assert "Traceback" not in log.read_text()


@pytest.mark.broker
def test_a_payload_of_ten_megabytes_does_not_disturb_the_next_order(house: House, tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    huge.write_bytes(b"x" * 10_000_000)
    to = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(house.broker.port), "-r", "-f", str(huge)]
    for topic in ("homeassistant/light/huge/config", "simulated/hall_light/state"):
        subprocess.run([*to, "-t", topic], check=True)
    (turn,) = turns(sotto("ask", "--json", "--config", house.config, "turn on the hall light"))
    assert turn["outcomes"][0]["result"] == "done"
