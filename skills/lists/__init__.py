"""Shopping, things to do, and lists of any other name; kept in the skill's own store."""

import re
from typing import Annotated

from pydantic import AfterValidator

from skills.api import Answer, Context, Field, Question, Say, Skill, SkillError, Slot, tool
from skills.lists.goods import is_goods, is_surely_goods
from skills.lists.items import found_in, is_denied, is_order, is_talk, items_of, without

DEFAULT = "shopping"
TASKS = "todo"
LATEST = "latest"
PREFIX = "list:"
_ARTICLE = re.compile("^(?:the|my|our|a) ")
MOST_ITEMS = 300
MOST_READ = 15
"""Nobody listens to more."""


def _things(text: str) -> str:
    if is_denied(text) or not items_of(text):
        raise ValueError("nothing to write down")
    return text


def _bare_things(text: str) -> str:
    if is_talk(_things(text)):
        raise ValueError("a sentence")
    return text


def _gone(text: str) -> str:
    if is_order(_things(text)):
        raise ValueError("an order")
    return text


def _list_name(text: str) -> str:
    """Return the name without what leads to it: 另外购物清单 is the list for shopping."""
    return DEFAULT if text.endswith("购物") else _ARTICLE.sub("", text.strip())


ListName = Annotated[str, AfterValidator(_list_name), Field(min_length=1, max_length=40), Slot("list_name")]
Things = Annotated[str, AfterValidator(_things), Slot("things")]
GoneThings = Annotated[str, AfterValidator(_gone), Slot("things")]


def _goods(text: str) -> str:
    if not is_goods(_bare_things(text)):
        raise ValueError("nothing that one buys")
    return text


def _sure_goods(text: str) -> str:
    if not is_surely_goods(_goods(text)):
        raise ValueError("perhaps nothing that one buys")
    return text


Goods = Annotated[str, AfterValidator(_goods), Slot("goods")]
SureGoods = Annotated[str, AfterValidator(_sure_goods), Slot("sure_goods")]
BareThings = Annotated[str, AfterValidator(_bare_things), Slot("things")]


