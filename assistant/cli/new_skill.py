"""Writing a new skill's package from the templates in `skill_package/`."""

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points, version
from pathlib import Path
from string import Template

from skills.loading import NAME
from skills.registry import GROUP

TEMPLATES = Path(__file__).with_name("skill_package")
FILES: Mapping[str, str] = {
    "pyproject.toml.in": "pyproject.toml",
    "README.md.in": "README.md",
    "LICENSE.in": "LICENSE",
    "__init__.py.in": "{module}/__init__.py",
    "en.toml.in": "{module}/en.toml",
    "zh.toml.in": "{module}/zh.toml",
    "test_skill.py.in": "tests/test_{name}.py",
}
WORDS = re.compile(r"[^\W_](?:[^\W_]|[ '-](?=[^\W_])){0,59}")
"""What a thing may be called: words with nothing in them that means something in a template."""


class NewSkillError(Exception):
    """The package cannot be written; the message is one line."""


@dataclass(frozen=True, slots=True)
class NewSkill:
    """What goes into the templates. `says` and `says_zh` are what people call the thing."""

    name: str
    says: str
    says_zh: str

    @property
    def module(self) -> str:
        """The package to import."""
        return f"sotto_{self.name}"

    @property
    def distribution(self) -> str:
        """The package to install."""
        return self.module.replace("_", "-")

    @property
    def class_name(self) -> str:
        """The skill's class."""
        return "".join(part.title() for part in self.name.split("_")) + "Skill"


def new_skill(name: str, says: str | None = None, says_zh: str | None = None) -> NewSkill:
    """Check the name and the words. Raises `NewSkillError`."""
    if not NAME.fullmatch(name) or name.endswith("_") or "__" in name:
        raise NewSkillError(f"'{name}' is no name for a skill: small letters, digits and _, a letter first")
    words = (name.replace("_", " ") if says is None else says).strip().lower()
    made = NewSkill(name, words, words if says_zh is None else says_zh.strip().lower())
    for each in (made.says, made.says_zh):
        if not WORDS.fullmatch(each):
            raise NewSkillError(f"'{each}' is not what a thing is called: only letters, digits and blanks")
    if name in {entry.name for entry in entry_points(group=GROUP)}:
        raise NewSkillError(f"there is a skill '{name}' already")
    if importlib.util.find_spec(made.module) is not None:
        raise NewSkillError(f"there is a Python package '{made.module}' already")
    return made


def write(skill: NewSkill, folder: Path) -> Path:
    """Write the package into a new folder below `folder`, and return it. Raises `NewSkillError`."""
    package = folder / skill.distribution
    try:
        package.mkdir(parents=True)
    except OSError as error:
        raise NewSkillError(f"cannot make {package}: {error.strerror}") from error
    values = {
        "name": skill.name,
        "says": skill.says,
        "says_zh": skill.says_zh,
        "module": skill.module,
        "distribution": skill.distribution,
        "class_name": skill.class_name,
        "topic": f"{skill.name}/set",
        "version": version("sotto-voce"),
        "year": str(date.today().year),
    }
    for template, place in FILES.items():
        text = Template((TEMPLATES / template).read_text("utf-8")).substitute(values)
        file = package / place.format(module=skill.module, name=skill.name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return package
