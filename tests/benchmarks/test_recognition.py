import json
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks import recognition
from benchmarks.plots import draw
from benchmarks.recognition import Recognition
from speech.audio import Samples

LATTE = {"coffeeDrink": "latte", "size": "large"}
Transcribe = Callable[[Samples], str]


def write(path: Path, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(path.name))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(random.integers(-9_000, 9_000, int(seconds * 16_000)).astype(np.int16).tobytes())


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Noise instead of speech: nobody here listens to it."""
    audio = tmp_path / "audio"
    for number in range(8):
        write(audio / "orders" / f"turn on lamp {number}.wav", 5.0 if number == 7 else 1.0)
        write(audio / "commands" / f"{number}.wav", 2.0)
    write(audio / "noise" / "kitchen.wav", 8.0)
    labels = {f"{number}.wav": {"slots": LATTE} for number in range(8)}
    (audio / "commands" / "labels.json").write_text(json.dumps(labels), "utf-8")
    monkeypatch.setenv("SOTTO_SHARED", str(tmp_path))
    monkeypatch.setattr(recognition, "folder_of", lambda model: tmp_path)
    return tmp_path


class Scripted:
    """Always hears the same; counts the clips."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.heard: list[Samples] = []

    def __call__(self, samples: Samples) -> str:
        self.heard.append(samples)
        return self.text


@pytest.fixture
def scripted(shared: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Scripted]:
    there = {
        "ours": Scripted("a large latte"),
        "peer": Scripted("a latte"),
        "ours_float32": Scripted("a large latte"),
        "peer_float32": Scripted("a latte a latte a latte"),
    }
    monkeypatch.setattr(recognition, "contenders", lambda folder, threads: (there, True))
    return there


def silent(line: str) -> None: ...


def test_slots_are_compared_with_the_peers_plain_and_at_each_level(scripted: dict[str, Scripted]) -> None:
    figures = Recognition(levels_db=(20, 5)).run(silent).figures
    for prefix in ("long", "long_20_db", "long_5_db", "long_all"):
        assert figures[f"{prefix}_ours_slots_found"].value == 1.0
        assert figures[f"{prefix}_slots_found_more_than_peer"].value == 0.5
    assert "long_ours_word_error_rate" not in figures
    assert figures["short_ours_word_error_rate"].value == 1.0


def test_only_plain_clips_are_timed_and_only_by_two_heard_in_noise(scripted: dict[str, Scripted]) -> None:
    results = Recognition(levels_db=(20,)).run(silent)
    assert set(results.samples) == {f"{length}_{who}_s" for length in ("short", "long") for who in scripted}
    first_runs = 2
    assert len(scripted["ours"].heard) == first_runs + 2 * 16
    assert len(scripted["peer_float32"].heard) == first_runs + 16


def test_the_slower_ones_hear_a_sample(
    scripted: dict[str, Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "SAMPLED", {"short": 4, "long": 2})
    figures = Recognition(levels_db=()).run(silent).figures
    assert [figures[f"{each}_peer_float32_s"].n for each in ("short", "long")] == [4, 2]
    assert figures["short_float32_times_as_fast"].n == 4
    assert figures["short_peer_s"].n == 8


def test_speed_is_compared_on_orders_of_up_to_four_seconds(scripted: dict[str, Scripted]) -> None:
    figures = Recognition(levels_db=()).run(silent).figures
    assert figures["short_times_as_fast"].n == 7
    assert figures["short_ours_s"].n == 8


def test_loops_are_counted_over_all_conditions(scripted: dict[str, Scripted]) -> None:
    scripted["peer"].text = "stop stop stop"
    figures = Recognition(levels_db=(5,)).run(silent).figures
    assert (figures["ours_loops"].value, figures["ours_loops"].n) == (0.0, 32)
    assert figures["peer_loops"].value == 1.0


def test_all_hear_the_same_noise(scripted: dict[str, Scripted]) -> None:
    Recognition(most=2, levels_db=(5,)).run(silent)
    ours, peers = (sorted(each.tobytes() for each in scripted[who].heard) for who in ("ours", "peer"))
    assert ours == peers


def test_no_clip_is_timed_that_was_heard_just_before(scripted: dict[str, Scripted]) -> None:
    Recognition(levels_db=()).run(silent)
    first, *timed = scripted["ours"].heard
    assert not any(np.array_equal(first, each) for each in timed)


def test_whether_the_silence_was_folded_is_told(scripted: dict[str, Scripted]) -> None:
    assert Recognition(levels_db=()).run(silent).conditions["silence"] == "folded"


def test_a_table_is_told_for_each_condition(scripted: dict[str, Scripted]) -> None:
    told: list[str] = []
    Recognition(levels_db=(20,)).run(told.append)
    for prefix in ("short", "long", "short_20_db", "long_20_db"):
        at = told.index(f"{prefix}: 8 clips")
        assert any(line.startswith("ours less the peer's") for line in told[at : at + 7])


def test_what_is_not_installed_is_told_and_not_compared(
    scripted: dict[str, Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "no_torch", lambda: "openai-whisper is not installed")
    told: list[str] = []
    results = Recognition(levels_db=()).run(told.append)
    assert "openai-whisper is not installed" in told
    assert results.conditions["openai-whisper"] == "openai-whisper is not installed"
    assert not any("openai_whisper" in key for key in results.figures)


@pytest.mark.parametrize("levels_db", [(), (20, 10, 5)])
def test_the_picture_has_seconds_and_errors(
    scripted: dict[str, Scripted], tmp_path: Path, levels_db: tuple[int, ...]
) -> None:
    benchmark = Recognition(levels_db=levels_db)
    assert draw(benchmark, benchmark.run(silent), tmp_path).stat().st_size > 10_000


@pytest.mark.models
def test_real_contenders_hear_real_orders(
    weights: Callable[[str], Path], recordings: Path | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights("whisper-tiny.en")
    benchmark = Recognition(most=2, levels_db=(20,), model="whisper-tiny.en")
    if recordings is None or (lack := benchmark.lacks()) is not None:
        pytest.skip(lack if recordings is not None else "no recordings lie beside this checkout")
    figures = benchmark.run(silent).figures
    assert figures["short_ours_word_error_rate"].value < 0.5
    assert figures["long_peer_slots_found"].value > 0.5
