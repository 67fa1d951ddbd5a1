"""pytest fixtures for the tests of skills; `sotto_voce.py`, the pytest plugin, brings them."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from devices.home import Home
    from skills.api import Skill
    from skills.testing import Understand


@pytest.fixture(scope="session")
def understand() -> "Understand":
    """Tell which tools a sentence calls, with what; nothing when the templates do not cover all of it.

    `understand("ring twice", skills=[Doorbell])` -> `[("doorbell.ring", {"times": 2})]`. Without `skills`
    all installed ones are asked. `home` is made with `skills.testing.home`.
    """
    from assistant.understanding.fast_path import FastPath
    from devices.home import Home as Nowhere
    from skills.registry import Registry

    def calls(
        text: str,
        language: str = "en",
        *,
        home: "Home | None" = None,
        room: str | None = None,
        skills: "list[type[Skill]] | None" = None,
    ) -> list[tuple[str, dict[str, Any]]]:
        registry = Registry.load({}) if skills is None else Registry.of(*skills)
        try:
            fast_path = FastPath(registry, Nowhere() if home is None else home)
            plan = fast_path.understand(text, language, room, "test")
        finally:
            registry.close()
        if plan is None:
            return []
        return [(f"{call.skill}.{call.tool}", dict(call.arguments)) for call in plan.calls]

    return calls
