"""Reads one sentence that teaches: what is called how, what somebody likes, what a phrase stands for."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.dialogue.asking import is_no, is_yes
from assistant.understanding.frames.memory import Memory
from assistant.understanding.frames.tier import FrameTier, Named
from assistant.understanding.normalise import normalise, words_of
from assistant.understanding.plan import Call, Plan
from assistant.understanding.questions import is_question, is_stop
from assistant.understanding.teaching.patterns import Patterns, Said, splits
from devices.home import Ability

MOST_NAME_WORDS, MOST_PHRASE_WORDS = 5, 8
MOST_HAN = 12
SHORTEST = 2
MOST_SPLITS = 10
"""Places where a phrase may end that are tried; each takes as long as understanding the rest."""

LIKELY_DEGREES = (15.0, 30.0)
"""A bare number that somebody likes is a temperature between these."""

Understand = Callable[[str, str, str | None, Memory], Plan | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where, and after what, something is taught."""

    room: str | None
    memory: Memory


@dataclass(frozen=True, slots=True)
class _Split:
    """A sentence parted into a routine's phrase and its orders; `sure` where a pause or a word parts them."""

    phrase: str
    orders: str
    sure: bool


_QUOTES = '"“”「」『』'
_TOLD = re.compile(r"(^|\band |\bthen |, ?)(\w+?[^s])s\b", re.IGNORECASE)


