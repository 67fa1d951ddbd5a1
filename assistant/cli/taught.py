"""`sotto taught`: names, likings and routines that people taught, to look at, take along and forget."""

import asyncio
import json as json_module
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import ConfigFile, Json
from assistant.cli.output import print_error, print_json, print_table

if TYPE_CHECKING:
    from skills.storage import SqliteStore
    from skills.taught.book import Preference, Taught

app = typer.Typer(
    help="Show, export or erase what you taught it.",
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    add_completion=False,
    rich_markup_mode=None,
)

OWNER_ONLY = 0o600


@app.command("list")
def list_taught(_config: ConfigFile = None, json: Json = False) -> None:
    """List names, likings, routines, and what words were found to mean."""
    taught = asyncio.run(_read())
    if json:
        print_json(taught.as_json())
    elif taught:
        print_table(("what", "said", "means"), list(_rows(taught)))
    else:
        print("Nothing was taught.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it, as JSON.")],
    _config: ConfigFile = None,
) -> None:
    """Write everything that was taught to a file that only you may read."""
    taught = asyncio.run(_read())
    written = json_module.dumps(taught.as_json(), ensure_ascii=False, indent=2) + "\n"
    with open(file, "w", encoding="utf-8", opener=_opened_for_owner) as out:
        out.write(written)
    file.chmod(OWNER_ONLY)  # it may have been there before
    print(f"{_count(taught)} written to {file}")


@app.command("import")
def import_taught(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `export` wrote.", exists=True, dir_okay=False)
    ],
    replace: Annotated[bool, typer.Option("--replace", help="Forget what was taught here before.")] = False,
    _config: ConfigFile = None,
) -> None:
    """Take in what was exported. What has the same name is replaced, the rest is kept."""
    from skills.taught.book import NotTaughtError, of_json

    try:
        new = of_json(json_module.loads(file.read_text("utf-8")))
    except (NotTaughtError, ValueError) as error:
        print_error(f"{file}: {error}")
        raise typer.Exit(1) from None
    asyncio.run(_write(new if replace else asyncio.run(_read()).joined(new)))
    print(f"{_count(new)} taken in; a running assistant knows it in a few seconds")


@app.command()
def erase(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    _config: ConfigFile = None,
) -> None:
    """Forget everything that was taught, the file included."""
    taught = asyncio.run(_read())
    if not yes:
        typer.confirm(f"Forget {_count(taught)}? There is no way back.", abort=True)
    asyncio.run(_store().erase())
    print("It is forgotten; a running assistant forgets it in a few seconds.")


def _store() -> "SqliteStore":
    from platformdirs import user_data_path

    from skills.storage import SqliteStore

    return SqliteStore(user_data_path("sotto-voce") / "skills" / "taught.sqlite3")


async def _read() -> "Taught":
    from skills.taught.book import Book

    return await Book(_store()).read()


async def _write(taught: "Taught") -> None:
    from skills.taught.book import Book

    await Book(_store()).write(taught)


def _opened_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ONLY)


def _rows(taught: "Taught") -> Iterator[tuple[str, str, str]]:
    yield from (("name", each.name, each.room or ", ".join(each.things)) for each in taught.aliases)
    yield from (
        (
            "liking",
            each.text,
            _setting(each) + _of((each.room,) if each.room else each.things),
        )
        for each in taught.preferences
    )
    yield from (("routine", each.phrase, each.orders) for each in taught.routines)
    yield from (("which one", _where(each.words, each.room), each.thing) for each in taught.choices)


def _setting(liking: "Preference") -> str:
    return "(only kept)" if liking.ability is None else f"{liking.ability} {liking.value}"


def _of(things: tuple[str, ...]) -> str:
    return f" of {', '.join(things)}" if things else ""


def _where(words: str, room: str) -> str:
    return f"{words} ({room})" if room else words


def _count(taught: "Taught") -> str:
    count = sum(1 for _row in _rows(taught))
    return f"{count} thing{'' if count == 1 else 's'}"
