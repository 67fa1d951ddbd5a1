import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from assistant.cli import main as command_line
from assistant.cli.main import SECTIONS, VERBS, Verb, app
from assistant.config.errors import ConfigError
from assistant.weights.source import WeightsError
from speech.sound.ports import SoundError

RUNNER = CliRunner()
SOTTO = [sys.executable, "-m", "sotto_voce"]


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """A machine on which nothing was ever set up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOTTO_")}
    return {**kept, "XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def sotto(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SOTTO, *arguments], env=environment, capture_output=True, text=True, timeout=60)


def test_the_help_lists_every_verb_and_imports_nothing_that_a_verb_needs(environment):
    program = (
        "import sys; sys.argv = ['sotto', '--help']\n"
        "try:\n    from sotto_voce import main; main()\n"
        "except SystemExit as left:\n    assert not left.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert all(f"  {verb} " in done.stdout for verb in VERBS)
    imported = set(done.stderr.split())
    assert (
        imported & {"numpy", "pydantic", "rich", "httpx", "asyncio", "platformdirs", "skills", "devices"}
        == set()
    )
    assert imported & {verb.target.partition(":")[0] for verb in VERBS.values()} == set()


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself_and_takes_a_configuration(verb):
    shown = RUNNER.invoke(app, [verb, "--help"])
    assert shown.exit_code == 0, shown.output
    assert VERBS[verb].help in " ".join(shown.output.split())
    assert "--config" in shown.output or "VERB" in shown.output


def test_no_verb_stands_in_two_sections():
    assert sum(len(verbs) for verbs in SECTIONS.values()) == len(VERBS)


def test_the_version_is_told():
    shown = RUNNER.invoke(app, ["--version"])
    assert (shown.exit_code, shown.output.split()[0]) == (0, "sotto-voce")


def test_a_misspelt_verb_is_answered_with_the_nearest(environment):
    done = sotto(environment, "lisen")
    assert done.returncode == 2
    assert "There is no verb 'lisen'; did you mean 'listen'?" in done.stderr


def test_a_wrong_configuration_is_one_line_and_2(environment, tmp_path):
    (tmp_path / "sotto.toml").write_text('[mqtt]\nhots = "x"\n')
    done = sotto(environment, "config", "check", "--config", str(tmp_path / "sotto.toml"))
    assert done.returncode == 2
    assert done.stderr == 'sotto: sotto.toml:2: unknown key "mqtt.hots"; did you mean "host"?\n'
    assert done.stdout == ""


def test_missing_weights_are_one_line_and_3(environment):
    done = sotto(environment, "models", "where", "whisper-base")
    assert done.returncode == 3
    assert (
        done.stderr == "sotto: the model whisper-base is not there yet; run: sotto models pull whisper-base\n"
    )


def test_a_reader_that_has_enough_is_no_accident(environment):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        done = subprocess.run(
            [*SOTTO, "config", "show"],
            env=environment,
            stdout=nobody,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.stderr == ""
    assert done.returncode == 1


def test_ctrl_c_ends_it_with_130_and_without_a_traceback(environment, tmp_path):
    fifo = tmp_path / "never.toml"
    os.mkfifo(fifo)
    verb = [*SOTTO, "config", "check", "--config", str(fifo)]
    # Opening the other end waits until the verb has come as far as reading.
    with (
        subprocess.Popen(verb, env=environment, stderr=subprocess.PIPE, text=True) as process,
        fifo.open("w"),
    ):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors


class NoMicrophoneError(SoundError):
    """A special case of what is known."""


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (ConfigError("a wrong key\na wrong value"), 2, "sotto: a wrong key\nsotto: a wrong value\n"),
        (WeightsError("not there"), 3, "sotto: not there\n"),
        (NoMicrophoneError("no microphone"), 1, "sotto: no microphone\n"),
        (
            ZeroDivisionError("by\nzero"),
            1,
            "sotto: unexpected ZeroDivisionError: by zero; SOTTO_DEBUG=1 in the environment shows where\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (typer.Exit(7), 7, ""),
    ],
)
def test_each_way_to_fail_has_its_code_and_its_line(monkeypatch, error, code, says):
    monkeypatch.delenv("SOTTO_DEBUG", raising=False)

    def fail() -> None:
        raise error

    monkeypatch.setitem(command_line.VERBS, "fail", Verb(f"{__name__}:fail", "Fail."))
    monkeypatch.setattr(sys.modules[__name__], "fail", fail, raising=False)
    result = RUNNER.invoke(app, ["fail"])
    assert (result.exit_code, result.stderr) == (code, says)


def test_whoever_debugs_sees_the_traceback(environment, tmp_path):
    done = sotto(
        {**environment, "SOTTO_DEBUG": "1"}, "config", "check", "--config", str(tmp_path / "none.toml")
    )
    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_the_configuration_may_be_named_before_the_verb(environment, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[mqtt]\nport = 1999\n")
    assert "1999" in sotto(environment, "--config", str(path), "config", "show").stdout
    other = Path(tmp_path / "other.toml")
    other.write_text("[mqtt]\nport = 2999\n")
    done = sotto(environment, "--config", str(path), "config", "show", "--config", str(other))
    assert "2999" in done.stdout
