"""The teaching tier: what is taught in a sentence, and the sentences that mean what was taught."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from assistant.understanding.frames.memory import Memory
from assistant.understanding.frames.tier import FrameTier
from assistant.understanding.normalise import languages_of, normalise, plain, texts, words_of
from assistant.understanding.plan import Call, Plan, Tier
from assistant.understanding.teaching.lessons import Lessons, Place, Understand
from assistant.understanding.teaching.patterns import Patterns, Said, patterns_of, said
from devices.home import Ability, Device, Home, Kind
from skills.taught.book import Preference, Routine, Taught, same

LANGUAGES = ("en", "zh")


class Teaching:
    """Teaches, and uses what was taught. `understand` makes the plan of other sentences."""

    def __init__(
        self, home: Home, frames: FrameTier, understand: Understand, acts: Callable[[Call], bool]
    ) -> None:
        self._home = home
        self._frames = frames
        self._understand = understand
        self._lessons = Lessons(frames, understand, acts)
        self._taught = Taught()
        self._phrases: dict[tuple[str, ...], Routine] = {}

    def learn(self, taught: Taught) -> None:
        """Take all that was taught, in place of what was known. Names are the home's (`Home.call`)."""
        self._taught = taught
        self._phrases = {_core(each.phrase, each.language): each for each in taught.routines}
        self._frames.choices = {(each.words, each.room): each.thing for each in taught.choices}

    def plan(self, text: str, language: str, room: str | None, turn_id: str, memory: Memory) -> Plan | None:
        """Return what a sentence teaches or what it was taught to mean; None when it is about neither."""
        for code in languages_of(text, language, LANGUAGES):
            patterns = patterns_of(code)
            heard = said(text, code) if patterns is not None else None
            if patterns is None or heard is None or not heard.text:
                continue
            routine = self._phrases.get(_core(heard.text, code)) if memory.pending is None else None
            routine = routine or self._named_routine(heard, patterns)
            if routine is not None:
                return self._run(routine, room, turn_id, memory)
            place = Place(room, memory)
            made = (
                self._about(heard, patterns)
                or self._lessons.read(heard, patterns, place)
                or self._as_liked(heard, patterns, place)
                or self._never_taught(heard, patterns, place)
            )
            if isinstance(made, Plan):
                return replace(made, turn_id=turn_id)
            if made is not None:
                return _plan(turn_id, code, made if isinstance(made, tuple) else (made,))
        return None

    def last(self, text: str, language: str, turn_id: str) -> Plan | None:
        """Return what can still be said of a sentence that nobody understood: that it was never taught."""
        for code in languages_of(text, language, LANGUAGES):
            patterns = patterns_of(code)
            if patterns is None:
                continue
            heard = said(text, code)
            for section, tool in (("run_named", "run"), ("forget_named", "forget")):
                for groups in patterns.match(section, heard):
                    return _plan(turn_id, code, (Call("taught", tool, {"name": groups["name"]}),))
        return None

    # -- routines --------------------------------------------------------------------------------------------

    def _named_routine(self, heard: Said, patterns: Patterns) -> Routine | None:
        """The routine that is asked for by its name: "run movie time"."""
        if not self._phrases:
            return None
        names = (groups["name"] for groups in patterns.match("run", heard))
        found = (self._phrases.get(_core(name, heard.language)) for name in names if name)
        return next(filter(None, found), None)

    def _run(self, routine: Routine, room: str | None, turn_id: str, memory: Memory) -> Plan:
        plan = self._understand(routine.orders, routine.language, room, memory)
        why = f"'{routine.phrase}' was taught: {routine.orders}"
        if plan is None:
            unknown = Call("taught", "routine", {"phrase": routine.phrase, "why": "unknown"})
            return replace(_plan(turn_id, routine.language, (unknown,)), why=why)
        return replace(plan, turn_id=turn_id, why=f"{why}; {plan.why}")

    # -- what was taught -------------------------------------------------------------------------------------

    def _about(self, heard: Said, patterns: Patterns) -> Call | None:
        """What is asked or forgotten of a name that was taught."""
        if not self._taught:
            return None
        for section, tool in (("meaning", "meaning"), ("forget", "forget"), ("forget_named", "forget")):
            for groups in patterns.match(section, heard):
                if (name := self._known_as(groups["name"], heard.language)) is not None:
                    return Call("taught", tool, {"name": name})
        return None

    def _never_taught(self, heard: Said, patterns: Patterns, place: Place) -> Call | None:
        """To forget a thing of the home, which was not taught, is no order to it."""
        for groups in patterns.match("forget", heard):
            name = groups["name"]
            if patterns.holds("here", name) or not patterns.begins("forgets", heard.folded):
                continue
            if self._frames.named(name, heard.language, place.room, Memory()) is not None:
                return Call("taught", "forget", {"name": name})
        return None

    def _known_as(self, name: str, language: str) -> str | None:
        taught = self._taught
        names = (
            *(each.name for each in taught.aliases),
            *(each.phrase for each in taught.routines),
            *(each.words for each in taught.choices),
        )
        bare = _core(name, language)
        return next((each for each in names if same(each, name) or _core(each, language) == bare), None)

    # -- likings ---------------------------------------------------------------------------------------------

    def _as_liked(self, heard: Said, patterns: Patterns, place: Place) -> tuple[Call, ...] | None:
        """The orders that bring things to how somebody likes them."""
        for groups in patterns.match("like", heard):
            aspect, what = groups.get("aspect", ""), groups.get("what", "")
            ability = patterns.aspect(aspect)
            if aspect and not ability and not patterns.holds("setting", aspect):
                continue
            ability = ability or patterns.aspect(what)
            found = self._liked(what, ability, patterns, place)
            told = {"known": True} if self._taught.preferences else {}
            return found or (Call("taught", "liked", told),)
        if not self._taught.preferences:
            return None
        for groups in patterns.match("like_softly", heard):
            what = groups["what"]
            here = patterns.holds("here", what)
            found = self._liked(what, Ability.SETPOINT.value if here else "", patterns, place)
            if found:
                return found
        return None

    def _liked(self, what: str, ability: str, patterns: Patterns, place: Place) -> tuple[Call, ...]:
        named = self._frames.named(what, patterns.language, place.room, place.memory) if what else None
        here = not what or patterns.holds("here", what) or bool(patterns.aspect(what))
        if named is None and not here:
            return ()
        orders: dict[tuple[str, object], list[str]] = {}
        if named is not None and named.things and not named.unclear:
            for device in filter(None, map(self._home.get, named.things)):
                _note(orders, device, _best(self._taught.preferences, device, ability, named=True))
        if not orders:
            rooms = named.rooms if named is not None and named.rooms else (place.room,)
            if named is None or named.rooms or here:
                for device in self._around(rooms, ability):
                    _note(orders, device, _best(self._taught.preferences, device, ability, named=False))
        return tuple(
            Call("home", "order", {"things": things, "ability": of, "value": _listed(value)})
            for (of, value), things in orders.items()
        )

    def _around(self, rooms: Sequence[str | None], ability: str) -> Sequence[Device]:
        """The things of some rooms that somebody likes in a way; without any, what serves them all."""
        liked = [
            each
            for each in self._home
            if each.exposed and _best(self._taught.preferences, each, ability, named=False) is not None
        ]
        there = [each for each in liked if each.room in rooms and each.room]
        free = [each for each in liked if not each.room]
        return there or free or (liked if len(liked) == 1 else ())


