"""Our own skills' manifests and language files, which a start takes as they are."""

import pytest

from skills.checks import problems_of
from skills.registry import Registry

REGISTRY = Registry.load({})


@pytest.mark.parametrize("name", list(REGISTRY.skills))
def test_a_skill_of_our_own_has_nothing_wrong_with_it(name: str) -> None:
    skill = REGISTRY.skills[name]
    languages = {code: read for code in skill.languages() if (read := REGISTRY.language(name, code))}
    tools = [tool for tool in REGISTRY.tools.values() if tool.skill == name]

    assert list(problems_of(skill, tools, languages)) == []
    assert {"en", "zh"} <= set(languages)
