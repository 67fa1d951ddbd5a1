"""What lives in a household: rooms with satellites in which a television talks, and music that makes way."""

import asyncio
import shutil
import subprocess
import threading
import time
import wave
from contextlib import AsyncExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.breakable import free_port
from benchmarks.protocol import BenchmarkError
from benchmarks.recordings import last_sound_s, load, recordings, spoken
from benchmarks.satellites import BREATH_S, RATE_HZ, ROOMS, Order, Satellite, calls
from benchmarks.weights import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speech.audio import Samples

TELEVISION_CLIPS = 40
TELEVISION = 0.25
"""How loud it is beside somebody who speaks to the satellite: 12 dB below."""
ORDER_EVERY_S = 20.0
RESTART_EVERY_S = 75.0
LOUD = 80
"""Percent: how loud the music is while nobody speaks."""
QUIET_AGAIN_S = 45.0
"""So long behind a turn music is as loud as before."""


class Rooms:
    """Two satellites in a thread of their own: a television talks in each, orders are given by turns, and one
    after the other is restarted.
    """

    def __init__(self, folder: Path) -> None:
        self.said = self.answered = self.restarts = 0
        self.satellites = [Satellite(seed) for seed in range(2)]
        television = recordings("not_wake")[:TELEVISION_CLIPS]
        if television:
            talk = np.concatenate([load(each) for each in television])
            for number, each in enumerate(self.satellites):
                each.hear_all_the_time(np.roll(talk, number * RATE_HZ * 7) * TELEVISION)
        self._clips = self._orders(folder)
        self._ending = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), name="rooms")

    def start(self) -> None:
        """Let them live; returns when they can be called."""
        self._thread.start()
        if not self._ready.wait(30):
            raise BenchmarkError("the satellites did not start")

    def end(self) -> None:
        """End them."""
        self._ending.set()
        self._thread.join(30)

    def tables(self) -> str:
        """What the configuration says of them."""
        return "".join(
            f'[[satellites]]\nname = "{room}"\nroom = "{room}"\nuri = "tcp://127.0.0.1:{each.port}"\n'
            for each, room in zip(self.satellites, ROOMS, strict=False)
        )

    def _orders(self, folder: Path) -> "list[Samples]":
        """One for each satellite, behind somebody's wake word; none without recordings or weights."""
        if not recordings("wake/alexa") or missing(("piper-en_US-joe-medium",)):
            return []
        texts = [say.format("on") for say, _ in ROOMS.values()][: len(self.satellites)]
        people = calls(len(texts))
        breath = np.zeros(int(BREATH_S * RATE_HZ), np.int16)
        return [
            np.concatenate([call, breath, load(order)])
            for call, order in zip(people, spoken(texts, folder), strict=True)
        ]

    async def _live(self) -> None:
        async with AsyncExitStack() as stack:
            stacks = []
            for each in self.satellites:
                stacks.append(await stack.enter_async_context(AsyncExitStack()))
                await stacks[-1].enter_async_context(each.serving())
            self._ready.set()
            ordered_s = restarted_s = time.monotonic()
            while not self._ending.is_set():
                now_s = time.monotonic()
                if now_s - restarted_s > RESTART_EVERY_S:
                    restarted_s = now_s
                    await self._restart(self.restarts % len(self.satellites), stacks)
                elif self._clips and now_s - ordered_s > ORDER_EVERY_S:
                    ordered_s = now_s
                    await self._order(self.said % len(self.satellites))
                await asyncio.sleep(0.2)

    async def _restart(self, number: int, stacks: "Sequence[AsyncExitStack]") -> None:
        self.restarts += 1
        await stacks[number].aclose()
        self.satellites[number].hang_up()
        await asyncio.sleep(1.0)
        await stacks[number].enter_async_context(self.satellites[number].serving())

    async def _order(self, number: int) -> None:
        satellite, clip = self.satellites[number], self._clips[number]
        if not satellite.is_heard:
            return
        self.said += 1
        order = Order("")
        satellite.say(clip, int(last_sound_s(clip) * RATE_HZ), order)
        until_s = time.monotonic() + ORDER_EVERY_S - 5
        while order.first_audio_s is None and time.monotonic() < until_s:  # noqa: ASYNC110 - another's moment
            await asyncio.sleep(0.1)
        self.answered += order.first_audio_s is not None


class Music:
    """A real MPD that plays to nobody, as loud as it was told."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder / "music"
        self._folder.mkdir()
        with wave.open(str(self._folder / "tone.wav"), "wb") as file:
            file.setparams((1, 2, 8_000, 0, "NONE", ""))
            file.writeframes(bytes(2 * 8_000 * 30))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and let it play on and on. Raises `BenchmarkError`."""
        program = shutil.which("mpd")
        assert program is not None
        config = self._folder.parent / "mpd.conf"
        config.write_text(
            f'music_directory "{self._folder}"\ndb_file "{self._folder.parent}/mpd.db"\n'
            f'bind_to_address "127.0.0.1"\nport "{self.port}"\n'
            'audio_output {\n type "null"\n name "nobody"\n mixer_type "software"\n}\n'
        )
        self._process = subprocess.Popen(
            [program, "--no-daemon", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until_s = time.monotonic() + 30
        while time.monotonic() < until_s:
            with suppress(OSError, ValueError), self._client() as client:
                client.update()
                client.clear()
                client.add("tone.wav")
                client.repeat(1)
                client.play()
                client.setvol(LOUD)
                return
            time.sleep(0.3)
        raise BenchmarkError("MPD did not start")

    def end(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def volume(self) -> int:
        """How loud it is, in percent."""
        with self._client() as client:
            return int(client.status().get("volume", -1))

    @contextmanager
    def _client(self) -> "Iterator[Any]":
        from mpd import CommandError, MPDClient

        client = MPDClient()
        client.timeout = 10
        client.connect("127.0.0.1", self.port)
        try:
            yield client
        except CommandError as error:
            raise ValueError(str(error)) from error
        finally:
            client.disconnect()


def music_lacks() -> bool:
    """Whether there is no MPD here."""
    return shutil.which("mpd") is None
