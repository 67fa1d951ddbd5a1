"""Tokens, and who guesses them."""

import stat

import pytest

from assistant.config.errors import ConfigError
from assistant.serve.api.gate import Failures
from assistant.serve.api.tokens import Keys


def test_strangers_fill_no_memory():
    failures = Failures(lambda: 0.0)
    for number in range(5_000):
        failures.note(f"10.0.{number // 256}.{number % 256}")
        failures.note(f"2001:db8::{number:x}")
    assert len(failures._seen) <= 1_024
    assert failures.blocked_s("2001:db8::ffff:1") > 0  # one network, however many addresses


def test_the_token_is_made_once_and_for_its_owner_alone(tmp_path):
    file = tmp_path / "folder" / "api.token"
    Keys(file)
    token = file.read_text().strip()
    file.chmod(0o644)
    keys = Keys(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.of(token).name == "api"
    assert keys.of(token + "\n") is None
    assert token not in repr(keys.of(token))


@pytest.mark.parametrize("text", ["", "short", "ünïcode-that-is-long-enough", "\udcff" * 30])
def test_a_token_that_is_none_is_refused(tmp_path, text):
    file = tmp_path / "api.token"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=r"api\.token"):
        Keys(file)
