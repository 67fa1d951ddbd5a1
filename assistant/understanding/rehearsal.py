"""A first order, taken in a home of one lamp before the real one is there.

What an order needs (a language's words, its patterns) is read and compiled when it is first needed, which
takes half a second. While the devices are being waited for there is nothing better to do.
"""

from assistant.language.engine import LanguageModelError
from assistant.understanding.fast_path import FastPath
from assistant.understanding.language_model import LanguageModelPlanner
from assistant.understanding.understanding import Order, Understanding
from devices.home import Ability, Device, Home, Kind
from skills.registry import Registry

ORDERS = {"en": "turn on the lamp", "zh": "打开台灯"}
"""What frames alone understand: the grammar is the real home's, `FastPath.make_ready`."""


def rehearse(language: str) -> None:
    """Take an order in a home of one lamp. Blocks; several threads may."""
    if language in ORDERS:
        home = Home()
        home.put(Device("lamp", "Lamp", Kind.LIGHT, frozenset({Ability.ON}), aliases=("台灯",)))
        understanding = Understanding(FastPath(Registry.of(), home), _nobody, Order.LOCAL_ONLY)
        understanding.understands(ORDERS[language], language, None)


async def _nobody() -> LanguageModelPlanner:
    raise LanguageModelError("nobody is asked at a rehearsal")
