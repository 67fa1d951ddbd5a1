"""`sotto skills`: what the assistant can do, and which skills could not be loaded."""

from assistant.cli.options import ConfigFile, Json, load_config
from assistant.cli.output import print_error, print_json, print_table


def skills(config: ConfigFile = None, json: Json = False) -> None:
    """Show what the assistant can do."""
    from skills.registry import Registry

    registry = Registry.load(load_config(config).config.skills)
    if json:
        print_json(
            {
                "skills": list(registry.skills),
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
        )
        return
    rows = [
        (name, ", ".join(tool.parameters.model_fields) or "-", tool.description)
        for name, tool in registry.tools.items()
    ]
    print_table(("tool", "parameters", "what it does"), rows)
    for problem in registry.problems:
        print_error(problem)
