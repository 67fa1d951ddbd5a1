"""A daemon in a simulated home, with the API before it, for the tests of both."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from assistant.app import Assistant, open_assistant
from assistant.config.schema import Config, Home, Mqtt, PermissionRule, Permissions, Understanding
from assistant.config.serving import Api, ApiKey
from assistant.serve.api.events import Events
from assistant.serve.api.gate import Failures, Gate
from assistant.serve.api.metrics import Metrics
from assistant.serve.api.orders import Orders
from assistant.serve.api.routes import Served, build
from assistant.serve.api.tokens import Keys
from assistant.serve.daemon import Daemon
from assistant.serve.homeassistant_device import Status
from assistant.serve.watch import Where
from assistant.store.conversations import Conversations
from assistant.store.recorder import Recorder
from devices.home import Kind
from speech.synthesis.engine import SynthesisError
from tests.brokers import free_port

GUEST = "guest-token-of-32-characters-abc"
PIN = "471193"
LOOKER = "looker-token-of-32-characters-ab"


@dataclass
class Room:
    """A place that remembers what it was told to say."""

    where: Where
    said: list[str] = field(default_factory=list)
    muted: bool = False
    breaks: bool = False
    is_there: bool = True

    def status(self) -> Status:
        return Status(state="idle", muted=self.muted, volume_percent=80, heard="", replied="")

    async def say(self, text: str, language: str | None = None) -> None:
        if self.breaks:
            raise SynthesisError("the loudspeaker was pulled out")
        self.said.append(text)

    async def stop(self) -> None:
        self.said.append("(stopped)")

    def set_muted(self, muted: bool) -> None:
        self.muted = muted


@dataclass
class House:
    """The daemon, the application that the API serves, and what lies around them."""

    daemon: Daemon
    app: Gate
    served: Served
    kept: Conversations
    kitchen: Room
    hall: Room
    token: str
    folder: Path


def config(pin_file: Path | None = None, **api: object) -> Config:
    return Config(
        mqtt=Mqtt(embedded_port=free_port()),
        home=Home(simulated=True),
        understanding=Understanding(order="local-only"),
        permissions=Permissions(
            pin_file=pin_file,
            rules=(PermissionRule(kinds=(Kind.LOCK,), from_satellites=("guest",), exposed=False),),
        ),
        api=Api(**api),  # type: ignore[arg-type]
    )


@asynccontextmanager
async def house(folder: Path, failures: Failures | None = None) -> AsyncIterator[House]:
    keys = []
    for name, token, room, may in (
        ("guest", GUEST, "Hall", ("order",)),
        ("looker", LOOKER, None, ("look",)),
    ):
        file = folder / f"{name}.token"
        file.write_text(token + "\n")
        keys.append(ApiKey(name=name, token_file=file, room=room, may=may))
    pin = folder / "pin"
    pin.write_text(PIN)
    with pytest.MonkeyPatch.context() as patch:  # what is remembered here is nobody's
        patch.setenv("XDG_DATA_HOME", str(folder))
        async with AsyncExitStack() as stack:
            assistant = await stack.enter_async_context(open_assistant(config(pin)))
            yield _house(assistant, folder, keys, failures, stack)


def _house(
    assistant: Assistant, folder: Path, keys: list[ApiKey], failures: Failures | None, stack: AsyncExitStack
) -> House:
    daemon = Daemon(assistant, lambda _: None, folder)
    kitchen, hall = Room(Where("microphone", "Kitchen")), Room(Where("satellite", "Hall", "hall"))
    daemon.places += [kitchen, hall]
    kept = stack.enter_context(Conversations(folder / "conversations.sqlite"))
    recorder = Recorder(kept)
    served = Served(daemon, kept, Events(), Metrics(daemon), Orders(daemon))
    for listener in (recorder.saw, served.events.saw, served.metrics.saw):
        daemon.watch.join(listener)
    assistant.outbox.carried_out = recorder.carried_out
    own = folder / "api.token"
    app = Gate(build(served), Keys(own, keys), ["voice.example"], failures)
    return House(daemon, app, served, kept, kitchen, hall, own.read_text().strip(), folder)
