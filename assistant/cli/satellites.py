"""`sotto satellites`: the microphones and loudspeakers elsewhere in the house."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_error, print_json, print_table

if TYPE_CHECKING:
    from assistant.config.satellites import Satellite
    from speech.satellites.finding import Described

app = typer.Typer(
    help="List and find satellites.",
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    add_completion=False,
    rich_markup_mode=None,
)


@app.command("list")
def list_satellites(config: ConfigFile = None, json: Json = False) -> None:
    """List the satellites of the configuration, and whether each answers now."""
    satellites = load_config(config).config.satellites
    states = asyncio.run(_states(satellites))
    if json:
        rows = zip(satellites, states, strict=True)
        print_json([{**each.model_dump(mode="json"), "state": state} for each, state in rows])
    elif satellites:
        print_table(
            ("name", "room", "wake word", "address", "state"),
            [
                (each.name, each.room or "-", "here" if each.wakes_here else "there", each.uri, state)
                for each, state in zip(satellites, states, strict=True)
            ],
        )
    else:
        print("No satellites are named; `sotto satellites find` looks for some.")


@app.command()
def find(
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.5, max=60, help="How long to look for them.")
    ] = 3.0,
    interface: Annotated[
        str | None,
        typer.Option("--interface", metavar="ADDRESS", help="Look only at this address of this machine."),
    ] = None,
    json: Json = False,
) -> None:
    """Find satellites that announce themselves on your network, and print what to write down for each."""
    from speech.satellites.finding import find as find_them

    try:
        described = asyncio.run(find_them(seconds, [interface] if interface else None))
    except OSError as error:
        print_error(f"the network cannot be looked at ({error.strerror or error}): is there any?")
        raise typer.Exit(1) from None
    described = [each for each in described if each.is_satellite]
    if json:
        print_json([{"name": each.name, "area": each.area, "uri": str(each.address)} for each in described])
    elif described:
        print("\n".join(_to_write(each) for each in described))
    else:
        print_error("nobody announces a satellite: name it in [[satellites]] by its address")


def _to_write(described: "Described") -> str:
    import json

    lines = ["[[satellites]]", f"name = {json.dumps(described.name, ensure_ascii=False)}"]
    lines.append(f"room = {json.dumps(described.area or described.name, ensure_ascii=False)}")
    if described.needs_key:
        lines.insert(0, "# an ESPHome device; whether it has a voice assistant it tells only with its key")
        lines.append(f'key_file = "{described.name or "device"}.key"   # its api.encryption.key')
    return "\n".join([*lines, f'uri = "{described.address}"', ""])


async def _states(satellites: "tuple[Satellite, ...]") -> list[str]:
    return await asyncio.gather(*map(_state, satellites))


async def _state(satellite: "Satellite") -> str:
    from speech.satellites.address import Address
    from speech.satellites.finding import describe
    from speech.satellites.frames import FrameError

    try:
        described = await describe(Address.parse(satellite.uri))
    except TimeoutError:
        return "away: no answer"
    except OSError as error:
        return f"away: {error.strerror or error}"
    except FrameError:
        return "no Wyoming at this address"
    return "there" if described.is_satellite else "no satellite but another Wyoming service"
