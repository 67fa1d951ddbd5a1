"""The pages say what the code does."""

from pydantic import BaseModel

from assistant.cli.main import VERBS
from assistant.config.schema import Config
from assistant.marks import Mark
from assistant.report import TurnReport
from assistant.understanding.plan import Tier
from devices.commands import Result
from tests.conftest import CHECKOUT


def test_every_configuration_key_is_explained() -> None:
    page = (CHECKOUT / "docs" / "configuration.md").read_text("utf-8")
    for name, section in Config.model_fields.items():
        kind = section.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            part = page.partition(f"## `[{name}]`")[2].partition("\n## ")[0]
            assert [key for key in kind.model_fields if f"| `{key}` |" not in part] == [], name


def test_every_key_of_a_turn_is_explained() -> None:
    page = (CHECKOUT / "docs" / "command-line.md").read_text("utf-8")
    keys = set(TurnReport("", "", "en", Tier.NONE).as_json()) | {mark.value for mark in Mark}
    assert [key for key in keys | {result.value for result in Result} if f"`{key}`" not in page] == []


def test_the_verbs_of_the_readme_exist() -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    used = {line.split()[1] for line in readme.splitlines() if line.startswith("sotto ")}
    assert used <= set(VERBS)
