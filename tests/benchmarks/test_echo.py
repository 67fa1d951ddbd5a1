"""What the echo benchmark is measured on is what it says."""

import numpy as np
import pytest

from benchmarks.echo import BEFORE_S, ECHO_LEVEL, _cough, _echo, _heard, _over, _Primed, _trimmed
from benchmarks.rooms import RATE_HZ, ROOMS, Room, level


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_delays_keeps_the_power_and_dies_away_in_time(room: Room) -> None:
    response = room.response()
    delay = round(room.delay_s * RATE_HZ)
    assert not response[:delay].any()
    assert np.square(response).sum() == pytest.approx(1.0)
    last, whole = response[-len(response) // 20 :], response[delay + 1 :]
    assert np.square(last).mean() < np.square(whole[: len(last)]).mean() / 1e4


def test_what_is_spoken_over_the_echo_is_as_loud_as_it_says() -> None:
    rng = np.random.default_rng(1)
    echo = rng.standard_normal(8 * RATE_HZ) * ECHO_LEVEL
    order = (rng.standard_normal(RATE_HZ) * 300).astype(np.int16)
    near = _over(order, echo, 6.0)
    begin = round(BEFORE_S * RATE_HZ)
    both, alone = level(near[begin : begin + RATE_HZ]), level(near[:begin])
    assert 20 * np.log10(np.sqrt(both**2 - alone**2) / alone) == pytest.approx(6.0, abs=0.5)


def test_a_clip_is_cut_where_somebody_begins_to_speak() -> None:
    sound = np.concatenate([np.full(20, 9_000), np.zeros(RATE_HZ), np.full(RATE_HZ, 5_000)]).astype(np.int16)
    assert len(_trimmed(sound)) == pytest.approx(RATE_HZ, abs=RATE_HZ // 40)


def test_a_click_before_the_first_syllable_is_no_beginning() -> None:
    click = np.full(RATE_HZ // 20, 1_500)
    sound = np.concatenate([np.zeros(2_000), click, np.zeros(RATE_HZ // 2), np.full(RATE_HZ, 5_000)])
    assert len(_trimmed(sound.astype(np.int16))) == pytest.approx(RATE_HZ, abs=RATE_HZ // 20)


def test_a_room_that_is_known_makes_no_difference() -> None:
    voice = (np.random.default_rng(0).standard_normal(8 * RATE_HZ) * 1_000).astype(np.int16)
    echo, known = _echo(ROOMS[0], voice), _Primed()
    for seed in range(2):
        near = _over(_cough(seed), echo, 5)
        anew, again = _heard(near, voice, cancels=True), _heard(near, voice, cancels=True, known=known)
        assert np.array_equal(anew.samples, again.samples)
        assert np.array_equal(anew.detection, again.detection)


def test_coughs_are_short_and_no_two_alike() -> None:
    coughs = [_cough(seed) for seed in range(5)]
    assert all(0.2 < len(cough) / RATE_HZ < 0.8 for cough in coughs)
    assert len({cough.tobytes() for cough in coughs}) == 5
