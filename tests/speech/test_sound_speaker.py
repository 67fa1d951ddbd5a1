import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.audio import Samples, SpeechChunk
from speech.sound.ports import SoundError
from speech.sound.ring import Ring
from speech.sound.speaker import SilentSpeaker, SoundCardSpeaker, WavFileSpeaker


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
    ring = Ring(fade=100, rate_hz=1_000)
    ring.put(constant(500))
    heard = np.concatenate([ring.take(300), ring.take(300), ring.take(300)])
    assert steepest(heard) <= 102
    assert heard[250] == 10_000
    assert not heard[500:].any()


def test_pieces_that_follow_each_other_are_not_faded() -> None:
    ring = Ring(fade=100, rate_hz=1_000)
    ring.put(constant(300))
    ring.put(constant(300))
    heard = np.concatenate([ring.take(250), ring.take(250)])
    assert (heard[100:] == 10_000).all()


def test_a_stop_leaves_only_the_fade() -> None:
    ring = Ring(fade=100, rate_hz=1_000)
    ring.put(constant(2_000))
    before = ring.take(500)
    ring.cut(100)
    after = ring.take(500)
    assert ring.length == 0
    assert steepest(np.concatenate([before[200:], after])) <= 204  # two slopes over the last of the fade
    assert not after[100:].any()


def spoken(*stretches: tuple[int, int]) -> Samples:
    """Level and length, one after the other; no two samples alike, so that a place can be told."""
    rng = np.random.default_rng(3)
    return np.concatenate([(rng.standard_normal(n) * level).astype(np.int16) for level, n in stretches])


def test_what_is_held_falls_without_a_click_and_stays_silent() -> None:
    ring = Ring(fade=100, rate_hz=1_000)
    ring.put(constant(2_000))
    before = ring.take(500)
    ring.hold(100)
    after = np.concatenate([ring.take(300), ring.take(300)])
    assert steepest(np.concatenate([before[200:], after])) <= 204
    assert not after[100:].any()
    assert not ring.finished


def test_what_goes_on_begins_again_at_a_quiet_moment_before_the_pause_and_loses_nothing() -> None:
    ring = Ring(fade=1, rate_hz=1_000)
    sound = spoken((3_000, 1_400), (10, 60), (3_000, 1_540))
    ring.put(sound)
    ring.take(1_900)
    ring.hold(5)
    ring.take(50)
    ring.release()
    again = ring.take(3_000)
    place = 3_000 - int(np.flatnonzero(again)[-1]) - 2  # the very last sample has fallen to nothing
    assert 1_390 <= place <= 1_470
    assert (again[2 : 2_999 - place] == sound[place + 2 : -1]).all()
    assert ring.finished


def test_a_stop_ends_the_pause_too() -> None:
    ring = Ring(fade=10, rate_hz=1_000)
    ring.put(constant(2_000))
    ring.take(500)
    ring.hold(10)
    ring.cut(10)
    ring.take(100)
    assert ring.finished
    ring.release()
    assert not ring.take(500).any()
    ring.put(constant(100))
    assert ring.take(100).any()


def test_what_was_said_before_a_silence_is_not_said_again() -> None:
    ring = Ring(fade=10, rate_hz=1_000)
    ring.put(constant(500))
    ring.take(600)
    ring.put(-constant(500))
    ring.take(100)
    ring.hold(10)
    ring.take(100)
    ring.release()
    assert (ring.take(600) <= 0).all()


@settings(deadline=None)
@given(st.lists(st.sampled_from(["put", "take", "hold", "release", "cut"]), max_size=40))
def test_whatever_happens_a_released_ring_plays_what_is_put_into_it(cues: list[str]) -> None:
    ring = Ring(fade=5, rate_hz=100)
    for cue in cues:
        match cue:
            case "put":
                ring.put(constant(70))
            case "take":
                ring.take(20)
            case "hold":
                ring.hold(5)
            case "release":
                ring.release()
            case "cut":
                ring.cut(5)
        assert ring.length == sum(map(len, ring._pieces)) >= 0
    ring.release()
    ring.put(constant(50))
    assert (np.concatenate([ring.take(20) for _ in range(200)]) > 9_000).sum() >= 40
    assert ring.finished
