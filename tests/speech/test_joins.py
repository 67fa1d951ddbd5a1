"""No clicks: wherever sound begins, ends, joins, pauses and goes on, no two samples are further apart than
those of a tone.
"""

import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dialogue.mouth import Mouth
from assistant.scheduler import Lane
from speech.audio import Samples
from speech.sound.ring import Ring
from speech.sound.speaker import FADE_S, WavFileSpeaker
from speech.synthesis.edges import trimmed

RATE_HZ = 22_050
LOUD = 20_000
HZ = 200
STEEPEST = LOUD * 2 * np.pi * HZ / RATE_HZ + LOUD / (FADE_S * RATE_HZ)
"""Of the tone, and of a fade over it."""


def tone(seconds: float, phase: float = 1.0) -> Samples:
    """A tone that begins and ends in the middle of a swing."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (LOUD * np.sin(2 * np.pi * HZ * times + phase)).astype(np.int16)


def jump(sound: Samples) -> int:
    """The greatest step from one sample to the next, silence at both ends."""
    return int(np.abs(np.diff(np.pad(sound.astype(np.int32), 1))).max())


class Abrupt:
    """A voice whose network begins and ends within a swing."""

    def speak(self, clause: str, language: str) -> Iterator[tuple[Samples, int]]:
        for phase in (1.0, 2.0):
            yield trimmed(tone(0.2, phase), RATE_HZ), RATE_HZ


async def clauses(*texts: str) -> AsyncIterator[str]:
    for text in texts:
        yield text


@pytest.fixture
def lane() -> Iterator[Lane]:
    lane = Lane("voice")
    yield lane
    lane.close()


async def test_an_answer_of_many_clauses_has_no_jump(lane: Lane, tmp_path: Path) -> None:
    path = tmp_path / "answer.wav"
    speaker = WavFileSpeaker(path)
    await Mouth(Abrupt(), speaker, lane).say("t", clauses("One,", "two.", "Three"), "en", lambda: None)
    await speaker.close()
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    assert jump(tone(0.1)) > 5_000, "the bare tone does click"
    assert jump(sound) <= STEEPEST
    silent = np.abs(sound.astype(np.int32)) < 200
    assert silent[: RATE_HZ // 20].sum() < RATE_HZ // 100, "it begins at once"


@given(
    st.lists(st.sampled_from(["take", "hold", "release", "put"]), min_size=3, max_size=40),
    st.integers(round(FADE_S * RATE_HZ), 900),
)
def test_what_pauses_goes_on_and_is_cut_never_jumps(moves: list[str], frames: int) -> None:
    ring = Ring(round(FADE_S * RATE_HZ), RATE_HZ)
    ring.put(trimmed(tone(0.5), RATE_HZ))
    heard = []
    for move in moves:
        match move:
            case "hold":
                ring.hold(round(FADE_S * RATE_HZ))
            case "release":
                ring.release()
            case "put":
                ring.put(trimmed(tone(0.1), RATE_HZ))
        heard += [ring.take(frames) for _ in range(3)]
    ring.cut(round(FADE_S * RATE_HZ))
    heard += [ring.take(frames) for _ in range(round(FADE_S * RATE_HZ) // frames + 3)]
    assert jump(np.concatenate(heard)) <= STEEPEST
