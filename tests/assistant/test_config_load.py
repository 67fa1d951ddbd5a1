import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.config.errors import ConfigError
from assistant.config.load import default_path, load
from assistant.config.schema import Config


@pytest.fixture(autouse=True)
def own_machine(tmp_path, monkeypatch):
    """No configuration but the test's own."""
    for name in [name for name in os.environ if name.startswith("SOTTO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sotto.toml"
    path.write_text(text, "utf-8")
    return path


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text))
    return str(caught.value)


def test_without_a_file_the_defaults_are_in_force():
    loaded = load()
    assert loaded.config == Config()
    assert loaded.path is None
    assert set(loaded.origin.values()) == {"default"}


def test_the_default_file_is_found_in_the_platforms_folder(tmp_path):
    default_path().parent.mkdir(parents=True)
    default_path().write_text("[mqtt]\nport = 1884\n")
    assert default_path().is_relative_to(tmp_path)
    assert load().config.mqtt.port == 1884


def test_each_value_knows_where_it_came_from(tmp_path, monkeypatch):
    monkeypatch.setenv("SOTTO_MQTT__PORT", "1885")
    path = written(tmp_path, '[mqtt]\nhost = "broker"\nport = 1884\n[home.rooms]\nkitchen = ["cookhouse"]\n')
    loaded = load(path)
    assert loaded.config.mqtt.port == 1885
    assert loaded.origin["mqtt.host"] == "sotto.toml:2"
    assert loaded.origin["mqtt.port"] == "environment SOTTO_MQTT__PORT"
    assert loaded.origin["home.rooms.kitchen.aliases"] == "sotto.toml:5"
    assert loaded.origin["mqtt.tls"] == "default"


def test_every_leaf_has_an_origin(tmp_path):
    loaded = load(written(tmp_path, '[devices."Kitchen lamp"]\ncommand_topic = "a/b"\n'))
    assert loaded.origin["devices.Kitchen lamp.command_topic"] == "sotto.toml:2"
    assert "skills" in loaded.origin


def test_rooms_are_a_list_or_a_table(tmp_path):
    listed = load(written(tmp_path, '[home]\nrooms = ["kitchen", "hall"]\n')).config.home.room_names
    assert listed == {"kitchen": (), "hall": ()}
    tabled = load(written(tmp_path, '[home.rooms]\nkitchen = ["a"]\nhall = { aliases = ["b"] }\n'))
    assert tabled.config.home.room_names == {"kitchen": ("a",), "hall": ("b",)}


def test_devices_and_skills_are_passed_on_as_they_are(tmp_path):
    text = '[devices.Lamp]\nkind = "light"\nbrightness_scale = 254\n[skills.weather]\nlatitude = 60.2\n'
    config = load(written(tmp_path, text)).config
    assert config.devices == {"Lamp": {"kind": "light", "brightness_scale": 254}}
    assert config.skills == {"weather": {"latitude": 60.2}}


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest_one(tmp_path):
    assert refused(tmp_path, '\n[mqtt]\nhots = "x"\n') == (
        'sotto.toml:3: unknown key "mqtt.hots"; did you mean "host"?'
    )


def test_an_unknown_section_is_refused(tmp_path):
    assert (
        refused(tmp_path, "[mqqt]\nport = 1\n")
        == 'sotto.toml:1: unknown section "mqqt"; did you mean "mqtt"?'
    )


def test_an_unknown_key_deep_inside_is_refused_with_its_line(tmp_path):
    text = '[home]\n[home.rooms.kitchen]\naliasses = ["a"]\n'
    assert 'sotto.toml:3: unknown key "home.rooms.kitchen.aliasses"; did you mean "aliases"?' in refused(
        tmp_path, text
    )


def test_a_wrong_type_is_refused_with_its_line(tmp_path):
    assert refused(tmp_path, '[mqtt]\nport = "abc"\n') == (
        'sotto.toml:2: mqtt.port: should be a valid integer, not "abc"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "[mqtt]\nport = 0",
        "[mqtt]\nport = 65536",
        "[voice]\nrate = 9.0",
        "[language_model]\ntop_p = 0.0",
        "[end_of_turn]\nlongest_s = 60",
        "[listen]\nwake_words = ['computer']",
        "[recognition]\ndevice = 'gpu'",
        "[voice]\nengine = { zh = 'sing' }",
        "[models]\nmirror = 'http://'",
        "mqtt = 3",
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, text):
    message = refused(tmp_path, text)
    assert message.startswith(f"sotto.toml:{len(text.splitlines())}: ")
    assert "\n" not in message


def test_a_model_that_the_catalogue_lacks_is_refused_with_the_nearest(tmp_path):
    assert 'did you mean "whisper-tiny.en"?' in refused(tmp_path, '[recognition]\nmodel = "whisper-tiny"\n')


