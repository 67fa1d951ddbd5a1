"""Our own voice, taken out of what is heard."""

import builtins
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.clock import Clock
from speech.echo.engine import FRAME, Cleaned, EchoCanceller, EchoError
from speech.echo.reference import Reference
from speech.echo.room import RoomCanceller
from speech.echo.source import EchoFreeSource
from speech.echo.webrtc import WebRtcCanceller

BLOCK = 320


def noise(seconds: float, seed: int, level: int = 3_000) -> Samples:
    """Noise that comes and goes as syllables do."""
    rng = np.random.default_rng(seed)
    length = round(seconds * RATE_HZ)
    rise = 0.5 + 0.5 * np.sin(2 * np.pi * 4 * np.arange(length) / RATE_HZ)
    return (rng.standard_normal(length) * rise * level).astype(np.int16)


def room(seed: int = 1) -> np.ndarray[Any, np.dtype[np.float64]]:
    """40 ms of delay, then 120 ms of echoes that die away."""
    rng = np.random.default_rng(seed)
    tail = rng.standard_normal(RATE_HZ * 120 // 1000) * np.exp(-np.arange(RATE_HZ * 120 // 1000) / 400)
    return np.concatenate([np.zeros(RATE_HZ * 40 // 1000), [3.0], tail]) / 6


def power(samples: Samples) -> float:
    return float(np.square(samples.astype(np.float64)).mean())


class Sound:
    """Samples as a source, 20 ms a chunk, the first at `began_s`, each a little late."""

    stream_id = "test"

    def __init__(self, samples: Samples, began_s: float = 100.0, late_s: Sequence[float] = (0.0,)) -> None:
        self.clock = Clock()
        self._samples, self._began_s, self._late_s = samples, began_s, late_s

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        for number, start in enumerate(range(0, len(self._samples), BLOCK)):
            piece = self._samples[start : start + BLOCK]
            at_s = self._began_s + (start + len(piece)) / RATE_HZ
            late_s = self._late_s[number % len(self._late_s)]
            yield AudioChunk(self.stream_id, start, piece, at_s + late_s)


class Noting:
    """A canceller that keeps what it was shown."""

    def __init__(self) -> None:
        self.near: list[Samples] = []
        self.far: list[Samples] = []

    def clean(self, near: Samples, far: Samples) -> Cleaned:
        self.near.append(near)
        self.far.append(far)
        return Cleaned(near, near // 2)

    def reset(self) -> None:
        pass


def play(reference: Reference, samples: Samples, at_s: float, rate_hz: int = RATE_HZ) -> None:
    block = rate_hz // 50
    for start in range(0, len(samples), block):
        reference.played(samples[start : start + block], rate_hz, at_s + start / rate_hz)


def cleaned(canceller: EchoCanceller, near: Samples, far: Samples) -> tuple[Samples, Samples]:
    """As it is recognised, and as the detectors are shown it."""
    pieces = [
        canceller.clean(near[at : at + FRAME], far[at : at + FRAME]) for at in range(0, len(near), FRAME)
    ]
    return (
        np.concatenate([piece.samples for piece in pieces]),
        np.concatenate([piece.detection for piece in pieces]),
    )


def both_speak() -> tuple[Samples, Samples, Samples, slice, slice]:
    """Near, far, the other voice; where there is an echo only, and where both speak."""
    played, other = noise(6, 1), noise(1.5, 2, 2_000)
    heard = np.convolve(played, room())[: len(played)] * 0.7
    heard[4 * RATE_HZ : 4 * RATE_HZ + len(other)] += other
    near = heard.clip(-32_768, 32_767).astype(np.int16)
    return near, played, other, slice(2 * RATE_HZ, 4 * RATE_HZ), slice(4 * RATE_HZ, 4 * RATE_HZ + len(other))


def test_the_echo_is_taken_out_and_another_voice_stays_as_it_is() -> None:
    near, far, other, echo_only, both = both_speak()
    samples, detection = cleaned(RoomCanceller(), near, far)
    assert power(samples[echo_only]) < power(near[echo_only]) / 20
    assert np.corrcoef(samples[both], other)[0, 1] > 0.9
    assert power(samples[both]) == pytest.approx(power(other), rel=0.3)
    assert (samples == detection).all()


def test_until_the_room_is_known_the_detectors_are_shown_what_the_guard_leaves() -> None:
    near, far, _, echo_only, both = both_speak()
    guarded, guarded_detection = cleaned(RoomCanceller(WebRtcCanceller()), near, far)
    alone, _ = cleaned(WebRtcCanceller(), near, far)
    early = slice(0, RATE_HZ // 10)
    assert (guarded_detection[early] == alone[early]).all()
    assert (guarded_detection[both] == guarded[both]).all()
    assert power(alone[echo_only]) < power(near[echo_only]) / 100


def test_a_reference_that_jumps_makes_nothing_worse_and_is_learnt_anew() -> None:
    far = noise(14, 1)
    near = (np.convolve(far, room())[: len(far)] * 0.7).clip(-32_768, 32_767).astype(np.int16)
    jump = 5 * RATE_HZ
    jumped = np.concatenate([far[:jump], far[jump + 1_200 :], far[:1_200]])
    samples, _ = cleaned(RoomCanceller(), near, jumped)
    second, last = slice(jump, jump + RATE_HZ), slice(12 * RATE_HZ, 13 * RATE_HZ)
    assert power(samples[second]) < 3 * power(near[second])
    assert power(samples[last]) < power(near[last]) / 10


def test_a_canceller_that_forgets_the_room_learns_it_anew() -> None:
    near, far, _, echo_only, _ = both_speak()
    canceller = RoomCanceller(WebRtcCanceller())
    once, _ = cleaned(canceller, near, far)
    canceller.reset()
    again, _ = cleaned(canceller, near, far)
    assert (once == again).all()
    assert power(again[echo_only]) < power(near[echo_only]) / 20


@settings(deadline=None)
@given(st.integers(0, 2**16), st.sampled_from([0, 1, 32_767]))
def test_a_filter_survives_any_sound(seed: int, level: int) -> None:
    rng = np.random.default_rng(seed)
    sound = rng.integers(-level, level + 1, (2, FRAME * 6)).astype(np.int16)
    samples, _ = cleaned(RoomCanceller(), sound[0], sound[1])
    assert len(samples) == len(sound[0])


def test_without_the_library_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def without(name: str, *rest: Any, **more: Mapping[str, Any]) -> Any:
        if name == "pywebrtc_audio":
            raise ImportError(name)
        return found(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EchoError, match="pip install pywebrtc-audio"):
        WebRtcCanceller()


def test_what_was_played_is_found_at_its_time_and_silence_elsewhere() -> None:
    reference = Reference()
    sound = noise(1.0, 3)
    play(reference, sound, 100.5)
    before = reference.between(100 * RATE_HZ, RATE_HZ // 2)
    same = reference.between(100 * RATE_HZ + RATE_HZ // 2, RATE_HZ)
    after = reference.between(101 * RATE_HZ + RATE_HZ // 2, RATE_HZ)
    assert not before.any()
    assert (same == sound).all()
    assert not after.any()


def test_blocks_that_come_a_little_late_leave_no_gap() -> None:
    reference = Reference()
    sound = noise(1.0, 4)
    for number, start in enumerate(range(0, RATE_HZ, BLOCK)):
        late_s = 0.0 if number == 0 else 0.015 * (number % 3)
        reference.played(sound[start : start + BLOCK], RATE_HZ, 50 + start / RATE_HZ + late_s)
    assert (reference.between(50 * RATE_HZ, RATE_HZ) == sound).all()


def test_a_card_at_another_rate_is_brought_to_ours_in_its_place() -> None:
    reference = Reference()
    times = np.arange(48_000) / 48_000
    play(reference, (np.sin(2 * np.pi * 440 * times) * 8_000).astype(np.int16), 20.0, 48_000)
    found = reference.between(20 * RATE_HZ, RATE_HZ)[: RATE_HZ // 2]
    wanted = np.sin(2 * np.pi * 440 * np.arange(RATE_HZ // 2) / RATE_HZ) * 8_000
    assert power((found - wanted).astype(np.int16)) < power(found) / 1_000


def test_a_pause_within_what_is_played_is_as_long_as_it_was() -> None:
    reference = Reference()
    sound = np.concatenate([noise(0.2, 5), np.zeros(RATE_HZ // 25, np.int16), noise(0.2, 6)])
    play(reference, sound, 10.0)
    assert (reference.between(10 * RATE_HZ, len(sound)) == sound).all()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 4_000)), max_size=20))
def test_a_reference_never_fails_and_gives_what_it_was_asked_for(asked: list[tuple[int, int]]) -> None:
    reference = Reference()
    for at_s, length in asked:
        reference.played(np.full(length, 7, np.int16), RATE_HZ, float(at_s))
        assert len(reference.between(at_s * RATE_HZ, length)) == length


async def test_each_piece_is_shown_with_what_was_played_then_however_late_it_comes() -> None:
    reference, canceller = Reference(), Noting()
    sound = noise(2.0, 7)
    play(reference, sound, 100.0)
    source = EchoFreeSource(Sound(sound, 100.0, (0.0, 0.03, 0.011)), canceller, reference)
    chunks = [chunk async for chunk in source.chunks()]
    assert (np.concatenate(canceller.far) == np.concatenate(canceller.near)).all()
    assert [chunk.start_sample for chunk in chunks[1:]] == [chunk.end_sample for chunk in chunks[:-1]]
    assert all(chunk.detection is not None for chunk in chunks)


async def test_while_nothing_is_played_the_sound_goes_through_untouched() -> None:
    canceller = Noting()
    sound = noise(1.0, 8)
    source = EchoFreeSource(Sound(sound), canceller, Reference())
    chunks = [chunk async for chunk in source.chunks()]
    assert (np.concatenate([chunk.samples for chunk in chunks]) == sound).all()
    assert not canceller.near
    assert all(chunk.detection is None for chunk in chunks)
