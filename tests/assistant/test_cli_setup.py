"""`sotto setup`, on a machine without sound, and its parts."""

import stat

import numpy as np
import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.cli.settings_file import SettingsFile
from assistant.cli.sound_check import chosen, judged
from assistant.config.errors import ConfigError
from assistant.config.load import load
from speech.sound.ports import SoundError
from tests.brokers import free_port
from tests.fakes import sound

RUNNER = CliRunner()


def test_what_a_person_wrote_stays_where_it_was(tmp_path):
    path = tmp_path / "sotto.toml"
    path.write_text('# mine\n[mqtt]\nhost = "old" # the attic\n\n[voice]\nvolume = 0.5\n')
    file = SettingsFile(path)
    file.set("mqtt", host="new", port=1884)
    file.set("listen", room="厨房")
    assert path.read_text().startswith('# mine\n[mqtt]\nhost = "new" # the attic\n')
    config = load(path).config
    assert (config.mqtt.port, config.listen.room, config.voice.volume) == (1884, "厨房", 0.5)
    file.set("mqtt", host=None, port=None)
    assert "[mqtt]" not in path.read_text()


def test_what_would_be_wrong_is_not_written(tmp_path):
    path = tmp_path / "sotto.toml"
    file = SettingsFile(path)
    file.set("mqtt", port=1884)
    with pytest.raises(ConfigError):
        file.set("mqtt", port=0)
    assert load(path).config.mqtt.port == 1884
    assert list(tmp_path.iterdir()) == [path]
    path.write_text("[[[")
    with pytest.raises(ConfigError, match="config check"):
        SettingsFile(path)


def test_a_password_is_for_its_owner_alone(tmp_path):
    kept = SettingsFile(tmp_path / "folder" / "sotto.toml").keep_secret("mqtt-password", "geheim")
    assert (kept.read_text(), stat.S_IMODE(kept.stat().st_mode)) == ("geheim\n", 0o600)


@pytest.mark.parametrize(
    ("samples", "good", "says"),
    [
        (sound(("quiet", 2.0), ("voice", 2.0), ("quiet", 1.0)), True, "good"),
        (sound(("quiet", 5.0)), False, "nobody spoke"),
        (np.zeros(80_000, np.int16), False, "nothing at all"),
        (np.zeros(0, np.int16), False, "nothing at all"),
        (sound(("quiet", 2.0), ("voice", 2.0)) // 100 * 1, False, "too quiet"),
        (np.tile(np.array([32767, -32768], np.int16), 40_000), False, "too loud"),
    ],
)
def test_a_microphone_is_judged_by_what_it_hears(samples, good, says):
    fine, line = judged(samples.astype(np.int16))
    assert (fine, says in line) == (good, True), line


@pytest.mark.parametrize(
    ("answer", "device"),
    [("", None), (" ", None), ("2", "USB PnP"), ("usb", "USB PnP"), ("HDA", "HDA Intel")],
)
def test_a_device_is_meant_by_its_number_or_its_name(answer, device):
    assert chosen(["HDA Intel", "USB PnP"], answer) == device


@pytest.mark.parametrize("answer", ["0", "3", "x", "p"])
def test_an_answer_that_means_no_device_is_asked_back(answer):
    with pytest.raises(ValueError, match="a number from 1 to 2"):
        chosen(["HDA Intel P", "USB PnP"], answer)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Without sound, with all weights that it needs, and a simulated home."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def none(_kind: str) -> list[str]:
        raise SoundError("PortAudio is missing")

    monkeypatch.setattr("assistant.cli.sound_check.devices", none)
    path = tmp_path / "sotto.toml"
    path.write_text(
        f"[mqtt]\nembedded_port = {free_port()}\n[home]\nsimulated = true\n"
        '[understanding]\norder = "local-only"\n[voice]\nenabled = false\n[end_of_turn]\nmodel = ""\n'
    )
    return path


def test_a_newcomer_is_led_to_a_first_order(machine, monkeypatch):
    monkeypatch.setattr("assistant.cli.setup._weights", lambda _desk: None)  # nothing is fetched here
    answers = ["zh", "", "kitchen", "turn on the hall light"]  # language, broker, room, order
    done = RUNNER.invoke(app, ["setup", "--config", str(machine)], input="\n".join([*answers, ""]))
    assert done.exit_code == 0, done.output
    config = load(machine).config
    assert (config.home.language, config.listen.room, config.mqtt.host) == ("zh", "Kitchen", None)
    assert "Hall Light is on." in done.output
    assert done.stderr.count("PortAudio is missing") == 2  # told, and the next step began


def test_a_broker_that_is_not_there_is_told_and_not_taken(machine):
    from assistant.cli.setup import _broker, _Desk

    answers = iter(["127.0.0.1", str(free_port())])
    desk = _Desk(SettingsFile(machine), yes=True)
    desk.ask = lambda *_a, **_k: next(answers)
    _broker(desk)
    assert load(machine).config.mqtt.host is None
