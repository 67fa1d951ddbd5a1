"""What skills see: the contexts that turns and background work hand to them."""

from collections.abc import Callable, Mapping
from typing import Any

from platformdirs import user_data_path

from assistant.config.schema import Config
from assistant.opening.home import OpenHome
from devices.adapters.adapter import AdapterError
from skills.api import Context
from skills.storage import Stores
from skills.times import local_now
from skills.web import HttpWeb


def contexts_of(config: Config, opened: OpenHome, web: HttpWeb) -> Callable[[str, str | None, str], Context]:
    """Return what makes the context of a skill by language, room and the skill's name."""
    stores = Stores(user_data_path("sotto-voce") / "skills")

    async def ask(adapter: str, question: str) -> Mapping[str, Any]:
        known = opened.adapters.get(adapter)
        if known is None:
            raise AdapterError(f"there is no adapter {adapter}")
        return await known.ask(question)

    def context(language: str, room: str | None, skill: str) -> Context:
        return Context(
            language=language,
            room=room,
            home=opened.home,
            web=web,
            ask=ask,
            settings=config.skills.get(skill, {}),
            now=local_now,
            history=opened.history,
            store=stores.of(skill),
        )

    return context
