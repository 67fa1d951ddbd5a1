"""Made yours: names, likings and routines that people taught, and what a word was found to mean.

This skill keeps them, tells them and forgets them. What they do is understanding's part, which also reads the
sentences in which they are taught (`assistant/understanding/teaching/`): a name must be known to be free,
and an order to be understood, before it is kept.
"""

from typing import Annotated, Literal

from skills.api import Ability, Answer, Context, Manifest, Question, Say, Skill, SkillError, Slot, tool
from skills.taught.book import (
    Alias,
    Book,
    Choice,
    FullError,
    PlainValue,
    Preference,
    Routine,
    Taught,
    bare,
    same,
)

Sort = Annotated[Literal["everything", "aliases", "preferences", "routines", "choices"], Slot("taught_sort")]
Why = Literal["", "empty", "long", "number", "taken", "word", "order", "unclear", "several", "unknown"]
"""Why something cannot be taught."""

_NUMBERS = frozenset(
    {
        Ability.SETPOINT,
        Ability.BRIGHTNESS,
        Ability.POSITION,
        Ability.VOLUME,
        Ability.FAN_SPEED,
        Ability.TILT,
        Ability.COLOUR_TEMPERATURE,
    }
)
"""What has a sentence of its own for its values."""

MOST_TOLD = 10
"""Nobody listens to more."""


class TaughtSkill(Skill):
    """What people taught."""

    name = "taught"
    api = 1
    manifest = Manifest(devices=frozenset())

    @tool(offered=False)
    async def alias(
        self,
        context: Context,
        alias: str,
        things: list[str] | None = None,
        room: str = "",
        why: Why = "",
        other: str = "",
        sure: bool | None = True,
    ) -> Answer:
        """Call a thing or a room by another name. With `why` it cannot be: `other` has the name. Without
        `sure` it is asked.
        """
        if why:
            raise SkillError(Say(f"name_{why}", {"name": alias, "other": _name(context, other)}))
        owner = _called(context, alias)
        meant = tuple(things or ())
        if owner is not None and owner not in (room, *meant):
            raise SkillError(Say("name_taken", {"name": alias, "other": _name(context, owner)}))
        if not meant and not room:
            raise SkillError(Say("name_unknown", {"name": alias}))
        values = {"name": alias, "thing": _names(context, meant, room)}
        if owner is not None and (await _read(context)).alias(alias) is None:
            return Answer(say=Say("alias_already", values))
        if sure is None:
            asked = {"alias": alias, "things": things, "room": room}
            return Answer(question=Question(Say("alias_ask", values), "sure", asked))
        if not sure:
            return Answer(say=Say("left_alone"))
        await _write(context, (await _read(context)).with_alias(Alias(alias, meant, room)))
        say = Say("alias_kept", values)
        return Answer(say=say, facts={"name": alias, "things": meant, "room": room})

    @tool(offered=False)
    async def prefer(
        self,
        context: Context,
        text: str,
        ability: Ability | None = None,
        value: PlainValue | None = None,
        things: list[str] | None = None,
        room: str = "",
    ) -> Answer:
        """Keep how somebody likes it: an ability brought to a value, of things, in a room, or anywhere."""
        liking = Preference(text, ability, value, tuple(things or ()), room)
        await _write(context, (await _read(context)).with_preference(liking))
        key = "like_kept" if ability is not None and value is not None else "like_noted"
        return Answer(say=Say(key, {"liking": _liking(context, liking), "text": text}))

    @tool(offered=False)
    async def routine(self, context: Context, phrase: str, orders: str = "", why: Why = "") -> Answer:
        """Have a phrase stand for orders. With `why` it cannot."""
        if why:
            raise SkillError(Say(f"phrase_{why}", {"phrase": phrase, "orders": orders}))
        taught = await _read(context)
        before = taught.routine(phrase)
        await _write(context, taught.with_routine(Routine(phrase, orders, context.language)))
        key = "routine_kept" if before is None else "routine_changed"
        return Answer(say=Say(key, {"phrase": phrase, "orders": orders}))

    @tool(offered=False)
    async def choice(self, context: Context, words: str, thing: str, room: str = "") -> Answer:
        """Remember which of several things some words meant in a room."""
        await _write(context, (await _read(context)).with_choice(Choice(words, room, thing)))
        values = {"words": words, "thing": _name(context, thing), "room": room}
        return Answer(say=Say("choice_kept_in" if room else "choice_kept", values))

    @tool(acts=False, offered=False)
    async def meaning(self, context: Context, name: str) -> Answer:
        """Tell what a taught name or phrase stands for."""
        taught = await _read(context)
        if (alias := taught.alias(name)) is not None:
            values = {"name": alias.name, "thing": _names(context, alias.things, alias.room)}
            return Answer(say=Say("alias_is", values))
        if (routine := taught.routine(name)) is not None:
            return Answer(say=Say("routine_is", {"phrase": routine.phrase, "orders": routine.orders}))
        if choices := [each for each in taught.choices if same(each.words, name)]:
            return Answer(say=_listed([_choice(context, each) for each in choices]))
        raise SkillError(Say("not_taught", {"name": name}))

    @tool(acts=False, offered=False)
    async def known(self, context: Context, sort: Sort = "everything") -> Answer:
        """Tell what was taught: names, likings, routines, or all of it."""
        taught = await _read(context)
        told: list[Say] = []
        if sort in ("everything", "aliases"):
            told += [
                Say("line_alias", {"name": each.name, "thing": _names(context, each.things, each.room)})
                for each in taught.aliases
            ]
        if sort in ("everything", "preferences"):
            told += [_liking(context, each) for each in taught.preferences]
        if sort in ("everything", "routines"):
            told += [
                Say("line_routine", {"phrase": each.phrase, "orders": each.orders})
                for each in taught.routines
            ]
        if sort in ("everything", "choices"):
            told += [_choice(context, each) for each in taught.choices]
        return Answer(say=_listed(told) if told else Say(f"none_{sort}"))

    @tool(offered=False)
    async def forget(self, context: Context, name: str) -> Answer:
        """Forget a name, a routine, or what a word was found to mean."""
        taught = await _read(context)
        left = taught.without(name)
        if left == taught:
            raise SkillError(Say("not_taught", {"name": name}))
        await _write(context, left)
        return Answer(say=Say("forgotten", {"name": name}))

    @tool(offered=False)
    async def forget_all(
        self, context: Context, sort: Sort = "everything", sure: bool | None = None
    ) -> Answer:
        """Forget all names, likings or routines, or everything that was taught; asks first."""
        taught = await _read(context)
        sorts = ("aliases", "preferences", "routines", "choices") if sort == "everything" else (sort,)
        count = sum(len(getattr(taught, each)) for each in sorts)
        if not count:
            return Answer(say=Say(f"none_{sort}"))
        if sure is None:
            return Answer(question=Question(Say("sure", {"count": count}), "sure", {"sort": sort}))
        if not sure:
            return Answer(say=Say("left"))
        kept = {"aliases", "preferences", "routines", "choices"} - set(sorts)
        await _write(context, Taught(**{each: getattr(taught, each) for each in kept}))
        return Answer(say=Say("all_forgotten"))

    @tool(offered=False)
    async def run(self, _context: Context, name: str) -> Answer:
        """Say that there is no such routine; those that there are, understanding turns into orders."""
        raise SkillError(Say("no_routine", {"name": name}))

    @tool(acts=False, offered=False)
    async def liked(self, _context: Context, known: bool = False) -> Answer:
        """Say that nobody has told what they like, or (`known`) not of this."""
        raise SkillError(Say("liked_elsewhere" if known else "nothing_liked"))