def test_a_wake_word_is_a_name_or_a_file_beside_the_configuration(tmp_path):
    config = load(written(tmp_path, '[listen]\nwake_words = ["alexa", "mine.json"]\n')).config
    assert config.listen.wake_words == ("alexa", str(tmp_path / "mine.json"))


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path):
    lines = refused(tmp_path, "[voice]\nrate = 9\n[mqtt]\nport = 0\nhots = 1\n").splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "4", "5"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = ", 1),
        ("[mqtt]\nhost = 'x\n", 2),
        ("[mqtt]\nport = 1\nport = 2\n", 3),
        ("\n\n[mqtt", 3),
        ("a = [1,\n2", 2),
    ],
)
def test_a_mistake_in_the_syntax_is_told_with_its_line(tmp_path, text, line):
    assert refused(tmp_path, text).startswith(f"sotto.toml:{line}: ")


def test_a_file_that_is_not_text_is_one_line(tmp_path):
    path = tmp_path / "sotto.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        load(path)


def test_a_folder_instead_of_a_file_is_one_line(tmp_path):
    with pytest.raises(ConfigError, match="Is a directory"):
        load(tmp_path)


def test_a_named_file_must_be_there(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "none.toml")
    monkeypatch.setenv("SOTTO_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match="there is no such file"):
        load()


def test_the_environment_may_name_the_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SOTTO_CONFIG", str(written(tmp_path, "[mqtt]\nport = 1884\n")))
    assert load().config.mqtt.port == 1884


def test_lists_and_tables_in_the_environment_are_json(monkeypatch):
    monkeypatch.setenv("SOTTO_LISTEN__WAKE_WORDS", '["alexa", "hey_jarvis"]')
    monkeypatch.setenv("SOTTO_HOME__ROOMS", '{"kitchen": ["cookhouse"]}')
    config = load().config
    assert config.listen.wake_words == ("alexa", "hey_jarvis")
    assert config.home.room_names == {"kitchen": ("cookhouse",)}


def test_a_list_that_is_not_json_is_told_by_its_variable(monkeypatch):
    monkeypatch.setenv("SOTTO_LISTEN__WAKE_WORDS", "alexa")
    with pytest.raises(ConfigError, match=r"environment SOTTO_LISTEN__WAKE_WORDS: .* JSON"):
        load()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "SOTTO_MQTT__HOTS",
            "x",
            'environment SOTTO_MQTT__HOTS: unknown key "mqtt.hots"; did you mean "host"?',
        ),
        (
            "SOTTO_MQQT__HOST",
            "x",
            'environment SOTTO_MQQT__HOST: unknown section "mqqt"; did you mean "mqtt"?',
        ),
        (
            "SOTTO_MQTT__PORT",
            "x",
            'environment SOTTO_MQTT__PORT: mqtt.port: should be a valid integer, not "x"',
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(monkeypatch, name, value, says):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load()
    assert str(caught.value) == says


def test_other_variables_of_ours_are_no_settings(monkeypatch):
    monkeypatch.setenv("SOTTO_DEBUG", "1")
    monkeypatch.setenv("SOTTO_REQUIRE", "all")
    assert load().config == Config()


def test_paths_are_relative_to_the_file(tmp_path):
    config = load(
        written(tmp_path, '[mqtt]\npassword_file = "secret"\n[models]\nmirror = "weights"\n')
    ).config
    assert config.mqtt.password_file == tmp_path / "secret"
    assert config.models.mirror == str(tmp_path / "weights")


def test_the_password_comes_out_of_its_file_without_the_line_end(tmp_path):
    (tmp_path / "secret").write_text("pass word\n")
    config = load(written(tmp_path, '[mqtt]\npassword_file = "secret"\n')).config
    assert config.mqtt.password() == "pass word"
    assert "pass word" not in repr(config)


def test_a_password_file_that_is_not_there_is_one_line(tmp_path):
    config = load(written(tmp_path, '[mqtt]\npassword_file = "secret"\n')).config
    with pytest.raises(ConfigError, match=r"cannot read mqtt\.password_file"):
        config.mqtt.password()


def test_only_what_is_used_is_needed(tmp_path):
    assert len(Config().needed_models) == 4
    text = '[understanding]\norder = "local-only"\n[voice]\nenabled = false\n[end_of_turn]\nmodel = ""\n'
    assert load(written(tmp_path, text)).config.needed_models == ("whisper-base",)
    own = '[language_model]\npath = "own.gguf"\n'
    assert "qwen2.5-coder-0.5b-instruct" not in load(written(tmp_path, own)).config.needed_models


def test_a_sound_device_may_be_a_number_also_in_the_environment(monkeypatch):
    monkeypatch.setenv("SOTTO_LISTEN__INPUT_DEVICE", "2")
    monkeypatch.setenv("SOTTO_VOICE__OUTPUT_DEVICE", "pulse")
    config = load().config
    assert (config.listen.input_device, config.voice.output_device) == (2, "pulse")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text("[]{}=\"'.,#\n abmqt1_é", max_size=40))
def test_whatever_the_file_holds_it_is_read_or_refused_with_a_place(tmp_path, text):
    told = ""
    try:
        load(written(tmp_path, text))
    except ConfigError as error:
        told = str(error)
    assert all(line.startswith("sotto.toml:") for line in told.splitlines())
