"""Our recogniser beside OpenAI's own code on torch: the same weights, the same clips, the same words."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.words import errors, words
from speech.audio import Samples
from speech.recognition.engine import Recogniser
from speech.recognition.whisper import WhisperRecogniser, WhisperSettings
from speech.sound.file import load_recording

pytestmark = [pytest.mark.torch, pytest.mark.models, pytest.mark.timeout(600)]  # torch, 30 clips
CLIPS = 30
DIFFERENT_AT_MOST = 0.06
"""Share of words. Ours computes in int8, theirs in float32."""


@pytest.fixture(scope="module", params=["whisper-base", "whisper-tiny.en"])
def both(
    request: pytest.FixtureRequest, weights: Callable[[str], Path]
) -> Iterator[tuple[Recogniser, Recogniser]]:
    pytest.importorskip("whisper", reason="openai-whisper is not there: make test-torch brings it")
    from speech.recognition.openai_whisper import OpenAIWhisperRecogniser

    folder = weights(request.param)
    ours = WhisperRecogniser(folder, WhisperSettings(device="cpu"))
    theirs = OpenAIWhisperRecogniser(folder, device="cpu")
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.fixture(scope="module")
def clips(recordings: Path | None) -> list[Samples]:
    if recordings is None:
        pytest.skip("no recordings lie beside this checkout")
    paths = sorted((recordings / "orders").glob("*.wav"))[::3] + sorted(
        (recordings / "commands").glob("*.wav")
    )
    return [load_recording(path) for path in paths[:CLIPS]]


def test_the_words_are_the_same(both: tuple[Recogniser, Recogniser], clips: list[Samples]) -> None:
    different = said = 0
    for clip in clips:
        ours, theirs = (words(each.transcribe(clip, language="en").text) for each in both)
        different += errors(theirs, ours)
        said += len(theirs)
    assert len(clips) == CLIPS
    assert different / said < DIFFERENT_AT_MOST


def test_the_language_is_the_same(
    both: tuple[Recogniser, Recogniser], clips: list[Samples], recordings: Path | None
) -> None:
    assert recordings is not None
    rooms = [load_recording(path) for path in sorted((recordings / "rooms").glob("*.wav"))]
    found = [tuple(each.transcribe(clip).language for each in both) for clip in [*rooms, *clips[:6]]]
    assert all(ours == theirs for ours, theirs in found)
    if len(both[0].abilities.languages) > 1:
        assert {ours for ours, _ in found} == {"en", "zh"}