async def _read(context: Context) -> Taught:
    return await Book(context.store).read()


async def _write(context: Context, taught: Taught) -> None:
    try:
        await Book(context.store).write(taught)
    except FullError:
        raise SkillError(Say("full")) from None


def _called(context: Context, name: str) -> str | None:
    """The id of the thing, or the room, that has a name already."""
    for device in context.home:
        if any(same(name, each) for each in (device.name, *device.aliases)):
            return device.id
    for room, others in context.home.rooms.items():
        if any(same(name, each) for each in (room, *others)):
            return room
    return None


def _name(context: Context, thing: str) -> str:
    device = context.home.get(thing)
    return thing if device is None else device.name


def _names(context: Context, things: tuple[str, ...], room: str) -> tuple[str, ...]:
    return (room,) if room else tuple(dict.fromkeys(_name(context, each) for each in things))


def _listed(lines: list[Say]) -> Say:
    if len(lines) > MOST_TOLD:
        return Say("list_more", {"lines": tuple(lines[:MOST_TOLD]), "more": len(lines) - MOST_TOLD})
    return Say("list", {"lines": tuple(lines)})


def _liking(context: Context, liking: Preference) -> Say:
    if not isinstance(liking.value, int | float) or liking.ability not in _NUMBERS:
        return Say("line_liking_said", {"text": liking.text})
    value = Say(f"value_{liking.ability}", {"value": f"{liking.value:g}"})
    values = {"value": value, "thing": _names(context, liking.things, liking.room)}
    return Say("line_liking_of" if liking.things or liking.room else "line_liking", values)


def _choice(context: Context, choice: Choice) -> Say:
    values = {"words": bare(choice.words), "thing": _name(context, choice.thing), "room": choice.room}
    return Say("line_choice_in" if choice.room else "line_choice", values)
