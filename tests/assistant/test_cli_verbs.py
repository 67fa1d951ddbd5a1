import contextlib
import json
import os
import sys
from types import ModuleType, SimpleNamespace

import pytest
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.weights.catalogue import catalogue
from devices.home import Ability, Device, Home, Kind

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def own_machine(tmp_path, monkeypatch):
    """A machine on which nothing was ever set up, and without any source of weights."""
    for name in [name for name in os.environ if name.startswith("SOTTO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SOTTO_MODELS__SOURCES", '["mirror"]')


def test_the_list_of_models_says_what_is_needed_and_missing():
    shown = RUNNER.invoke(app, ["models", "list"])
    assert shown.exit_code == 0
    rows = {line.split()[0]: line for line in shown.stdout.splitlines()[1:]}
    assert set(rows) == set(catalogue())
    assert "missing" in rows["whisper-base"]
    assert "yes" in rows["whisper-base"]
    assert "yes" not in rows["whisper-tiny.en"]


def test_the_list_of_models_is_json_for_machines():
    models = json.loads(RUNNER.invoke(app, ["models", "list", "--json"]).stdout)
    assert {model["id"]: model["state"] for model in models} == dict.fromkeys(catalogue(), "missing")
    assert all(model["licence"] and model["size"] for model in models)


def test_where_without_a_model_is_the_folder_of_all(tmp_path):
    shown = RUNNER.invoke(app, ["models", "where"])
    assert shown.stdout.strip() == str(tmp_path / "cache" / "sotto-voce" / "models")


def test_the_folder_of_models_is_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("SOTTO_MODELS__FOLDER", str(tmp_path / "elsewhere"))
    assert RUNNER.invoke(app, ["models", "where"]).stdout.strip() == str(tmp_path / "elsewhere")


def test_a_pull_without_sources_says_what_would_help():
    result = RUNNER.invoke(app, ["models", "pull", "smart-turn-v3.2"])
    assert result.exit_code == 3
    assert "no source is configured" in result.stderr
    assert "[models] mirror" in result.stderr


def test_a_pull_goes_on_with_the_other_models_when_one_fails():
    result = RUNNER.invoke(app, ["models", "pull"])
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 4


def test_an_unknown_model_is_answered_with_the_nearest():
    result = RUNNER.invoke(app, ["models", "pull", "whisper-bas"])
    assert result.exit_code == 3
    assert 'did you mean "whisper-base"?' in result.stderr


def test_verify_names_what_is_wrong_and_the_command():
    result = RUNNER.invoke(app, ["models", "verify", "smart-turn-v3.2"])
    assert result.exit_code == 3
    assert result.stdout == "smart-turn-v3.2: smart-turn-v3.2-cpu.onnx is missing\n"
    assert result.stderr == "sotto: not whole; run: sotto models pull smart-turn-v3.2\n"


def test_config_check_is_content_without_a_file():
    result = RUNNER.invoke(app, ["config", "check"])
    assert result.exit_code == 0
    assert "which is fine" in result.stdout


def test_config_show_tells_each_value_and_its_origin(tmp_path):
    path = tmp_path / "sotto.toml"
    path.write_text('[mqtt]\nhost = "broker"\n')
    rows = RUNNER.invoke(app, ["config", "show", "--config", str(path)]).stdout.splitlines()
    assert ["mqtt.host", '"broker"', "sotto.toml:2"] in [row.split() for row in rows]
    assert ["mqtt.port", "1883", "default"] in [row.split() for row in rows]
    shown = json.loads(RUNNER.invoke(app, ["config", "show", "--json", "--config", str(path)]).stdout)
    assert shown["mqtt.host"] == {"value": "broker", "from": "sotto.toml:2"}


def test_config_show_keeps_secrets(tmp_path):
    path = tmp_path / "sotto.toml"
    (tmp_path / "broker-secret").write_text("hush")
    path.write_text(
        '[mqtt]\npassword_file = "broker-secret"\n[skills.x]\napi_key = "hush"\n'
        '[models]\nmirror = "https://me:hush@example.org/w"\n'
    )
    for more in ([], ["--json"]):
        shown = RUNNER.invoke(app, ["config", "show", "--config", str(path), *more]).stdout
        assert "hush" not in shown
        assert "example.org" in shown
        assert "broker-secret" in shown


def test_skills_are_listed_with_their_tools():
    result = RUNNER.invoke(app, ["skills", "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert set(found) == {"skills", "tools", "problems"}
    assert all({"skill", "tool", "description", "acts", "parameters"} == set(tool) for tool in found["tools"])
    assert RUNNER.invoke(app, ["skills"]).exit_code == 0


def test_devices_are_listed_by_room(monkeypatch):
    home = Home()
    home.put(
        Device(
            "b", "Standing lamp", Kind.LIGHT, frozenset({Ability.ON}), "living room", state={Ability.ON: True}
        )
    )
    home.put(Device("a", "Ceiling lamp", Kind.LIGHT, frozenset({Ability.ON}), "kitchen", available=False))

    @contextlib.asynccontextmanager
    async def open_home(config):
        keeper = SimpleNamespace(announcements=dict)
        yield SimpleNamespace(home=home, broker="127.0.0.1:1883", keeper=keeper)

    stand_in = ModuleType("assistant.opening.home")
    stand_in.open_home = open_home
    monkeypatch.setitem(sys.modules, "assistant.opening.home", stand_in)
    plain = RUNNER.invoke(app, ["devices"]).stdout.splitlines()
    assert plain[1].split() == ["kitchen", "Ceiling", "lamp", "light", "on/off", "not", "known", "no"]
    assert plain[3] == "2 devices in 2 rooms at 127.0.0.1:1883, 1 not reachable"
    found = json.loads(RUNNER.invoke(app, ["devices", "--json"]).stdout)
    assert found["broker"] == "127.0.0.1:1883"
    assert found["devices"][1]["state"] == {"on": True}
