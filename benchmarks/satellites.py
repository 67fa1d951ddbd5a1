"""Satellites: how long an order takes through one, several at once, and what many cost that only listen.

The assistant is `sotto run` in a process of its own, the satellites are in this one: sound in pieces of
64 ms, as wyoming-satellite sends it. The moments are this process's: when the last sound was due, when the
command came by the broker, when the first piece of the answer came.
"""

import asyncio
import contextlib
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks import intervals
from benchmarks.memory import PROC, held_mb
from benchmarks.plots import OTHER, OURS
from benchmarks.program import environment, sotto
from benchmarks.protocol import BenchmarkError, Figure, Results, Tell
from benchmarks.recordings import HOW, last_sound_s, load, recordings, spoken
from benchmarks.weights import missing

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from speech.audio import Samples

MODELS = ("whisper-base", "piper-en_US-joe-medium")
RATE_HZ = 16_000
PIECE = 1_024
WORD = "alexa"
AT_ONCE = {1: (1,), 4: (2, 4), 16: ()}
"""How many satellites listen -> how many orders come at once through them."""
ROUNDS = int(os.environ.get("SOTTO_BENCH_ROUNDS", "5"))
IDLE_S = 15.0
READY_S = 120.0
ANSWERED_S = 30.0
BREATH_S = 0.3
NOISE = 40.0
"""Of 32,767: a quiet room, in which voice activity still has to be looked at."""
ROOMS = {
    "Kitchen": ("turn {} the kitchen lights", "kitchen_light"),
    "Hall": ("turn {} the hall light", "hall_light"),
    "Bedroom": ("turn {} the bedroom light", "bedroom_light"),
    "Living Room": ("turn {} the living room light", "living_room_light"),
}


class Satellites:
    """Milliseconds from the last sound, with 1, 2 and 4 orders at once; a core's share with 1, 4 and 16."""

    name = "satellites"

    def lacks(self) -> str | None:
        """Weights, people who say the wake word, and Linux's own bookkeeping."""
        if not (PROC / "self" / "smaps_rollup").exists():
            return "memory is read from Linux's /proc/PID/smaps_rollup"
        if not recordings("wake/alexa"):
            return f"people who say the wake word: {HOW}"
        return missing(MODELS)

    def run(self, tell: Tell) -> Results:
        """Start the assistant once for each number of satellites."""
        figures: dict[str, Figure] = {}
        samples: dict[str, list[float]] = {}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            people = calls(len(ROOMS))
            said = {
                state: [
                    load(each) for each in spoken([say.format(state) for say, _ in ROOMS.values()], folder)
                ]
                for state in ("on", "off")
            }
            for count in AT_ONCE:
                tell(f"{count} satellites")
                asyncio.run(_measure(count, folder, people, said, figures, samples))
        figures |= {key: intervals.of_samples(those, "ms") for key, those in samples.items() if those}
        conditions = {
            "orders": f"{WORD!r} said by people (audio/wake), {BREATH_S:g} s, an order by the Piper voice",
            "idle": f"{IDLE_S:g} s of a quiet room's noise from every satellite; memory of all processes",
        }
        return Results(figures, samples, conditions)

    def draw(self, results: Results, axes: "Axes") -> None:
        """Two bars for each number of orders at once."""
        counts = [count for those in AT_ONCE.values() for count in those]
        for offset, what, colour in ((-0.2, "published", OURS), (0.2, "first_audio", OTHER)):
            label = what.replace("_", " ")
            values = [results.figures[f"{what}_{count}_at_once_ms"].value for count in counts]
            bars = axes.bar(np.arange(len(counts)) + offset, values, 0.38, color=colour, label=label)
            axes.bar_label(bars, labels=[f"{value:.0f}" for value in values])
        axes.set_xticks(range(len(counts)), [f"{count} at once" for count in counts])
        axes.set(ylabel="ms after the last sound, medians")
        axes.legend()


@dataclass
class Order:
    """One order that is being said, and its moments in seconds."""

    topic: str
    last_sound_s: float | None = None
    published_s: float | None = None
    first_audio_s: float | None = None


