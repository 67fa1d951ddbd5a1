import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.audio import Samples
from speech.synthesis.cache import CachedVoice
from speech.synthesis.engine import SynthesisError


class CountingVoice:
    """Speaks noise in two pieces, and counts how often it had to."""

    languages = frozenset({"en"})
    rate_hz = 22_050

    def __init__(self, name: str = "counting", *, length: int = 1_000, fails: bool = False) -> None:
        self.name = name
        self.spoken: list[str] = []
        self._length = length
        self._fails = fails

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        self.spoken.append(clause)
        sound = np.random.default_rng(len(clause)).integers(-9_000, 9_000, self._length).astype(np.int16)
        yield sound[: self._length // 2]
        if self._fails:
            raise SynthesisError("it broke")
        yield sound[self._length // 2 :]

    def close(self) -> None:
        self.spoken.append("closed")


def say(voice: CachedVoice, clause: str, language: str = "en") -> Samples:
    return np.concatenate(list(voice.synthesise(clause, language)))


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def test_a_text_is_spoken_once_and_remembered(tmp_path: Path) -> None:
    voice = CountingVoice()
    cached = CachedVoice(voice, tmp_path)
    assert np.array_equal(say(cached, "On."), say(cached, "On."))
    assert voice.spoken == ["On."]


@pytest.mark.parametrize("on_disk", [True, False])
def test_only_a_folder_remembers_longer_than_the_process(tmp_path: Path, on_disk: bool) -> None:
    folder = tmp_path / "voice" if on_disk else None
    said = say(CachedVoice(CountingVoice(), folder), "On.")
    voice = CountingVoice()
    assert np.array_equal(say(CachedVoice(voice, folder), "On."), said)
    assert voice.spoken == ([] if on_disk else ["On."])


def test_another_voice_or_language_is_another_sound(tmp_path: Path) -> None:
    say(CachedVoice(CountingVoice("one"), tmp_path), "On.")
    other = CountingVoice("two")
    cached = CachedVoice(other, tmp_path)
    say(cached, "On.")
    say(cached, "On.", "de")
    assert other.spoken == ["On.", "On."]


def test_long_texts_are_not_kept(tmp_path: Path) -> None:
    voice = CountingVoice()
    cached = CachedVoice(voice, tmp_path)
    say(cached, "a" * 81)
    say(cached, "a" * 81)
    assert len(voice.spoken) == 2
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-2], lambda _: b"", lambda data: data[:40] + b"\0\1" + data[42:]]
)
def test_a_damaged_file_is_dropped_and_made_anew(tmp_path: Path, damage) -> None:
    said = say(CachedVoice(CountingVoice(), tmp_path), "On.")
    [path] = files(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    voice = CountingVoice()
    assert np.array_equal(say(CachedVoice(voice, tmp_path), "On."), said)
    assert voice.spoken == ["On."]
    assert np.array_equal(say(CachedVoice(CountingVoice(), tmp_path), "On."), said)


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cached = CachedVoice(CountingVoice(), tmp_path, max_bytes=4_500)
    say(cached, "a")
    say(cached, "bb")
    for age, path in enumerate(
        sorted(files(tmp_path), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    ):
        os.utime(path, (1_000 - age, 1_000 - age))
    say(CachedVoice(CountingVoice(), tmp_path, max_bytes=4_500), "a")  # read, and so the younger one now
    say(cached, "ccc")
    voice = CountingVoice()
    again = CachedVoice(voice, tmp_path, max_bytes=4_500)
    say(again, "a")
    say(again, "ccc")
    say(again, "bb")
    assert voice.spoken == ["bb"]
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 4_500


def test_memory_is_bounded_too() -> None:
    voice = CountingVoice()
    cached = CachedVoice(voice, None, max_bytes=4_500)
    for clause in ("a", "bb", "a", "ccc", "a", "bb"):
        say(cached, clause)
    assert voice.spoken == ["a", "bb", "ccc", "bb"]


def test_half_a_sentence_is_not_kept(tmp_path: Path) -> None:
    cached = CachedVoice(CountingVoice(fails=True), tmp_path)
    with pytest.raises(SynthesisError):
        say(cached, "On.")
    next(iter(CachedVoice(CountingVoice(), tmp_path).synthesise("On.", "en")))
    assert files(tmp_path) == []


def test_what_was_said_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    say(CachedVoice(CountingVoice(), tmp_path / "voice"), "On.")
    for path in [tmp_path / "voice", *files(tmp_path / "voice")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_folder_that_cannot_be_written_costs_only_the_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cached = CachedVoice(CountingVoice(), tmp_path / "file" / "voice")
    with caplog.at_level(logging.WARNING):
        assert len(say(cached, "a")) == len(say(cached, "bb")) == 1_000
    assert len(caplog.records) == 1


def test_closing_closes_the_voice() -> None:
    voice = CountingVoice()
    CachedVoice(voice, None).close()
    assert voice.spoken == ["closed"]
