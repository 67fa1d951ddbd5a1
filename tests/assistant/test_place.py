"""The microphone's place in a simulated home, with a microphone that tells whether it is open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import ClassVar

import pytest

from assistant.app import Assistant, open_assistant
from assistant.config.schema import Config, Home, Mqtt, Understanding
from assistant.report import TurnReport
from assistant.serve.daemon import Daemon
from assistant.serve.place import Place
from assistant.serve.watch import Moved
from assistant.understanding.plan import Tier
from devices.policy import Authority
from speech.audio import AudioChunk
from speech.clock import Clock
from speech.sound.ports import SoundError
from speech.sound.speaker import SilentSpeaker
from tests.brokers import free_port
from tests.devices.waiting import until
from tests.fakes import Watcher, chunks, sound

LONG_S = 30.0


class Microphone:
    """Hands over quiet for ever; `opened` has all that were ever made."""

    stream_id = "test"
    opened: ClassVar[list["Microphone"]] = []

    def __init__(self, device: object = None) -> None:
        self.clock = Clock()
        self.open = True
        self.heard = 0
        Microphone.opened.append(self)

    async def chunks(self) -> AsyncIterator[AudioChunk]:
        for chunk in chunks(sound(("quiet", 0.2))):
            self.heard += 1
            yield chunk
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.open = False


@pytest.fixture(autouse=True)
def microphones(monkeypatch):
    monkeypatch.setattr("speech.sound.microphone.MicrophoneSource", Microphone)
    monkeypatch.setattr(Assistant, "ear", lambda self, **_: SimpleNamespace(hear=lambda chunk: ()))
    Microphone.opened = []
    return Microphone.opened


@asynccontextmanager
async def daemon(folder) -> AsyncIterator[Daemon]:
    config = Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
    )
    async with open_assistant(config) as assistant:
        yield Daemon(assistant, lambda _: None, folder)


async def test_a_muted_microphone_is_closed_and_stays_so_until_it_is_opened(tmp_path, microphones):
    async with daemon(tmp_path) as house:
        place = Place(house, Watcher(), SilentSpeaker())
        moved = []
        house.watch.join(lambda _where, seen: moved.append(seen))
        serving = asyncio.create_task(place.serve())
        await until(lambda: microphones and microphones[0].heard == 10, timeout=LONG_S)
        place.set_muted(True)
        await until(lambda: not microphones[0].open, timeout=LONG_S)
        assert place.status().muted
        assert moved[-1] == Moved("idle", muted=True)
        assert len(microphones) == 1
        again = Place(house, Watcher(), SilentSpeaker())  # the next start
        assert again.status().muted
        place.set_muted(False)
        await until(lambda: len(microphones) == 2 and microphones[1].heard == 10, timeout=LONG_S)
        serving.cancel()
        await asyncio.wait([serving])
        await until(lambda: not microphones[1].open, timeout=LONG_S)


async def test_a_microphone_without_an_ear_is_closed_again(tmp_path, microphones, monkeypatch):
    def deaf(self, *_: object) -> None:
        raise RuntimeError("there is no such wake word")

    monkeypatch.setattr(Place, "_ear", deaf)
    async with daemon(tmp_path) as house:
        place = Place(house, Watcher(), SilentSpeaker())
        with pytest.raises(RuntimeError, match="no such wake word"):
            await place.serve()
    assert [microphone.open for microphone in microphones] == [False]


async def test_an_order_by_home_assistant_is_known_as_its_own(tmp_path):
    async with daemon(tmp_path) as house:
        place, reports = Place(house, Watcher(), SilentSpeaker(), room="Kitchen"), []
        house.watch.join(lambda where, seen: reports.append((where.name, seen)))
        await place.obey("turn on the hall light")
        (report,) = [seen for _, seen in reports if isinstance(seen, TurnReport)]
        assert report.tier is not Tier.NONE
        assert report.by == Authority(satellite="homeassistant")
        with pytest.raises(SoundError, match="no loudspeaker"):
            await place.say("hello")  # nobody is told that it was said


def test_a_line_that_cannot_be_written_ends_nothing():
    def full(_line: str) -> None:
        raise OSError(28, "No space left on device")

    Daemon(None, full).tell("hello")  # type: ignore[arg-type]  # nothing is asked of it


async def test_an_announcement_goes_to_its_room_and_to_all_where_nobody_is_in_it():
    house, said = Daemon(None, lambda _: None), []  # type: ignore[arg-type]  # it says nothing itself

    def speaker(room):
        async def say(text, language=None):
            said.append((room, text))
            if room == "Attic":
                raise RuntimeError("it is unplugged")

        return SimpleNamespace(where=SimpleNamespace(room=room), say=say, is_there=True)

    house.places += [speaker("Attic"), speaker("Kitchen"), speaker(None)]
    await house.announce("dinner", "en", "kitchen")
    assert said == [("Kitchen", "dinner")]
    said.clear()
    await house.announce("起床了", "zh", "Cellar")
    assert [room for room, _ in said] == ["Attic", "Kitchen", None]