class Satellite:
    """One that streams noise, and an order when it is given one."""

    def __init__(self, seed: int) -> None:
        noise = np.random.default_rng(seed).standard_normal(60 * RATE_HZ) * NOISE
        self._noise = noise.astype("<i2")
        self._at = 0
        self._clip: Samples | None = None
        self._last_sound = 0
        self.order: Order | None = None
        self.is_heard = False
        self.port = 0
        self._calls: set[asyncio.StreamWriter] = set()

    def hear_all_the_time(self, sound: "npt.NDArray[np.floating]") -> None:
        """Have something be heard there beside the noise, again and again: a television."""
        self._noise = (np.resize(self._noise, len(sound)) + sound).astype("<i2")

    def hang_up(self) -> None:
        """Be gone for whoever has called."""
        for each in self._calls:
            each.transport.abort()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Wait for the assistant's call."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield

    def say(self, clip: "Samples", last_sound: int, order: Order) -> None:
        """Have the microphone hear a clip, whose last sound is at that sample."""
        self._clip, self._last_sound, self.order = clip, last_sound, order

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from wyoming.event import async_read_event, async_write_event
        from wyoming.info import Attribution, Info
        from wyoming.info import Satellite as Described

        self._calls.add(writer)
        streaming: asyncio.Task[None] | None = None
        nobody = Attribution(name="", url="")
        described = Described("bench", nobody, installed=True, description=None, version=None)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (event := await async_read_event(reader)) is not None:
                if event.type == "describe":
                    await async_write_event(Info(satellite=described).event(), writer)
                elif event.type == "run-satellite":
                    streaming = asyncio.create_task(self._stream(writer))
                    self.is_heard = True
                elif (
                    event.type == "audio-chunk"
                    and self.order is not None
                    and self.order.first_audio_s is None
                ):
                    self.order.first_audio_s = time.monotonic()
        if streaming is not None:
            streaming.cancel()
        self._calls.discard(writer)
        self.is_heard = bool(self._calls)
        writer.close()

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        from wyoming.audio import AudioChunk
        from wyoming.event import async_write_event

        began_s, sent, into = time.monotonic(), 0, 0
        while True:
            start = self._at % (len(self._noise) - PIECE)
            piece = self._noise[start : start + PIECE].copy()
            self._at += PIECE
            if self._clip is not None:
                cut = self._clip[into : into + PIECE]
                piece[: len(cut)] += cut
                into += PIECE
                if self.order is not None and into - PIECE <= self._last_sound < into:
                    self.order.last_sound_s = time.monotonic() - (into - self._last_sound) / RATE_HZ
                if into >= len(self._clip):
                    self._clip, into = None, 0
            await async_write_event(AudioChunk(RATE_HZ, 2, 1, piece.tobytes()).event(), writer)
            sent += PIECE
            await asyncio.sleep(max(0.0, began_s + sent / RATE_HZ - time.monotonic()))


def calls(count: int) -> "list[Samples]":
    """Clips of different people whose wake word is found; each ends with the word."""
    from assistant.dialogue.arbiter import WORD_S, same_sound, shape_of
    from speech.detection.microwakeword import MicroWakeWords

    found: list[Samples] = []
    for clip in recordings("wake/alexa"):
        samples = np.pad(load(clip), (RATE_HZ, 0))
        words = MicroWakeWords((WORD,))
        ends = (at + 320 for at in range(0, len(samples), 320) if words.detect(samples[at : at + 320]))
        end = next(ends, None)
        if end is None:
            continue
        shape = shape_of(samples[max(0, end - int(WORD_S * RATE_HZ)) : end])
        others = [shape_of(each[max(0, len(each) - int(WORD_S * RATE_HZ)) :]) for each in found]
        if not any(same_sound(shape, other) for other in others):
            found.append(samples[:end])
        if len(found) == count:
            return found
    raise BenchmarkError(f"only {len(found)} people were found whose {WORD!r} wakes it")


async def _measure(
    count: int,
    folder: Path,
    people: "Sequence[Samples]",
    said: "dict[str, list[Samples]]",
    figures: dict[str, Figure],
    samples: dict[str, list[float]],
) -> None:
    satellites = [Satellite(seed) for seed in range(count)]
    async with contextlib.AsyncExitStack() as stack:
        for each in satellites:
            await stack.enter_async_context(each.serving())
        port = _free_port()
        process = await stack.enter_async_context(_running(_config(folder, satellites, port)))
        await _until(
            lambda: all(each.is_heard for each in satellites), READY_S, "the satellites were not called"
        )
        await asyncio.sleep(3.0)
        for at_once in AT_ONCE[count]:
            answered = await _orders(satellites[:at_once], port, people, said, samples)
            figures[f"answered_{at_once}_at_once"] = intervals.share(answered, at_once * ROUNDS)
        used_s, began_s = _cpu_s(process.pid), time.monotonic()
        await asyncio.sleep(IDLE_S)
        share = (_cpu_s(process.pid) - used_s) / (time.monotonic() - began_s)
        figures[f"core_with_{count}_listening"] = Figure(share, "share", 1)
        figures[f"memory_with_{count}_listening_mb"] = Figure(held_mb(process.pid), "MB", 1)


