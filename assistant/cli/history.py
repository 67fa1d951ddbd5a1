"""`sotto history`: what was heard, done and answered, to look at, take along and forget."""

import json as json_module
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_json, print_table

if TYPE_CHECKING:
    from assistant.store.conversations import Conversations
    from assistant.store.record import Record

app = typer.Typer(
    help="Search, export or erase what was heard, done and answered.",
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    add_completion=False,
    rich_markup_mode=None,
)

OWNER_ONLY = 0o600
DAY_S = 86_400.0


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words that were heard, answered, or name a device.")] = "",
    room: Annotated[str | None, typer.Option("--room", help="Only there.", show_default=False)] = None,
    days: Annotated[
        float | None, typer.Option("--days", help="Only the last so many.", show_default=False)
    ] = None,
    most: Annotated[int, typer.Option("--most", help="No more turns than this.", min=1)] = 50,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Show turns, the newest first: when, where, what was heard, what came of it."""
    since_s = None if days is None else time.time() - days * DAY_S
    found = _open(config).search(text, since_s=since_s, room=room, most=most)
    if json:
        print_json([record.as_json() for record in found])
    elif found:
        print_table(("when", "where", "heard", "did", "answered"), [_row(each) for each in found])
    else:
        print("Nothing is recorded that has these words." if text else "Nothing is recorded.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, a JSON object a line.")],
    config: ConfigFile = None,
) -> None:
    """Write everything that is recorded to a file that only you may read."""
    count = 0
    with open(file, "w", encoding="utf-8", opener=_opened_for_owner) as out:
        for record in _open(config).everything():
            out.write(json_module.dumps(record.as_json(), ensure_ascii=False) + "\n")
            count += 1
    file.chmod(OWNER_ONLY)  # it may have been there before
    print(f"{_turns(count)} written to {file}")


@app.command()
def erase(
    older_than: Annotated[
        float | None,
        typer.Option("--older-than", metavar="DAYS", help="Only those.", show_default=False),
    ] = None,
    words: Annotated[str, typer.Option("--words", help="Only turns with all these words.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
) -> None:
    """Forget turns for good, here and in the running assistant."""
    if older_than is not None and words:
        raise typer.BadParameter("--older-than and --words do not go together: erase twice")
    which = f"with “{words}”" if words else "" if older_than is None else f"older than {older_than:g} days"
    if not yes:
        typer.confirm(f"Forget all turns {which}".rstrip() + "? There is no way back.", abort=True)
    before_s = None if older_than is None else time.time() - older_than * DAY_S
    print(f"{_turns(_open(config).erase(before_s=before_s, text=words))} forgotten")


def _open(config: Path | None) -> "Conversations":
    from assistant.store.conversations import Conversations
    from assistant.store.place import conversations_path

    days = load_config(config).config.conversations.keep_days
    return Conversations(conversations_path(), keep_days=days)


def _row(record: "Record") -> tuple[str, ...]:
    at = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.at_s))
    where = record.room or record.satellite or record.place or "-"
    return (at, where, record.heard or "-", _did(record.outcomes), record.reply or record.failure or "-")


def _did(outcomes: list[dict[str, Any]]) -> str:
    return ", ".join(f"{each['name']}: {each['result']}" for each in outcomes) or "-"


def _turns(count: int) -> str:
    return f"{count} turn{'' if count == 1 else 's'}"


def _opened_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ONLY)