class Lessons:
    """Reads lessons. `understand` makes the plan of a sentence, `acts` tells whether a call does anything."""

    def __init__(self, frames: FrameTier, understand: Understand, acts: Callable[[Call], bool]) -> None:
        self._frames = frames
        self._understand = understand
        self._acts = acts

    def read(self, said: Said, patterns: Patterns, place: Place) -> Call | Plan | None:
        """Return the call that keeps what is taught, or the plan that tells what is not understood of it."""
        return (
            self._alias(said, patterns, place)
            or self._routine(said, patterns, place)
            or self._unknown_alias(said, patterns)
            or self._liking(said, patterns, place)
            or self._noted(said, patterns)
        )

    # -- names -----------------------------------------------------------------------------------------------

    def _alias(self, said: Said, patterns: Patterns, place: Place) -> Call | None:
        for section in ("alias_sure", "alias", "alias_bare", "plugged"):
            led = patterns.begins("lead", said.folded)
            plain = section in ("alias_bare", "plugged")  # what may be said without teaching anything
            if plain and not led and is_question(said.text, said.language):
                continue
            for groups in patterns.match(section, said):
                for thing, name in _pairs(groups, patterns):
                    named = self._named(thing, said.language, place)
                    if named is None or (plain and not self._is_new(name, said, named)):
                        continue
                    if section == "plugged" and not _is_numbered(thing, said.language):
                        continue
                    call = self._called(name, named, said.language)
                    plain_statement = section == "alias_bare" and patterns.begins("article", name) and not led
                    if (
                        plain_statement
                        and "why" not in call.arguments
                        and not _is_numbered(thing, said.language)
                    ):
                        return replace(call, arguments={**call.arguments, "sure": None})
                    return call
        return None

    def _unknown_alias(self, said: Said, patterns: Patterns) -> Call | None:
        for groups in patterns.match("alias_sure", said):
            return _alias_call(groups["alias"], why="unknown")
        return None

    def _called(self, name: str, named: Named, language: str) -> Call:
        if named.unclear or len(named.things) + len(named.rooms) > 1:
            return _alias_call(name, why="several")
        why = self._why_not(name, language, MOST_NAME_WORDS)
        owner = self._named(name, language, _NOWHERE) if why == "taken" else None
        if owner is not None and owner != named:
            return _alias_call(name, why=why, other=(*owner.things, *owner.rooms)[0])
        meant: dict[str, Any] = {"things": list(named.things)} if named.things else {"room": named.rooms[0]}
        return _alias_call(name, why="" if why == "taken" else why, **meant)

    def _is_new(self, name: str, said: Said, named: Named) -> bool:
        """Whether a mere "Bertie is the floor lamp" teaches: the name is none of our words."""
        sure = named.exact and not named.unclear and len(named.things) + len(named.rooms) == 1
        return sure and len(name.split()) < MOST_NAME_WORDS and self._frames.is_strange(name, said.language)

    def _why_not(self, name: str, language: str, most: int) -> str:
        """Return why something cannot be called so, or nothing."""
        words = [each.text for each in normalise(name, language).tokens]
        if not words:
            return "empty"
        if len(words) > (MOST_HAN if language == "zh" else most):
            return "long"
        sense = self._frames.sense(name, language)
        if sense in ("number", "taken"):
            return sense
        short = len("".join(words)) < SHORTEST
        if sense or short or is_stop(name, language) or is_yes(name, language):
            return "word"
        plan = self._understand(name, language, None, Memory())
        return "order" if plan is not None and any(map(self._acts, plan.calls)) and _is_sure(plan) else ""

    def _named(self, text: str, language: str, place: Place) -> Named | None:
        return self._frames.named(text, language, place.room, place.memory)

    # -- routines --------------------------------------------------------------------------------------------

    def _routine(self, said: Said, patterns: Patterns, place: Place) -> Call | Plan | None:
        told: Call | Plan | None = None
        for groups in patterns.match("routine", said):
            parted = self._parted(groups, patterns)
            kept, trouble = self._first_understood(parted, said.language, place)
            if kept is not None:
                return self._kept(kept, said.language)
            told = told or trouble
            if told is None and parted and patterns.begins("lead", said.folded):
                told = _routine_call(parted[0].phrase, why="unclear")
        return told

    def _first_understood(
        self, parted: Iterable["_Split"], language: str, place: Place
    ) -> tuple["_Split | None", Call | Plan | None]:
        """Return the first parting whose orders are understood, or what stands against one of them."""
        kept: _Split | None = None
        calls: tuple[Call, ...] = ()
        trouble: Call | Plan | None = None
        for split in parted:
            plan = self._orders(split.orders, language, place)
            if plan is None or not _is_sure(plan):
                continue
            if plan.calls and all(map(self._acts, plan.calls)):
                # "welcome home unlock the door": what may go from the orders belongs to the phrase.
                if kept is None or plan.calls == calls:
                    kept, calls = split, plan.calls
                if split.sure or language == "zh":
                    break
            elif trouble is None:
                trouble = _against(split, plan)
        return kept, trouble

    def _orders(self, orders: str, language: str, place: Place) -> Plan | None:
        return self._understand(orders, language, place.room, place.memory.copy())

    def _parted(self, groups: Mapping[str, str], patterns: Patterns) -> list["_Split"]:
        """Return what may be phrase and orders: parted at a pause, or where orders begin as orders do."""
        if "orders" in groups:
            return [_Split(groups["phrase"], patterns.after("leading", groups["orders"]), sure=True)]
        if "rest" not in groups:
            return []
        found: list[_Split] = []
        for phrase, orders, paused in splits(groups["rest"], patterns.language):
            left = patterns.after("phrase_start", patterns.before("phrase_end", phrase))
            right = patterns.after("leading", orders)
            if any(quote in left for quote in _QUOTES):
                continue  # half of what was quoted
            led = right != orders or left != phrase
            led = led or patterns.begins("order_start", right)
            if patterns.begins("that", right):  # "a shortcut that turns on the lamp"
                right, led = _as_order(patterns.after("that_word", right)), True
            if left and right and (paused or led or self._frames.begins_order(right, patterns.language)):
                found.append(_Split(left, right, paused or led))
        return found[:MOST_SPLITS]

    def _kept(self, split: "_Split", language: str) -> Call:
        why = self._why_no_phrase(split.phrase, language)
        return _routine_call(split.phrase, **({"why": why} if why else {"orders": split.orders}))

    def _why_no_phrase(self, phrase: str, language: str) -> str:
        """Return why a phrase cannot stand for orders, or nothing."""
        words = [each.text for each in normalise(phrase, language).tokens]
        if not words or len(words) > (MOST_HAN if language == "zh" else MOST_PHRASE_WORDS):
            return "long" if words else "empty"
        if is_stop(phrase, language) or is_yes(phrase, language) or is_no(phrase, language):
            return "word"
        sense = self._frames.sense(phrase, language)
        if self._frames.is_scene(phrase, language):
            return ""  # who teaches "good night" does not mean the scene of that name any more
        if sense in ("number", "taken"):
            return sense
        begins = self._frames.begins_order(phrase, language)
        if not self._frames.mentions(phrase, language):
            return "word" if begins and len(words) == 1 else ""
        plan = None if begins else self._understand(phrase, language, None, Memory())
        return "order" if begins or (plan is not None and plan.calls) else ""

    # -- likings ---------------------------------------------------------------------------------------------

    def _liking(self, said: Said, patterns: Patterns, place: Place) -> Call | None:
        if is_question(said.text, said.language):
            return None
        for groups in patterns.match("prefer", said):
            what = " ".join(filter(None, (groups.get("what"), groups.get("more")))).strip()
            what = what.replace(" ", "").removeprefix("的") if said.language == "zh" else what
            here = not what or patterns.holds("here", what)
            found = self._liked(what, groups["value"], here, said, place)
            if found is not None:
                text = patterns.after("noted", said.text)
                return Call("taught", "prefer", {"text": text, **found})
        return None

    def _noted(self, said: Said, patterns: Patterns) -> Call | None:
        """A liking that nobody can act on yet."""
        if is_question(said.text, said.language):
            return None
        texts = (groups["text"] for groups in patterns.match("prefer_note", said))
        return next((Call("taught", "prefer", {"text": text}) for text in texts), None)

    def _rooms(self, what: str, language: str, place: Place) -> tuple[str, ...]:
        named = None if not what else self._named(what, language, place)
        return () if named is None else named.rooms

    def _liked(self, what: str, value: str, here: bool, said: Said, place: Place) -> Mapping[str, Any] | None:
        """Return ability, value and things of a liking, as the order would have them."""
        number = _degrees(value)
        if here and number is not None and LIKELY_DEGREES[0] <= number <= LIKELY_DEGREES[1]:
            return {"ability": Ability.SETPOINT.value, "value": number}
        if here and not what:
            return None
        order = f"把{what}调到{value}" if said.language == "zh" else f"set {what} to {value}"
        plan = self._frames.plan(order, said.language, place.room, "", Memory())
        calls = () if plan is None else plan.calls
        if not calls and number is not None and LIKELY_DEGREES[0] <= number <= LIKELY_DEGREES[1]:
            rooms = self._rooms(what, said.language, place)  # nothing heats there yet
            return {"ability": Ability.SETPOINT.value, "value": number, "room": rooms[0]} if rooms else None
        wanted = {(call.arguments.get("ability"), _hashable(call.arguments.get("value"))) for call in calls}
        if len(wanted) != 1 or any(call.tool != "order" for call in calls):
            return None
        ability, wanted_value = next(iter(wanted))
        if wanted_value is None or isinstance(wanted_value, bool):
            return None
        things = [] if here else [thing for call in calls for thing in call.arguments["things"]]
        return {"ability": ability, "value": wanted_value, **({"things": things} if things else {})}


