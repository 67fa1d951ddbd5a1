import wave
from pathlib import Path

import numpy as np
import pytest

from speech.audio import Samples, SpeechChunk
from speech.sound.ports import SoundError
from speech.sound.speaker import SilentSpeaker, SoundCardSpeaker, WavFileSpeaker, _Ring


def chunk(turn_id: str, length: int = 2_205, rate_hz: int = 22_050, *, last: bool = False) -> SpeechChunk:
    return SpeechChunk(turn_id, np.full(length, 8_000, dtype=np.int16), rate_hz, last_of_clause=last)


def read(path: Path) -> tuple[Samples, int]:
    with wave.open(str(path), "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2"), file.getframerate()


async def test_a_file_collects_all_clauses_at_one_rate(tmp_path: Path) -> None:
    speaker = WavFileSpeaker(tmp_path / "reply.wav")
    await speaker.play(chunk("a", 22_050, 22_050))
    await speaker.play(chunk("a", 16_000, 16_000, last=True))
    await speaker.drain()
    await speaker.close()
    samples, rate_hz = read(tmp_path / "reply.wav")
    assert rate_hz == 22_050
    assert len(samples) / rate_hz == pytest.approx(2.0, abs=0.001)
    assert speaker.seconds == pytest.approx(2.0, abs=0.001)


async def test_a_file_takes_nothing_more_of_a_stopped_turn_but_all_of_the_next(tmp_path: Path) -> None:
    speaker = WavFileSpeaker(tmp_path / "reply.wav")
    await speaker.play(chunk("a"))
    await speaker.stop()
    await speaker.play(chunk("a"))
    await speaker.play(chunk("b"))
    await speaker.close()
    assert len(read(tmp_path / "reply.wav")[0]) == 2 * 2_205


async def test_without_a_word_no_file_is_made(tmp_path: Path) -> None:
    speaker = WavFileSpeaker(tmp_path / "reply.wav")
    await speaker.stop()
    await speaker.close()
    assert not (tmp_path / "reply.wav").exists()


async def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    speaker = WavFileSpeaker(tmp_path / "no such folder" / "reply.wav")
    with pytest.raises(SoundError, match=r"cannot be written \(No such file or directory\)"):
        await speaker.play(chunk("a"))
    await speaker.close()


async def test_the_silent_speaker_counts_what_would_have_been_heard() -> None:
    speaker = SilentSpeaker()
    await speaker.play(chunk("a", 22_050))
    await speaker.stop()
    await speaker.play(chunk("a", 22_050))
    await speaker.drain()
    await speaker.close()
    assert speaker.seconds == 1.0


def test_a_loudspeaker_that_is_not_there_is_told_with_what_to_do() -> None:
    with pytest.raises(SoundError, match=r"no loudspeaker called 'nowhere': connect one or set voice\."):
        SoundCardSpeaker("nowhere")


def constant(length: int) -> Samples:
    return np.full(length, 10_000, dtype=np.int16)


def steepest(samples: Samples) -> int:
    return int(np.abs(np.diff(samples.astype(int))).max())


def test_sound_rises_and_falls_without_a_click() -> None:
    ring = _Ring(fade=100)
    ring.put(constant(500))
    heard = np.concatenate([ring.take(300), ring.take(300), ring.take(300)])
    assert steepest(heard) <= 102
    assert heard[250] == 10_000
    assert not heard[500:].any()


def test_pieces_that_follow_each_other_are_not_faded() -> None:
    ring = _Ring(fade=100)
    ring.put(constant(300))
    ring.put(constant(300))
    heard = np.concatenate([ring.take(250), ring.take(250)])
    assert (heard[100:] == 10_000).all()


def test_a_stop_leaves_only_the_fade() -> None:
    ring = _Ring(fade=100)
    ring.put(constant(2_000))
    before = ring.take(500)
    ring.cut(100)
    after = ring.take(500)
    assert ring.length == 0
    assert steepest(np.concatenate([before[200:], after])) <= 204  # two slopes over the last of the fade
    assert not after[100:].any()
