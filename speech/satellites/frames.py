r"""Wyoming's frames, read with bounds: a line of JSON, more JSON, bytes.

    {"type": "audio-chunk", "data_length": 53, "payload_length": 2048}\n{"rate": 16000, ...}<2048 bytes>

The library's own reader takes whatever length a stranger announces, and raises a dozen kinds of errors at
what is no event; writing is the library's (github.com/OHF-Voice/wyoming).
"""

import asyncio
import json
from typing import Any

import numpy as np
from wyoming.event import Event, async_write_event

from speech.audio import Samples

LONGEST_LINE = 64 * 1024
"""Of the first line; `asyncio.StreamReader` holds to it when it is made with this limit."""
LONGEST_DATA = 1024 * 1024
"""Of the second JSON part; a server's `info` with all its voices takes 200 kB."""
LONGEST_PAYLOAD = 1024 * 1024
"""Of the bytes: half a minute of 16 kHz sound, where 64 ms are usual."""
SEND_S = 10.0
"""Who takes nothing for so long is gone."""

_RATES_HZ = range(8_000, 192_001)
_WIDTHS = {1: "<u1", 2: "<i2", 4: "<i4"}
_CHANNELS = range(1, 9)


class FrameError(Exception):
    """What came is no Wyoming event; the message says what it was. The connection is of no use any more."""


async def read_frame(reader: asyncio.StreamReader) -> Event | None:
    """Return the next event; None where the connection ends between two. Raises `FrameError`, `OSError`.

    `reader` is to be made with `limit=LONGEST_LINE`.
    """
    try:
        line = await reader.readline()
        if not line:
            return None
        header = _table(line, "the header")
        data = header.get("data")
        if data is None:
            data = {}
        if not isinstance(data, dict):
            raise FrameError("its data is no table")
        if length := _length(header, "data_length", LONGEST_DATA):
            data |= _table(await reader.readexactly(length), "the data")
        kind = header.get("type")
        if not isinstance(kind, str) or not kind:
            raise FrameError("it has no type")
        length = _length(header, "payload_length", LONGEST_PAYLOAD)
        return Event(kind, data, await reader.readexactly(length) if length else None)
    except asyncio.IncompleteReadError as error:
        raise FrameError("it ends in the middle") from error
    except ValueError as error:  # longer than the reader's limit
        raise FrameError(f"its first line is longer than {LONGEST_LINE} bytes") from error


async def write_frame(event: Event, writer: asyncio.StreamWriter) -> None:
    """Send an event. Raises `OSError`, also when the other side takes nothing for `SEND_S`."""
    async with asyncio.timeout(SEND_S):  # a TimeoutError is an OSError
        await async_write_event(event, writer)


def audio_of(event: Event) -> tuple[Samples, int]:
    """Return the sound of an `audio-chunk` as mono int16, and its rate in Hz. Raises `FrameError`."""
    rate_hz, width, channels = (_number(event.data, key) for key in ("rate", "width", "channels"))
    if rate_hz not in _RATES_HZ or width not in _WIDTHS or channels not in _CHANNELS:
        raise FrameError(f"nobody can hear {rate_hz} Hz, {width} bytes, {channels} channels")
    payload = event.payload or b""
    if len(payload) % (width * channels):
        raise FrameError("its sound ends within a sample")
    samples = np.frombuffer(payload, _WIDTHS[width]).reshape(-1, channels)[:, 0]
    if width == 1:
        return ((samples.astype(np.int16) - 128) << 8), rate_hz
    if width == 4:
        return (samples >> 16).astype(np.int16), rate_hz
    return samples.astype(np.int16), rate_hz


def text_of(event: Event, key: str, longest: int = 4_000) -> str:
    """Return a text of an event's data, "" where there is none. Raises `FrameError`."""
    text = event.data.get(key)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > longest:
        raise FrameError(f"its {key} is no text of at most {longest} characters")
    return text


def _table(raw: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"{what} is no JSON") from error
    if not isinstance(found, dict):
        raise FrameError(f"{what} is no table")
    return found


def _length(header: dict[str, Any], key: str, longest: int) -> int:
    if header.get(key) is None:
        return 0
    length = _number(header, key)
    if not 0 <= length <= longest:
        raise FrameError(f"its {key} is {length}; at most {longest} are taken")
    return length


def _number(table: dict[str, Any], key: str) -> int:
    number = table.get(key)
    if not isinstance(number, int) or isinstance(number, bool):
        raise FrameError(f"its {key} is no number")
    return number
