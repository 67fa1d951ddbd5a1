import json
import os
import socket
import sys

import pytest
from typer.testing import CliRunner

from assistant.cli.doctor import MISSING, OK, WARN, Check, examine
from assistant.cli.main import app

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def bare_machine(tmp_path, monkeypatch):
    """No configuration, no weights."""
    for name in [name for name in os.environ if name.startswith("SOTTO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def examined(tmp_path, text: str) -> dict[str, Check]:
    path = tmp_path / "sotto.toml"
    path.write_text(text)
    return {check.name: check for check in examine(path)}


def a_free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def test_on_a_bare_machine_each_missing_piece_has_a_command():
    result = RUNNER.invoke(app, ["doctor"])
    assert result.exit_code == 3
    assert "-> sotto models pull whisper-base" in result.stdout
    assert "-> sotto models pull qwen2.5-coder-0.5b-instruct" in result.stdout
    found = json.loads(RUNNER.invoke(app, ["doctor", "--json"]).stdout)
    assert all(check["help"] for check in found if check["state"] != OK)
    assert {check["state"] for check in found} <= {OK, WARN, MISSING}


def test_a_wrong_configuration_is_a_finding_and_the_rest_is_still_checked(tmp_path):
    found = examined(tmp_path, "[mqtt]\nhots = 1\n")
    assert found["configuration"].state == MISSING
    assert 'did you mean "host"?' in found["configuration"].detail
    assert found["Python"].state == OK


def test_without_a_configured_broker_the_one_inside_is_enough(tmp_path):
    assert examined(tmp_path, "")["MQTT broker"].state == OK


def test_a_broker_that_answers_is_ok_and_one_that_does_not_is_missing(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as broker:
        text = f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.getsockname()[1]}\n'
        assert examined(tmp_path, text)["MQTT broker"].state == OK
    check = examined(tmp_path, f'[mqtt]\nhost = "127.0.0.1"\nport = {a_free_port()}\n')["MQTT broker"]
    assert check.state == MISSING
    assert "connection refused" in check.detail
    assert "[mqtt] host" in check.help


def test_music_is_optional(tmp_path):
    check = examined(tmp_path, f"[skills.music]\nport = {a_free_port()}\n")["music (MPD)"]
    assert check.state == WARN
    with socket.create_server(("127.0.0.1", 0)) as mpd:
        found = examined(tmp_path, f"[skills.music]\nport = {mpd.getsockname()[1]}\n")
    assert found["music (MPD)"].state == OK


def test_weather_is_looked_for_where_it_is_configured(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as world:
        text = f'[skills.weather]\nforecast_url = "http://127.0.0.1:{world.getsockname()[1]}/v1"\n'
        assert examined(tmp_path, text)["weather (Open-Meteo)"].state == OK


def test_a_password_that_everybody_can_read_is_warned_about(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hush")
    secret.chmod(0o644)
    check = examined(tmp_path, '[mqtt]\npassword_file = "secret"\n')["mqtt.password_file"]
    assert (check.state, check.help) == (WARN, f"chmod 600 {secret}")
    secret.chmod(0o600)
    assert "mqtt.password_file" not in examined(tmp_path, '[mqtt]\npassword_file = "secret"\n')


def test_files_that_are_not_there_are_missing(tmp_path):
    found = examined(
        tmp_path, '[mqtt]\npassword_file = "p"\nca_file = "c"\n[language_model]\npath = "own.gguf"\n'
    )
    for name in ("mqtt.password_file", "mqtt.ca_file", "language model"):
        assert found[name].state == MISSING
        assert "no such file" in found[name].detail


def test_what_is_switched_off_is_not_looked_for(tmp_path):
    found = examined(tmp_path, '[voice]\nenabled = false\n[understanding]\norder = "local-only"\n')
    assert not {"loudspeaker", "espeak-ng"} & set(found)
    assert [name for name in found if name.startswith("model ")] == [
        "model whisper-base",
        "model smart-turn-v3.2",
    ]


def test_a_sound_device_that_does_not_exist_is_missing(tmp_path):
    check = examined(tmp_path, '[listen]\ninput_device = "no such microphone"\n')["microphone"]
    assert check.state == MISSING
    assert "sounddevice" in check.help or "libportaudio2" in check.help


def test_a_check_that_breaks_is_a_finding_and_not_an_end(tmp_path):
    check = examined(tmp_path, '[skills.music]\nport = "many"\n')["music"]
    assert check.state == WARN
    assert "could not be checked: ValueError" in check.detail


def test_without_portaudio_the_package_that_brings_it_is_named(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    found = examined(tmp_path, "")
    assert found["microphone"] == Check(
        "microphone", MISSING, "PortAudio is not installed", "sudo apt install libportaudio2"
    )
    assert found["loudspeaker"].state == MISSING
