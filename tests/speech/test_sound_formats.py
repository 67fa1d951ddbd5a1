import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from speech.audio import Samples
from speech.sound.formats import RateConverter, recut


def sweep(length: int) -> Samples:
    times = np.arange(length) / 22_050
    return (np.sin(2 * np.pi * (200 + 300 * times) * times) * 10_000).astype(np.int16)


@given(st.lists(st.integers(0, 700), max_size=12), st.integers(1, 500))
def test_recutting_changes_no_sample(lengths: list[int], length: int) -> None:
    whole = np.arange(sum(lengths), dtype=np.int64).astype(np.int16)
    pieces = np.split(whole, np.cumsum(lengths)[:-1]) if lengths else []
    cut = list(recut(iter(pieces), length))
    assert all(len(piece) == length for piece in cut[:-1])
    assert np.array_equal(np.concatenate([*cut, whole[:0]]), whole)


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=8))
def test_where_pieces_join_cannot_be_heard(lengths: list[int]) -> None:
    whole = sweep(sum(lengths))
    at_once = RateConverter(16_000)
    expected = np.concatenate([at_once.convert(whole, 22_050), at_once.flush()])
    piecewise = RateConverter(16_000)
    pieces = [piecewise.convert(piece, 22_050) for piece in np.split(whole, np.cumsum(lengths)[:-1])]
    heard = np.concatenate([*pieces, piecewise.flush()])
    assert abs(len(heard) - len(expected)) <= 1
    shared = min(len(heard), len(expected))
    assert np.abs(heard[:shared].astype(int) - expected[:shared]).max(initial=0) <= 2


def test_sound_at_the_right_rate_passes_untouched() -> None:
    converter = RateConverter(16_000)
    assert np.array_equal(converter.convert(sweep(500), 16_000), sweep(500))
    assert len(converter.flush()) == 0


def test_a_change_of_rate_loses_nothing() -> None:
    converter = RateConverter(48_000)
    heard = [
        converter.convert(sweep(2_205), 22_050),
        converter.convert(sweep(2_400), 24_000),
        converter.flush(),
    ]
    assert abs(sum(map(len, heard)) - 9_600) <= 4
