"""What the calls of skills without devices come to, in the words of the set. One line a tool.

A skill whose orders go to things (`ORDERS_THINGS`) has no services: its effects are what the things did. A
tool that acts and is in no table counts as the service "unknown", which nothing asks for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from benchmarks.mind.cases import Effect

ORDERS_THINGS = frozenset(
    {"climate", "covers", "fans", "home", "lights", "locks", "plans", "scenes", "vacuum"}
)

ANY_TEXT = "any_text"
"""A field that holds words of several of the set's fields: "rumours by fleetwood mac"."""
CHANGED = "changed"
"""The service by which what was set last gets another time, whatever it is."""
UNDOING = frozenset({"assistant.undo", "assistant.wrong"})
"""Who asked for these asked for whatever orders that takes."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A call's arguments, when it was made, and how a thing's id is found by what it is called."""

    arguments: Mapping[str, Any]
    now: datetime
    thing_called: Callable[[str], str | None]
    spoken: Callable[[str], str] = lambda value: value
    """The word that was said for a value of a list: "厕所" for "toilet"."""

    def moment(self, name: str = "when", *, waking: bool = False) -> Fields:
        """An argument as the set writes a moment; empty when it was not given."""
        said = " ".join(str(self.arguments[key]) for key in ("day", name) if self.arguments.get(key))
        return moment_of(said, self.now, self.thing_called, waking=waking) if said else {}

    def seconds(self, name: str = "duration") -> float | None:
        """An argument that is a length."""
        from skills.times import read_duration

        said = self.arguments.get(name)
        return read_duration(said) if isinstance(said, str) else said

    def items(self, name: str = "text") -> list[str]:
        """An argument that names things for a list."""
        from skills.lists.items import items_of

        said = self.arguments.get(name)
        return [] if said is None else list(items_of(str(said), tasks=self.list == "todo"))

    @property
    def list(self) -> str:
        """The list that is meant: without one the shopping list."""
        said = str(self.arguments.get("list", "default"))
        return "shopping" if said == "default" else said


Reading = Callable[[Told], Sequence[tuple[str, Fields]]]


def _as(service: str, **renamed: str) -> Reading:
    """Read a tool whose arguments are fields of the set: field=argument."""
    return lambda told: ((service, {key: told.arguments.get(name) for key, name in renamed.items()}),)


def _timed(service: str, *, waking: bool = False, **renamed: str) -> Reading:
    """Read the same with a moment."""

    def read(told: Told) -> Sequence[tuple[str, Fields]]:
        fields = {key: told.arguments.get(name) for key, name in renamed.items()}
        return ((service, {**fields, **told.moment(waking=waking)}),)

    return read


def _lengthened(told: Told) -> Sequence[tuple[str, Fields]]:
    seconds = told.seconds()
    less = seconds is not None and bool(told.arguments.get("less"))
    fields = {"seconds": -seconds if less and seconds is not None else seconds}
    return (("timer.add", {**fields, "name": told.arguments.get("name")}),)


def _started(told: Told) -> Sequence[tuple[str, Fields]]:
    return (("timer.start", {"duration_s": told.seconds(), "name": told.arguments.get("name")}),)


def _on_list(service: str) -> Reading:
    return lambda told: ((service, {"list": told.list, "items": told.items()}),)


def _swapped(told: Told) -> Sequence[tuple[str, Fields]]:
    gone, come = {"items": told.items(), "list": told.list}, {"items": told.items("other"), "list": told.list}
    return (("list.remove", gone), ("list.add", come))


def _named(told: Told) -> Sequence[tuple[str, Fields]]:
    meant = (*(told.arguments.get("things") or ()), told.arguments.get("room"))
    return (("teach.alias", {"thing": meant[0], "alias": told.arguments.get("alias")}),)


def _nearest(told: Told) -> Sequence[tuple[str, Fields]]:
    return (("navigation.nearest", {"what": told.spoken(str(told.arguments.get("what")))}),)


def _changed(told: Told) -> Sequence[tuple[str, Fields]]:
    return ((CHANGED, {"duration_s": told.seconds("when"), **told.moment()}),)