def _best(likings: Iterable[Preference], device: Device, ability: str, *, named: bool) -> Preference | None:
    """What is liked of a thing: of itself before what is liked anywhere, the newest first."""
    fitting = [
        each
        for each in reversed(tuple(likings))
        if each.ability is not None
        and each.ability in device.abilities
        and ability in ("", each.ability.value)
    ]
    own = next((each for each in fitting if device.id in each.things), None)
    general = [each for each in fitting if not each.things and (named or _is_usual(each, device))]
    near = next((each for each in general if each.room and each.room == device.room), None)
    return own or near or next((each for each in general if not each.room), None)


def _is_usual(liking: Preference, device: Device) -> bool:
    """Whether a liking that is of no thing is meant of this one, where none was named."""
    return liking.ability is not Ability.SETPOINT or device.kind is Kind.CLIMATE


def _note(orders: dict[tuple[str, object], list[str]], device: Device, liking: Preference | None) -> None:
    if liking is not None and liking.ability is not None:
        orders.setdefault((liking.ability.value, liking.value), []).append(device.id)


def _listed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _plan(turn_id: str, language: str, calls: tuple[Call, ...]) -> Plan:
    return Plan(turn_id, Tier.FAST, language, calls, why="it is about what was taught")


def _core(text: str, language: str) -> tuple[str, ...]:
    """The words of a phrase as they are compared."""
    return texts(normalise(text, language).core) or plain(text, words_of(language))
