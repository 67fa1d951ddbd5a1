"""Loads the skills, and has what the first orders need read while nobody waits for it."""

from assistant.config.schema import Config
from assistant.understanding.rehearsal import rehearse
from assistant.understanding.understanding import Understanding
from skills.registry import Registry


def load_skills(config: Config) -> Registry:
    """Load the skills, and rehearse while the devices are still being waited for. Blocks."""
    registry = Registry.load(config.skills)
    rehearse(config.home.languages[0])
    return registry


def make_ready(understanding: Understanding, config: Config) -> None:
    """Read what else may be said, in all languages of the home. Blocks for a second."""
    for language in config.home.languages:
        understanding.make_ready(language)
        rehearse(language)
