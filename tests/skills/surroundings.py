"""What a skill is called with in these tests: a real home, a real registry, and no network."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devices.home import Ability, Device, Home, Kind
from skills.api import Context, Web
from skills.web import HttpWeb

LAMP = frozenset({Ability.ON, Ability.BRIGHTNESS, Ability.COLOUR})
MONDAY = datetime(2025, 6, 2, 14, 20, tzinfo=UTC)


def lamp(device_id: str, name: str, room: str | None = None, **state: Any) -> Device:
    return Device(
        device_id, name, Kind.LIGHT, LAMP, room, state={Ability(each): value for each, value in state.items()}
    )


def thing(device_id: str, name: str, kind: Kind, room: str | None = None) -> Device:
    return Device(device_id, name, kind, frozenset({Ability.ON}), room)


def home_of(*devices: Device) -> Home:
    home = Home({"Kitchen": ("Galley",), "Bedroom": ()})
    for device in devices:
        home.put(device)
    return home


async def nobody(adapter: str, question: str) -> Mapping[str, Any]:
    raise AssertionError(f"{adapter} was asked for {question}")


def context_of(
    home: Home | None = None,
    *,
    room: str | None = None,
    web: Web | None = None,
    language: str = "en",
    ask: Any = nobody,
) -> Context:
    return Context(
        language=language,
        room=room,
        home=home if home is not None else home_of(),
        web=web if web is not None else HttpWeb(),
        ask=ask,
        settings={},
        now=lambda: MONDAY,
    )


BELL = '''
from skills.api import AdapterCommand, Answer, Context, Manifest, MqttCommand, Say, Skill, tool
import asyncio

class Bell(Skill):
    """Rings."""

    name = "bell"
    api = 1
    manifest = Manifest(adapters=frozenset({"chime"}), topics=frozenset({"bell/+/set"}))

    @tool()
    async def ring(self, context: Context, times: int = 1) -> Answer:
        """Ring the bell."""
        return Answer(commands=(MqttCommand("bell/door/set", str(times)),), say=Say("rung", {"times": times}))

    @tool()
    async def misbehave(self, context: Context, how: str) -> Answer:
        """Do what the manifest does not allow."""
        if how == "topic":
            return Answer(commands=(MqttCommand("heating/set", "0"),))
        if how == "wildcard":
            return Answer(commands=(MqttCommand("bell/#", "0"),))
        if how == "adapter":
            return Answer(commands=(AdapterCommand("mpd", "play"),))
        if how == "ask":
            await context.ask("mpd", "status")
        if how == "chime":
            await context.ask("chime", "status")
        if how == "web":
            await context.web.get_json("https://example.org")
        if how == "sleep":
            await asyncio.sleep(60)
        if how == "nothing":
            return None
        raise RuntimeError("broke\\nin two lines")
'''
ENGLISH = """
[[tools.ring.sentences]]
templates = ["ring [the] bell"]

[[tools.ring.examples]]
text = "ring twice"
arguments = { times = 2 }

[replies]
rung = "Rung {times} times."
offline = "The chime is away."
"""


class Plugins:
    """Real distributions on the import path: a package each, with its entry point."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, code: str, language: str = ENGLISH, attribute: str = "Bell") -> None:
        package = self._folder / f"plugin_{name}"
        package.mkdir()
        (package / "__init__.py").write_text(code, "utf-8")
        (package / "en.toml").write_text(language, "utf-8")
        info = self._folder / f"plugin_{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin-{name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[sotto.skills]\n{name} = plugin_{name}:{attribute}\n")
