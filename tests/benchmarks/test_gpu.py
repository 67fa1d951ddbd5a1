from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import gpu
from benchmarks.gpu import Engine, Gpu
from benchmarks.plots import draw
from benchmarks.protocol import Figure, Results

NONE = (Engine("ctranslate2", ""), Engine("torch", ""), Engine("llama.cpp", ""))


def silent(line: str) -> None: ...


def test_where_no_engine_sees_a_gpu_it_is_skipped_and_says_why() -> None:
    assert Gpu(look=lambda: NONE).lacks() == "no GPU is seen by any of ctranslate2, torch, llama.cpp"


def test_this_machine_is_asked_and_its_answer_is_a_reason() -> None:
    seen = gpu.engines()
    assert [each.name for each in seen] == ["ctranslate2", "torch", "llama.cpp"]
    if not any(each.sees for each in seen):
        assert "no GPU" in (Gpu().lacks() or "")


def test_one_engine_that_sees_a_gpu_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "audio" / "orders").mkdir(parents=True)
    (tmp_path / "audio" / "orders" / "stop.wav").touch()
    monkeypatch.setenv("SOTTO_SHARED", str(tmp_path))
    monkeypatch.setattr(gpu, "missing", lambda models: None)
    assert Gpu(look=lambda: (*NONE[:2], Engine("llama.cpp", "Some GPU"))).lacks() is None


@pytest.mark.models
@pytest.mark.timeout(600)  # a language model beside other work
def test_it_runs_unchanged_on_another_device(
    weights: Callable[[str], Path],
    recordings: Path | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The processor against itself: what the figures say is not looked at, only that all are there."""
    if recordings is None:
        pytest.skip("no recordings lie beside this checkout")
    weights("whisper-tiny.en")
    weights("smollm2-135m-instruct")
    monkeypatch.setattr(gpu, "NEW_TOKENS", 3)
    benchmark = Gpu(
        most=2,
        device="cpu",
        recognition="whisper-tiny.en",
        language="smollm2-135m-instruct",
        look=lambda: (Engine("ctranslate2", "one"), Engine("torch", ""), Engine("llama.cpp", "one")),
    )
    results = benchmark.run(silent)
    assert results.figures["orders_times_as_fast"].n == 2
    assert results.figures["orders_word_error_rate_more_than_cpu"].value == 0.0
    assert {"answers_gpu_first_s", "answers_cpu_first_s"} <= set(results.figures)
    assert results.conditions["torch"] == "sees no GPU: not measured"
    assert draw(benchmark, results, tmp_path).exists()


def test_a_picture_can_be_drawn_of_the_language_model_alone(tmp_path: Path) -> None:
    results = Results({"answers_gpu_first_s": Figure(0.1, "s", 7)})
    assert draw(Gpu(), results, tmp_path).exists()