class Lists(Skill):
    """Lists of things to buy, to do, or of anything."""

    name = "lists"
    api = 1

    @tool()
    async def add(self, context: Context, text: Things | None = None, list: ListName = "default") -> Answer:  # noqa: A002
        """Write things (text: "milk and two lemons") on a list: shopping, todo or another name."""
        name = await _called(context, list)
        if text is None:
            return Answer(question=Question(Say("what", _names(name)), "text", {"list": name}))
        items = await _read(context, name)
        wanted = items_of(text, tasks=name == TASKS)
        new = tuple(each for each in wanted if each.casefold() not in {item.casefold() for item in items})
        if not new:
            return Answer(say=Say("already", {"items": wanted, **_names(name)}))
        if len(items) + len(new) > MOST_ITEMS:
            raise SkillError(Say("full", _names(name)))
        await _write(context, name, [*items, *new])
        return Answer(say=Say("added", {"items": new, **_names(name)}), facts={"list": name, "items": new})

    @tool(offered=False)
    async def note(self, context: Context, text: BareThings, list: ListName = "default") -> Answer:  # noqa: A002
        """Write things on a list, said without a verb: "shopping list: milk and bread"."""
        return await self.add(context, text, list)

    @tool(offered=False)
    async def want(
        self, context: Context, goods: Goods | None = None, sure_goods: SureGoods | None = None
    ) -> Answer:
        """Write on the shopping list what there is no more of: "we're out of milk"."""
        return await self.add(context, goods or sure_goods, DEFAULT)

    @tool()
    async def remove(self, context: Context, text: GoneThings, list: ListName = "default") -> Answer:  # noqa: A002
        """Take things off a list."""
        name = await _called(context, list)
        items = await _read(context, name)
        wanted = items_of(text, tasks=name == TASKS)
        found = tuple(dict.fromkeys(item for each in wanted for item in found_in(items, each)))
        missing = tuple(each for each in wanted if not found_in(items, each))
        if not found:
            raise SkillError(Say("not_there", {"items": missing, **_names(name)}))
        await _write(context, name, without(items, found))
        say = Say("removed", {"items": found, **_names(name)})
        if missing:
            say = Say("removed_some", {"removed": say, "items": missing})
        return Answer(say=say, facts={"list": name, "items": found})

    @tool(offered=False)
    async def swap(self, context: Context, text: Things, other: Things, list: ListName = "default") -> Answer:  # noqa: A002
        """Put one thing on a list in another's place."""
        await self.remove(context, text, list)
        await self.add(context, other, list)
        name = await _called(context, list)
        values = {"old": items_of(text), "new": items_of(other), **_names(name)}
        return Answer(say=Say("swapped", values), facts={"list": name})

    @tool(acts=False)
    async def read(self, context: Context, list: ListName = "default") -> Answer:  # noqa: A002
        """Tell what is on a list."""
        name = await _called(context, list)
        items = await _read(context, name)
        if not items:
            return Answer(say=Say("empty", _names(name)), facts={"list": name, "items": ()})
        values = {"items": tuple(items[:MOST_READ]), "count": len(items), "more": len(items) - MOST_READ}
        key = "on_it_more" if len(items) > MOST_READ else "on_it"
        return Answer(say=Say(key, {**values, **_names(name)}), facts={"list": name, "items": tuple(items)})

    @tool(acts=False, offered=False)
    async def count(self, context: Context, list: ListName = "default") -> Answer:  # noqa: A002
        """Tell how many things are on a list."""
        name = await _called(context, list)
        count = len(await _read(context, name))
        key = {0: "empty", 1: "one"}.get(count, "many")
        return Answer(say=Say(key, {"count": count, **_names(name)}), facts={"count": count})

    @tool(acts=False, offered=False)
    async def has(self, context: Context, text: Things, list: ListName = "default") -> Answer:  # noqa: A002
        """Tell whether something is on a list."""
        name = await _called(context, list)
        items = await _read(context, name)
        wanted = items_of(text, tasks=name == TASKS)
        found = tuple(dict.fromkeys(item for each in wanted for item in found_in(items, each)))
        say = Say("yes" if found else "no", {"items": found or wanted, **_names(name)})
        return Answer(say=say, facts={"list": name, "found": bool(found)})

    @tool(offered=False)
    async def clear(self, context: Context, list: ListName = "default", sure: bool | None = None) -> Answer:  # noqa: A002 - an answer to a question
        """Take everything off a list."""
        name = await _called(context, list)
        items = await _read(context, name)
        if not items:
            return Answer(say=Say("empty", _names(name)))
        if sure is None:
            key = "sure_one" if len(items) == 1 else "sure"
            say = Say(key, {"count": len(items), "item": items[0], **_names(name)})
            return Answer(question=Question(say, "sure", {"list": name}))
        if not sure:
            return Answer(say=Say("left"))
        await _write(context, name, [])
        return Answer(say=Say("cleared", _names(name)), facts={"list": name})

    @tool(acts=False, offered=False)
    async def lists(self, context: Context) -> Answer:
        """Tell which lists there are."""
        kept = [each.removeprefix(PREFIX) for each in await context.store.keys() if each.startswith(PREFIX)]
        if not kept:
            return Answer(say=Say("no_lists"))
        return Answer(say=Say("lists", {"lists": tuple(_names(each)["list"] for each in kept)}))


async def _called(context: Context, said: str) -> str:
    """The list that is meant; "the list" is the one of which was spoken last, or that of shopping."""
    if said != "default":
        return _ARTICLE.sub("", said.casefold().strip())
    latest = await context.store.get(LATEST, DEFAULT)
    return latest if isinstance(latest, str) else DEFAULT


async def _read(context: Context, name: str) -> list[str]:
    kept = await context.store.get(PREFIX + name, [])
    return [str(each) for each in kept] if isinstance(kept, list) else []


async def _write(context: Context, name: str, items: list[str]) -> None:
    await context.store.put(PREFIX + name, items or None)
    await context.store.put(LATEST, name)


def _names(name: str) -> dict[str, Say]:
    key = f"list_{name}" if name in (DEFAULT, TASKS) else "list_named"
    return {"list": Say(key, {"name": name})}
