import asyncio
import os
import time
import tracemalloc
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.sound import file
from speech.sound.file import RecordingSource, decode, load_recording
from speech.sound.ports import SoundError


def tone(hz: float, seconds: float, rate_hz: int) -> Samples:
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (np.sin(2 * np.pi * hz * times) * 16_000).astype(np.int16)


def write(
    path: Path, rate_hz: int, *, codec: str, sample_format: str, layout: str, seconds: float = 1.0
) -> None:
    """A 440 Hz tone in any format that FFmpeg knows."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout = layout
        stream.format = sample_format
        plain = av.AudioFrame.from_ndarray(
            tone(440, seconds, rate_hz)[np.newaxis], format="s16", layout="mono"
        )
        plain.sample_rate = rate_hz
        resampler = av.AudioResampler(sample_format, layout, rate_hz, frame_size=stream.frame_size or None)
        for frame in [*resampler.resample(plain), *resampler.resample(None)]:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_wav(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(samples.tobytes())


async def all_chunks(source: RecordingSource) -> list[AudioChunk]:
    return [chunk async for chunk in source.chunks()]


@pytest.mark.parametrize(
    ("name", "rate_hz", "codec", "sample_format", "layout"),
    [
        ("low.wav", 8_000, "pcm_s16le", "s16", "mono"),
        ("float.wav", 44_100, "pcm_f32le", "flt", "stereo"),
        ("byte.wav", 11_025, "pcm_u8", "u8", "mono"),
        ("high.flac", 96_000, "flac", "s32", "stereo"),
        ("song.mp3", 44_100, "libmp3lame", "fltp", "stereo"),
        ("phone.m4a", 48_000, "aac", "fltp", "mono"),
        ("open.ogg", 48_000, "libopus", "flt", "mono"),
        ("page.webm", 48_000, "libopus", "flt", "stereo"),
    ],
)
def test_any_common_format_and_rate_is_heard_the_same(
    tmp_path: Path, name: str, rate_hz: int, codec: str, sample_format: str, layout: str
) -> None:
    path = tmp_path / name
    write(path, rate_hz, codec=codec, sample_format=sample_format, layout=layout)
    heard = load_recording(path)
    assert heard.dtype == np.int16
    assert len(heard) / RATE_HZ == pytest.approx(1.0, abs=0.08)  # lossy codecs pad
    middle = heard[RATE_HZ // 4 : -RATE_HZ // 4].astype(np.float64)
    assert np.argmax(np.abs(np.fft.rfft(middle))) * RATE_HZ / len(middle) == pytest.approx(440, abs=4)
    assert 10_000 < np.abs(middle).max() < 18_000  # two channels carry 3 dB less each


def test_a_video_is_heard_too(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        picture = container.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound = container.add_stream("aac", rate=RATE_HZ)
        sound.layout = "mono"
        for _ in range(5):
            container.mux(picture.encode(av.VideoFrame(64, 48, "yuv420p")))
        frame = av.AudioFrame.from_ndarray(tone(440, 0.2, RATE_HZ)[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        container.mux(sound.encode(frame))
        for stream in (picture, sound):
            container.mux(stream.encode(None))
    assert len(load_recording(path)) > 0.15 * RATE_HZ


def test_what_no_recording_is_told_in_one_line(tmp_path: Path) -> None:
    written = tmp_path / "good.wav"
    write_wav(written, tone(440, 1.0, RATE_HZ))
    cases = {
        "missing.wav": (None, "there is no file"),
        "empty.wav": (b"", "is empty"),
        "text.wav": (b"This is no sound.\n" * 40, "no recording that can be read"),
        "header.wav": (written.read_bytes()[:30], "no recording that can be read"),
        "samples.wav": (written.read_bytes()[:44], "not a single sample"),
        "list.m3u8": (f"#EXTM3U\n#EXTINF:1,\n{written}\n".encode(), "no recording that can be read"),
        "concat.wav": (f"ffconcat version 1.0\nfile '{written}'\n".encode(), "concat.wav"),
    }
    for name, (content, told) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SoundError, match=told) as error:
            load_recording(path)
        assert "\n" not in str(error.value)
        assert str(path) in str(error.value)


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="is a folder"):
        load_recording(tmp_path)


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "picture.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(SoundError, match="there is no sound"):
        load_recording(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_recording_that_must_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "private.wav"
    write_wav(path, tone(440, 0.1, RATE_HZ))
    path.chmod(0)
    with pytest.raises(SoundError, match="must not be read"):
        load_recording(path)


def test_a_recording_cut_off_in_the_middle_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    write_wav(path, tone(440, 1.0, RATE_HZ))
    path.write_bytes(path.read_bytes()[: 44 + RATE_HZ])
    assert len(load_recording(path)) == RATE_HZ // 2


def test_a_damaged_stretch_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "damaged.mp3"
    write(path, 44_100, codec="libmp3lame", sample_format="fltp", layout="mono", seconds=3.0)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 2_000] = bytes(2_000)
    path.write_bytes(data)
    assert 2.0 < len(load_recording(path)) / RATE_HZ < 3.2


def hour_long(path: Path) -> None:
    """An hour of zeros that takes no room on the disk."""
    size = 3600 * RATE_HZ * 2
    write_wav(path, np.zeros(1, dtype=np.int16))
    header = bytearray(path.read_bytes()[:44])
    header[4:8] = (size + 36).to_bytes(4, "little")
    header[40:44] = size.to_bytes(4, "little")
    path.write_bytes(header)
    os.truncate(path, 44 + size)


def test_an_hour_long_recording_is_never_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    hour_long(path)
    heard = 0
    tracemalloc.start()
    try:
        for piece in decode(path):
            heard += len(piece)
            if heard >= 300 * RATE_HZ:
                break
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_a_recording_too_long_to_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    hour_long(path)
    with pytest.raises(SoundError, match="longer than 10 minutes"):
        load_recording(path)


async def test_chunks_are_of_one_length_and_numbered_without_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "order.wav"
    samples = tone(440, 0.51, RATE_HZ)
    write_wav(path, samples)
    chunks = await all_chunks(RecordingSource(path, chunk_ms=20, trailing_silence_ms=200))
    assert {len(chunk.samples) for chunk in chunks[:-1]} == {320}
    assert [chunk.start_sample for chunk in chunks[1:]] == [chunk.end_sample for chunk in chunks[:-1]]
    whole = np.concatenate([chunk.samples for chunk in chunks])
    assert np.array_equal(whole[: len(samples)], samples)
    assert len(whole) == len(samples) + RATE_HZ // 5
    assert not whole[len(samples) :].any()


async def test_reading_at_once_winds_the_clock_by_the_recordings_length(tmp_path: Path) -> None:
    path = tmp_path / "order.wav"
    write_wav(path, tone(440, 8.5, RATE_HZ))
    source = RecordingSource(path)
    wound_s, began_s = source.clock.now(), time.monotonic()
    chunks = await all_chunks(source)
    assert time.monotonic() - began_s < 5
    assert source.clock.now() - wound_s == pytest.approx(10.0, abs=0.3)
    assert chunks[-1].arrived_s - chunks[0].arrived_s == pytest.approx(9.98, abs=0.001)


async def test_reading_in_real_time_takes_as_long_as_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "order.wav"
    write_wav(path, tone(440, 0.3, RATE_HZ))
    began_s = time.monotonic()
    await all_chunks(RecordingSource(path, realtime=True, trailing_silence_ms=100))
    assert 0.4 <= time.monotonic() - began_s < 2


async def test_a_recording_waits_while_its_listener_is_busy_with_a_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "PAUSED_S", 0.1)
    path = tmp_path / "order.wav"
    write_wav(path, tone(440, 0.1, RATE_HZ))
    arrived_s = []
    async for chunk in RecordingSource(path, trailing_silence_ms=0).chunks():
        arrived_s.append(chunk.arrived_s)
        if len(arrived_s) == 2:
            await asyncio.sleep(0.3)
    assert arrived_s[1] - arrived_s[0] == pytest.approx(0.02, abs=0.001)
    assert arrived_s[2] - arrived_s[1] == pytest.approx(0.3, abs=0.1)
    assert arrived_s[3] - arrived_s[2] == pytest.approx(0.02, abs=0.001)