async def _orders(
    satellites: Sequence[Satellite],
    port: int,
    people: "Sequence[Samples]",
    said: "dict[str, list[Samples]]",
    samples: dict[str, list[float]],
) -> int:
    """Orders that end at the same moment, one a satellite, again and again; returns how many were answered.
    The first round warms up and does not count.
    """
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    answered, at_once = 0, len(satellites)
    given: list[Order] = []

    def heard(_client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        for order in given:
            if message.topic == order.topic and order.published_s is None:
                order.published_s = time.monotonic()

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = heard
    client.connect("127.0.0.1", port)
    client.subscribe("simulated/+/set", qos=1)
    client.loop_start()
    try:
        for turn in range(ROUNDS + 1):
            clips = [
                np.concatenate([call, np.zeros(int(BREATH_S * RATE_HZ), np.int16), order])
                for call, order in zip(people[:at_once], said["off" if turn % 2 else "on"], strict=False)
            ]
            longest = max(map(len, clips))
            given[:] = [Order(f"simulated/{thing}/set") for _, thing in list(ROOMS.values())[:at_once]]
            for satellite, clip, order in zip(satellites, clips, given, strict=False):
                padded = np.pad(clip, (longest - len(clip), 0))  # they end together
                satellite.say(padded, int(last_sound_s(padded) * RATE_HZ), order)
            with contextlib.suppress(BenchmarkError):
                await _until(lambda: all(each.first_audio_s for each in given), ANSWERED_S, "")
            await asyncio.sleep(4.0)  # the answers are spoken, and the rooms quiet
            if turn:
                answered += _keep(given, samples)
    finally:
        client.loop_stop()
        client.disconnect()
    return answered


def _keep(given: Sequence[Order], samples: dict[str, list[float]]) -> int:
    """Note the moments of the orders that were answered; returns how many those were."""
    answered = 0
    for order in given:
        if order.last_sound_s is None or order.published_s is None or order.first_audio_s is None:
            continue
        answered += 1
        for what, at_s in (("published", order.published_s), ("first_audio", order.first_audio_s)):
            key = f"{what}_{len(given)}_at_once_ms"
            samples.setdefault(key, []).append((at_s - order.last_sound_s) * 1000)
    return answered


def _config(folder: Path, satellites: Sequence[Satellite], port: int) -> Path:
    rooms = [*ROOMS, *(f"Room {number}" for number in range(len(satellites)))]
    tables = [
        f'[[satellites]]\nname = "{room}"\nroom = "{room}"\nuri = "tcp://127.0.0.1:{each.port}"\n'
        for each, room in zip(satellites, rooms, strict=False)
    ]
    path = folder / f"{len(satellites)}.toml"
    path.write_text(
        f'[mqtt]\nembedded_port = {port}\n[home]\nsimulated = true\n[listen]\nwake_words = ["{WORD}"]\n'
        '[understanding]\norder = "local-only"\n[api]\nenabled = false\n[conversations]\nenabled = false\n'
        + "".join(tables),
        "utf-8",
    )
    return path


@asynccontextmanager
async def _running(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    devnull = asyncio.subprocess.DEVNULL
    data = {"XDG_DATA_HOME": str(config.parent / "data")}
    process = await asyncio.create_subprocess_exec(
        *sotto("run", "--config", str(config)), stdout=devnull, stderr=devnull, env={**environment(), **data}
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _until(ready: Any, limit_s: float, why: str) -> None:
    deadline_s = time.monotonic() + limit_s
    while not ready():
        if time.monotonic() > deadline_s:
            raise BenchmarkError(f"{why} within {limit_s:.0f} s")
        await asyncio.sleep(0.02)


def _cpu_s(pid: int) -> float:
    """Seconds of processor time that a process has used so far, its threads together."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
