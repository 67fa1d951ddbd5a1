"""`sotto announce` and `sotto mute`: what only a running assistant can do."""

from enum import StrEnum
from typing import Annotated

import typer

from assistant.cli.daemon import SPEAKING_S, must_run
from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_json, print_table


class Switch(StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


def announce(
    text: Annotated[str, typer.Argument(help="What to say.")],
    config: ConfigFile = None,
    room: Annotated[
        str | None,
        typer.Option("--room", metavar="ROOM", help="Say it there alone.", show_default=False),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", help="en or zh; seen from the text without it.")
    ] = None,
) -> None:
    """Have the running assistant say something everywhere.

    It is said behind whatever is being said, and this returns once it was heard.
    """
    body = {"text": text, "room": room, "language": language}
    done = must_run(load_config(config).path).send("POST", "/v1/announce", body, SPEAKING_S)
    print(f"said at {', '.join(done['places'])}")


def mute(
    switch: Annotated[Switch, typer.Argument(metavar="on|off", help="on closes the microphone.")] = Switch.ON,
    config: ConfigFile = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="PLACE", help="That one alone: a satellite's name."),
    ] = None,
    json: Json = False,
) -> None:
    """Close the running assistant's microphones, or open them.

    A closed microphone hears nothing, stays closed over a restart, and is opened by `sotto mute off`.
    """
    body = {"muted": switch is Switch.ON, "place": place}
    places = must_run(load_config(config).path).send("POST", "/v1/mute", body)
    if json:
        print_json(places)
        return
    rows = [
        (each["name"], each["room"] or "-", "muted" if each["muted"] else each["state"]) for each in places
    ]
    print_table(("place", "room", "state"), rows)
