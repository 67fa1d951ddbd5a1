"""`sotto config`: what is in force, and whether it is right."""

import re
from typing import Any

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_json, print_table

SECRET = re.compile(r"(password|secret|token|api_?key|pin)$")
HIDDEN = "(set, not shown)"

app = typer.Typer(
    help="Check the configuration and show what is in force.",
    no_args_is_help=True,
    subcommand_metavar="VERB [ARGUMENTS]...",
    add_completion=False,
    rich_markup_mode=None,
)


@app.command()
def check(config: ConfigFile = None) -> None:
    """Read the configuration and name every mistake with its line."""
    from assistant.config.load import default_path

    loaded = load_config(config)
    changed = sum(origin != "default" for origin in loaded.origin.values())
    if loaded.path is None:
        print(f"{default_path()} is not there, which is fine; {changed} settings from the environment")
    else:
        print(f"{loaded.path}: fine, {changed} settings that are not the default")


@app.command()
def show(config: ConfigFile = None, json: Json = False) -> None:
    """Print every setting in force and where it came from."""
    loaded = load_config(config)
    values = {key: _shown(key, value) for key, value in _leaves("", loaded.config.model_dump(mode="json"))}
    if json:
        print_json({key: {"value": value, "from": loaded.origin[key]} for key, value in values.items()})
        return
    rows = [(key, _written(value), loaded.origin[key]) for key, value in values.items()]
    print_table(("setting", "value", "from"), rows)


@app.command()
def upgrade(config: ConfigFile = None) -> None:
    """Write the file in this version's shape; the one before is kept beside it. `sotto run` does it, too."""
    from assistant.cli.upgrade import upgrade_settings

    path = load_config(config).path
    kept = upgrade_settings(path, print) if path is not None else None
    print("nothing to do: it has this version's shape" if kept is None else f"the file before is {kept}")


def _leaves(above: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        return [(above, value)]
    return [
        leaf for name, each in value.items() for leaf in _leaves(f"{above}.{name}" if above else name, each)
    ]


def _shown(key: str, value: Any) -> Any:
    """The value, unless it is a secret, or an address with a password in it."""
    if value is not None and SECRET.search(key.lower()):
        return HIDDEN
    return re.sub(r"//[^/@]+@", "//...@", value) if isinstance(value, str) else value


def _written(value: Any) -> str:
    """As TOML would have it; a setting without a value is a dash."""
    import json

    return "-" if value is None else json.dumps(value, ensure_ascii=False)