SERVICES: Mapping[str, Reading] = {
    "music.play": _as("music.play", any_text="query"),
    "music.pause": _as("music.pause"),
    "music.resume": _as("music.resume"),
    "music.stop": _as("music.stop"),
    "music.next": _as("music.next"),
    "music.previous": _as("music.previous"),
    "music.shuffle": _as("music.shuffle", on="on"),
    "music.set_volume": _as("music.volume", value="percent"),
    "music.change_volume": _as("music.volume", by="by"),
    "home.undo": _as("assistant.undo"),
    "timers.start": _started,
    "timers.pause": _as("timer.pause", name="name"),
    "timers.resume": _as("timer.resume", name="name"),
    "timers.add": _lengthened,
    "timers.cancel": _as("timer.cancel", name="name"),
    "timers.set_alarm": _timed("alarm.set", waking=True, name="name"),
    "timers.cancel_alarm": _timed("alarm.cancel", waking=True),
    "timers.snooze": _as("alarm.snooze"),
    "timers.hush": _as("assistant.stop"),
    "timers.remind": _timed("reminder.set", text="text"),
    "timers.cancel_reminder": _as("reminder.cancel", text="text"),
    "timers.notify": _timed("notify"),
    "timers.change": _changed,
    "timers.shift": lambda told: (
        (CHANGED, {"by_s": told.seconds(), "earlier": told.arguments.get("earlier")}),
    ),
    "lists.add": _on_list("list.add"),
    "lists.want": lambda told: (
        ("list.add", {"list": "shopping", "items": told.items("goods") or told.items("sure_goods")}),
    ),
    "lists.note": _on_list("list.add"),
    "lists.remove": _on_list("list.remove"),
    "lists.swap": _swapped,
    "lists.clear": lambda told: (("list.clear", {"list": told.list}),),
    "announce.tell": _as("announce", text="text", room="room"),
    "agenda.add": _timed("agenda.add", text="text"),
    "agenda.schedule": _timed("agenda.add", text="text"),
    "navigation.go": _as("navigation.go", place="place", via="via"),
    "navigation.head": _as("navigation.go", place="place", via="via"),
    "navigation.nearest": _nearest,
    "navigation.stop": _as("navigation.stop"),
    "taught.alias": _named,
    "taught.prefer": _as("teach.preference", text="text"),
    "taught.routine": _as("teach.routine", name="phrase", text="orders"),
    "taught.run": _as("routine.run", name="name"),
    "self.quiet": _as("assistant.quiet"),
    "self.repeat": _as("assistant.repeat"),
    "self.wrong": _as("assistant.wrong"),
    "self.set_volume": _as("assistant.volume", value="percent"),
    "self.change_volume": _as("assistant.volume", by="by"),
}
"""Tools that act -> the services that they are. A new skill joins here, a line a tool."""

_HARMLESS = frozenset(
    {"timers.leaving", "timers.arriving", "taught.choice", "taught.forget", "taught.forget_all"}
)
"""Tools that act on nothing that the set knows."""

ABOUT: Mapping[str, frozenset[str]] = {
    "weather": frozenset({"weather"}),
    "time": frozenset({"clock", "weather"}),
    "date": frozenset({"clock"}),
    "timer": frozenset({"timers"}),
    "alarm": frozenset({"timers"}),
    "reminder": frozenset({"timers"}),
    "list": frozenset({"lists"}),
    "agenda": frozenset({"agenda"}),
    "sum": frozenset({"sums"}),
    "units": frozenset({"sums"}),
    "currency": frozenset({"sums"}),
    "dictionary": frozenset({"dictionary"}),
    "music": frozenset({"music"}),
    "navigation": frozenset({"navigation"}),
    "capabilities": frozenset({"self"}),
    "history": frozenset({"home", "self"}),
}
"""The skills that answer a question about a service. A word that is not here ("general") anybody may."""

OF_THE_WORLD: frozenset[str] = frozenset().union(*ABOUT.values()) - {"home", "music", "self"}
"""The skills that know nothing of things in the home."""


def effects_of(skill: str, tool: str, told: Told, when: Any = None) -> tuple[Effect, ...]:
    """The service effects of a call that acts; none for orders to things. `when` is when it is to be."""
    name = f"{skill}.{tool}"
    reading = SERVICES.get(name)
    if reading is None:
        known = skill in ORDERS_THINGS or name in _HARMLESS
        return () if known else (Effect(service="unknown", fields={"tool": name}),)
    later = {} if when is None else moment_of(when, told.now, told.thing_called)
    return tuple(
        Effect(service=service, fields=_given({**fields, **later})) for service, fields in reading(told)
    )


def _given(fields: Fields) -> Fields:
    return {key: value for key, value in fields.items() if value not in (None, "", [], ())}


def moment_of(
    value: Any, now: datetime, thing_called: Callable[[str], str | None], *, waking: bool = False
) -> Fields:
    """A moment in the set's words, from our own `When` or the words for one."""
    from skills.times import Cause, When, read_when

    when = read_when(value, now, waking=waking) if isinstance(value, str) else value
    if not isinstance(when, When):
        return {}
    moment: dict[str, Any] = {}
    if when.cause in (Cause.IN, Cause.FOR):
        moment["in_s"] = when.seconds
    elif when.at is not None:
        moment |= {"day": when.at.date()} if when.vague else {"at": when.at}
    elif when.cause is Cause.CHANGE:
        moment["when"] = thing_called(when.thing) or when.thing
    else:
        moment["when"] = when.cause.value
    if when.days:
        moment["days"] = sorted(when.days)
    return moment
