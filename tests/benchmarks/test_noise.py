import numpy as np
import pytest

from benchmarks.noise import mixed


@pytest.mark.parametrize("level_db", [24, 12, 6])
def test_speech_and_noise_are_mixed_at_their_loudest(level_db: int) -> None:
    random = np.random.default_rng(1)
    speech = np.zeros(32_000, np.int16)
    speech[4096:6144] = 8_000
    noise = random.normal(size=64_000)
    both = mixed(speech, noise, level_db, "clip.wav").astype(np.float64)
    assert np.abs(both).max() == pytest.approx(32_767 / 2, abs=1)
    # Where nobody speaks there is the noise alone; its share is what was asked for.
    quiet = np.concatenate([both[:4096], both[6144:]])
    frames = quiet[: len(quiet) // 2048 * 2048].reshape(-1, 2048)
    loudest_noise = np.square(frames).sum(axis=1).max()
    assert 10 * np.log10(np.square(both[4096:6144]).sum() / loudest_noise) == pytest.approx(level_db, abs=1.5)


def test_a_clip_meets_the_same_piece_of_noise_at_every_level() -> None:
    noise = np.sin(np.arange(64_000) ** 1.5)
    silence_but_a_click = np.zeros(8_192, np.int16)
    silence_but_a_click[100] = 20_000
    one, other = (mixed(silence_but_a_click, noise, level, "clip.wav")[4096:] for level in (24, 6))
    assert np.corrcoef(one, other)[0, 1] > 0.99


def test_two_clips_meet_different_pieces_of_noise() -> None:
    noise = np.random.default_rng(2).normal(size=64_000)
    click = np.zeros(8_192, np.int16)
    click[100] = 20_000
    one, other = (mixed(click, noise, 6, name)[4096:] for name in ("one.wav", "other.wav"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1
