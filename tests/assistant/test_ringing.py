from functools import lru_cache

from assistant.dialogue.ringing import hushed, rings
from skills.registry import Registry
from skills.timers import Timers


class Alarmed(Timers):
    """Timers, of which one rings or not as a test wants."""

    rings_now = True

    @property
    def ringing(self) -> bool:
        return Alarmed.rings_now


@lru_cache(maxsize=1)
def registry() -> Registry:
    found = Registry.of(Timers)
    found.skills["timers"].__class__ = Alarmed  # the tools are those of the skill itself
    return found


def test_a_bare_stop_is_for_what_rings():
    Alarmed.rings_now = True
    for text, language in (
        ("stop", "en"),
        ("okay, turn it off", "en"),
        ("I'm up", "en"),
        ("停", "zh"),
        ("知道了", "zh"),
    ):
        plan = hushed(registry(), text, language, "turn")
        assert plan is not None, text
        assert [(each.skill, each.tool) for each in plan.calls] == [("timers", "hush")]


def test_any_other_order_is_what_it_is_while_something_rings():
    Alarmed.rings_now = True
    for text, language in (
        ("turn off the kitchen light", "en"),
        ("stop the music", "en"),
        ("关掉客厅的灯", "zh"),
    ):
        assert hushed(registry(), text, language, "turn") is None


def test_while_nothing_rings_a_stop_is_for_the_others():
    Alarmed.rings_now = False
    assert not rings(registry())
    assert hushed(registry(), "stop", "en", "turn") is None
