"""Frames: what is Wyoming is read as the library wrote it, and nothing else does harm."""

import asyncio
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.audio import AudioChunk
from wyoming.event import Event, async_write_event

from speech.satellites.frames import (
    LONGEST_DATA,
    LONGEST_LINE,
    LONGEST_PAYLOAD,
    FrameError,
    audio_of,
    read_frame,
    text_of,
)


class Wire:
    """What the library writes, as bytes."""

    def __init__(self) -> None:
        self.raw = b""

    def write(self, data: bytes) -> None:
        self.raw += data

    def writelines(self, data: Any) -> None:
        self.raw += b"".join(data)

    async def drain(self) -> None:
        pass


async def read(raw: bytes) -> Event | None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    reader.feed_data(raw)
    reader.feed_eof()
    return await read_frame(reader)


def header(**values: Any) -> bytes:
    return json.dumps(values).encode() + b"\n"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.text(min_size=1, max_size=30),
    st.dictionaries(st.text(max_size=10), json_values, max_size=5),
    st.none() | st.binary(min_size=1, max_size=2_000),
)
def test_whatever_the_library_writes_is_read(kind: str, data: dict[str, Any], payload: bytes | None) -> None:
    async def there_and_back() -> Event | None:
        wire = Wire()
        await async_write_event(Event(kind, data, payload), wire)  # type: ignore[arg-type]
        return await read(wire.raw)

    assert asyncio.run(there_and_back()) == Event(kind, data, payload)


@given(st.binary(max_size=400))
def test_whatever_a_stranger_sends_is_an_event_or_one_error(raw: bytes) -> None:
    try:
        event = asyncio.run(read(raw))
    except FrameError:
        return
    assert event is None or isinstance(event.type, str)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "type": json_values,
            "data": json_values,
            "data_length": json_values,
            "payload_length": json_values,
            "version": json_values,
        },
    ),
    st.binary(max_size=50),
)
def test_a_header_of_wrong_types_is_one_error(values: dict[str, Any], behind: bytes) -> None:
    try:
        event = asyncio.run(read(header(**values) + behind))
    except FrameError:
        return
    assert event is not None
    assert isinstance(event.data, dict)


@pytest.mark.parametrize(
    "raw",
    [
        header(type="audio-chunk", payload_length=LONGEST_PAYLOAD + 1),
        header(type="audio-chunk", payload_length=10**12),
        header(type="info", data_length=LONGEST_DATA + 1),
        header(type="info", data_length=-1),
        b"x" * (LONGEST_LINE + 100) + b"\n",
        b"[" * 20_000 + b"\n",
        header(type="ping", payload_length=10) + b"short",
    ],
)
async def test_nothing_is_read_beyond_its_bounds(raw: bytes) -> None:
    with pytest.raises(FrameError):
        await read(raw)


async def test_a_long_header_is_refused_before_its_end_has_come() -> None:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    reader.feed_data(header(type="audio-chunk", payload_length=10**12))
    with pytest.raises(FrameError):
        await read_frame(reader)  # nothing more ever comes


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_sound_of_any_width_becomes_the_same_16_bits(width: int, channels: int) -> None:
    wanted = np.array([0, 256, -256, 32_512, -32_768], np.int16)
    raw = {
        1: ((wanted >> 8) + 128).astype(np.uint8),
        2: wanted.astype("<i2"),
        4: wanted.astype("<i4") << 16,
    }[width]
    event = AudioChunk(16_000, width, channels, np.repeat(raw, channels).tobytes()).event()
    samples, rate_hz = audio_of(event)
    assert samples.dtype == np.int16
    assert (samples.tolist(), rate_hz) == (wanted.tolist(), 16_000)


@given(json_values, json_values, json_values, st.binary(max_size=9))
def test_sound_of_no_known_form_is_one_error(rate: Any, width: Any, channels: Any, payload: bytes) -> None:
    data = {"rate": rate, "width": width, "channels": channels}
    try:
        samples, rate_hz = audio_of(Event("audio-chunk", data, payload))
    except FrameError:
        return
    assert samples.ndim == 1
    assert 8_000 <= rate_hz <= 192_000


def test_a_text_that_is_none_or_endless_is_one_error() -> None:
    assert text_of(Event("ping", {}), "text") == ""
    for wrong in (7, ["a"], "a" * 5_000):
        with pytest.raises(FrameError):
            text_of(Event("ping", {"text": wrong}), "text")