def _as_order(told: str) -> str:
    """What somebody does, as an order: "turns on the lamp and closes the blinds"."""
    return _TOLD.sub(lambda found: found[1] + re.sub(r"(ch|sh|ss|x)e$", r"\1", found[2]), told)


def _pairs(groups: Mapping[str, str], patterns: Patterns) -> Iterator[tuple[str, str]]:
    """Yield what may be the thing and what its name."""
    if "pair" not in groups:
        yield groups["thing"], groups["alias"]
        return
    found = list(splits(groups["pair"], patterns.language))
    articles = words_of(patterns.language).articles
    for thing, name, _paused in reversed(found):
        if thing.split()[-1].casefold() in articles:
            continue  # that of the name: "call the floor lamp the sun"
        yield thing, patterns.after("name_start", name) or name


def _is_numbered(thing: str, language: str) -> bool:
    """Whether a thing has a number for a name, as sockets have: what hangs on them is what it is called."""
    return any(each.text.isdecimal() for each in normalise(thing, language).tokens)


def _alias_call(alias: str, **given: Any) -> Call:
    first, space, rest = alias.partition(" ")
    alias = f"{first.lower()}{space}{rest}" if first in ("The", "My", "Our") else alias
    return Call("taught", "alias", {"alias": alias, **{key: each for key, each in given.items() if each}})


def _routine_call(phrase: str, **given: Any) -> Call:
    return Call("taught", "routine", {"phrase": phrase, **{key: each for key, each in given.items() if each}})


def _against(split: _Split, plan: Plan) -> Call | Plan | None:
    """What stands against orders that are understood, and cannot be carried out."""
    if any(call.tool == "which" for call in plan.calls):
        return _routine_call(split.phrase, why="several")
    return plan if plan.failure is not None else None


def _is_sure(plan: Plan) -> bool:
    """Whether nothing was taken for something like it."""
    return "was taken for" not in plan.why


def _degrees(value: str) -> float | None:
    """A temperature that was said alone: "21", "twenty-one degrees", 22度半."""
    for language in ("zh", "en"):
        words = [each.text for each in normalise(value, language).tokens]
        text = "".join(words) if language == "zh" else " ".join(words)
        if found := re.fullmatch(
            r"(\d+)(?: ?[.点] ?(\d))?(半)?(?: ?度(半)?)?(?: ?degrees?(?: celsius)?)?", text
        ):
            half = 0.5 if found.group(3) or found.group(4) else int(found.group(2) or 0) / 10
            return int(found.group(1)) + half
    return None


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_NOWHERE = Place(None, Memory())
