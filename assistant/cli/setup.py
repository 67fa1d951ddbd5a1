"""`sotto setup`: from nothing to a room that works, one question after the other."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import ConfigFile, config_before_verb, load_config
from assistant.cli.output import download_progress, print_error, print_finding

if TYPE_CHECKING:
    from assistant.cli.settings_file import SettingsFile
    from assistant.config.schema import Config

HELLO = {"en": "Hello. I am ready when you are.", "zh": "你好，我准备好了。"}


class _Desk:
    """What the steps share: the file, and how questions are asked."""

    def __init__(self, file: "SettingsFile", *, yes: bool) -> None:
        self.file = file
        self.yes = yes

    @property
    def config(self) -> "Config":
        return load_config(self.file.path if self.file.path.exists() else None).config

    def ask(self, question: str, default: str = "", *, hidden: bool = False) -> str:
        if self.yes:
            return default
        return str(typer.prompt(question, default=default, show_default=bool(default), hide_input=hidden))

    def confirm(self, question: str) -> bool:
        return self.yes or typer.confirm(question, default=True)


def setup(
    config: ConfigFile = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: take the answer in brackets everywhere.")
    ] = False,
) -> None:
    """Set this machine up, one question after the other.

    Language, weights, microphone, loudspeaker, broker, room, a first order. Each step may be left out with
    Enter and done again at any time. What is decided is written to sotto.toml
    at once; everything else in that file stays as it is.
    """
    from assistant.cli.settings_file import SettingsFile
    from assistant.config.load import default_path

    desk = _Desk(SettingsFile(config or config_before_verb.get() or default_path()), yes=yes)
    print(f"Everything is written to {desk.file.path}.")
    steps: Sequence[tuple[str, Callable[[_Desk], None]]] = (
        ("Language", _language),
        ("Weights", _weights),
        ("Microphone", _microphone),
        ("Loudspeaker", _loudspeaker),
        ("MQTT broker", _broker),
        ("Room and first order", _room),
    )
    for number, (title, step) in enumerate(steps, start=1):
        print(f"\n{number}. {title}")
        _one(step, desk)
    print("\nListen now: sotto run. Always: sotto service install. What is missing: sotto doctor.")


def _one(step: Callable[[_Desk], None], desk: _Desk) -> None:
    """A step that fails is told, and the next one begins."""
    from assistant.weights.source import WeightsError
    from speech.sound.ports import SoundError
    from speech.synthesis.engine import SynthesisError

    try:
        step(desk)
    except (WeightsError, SoundError, SynthesisError, ValueError) as error:
        print_error(str(error))


def _language(desk: _Desk) -> None:
    now = desk.config.home.language
    spoken = desk.ask("Which language is spoken: en, zh, or auto for both", now).strip().lower()
    if spoken not in ("en", "zh", "auto"):
        raise ValueError(f"there is no {spoken!r} yet; it stays {now}")
    if spoken != now:
        desk.file.set("home", language=spoken)


def _weights(desk: _Desk) -> None:
    from assistant.weights.catalogue import find
    from assistant.weights.store import State, open_store

    config = desk.config
    store = open_store(config.models)
    lacking = [each for each in config.needed_models if store.state(each) is not State.PRESENT]
    if not lacking:
        print_finding("ok", "all models are here")
        return
    size = sum(find(each).size for each in lacking) / 1e6
    if not desk.confirm(f"Fetch {', '.join(lacking)} ({size:.0f} MB)?"):
        return
    for model_id in lacking:
        with download_progress() as progress:
            store.pull(model_id, progress)
        print_finding("ok", model_id)


def _microphone(desk: _Desk) -> None:
    from assistant.cli.sound_check import devices, judged, recorded

    wanted = _device(desk, devices("input"), desk.config.listen.input_device)
    if desk.config.listen.input_device != wanted:
        desk.file.set("listen", input_device=wanted)
    while desk.confirm("Say something for five seconds, after Enter"):
        good, line = judged(asyncio.run(recorded(wanted)))
        print_finding("ok" if good else "warn", line)
        if good or desk.yes:
            return


def _loudspeaker(desk: _Desk) -> None:
    from assistant.cli.sound_check import devices, speak

    wanted = _device(desk, devices("output"), desk.config.voice.output_device)
    if desk.config.voice.output_device != wanted:
        desk.file.set("voice", output_device=wanted)
    config = desk.config
    language = "zh" if config.home.language == "zh" else "en"
    asyncio.run(speak(config, HELLO[language], language))
    if not desk.confirm("Did you hear it?"):
        print_error("choose another one: sotto setup; or its level: [voice] volume")


def _device(desk: _Desk, names: Sequence[str], now: str | int | None) -> str | int | None:
    from assistant.cli.sound_check import chosen

    if not names:
        raise ValueError("there is none: connect one, and run `sotto setup` again")
    for number, name in enumerate(names, start=1):
        print(f"  {number}  {name}")
    answer = desk.ask("Which one (Enter: the system's own)", "" if now is None else str(now))
    return now if answer == str(now) else chosen(names, answer)


def _broker(desk: _Desk) -> None:
    from assistant.cli.doctor import unreachable

    now = desk.config.mqtt
    print("  Zigbee2MQTT, Tasmota, Shelly and Home Assistant speak by one; without, one runs inside.")
    host = desk.ask("Its host (Enter: none)", now.host or "").strip()
    if not host:
        if now.host is not None:
            desk.file.set("mqtt", host=None)
        return
    port = desk.ask("Its port", str(now.port))
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError(f"{port!r} is no port; the broker stays as it was")
    if problem := unreachable(host, int(port)):
        print_error(f"{host}:{port}: {problem}")
        if desk.yes or not typer.confirm("Keep it nevertheless?", default=False):
            return
    user = desk.ask("Your name there (Enter: none)", now.username or "").strip()
    desk.file.set("mqtt", host=host, port=int(port), username=user or None)
    password = desk.ask("Your password there (Enter: as it is)", hidden=True) if user else ""
    if password:
        desk.file.set("mqtt", password_file=str(desk.file.keep_secret("mqtt-password", password)))


def _room(desk: _Desk) -> None:
    asyncio.run(_try_out(desk))


async def _try_out(desk: _Desk) -> None:
    from assistant.app import open_assistant
    from assistant.cli.turns import TurnPrinter
    from devices.home import Kind

    async with open_assistant(desk.config) as assistant:
        home = assistant.home
        print_finding("ok" if len(home) else "warn", f"{len(home)} devices at {assistant.broker}")
        for problem in assistant.problems:
            print_error(problem)
        rooms = sorted(home.rooms)
        if rooms:
            print(f"  rooms: {', '.join(rooms)}")
        now = desk.config.listen.room or ""
        room = desk.ask("In which room is this microphone (Enter: none)", now).strip()
        if room != now:
            known = next((each for each in rooms if each.casefold() == room.casefold()), room)
            desk.file.set("listen", room=known or None)
        light = next(iter(home.find(kind=Kind.LIGHT)), None)
        chinese = desk.config.home.language == "zh"
        usual = "现在几点" if chinese else "what time is it"
        if light is not None:
            usual = f"打开{light.name}" if chinese else f"turn on the {light.name}"
        order = desk.ask("A first order, written", "" if desk.yes else usual)
        if order:
            place = assistant.conversation(TurnPrinter(as_json=False), None, room=room or None)
            await assistant.take_text(place, order, None)
