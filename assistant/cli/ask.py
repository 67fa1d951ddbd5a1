"""`sotto ask`: the turn, from text."""

import asyncio
import json as json_module
import secrets
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.daemon import DaemonError, Here, Running, running
from assistant.cli.options import ConfigFile, Json, Room, load_config
from assistant.cli.output import print_error
from assistant.cli.turns import TurnPrinter, set_up_logging, warn_of

if TYPE_CHECKING:
    from assistant.app import Assistant
    from assistant.config.schema import Config
    from assistant.turn import Conversation

LONGEST_LINE = 10_000


def ask(
    text: Annotated[str | None, typer.Argument(help="The order; without it one a line is read.")] = None,
    config: ConfigFile = None,
    json: Json = False,
    room: Room = None,
    here: Here = False,
) -> None:
    """Obey written orders.

    Without TEXT one order a line is read from standard input, all in one dialogue. A line may be a JSON
    object with `text` and, if wanted, `room` and `language`. A running assistant is asked, if there is one.
    """
    loaded = load_config(config)
    set_up_logging(loaded.config)
    printer = TurnPrinter(as_json=json)
    daemon = None if here else running(loaded.path)
    if daemon is None:
        asyncio.run(_ask(text, loaded.config, printer, room))
    else:
        _ask_running(daemon, text, printer, room)
    if text is not None and printer.failed:
        raise typer.Exit(1)


async def _ask(text: str | None, config: "Config", printer: TurnPrinter, room: str | None) -> None:
    from assistant.app import open_assistant

    async with open_assistant(config) as assistant:
        warn_of(assistant.problems)
        places: dict[str | None, Conversation] = {}
        if text is not None:
            await _take(assistant, places, printer, {"text": text}, room)
            return
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip():
                try:
                    await _take(assistant, places, printer, _order(line.strip()), room)
                except ValueError as error:
                    print_error(str(error))


def _ask_running(daemon: Running, text: str | None, printer: TurnPrinter, room: str | None) -> None:
    """The same, by the running assistant: it knows the home already, and one home takes one outbox."""
    dialogue = secrets.token_hex(8)

    def take(order: dict[str, Any]) -> None:
        printer.turn(daemon.ask(order["text"], order.get("room") or room, order.get("language"), dialogue))

    if text is not None:
        take({"text": text})
        return
    while line := sys.stdin.readline():
        if line.strip():
            try:
                take(_order(line.strip()))
            except (ValueError, DaemonError) as error:
                print_error(str(error))


async def _take(
    assistant: "Assistant",
    places: "dict[str | None, Conversation]",
    printer: TurnPrinter,
    order: dict[str, Any],
    room: str | None,
) -> None:
    """Take an order where it was given: each room has a dialogue of its own, which goes on."""
    printer.source = {"text": order["text"]}
    place = order.get("room") or room
    if place not in places:
        places[place] = assistant.conversation(printer, None, room=place)
    await assistant.take_text(places[place], order["text"], order.get("language"))


def _order(line: str) -> dict[str, Any]:
    """One line as an order. Raises ValueError with one line for a person."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"a line of {len(line)} characters is no order; {LONGEST_LINE} are the most")
    if not line.startswith("{"):
        return {"text": line}
    try:
        order = json_module.loads(line)
    except ValueError as error:
        raise ValueError(f"a line that begins with {{ must be JSON: {error}") from error
    if not all(isinstance(value, str) for value in order.values()) or "text" not in order:
        raise ValueError('an order is {"text": "...", "room": "...", "language": "en"}; only text is needed')
    return dict(order)
