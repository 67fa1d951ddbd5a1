"""`sotto skills`: what the assistant can do, which skills are out of order, and a new one to begin with."""

import json as json_module
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_error, print_json, print_table

if TYPE_CHECKING:
    from skills.api import Manifest
    from skills.registry import Registry

skills = typer.Typer(
    help="Show what the assistant can do. `new` begins a skill of your own.",
    subcommand_metavar="[new NAME]",
    add_completion=False,
    rich_markup_mode=None,
)


@skills.callback(invoke_without_command=True)
def show(context: typer.Context, config: ConfigFile = None, json: Json = False) -> None:
    """Show what the assistant can do. `new` begins a skill of your own."""
    if context.invoked_subcommand is not None:
        return
    from skills.registry import Registry

    registry = Registry.load(load_config(config).config.skills)
    try:
        if json:
            print_json(_as_json(registry))
        else:
            _print(registry)
    finally:
        registry.close()


@skills.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and _.")],
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the package's own folder is made.")
    ] = Path(),
    says: Annotated[
        str | None, typer.Option("--says", metavar="WORDS", help="What people call the thing.")
    ] = None,
    says_zh: Annotated[
        str | None, typer.Option("--says-zh", metavar="WORDS", help="What they call it in Chinese.")
    ] = None,
) -> None:
    """Write a new skill: a package that installs, tests itself and is understood at once."""
    from assistant.cli.new_skill import NewSkillError, new_skill, write

    try:
        made = new_skill(name, says, says_zh)
        package = write(made, folder)
    except NewSkillError as error:
        raise typer.BadParameter(str(error), param_hint="NAME") from None
    print(f"{package} is there. Now:")
    print(f"  pip install --editable {package}")
    print(f"  pytest {package}")
    print(f"  sotto ask {json_module.dumps(f'start the {made.says}')}")


def _as_json(registry: "Registry") -> dict[str, Any]:
    return {
        "skills": [
            {
                "name": name,
                "api": skill.api,
                "distribution": registry.distribution(name),
                "languages": sorted(skill.languages()),
                "manifest": _reaches(skill.manifest),
            }
            for name, skill in registry.skills.items()
        ],
        "tools": [
            {
                "skill": tool.skill,
                "tool": tool.name,
                "description": tool.description,
                "acts": tool.acts,
                "parameters": tool.parameters.model_json_schema(),
            }
            for tool in registry.tools.values()
        ],
        "problems": list(registry.problems),
    }


def _print(registry: "Registry") -> None:
    tools = [
        (name, ", ".join(tool.parameters.model_fields) or "-", tool.description)
        for name, tool in registry.tools.items()
    ]
    print_table(("tool", "parameters", "what it does"), tools)
    print()
    rows = [
        (
            name,
            str(skill.api),
            registry.distribution(name),
            "; ".join(f"{what} {', '.join(each)}" for what, each in _reaches(skill.manifest).items()) or "-",
        )
        for name, skill in registry.skills.items()
    ]
    print_table(("skill", "contract", "package", "may reach beside the home"), rows)
    for problem in registry.problems:
        print_error(problem)


def _reaches(manifest: "Manifest") -> Mapping[str, list[str]]:
    """What a manifest names, without what it leaves out."""
    named = {
        "hosts": manifest.hosts,
        "adapters": manifest.adapters,
        "topics": manifest.topics,
        "devices": manifest.devices or frozenset(),
    }
    return {what: sorted(map(str, each)) for what, each in named.items() if each}
