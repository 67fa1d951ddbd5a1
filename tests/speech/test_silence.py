"""What stands behind a clip: silence that is kept, whole or thinned."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from speech.recognition.silence import POSITIONS, Encoded, Silence, fingerprint

WIDTH = 4


class Encoder:
    """Encodes silence: each position holds its own number. Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> Encoded:
        self.asked += 1
        places = np.arange(POSITIONS, dtype=np.float32)[None, :, None]
        return np.repeat(places, WIDTH, axis=2)


def places(encoded: Encoded) -> list[int]:
    return [int(each) for each in encoded[0, :, 0]]


def test_silence_is_encoded_only_when_it_is_needed_and_once() -> None:
    encoder = Encoder()
    silence = Silence(encoder, "none", "cpu-int8")
    assert encoder.asked == 0
    silence.whole(200)
    silence.brief(200)
    assert encoder.asked == 1


def test_two_at_once_encode_it_once() -> None:
    encoder, both = Encoder(), threading.Barrier(2, timeout=10)
    silence = Silence(encoder, "none", "cpu-int8")

    def ask() -> int:
        both.wait()
        return silence.whole(0).shape[1]

    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(ask), pool.submit(ask)]] == [POSITIONS, POSITIONS]
    assert encoder.asked == 1


def test_whole_silence_fills_the_window_from_where_the_clip_ends() -> None:
    assert places(Silence(Encoder(), "none", "cpu-int8").whole(1_497)) == [1_497, 1_498, 1_499]


def test_thinned_silence_goes_from_the_clips_end_to_the_windows() -> None:
    found = places(Silence(Encoder(), "none", "cpu-int8").brief(250))
    assert len(found) == 850
    assert (found[0], found[-1]) == (250, POSITIONS - 1)
    assert all(1 <= step <= 2 for step in np.diff(found))


def test_behind_a_very_short_clip_nothing_is_left_out() -> None:
    assert len(places(Silence(Encoder(), "none", "cpu-int8").brief(90))) == POSITIONS - 90


@pytest.mark.parametrize("own", [1_100, 1_300, 1_499, 1_500])
def test_a_long_clip_gets_no_more_than_there_is_room_for(own: int) -> None:
    silence = Silence(Encoder(), "none", "cpu-int8")
    assert silence.brief(own).shape == (1, 0, WIDTH)
    assert silence.whole(own).shape == (1, POSITIONS - own, WIDTH)


def test_kept_silence_is_read_at_the_next_start(tmp_path: Path) -> None:
    Silence(Encoder(), "none", "cpu-int8", tmp_path).whole(0)
    encoder = Encoder()
    assert places(Silence(encoder, "none", "cpu-int8", tmp_path).whole(1_400)) == list(range(1_400, 1_500))
    assert encoder.asked == 0


@pytest.mark.parametrize(("weights", "precision"), [("others", "cpu-int8"), ("none", "cuda-float16")])
def test_other_weights_or_precision_do_not_share_it(tmp_path: Path, weights: str, precision: str) -> None:
    Silence(Encoder(), "none", "cpu-int8", tmp_path).whole(0)
    encoder = Encoder()
    Silence(encoder, weights, precision, tmp_path).whole(0)
    assert encoder.asked == 1


def not_a_number() -> bytes:
    import io

    file = io.BytesIO()
    np.save(file, np.full((1, POSITIONS, WIDTH), np.nan, np.float16))
    return file.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"not an array",
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:80] + b"\xff" * 40 + whole[120:],
        lambda whole: b"PK\x03\x04" + whole,
        lambda whole: not_a_number(),
    ],
)
def test_a_damaged_file_is_ignored_and_mended(tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    Silence(Encoder(), "none", "cpu-int8", tmp_path).whole(0)
    [kept] = tmp_path.iterdir()
    good = kept.read_bytes()
    kept.write_bytes(damage(good))
    encoder = Encoder()
    Silence(encoder, "none", "cpu-int8", tmp_path).whole(0)
    assert encoder.asked == 1
    assert kept.read_bytes() == good


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    assert Silence(Encoder(), "none", "cpu-int8", blocked / "below").whole(0).shape[1] == POSITIONS


def test_weights_are_told_apart_by_any_of_their_parts(tmp_path: Path) -> None:
    size = 3 << 20
    first = np.random.default_rng(0).bytes(size)
    names = set()
    for content in (first, first[: size - 1], bytes([first[0] ^ 1]) + first[1:], first[:-1] + b"\x00\x00"):
        (tmp_path / "model.bin").write_bytes(content)
        names.add(fingerprint(tmp_path / "model.bin"))
    assert len(names) == 4


def test_small_weights_have_a_fingerprint_too(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"few")
    assert len(fingerprint(tmp_path / "model.bin")) == 16


def folded() -> Encoded:
    return np.full((1, 96, WIDTH), 7, np.float32)


@pytest.mark.parametrize("own", [40, 90, 250, 1_404])
def test_folded_silence_stands_behind_any_clip_that_leaves_room(own: int) -> None:
    silence = Silence(Encoder(), "none", "cpu-int8")
    silence.keep_folded(folded())
    assert places(silence.brief(own)) == [7] * 96


def test_behind_a_clip_that_leaves_no_room_there_is_what_is_left() -> None:
    silence = Silence(Encoder(), "none", "cpu-int8")
    silence.keep_folded(folded())
    assert silence.brief(1_405).shape == (1, 0, WIDTH)


def test_what_another_process_folds_is_used_from_then_on(tmp_path: Path) -> None:
    running = Silence(Encoder(), "none", "cpu-int8", tmp_path)
    assert not running.folded
    Silence(Encoder(), "none", "cpu-float32", tmp_path).keep_folded(folded())
    assert running.folded
    assert places(running.brief(90)) == [7] * 96


def test_a_damaged_folded_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "silence-none-folded.npy").write_bytes(b"\x93NUMPY")
    silence = Silence(Encoder(), "none", "cpu-int8", tmp_path)
    assert not silence.folded
    assert len(places(silence.brief(250))) == 850
