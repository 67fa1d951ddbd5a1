"""`sotto run`: the always-on assistant, a list of supervised parts."""

import asyncio
import contextlib
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.options import ConfigFile, Json, Room, load_config
from assistant.cli.output import print_error
from assistant.cli.turns import MICROPHONE, TurnPrinter, set_up_logging, warn_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from assistant.config.load import Loaded
    from assistant.config.schema import Config
    from assistant.serve.again import Again
    from assistant.serve.daemon import Daemon
    from assistant.serve.homeassistant_device import DeviceIdentity
    from assistant.serve.place import Place
    from assistant.serve.supervisor import Part
    from assistant.store.conversations import Conversations


def run(config: ConfigFile = None, json: Json = False, room: Room = None) -> None:
    """Listen at the microphone, until you press Ctrl-C.

    Say a wake word, then an order. What is missing (microphone, loudspeaker, broker, a model) is told, and
    the rest goes on.
    """
    from assistant.cli.upgrade import prepare
    from assistant.serve.again import Again, start_anew

    loaded = load_config(config)
    set_up_logging(loaded.config)
    prepare(loaded.path, print_error)
    again = Again(loaded.path)
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_run(loaded, TurnPrinter(as_json=json, show_partial=not json), room, again))
    if again.wanted:
        start_anew()


async def _run(loaded: "Loaded", printer: TurnPrinter, room: str | None, again: "Again") -> None:
    from platformdirs import user_data_path

    from assistant.app import open_assistant
    from assistant.serve.daemon import Daemon
    from assistant.serve.homeassistant_device import HomeAssistantDevice, will_of
    from assistant.serve.place import Place
    from assistant.serve.satellites import Satellites
    from assistant.serve.supervisor import LOUDSPEAKER, Part
    from speech.sound.speaker import SoundCardSpeaker

    _end_on(signal.SIGTERM)
    config = loaded.config
    identity = _identity(config) if config.home_assistant.announce else None
    will = will_of(identity) if identity is not None else None
    async with AsyncExitStack() as stack:
        assistant = await stack.enter_async_context(open_assistant(config, ears=True, voice=True, will=will))
        warn_of(assistant.problems)
        daemon = Daemon(assistant, print_error, user_data_path("sotto-voce"))
        kept = stack.enter_context(_record(daemon)) if config.conversations.enabled else None
        _trace(daemon, stack)
        loudspeaker = SoundCardSpeaker(config.voice.output_device, config.voice.volume, may_be_missing=True)
        place = Place(daemon, printer, loudspeaker, room=room)
        daemon.places.append(place)
        if config.listen.mode != "off":
            daemon.supervisor.add(Part(LOUDSPEAKER, loudspeaker.keep))
        Satellites(daemon, printer.of)
        printer.source = {"file": MICROPHONE}
        print_error(f"{len(assistant.home)} devices at {assistant.broker}")
        if identity is not None:
            device = HomeAssistantDevice(
                assistant.link, identity, place, show_words=config.home_assistant.show_words
            )
            place.changed = (await stack.enter_async_context(device)).changed
        await stack.enter_async_context(assistant.background(daemon.announce))
        for part in _parts(daemon, place, kept, loaded.path):
            daemon.supervisor.add(part)
        daemon.supervisor.add(Part("configuration", lambda: again.follow(daemon)))
        await daemon.supervisor.run()


def _parts(
    daemon: "Daemon", place: "Place", kept: "Conversations | None", config: Path | None
) -> "Iterator[Part]":
    """What the daemon is made of; each may fail and come back alone."""
    from platformdirs import user_data_path

    from assistant.serve.api.server import ApiServer
    from assistant.serve.supervisor import Part
    from assistant.serve.systemd import keep_alive
    from assistant.serve.watch import Where
    from assistant.serve.wyoming_services.server import WyomingServices

    yield Part("language model", daemon.assistant.warm)
    if daemon.assistant.config.listen.mode != "off":
        yield Part(MICROPHONE, place.serve)
    yield Part("service", keep_alive)
    if daemon.assistant.config.api.enabled:
        yield Part("api", ApiServer(daemon, kept, user_data_path("sotto-voce"), config).serve)
    if daemon.assistant.config.wyoming.enabled:
        watched = daemon.watch.at(Where("wyoming"))
        yield Part("wyoming services", WyomingServices(daemon.assistant, watched).serve)


@contextlib.contextmanager
def _record(daemon: "Daemon") -> "Iterator[Conversations]":
    """Record what happens, for as long as the daemon runs."""
    from assistant.store.conversations import Conversations
    from assistant.store.place import conversations_path
    from assistant.store.recorder import Recorder

    days = daemon.assistant.config.conversations.keep_days
    with Conversations(conversations_path(), keep_days=days) as kept:
        recorder = Recorder(kept)
        daemon.watch.join(recorder.saw)
        daemon.assistant.outbox.carried_out = recorder.carried_out
        try:
            yield kept
        finally:
            recorder.close()


def _trace(daemon: "Daemon", stack: AsyncExitStack) -> None:
    """Send spans, if that is wanted and possible."""
    endpoint = daemon.assistant.config.telemetry.otlp_endpoint
    if endpoint is None:
        return
    from assistant.serve.spans import SpansError, open_spans

    try:
        spans = open_spans(endpoint)
    except SpansError as error:
        print_error(str(error))
        return
    daemon.watch.join(spans.saw)
    stack.push_async_callback(asyncio.to_thread, spans.close)


def _identity(config: "Config") -> "DeviceIdentity":
    """Who we are in Home Assistant, the same at each start: made up once, and kept."""
    import secrets
    from importlib.metadata import version

    from platformdirs import user_data_path

    from assistant.serve.homeassistant_device import DeviceIdentity

    kept = user_data_path("sotto-voce", ensure_exists=True) / "identity"
    if not kept.exists():
        kept.write_text(secrets.token_hex(6), "utf-8")
    return DeviceIdentity(kept.read_text("utf-8"), room=config.listen.room, version=version("sotto-voce"))


def _end_on(number: signal.Signals) -> None:
    """End as Ctrl-C does: every part is closed in order."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
