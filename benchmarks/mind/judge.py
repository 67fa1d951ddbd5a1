"""Compares what is right with what happened, turn by turn. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from benchmarks.mind import moments, things
from benchmarks.mind.cases import Case, Effect, Expectation, House, Turn, things_about
from benchmarks.mind.house import Ordered, names_of
from benchmarks.mind.services import ABOUT, ANY_TEXT, CHANGED, OF_THE_WORLD, UNDOING
from devices.commands import DeviceCommand
from devices.home import Device, Value

if TYPE_CHECKING:
    from datetime import datetime

    from benchmarks.mind.record import Happened

ALIKE = 85.0
"""A token ratio of rapidfuzz from which on two free texts are one."""

_LONG = 8
"""Characters from which on a name may be told with a letter of difference: "telly" is not "tell"."""
_TIMES = frozenset({"in_s", "at", "day", "days", "when"})
_SETTABLE = frozenset({"timer.start", "alarm.set", "reminder.set"})
_TEXTS = frozenset(
    {
        "name", "text", "items", "artist", "album", "song", "genre", "playlist", "station", "podcast",
        "place", "via", "what", "alias", "thing",
    }
)  # fmt: skip
"""Fields that nobody may add who was not told them."""

_UNKNOWN_WORD = ("not_understood", "unknown_word", "no_language_model")
_UNKNOWN_THING = ("unknown", "nothing_such", "nothing_there", "nothing_tells", "no_")
_CANNOT = ("cannot", "not_for_me", "does_not", "has_no", "out_of_range", "too_", "refused", "not_allowed")
"""How failures and the skills' own refusals begin, in this order: "no_lights" is "I know of no lights"."""

_FAILED = frozenset(
    {
        "not_understood", "no_language_model", "language_model_failed", "still_thinking", "skill_failed",
        "service_away", "cannot_answer", "unknown_device", "unknown_word", "cannot", "refused",
    }
)  # fmt: skip

_SKY = ("clear", "sunny", "cloud", "overcast", "fog", "drizzle", "thunder", "晴", "云", "阴", "雾", "雷")
_WEATHER = {
    "rain": ("rain", "dry", "shower", "umbrella", "雨", *_SKY),
    "snow": ("snow", "雪", *_SKY),
    "wind": ("wind", "breez", "calm", "gust", "风"),
    "temperature": ("degree", "°", "度"),
    "humidity": ("humid", "湿度"),
    "sunset": ("sun", "日落", "天黑"),
    "sunrise": ("sun", "日出", "天亮"),
    "uv": ("uv", "紫外"),
}
"""What an answer about the weather must tell; how the sky is tells that it does not rain."""

_ARTICLES = re.compile(r"\b(the|a|an|my|some|to)\b")
_MEASURE = re.compile(
    r"^(?:(?:an?|some|one|two|three|\d+)\s+)?(?:\w+\s+of\s+)"
    r"|^[一二两三四五六七八九十半几\d]+(?:瓶|盒|袋|个|包|斤|箱|罐|条|把|根|块|升|打|只|颗|提|桶|卷|点|些)"
)
_A_LIST = re.compile(r"\blist\b|清单|列表|单子?|事项")
_PUNCTUATION = re.compile(r"[^\w\s]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One turn judged. `false_action` is whether anything happened that was not asked for, in none of the
    right ways; `why` tells a person what is wrong.
    """

    exact: bool
    false_action: bool
    why: str = ""


def judge(
    case: Case,
    turn: Turn,
    happened: "Happened",
    before: Mapping[str, things.State],
    house: House,
    now: "datetime",
) -> Verdict:
    """Compare a turn with each right way to take it, and take the best."""
    judged = [_Judge(case, happened, before, house, now).by(right) for right in turn.right]
    for verdict in judged:
        if verdict.exact:
            return verdict
    return Verdict(False, all(verdict.false_action for verdict in judged), judged[0].why)


class _Judge:
    def __init__(
        self,
        case: Case,
        happened: "Happened",
        before: Mapping[str, things.State],
        house: House,
        now: "datetime",
    ) -> None:
        self._case = case
        self._happened = happened
        self._before = before
        self._known = {thing.id: thing for thing in house.things}
        self._now = now

    def by(self, right: Expectation) -> Verdict:
        """Judge by one expectation."""
        if right.do:
            return self._done(right.do)
        if self._happened.acted:
            return Verdict(False, True, "it acted")
        if right.answer is not None:
            return self._answered(right.answer)
        if right.ask:
            asked = self._happened.asked or self._is_question()
            return Verdict(asked, False, "" if asked else "it did not ask")
        if right.refuse:
            got = self._refusals()
            wrong = right.refuse not in got
            return Verdict(not wrong, False, f"refused as {', '.join(got) or 'nothing'}" if wrong else "")
        asked = self._happened.asked
        return Verdict(not asked, asked, "it asked back" if asked else "")

    # -- what was to be done ---------------------------------------------------------------------------------

    def _done(self, wanted: Sequence[Effect]) -> Verdict:
        orders, services = self._happened.orders, self._happened.services
        now = [effect for effect in wanted if effect.thing and not effect.moment]
        later = [effect for effect in wanted if effect.thing and effect.moment]
        serving = [effect for effect in wanted if effect.service]
        # Who asked for an undo asked for whatever that is.
        undone = bool(UNDOING & {each.service for each in serving} & {each.service for each in services})
        promised = [effect for effect in services if effect.thing]
        other = [effect for effect in services if effect.service and effect.service not in UNDOING]
        lacking: list[Effect] = things.missing(now, orders, self._before, self._known)
        lacking += [each for each in later if not any(self._same_promise(each, got) for got in promised)]
        tried = (*services, *self._happened.attempted)
        lacking += [each for each in serving if not any(self._same_service(each, got) for got in tried)]
        extra: list[Ordered | Effect] = []
        if not undone:
            extra += things.unasked(now, orders, self._before, self._known)
        extra += [got for got in promised if not any(self._same_promise(each, got) for each in later)]
        extra += [got for got in other if not any(self._same_service(each, got) for each in serving)]
        return Verdict(not lacking and not extra, bool(extra), _told(lacking, extra))

    def _same_promise(self, wanted: Effect, got: Effect) -> bool:
        """Whether an order that is kept for later is the one that was asked for."""
        if got.thing != wanted.thing or not moments.same(wanted.moment, got.moment, self._now):
            return False
        if got.ability is None or got.value is None:
            return False
        device = self._known[wanted.thing]
        command = DeviceCommand(got.thing, got.ability, got.value)
        return things.obeys(command, wanted, self._before[wanted.thing], device)

    def _same_service(self, wanted: Effect, got: Effect) -> bool:
        if got.service == CHANGED and wanted.service in _SETTABLE:
            return self._same_time(wanted, got)
        if got.service != wanted.service:
            return False
        fields = {**got.fields}
        anything = str(fields.pop(ANY_TEXT, ""))
        times = {key: value for key, value in wanted.fields.items() if key in _TIMES}
        got_times = {key: value for key, value in fields.items() if key in _TIMES}
        if times and not moments.same(times, got_times, self._now):
            return False
        for key, value in wanted.fields.items():
            if key in _TIMES:
                continue
            if key not in fields and key in _TEXTS and anything:
                if not contains(anything, value):
                    return False
            elif not self._same_field(key, value, fields.get(key)):
                return False
        added = (fields.keys() & _TEXTS) - wanted.fields.keys()
        return not added

    def _same_time(self, wanted: Effect, got: Effect) -> bool:
        """Whether what was set last got the time that was asked for."""
        if "duration_s" in wanted.fields:
            return bool(wanted.fields["duration_s"] == got.fields.get("duration_s"))
        times, others = (
            {key: value for key, value in each.fields.items() if key in _TIMES} for each in (wanted, got)
        )
        return bool(times) and moments.same(times, others, self._now)

    @staticmethod
    def _same_field(key: str, wanted: Any, got: Any) -> bool:
        if got is None:
            return False
        if key == "by":
            if isinstance(wanted, str):
                number = isinstance(got, int | float)
                return bool(got == wanted or (number and (got > 0) == (wanted == "up")))
            return bool(got == wanted)
        if isinstance(wanted, bool) or isinstance(got, bool):
            return bool(wanted == got)
        if isinstance(wanted, int | float):
            return isinstance(got, int | float) and bool(abs(got - wanted) <= 1)
        if key == "list":
            return _list_name(str(wanted)) == _list_name(str(got))
        if isinstance(wanted, list):
            return same_items(wanted, got if isinstance(got, list | tuple) else [got])
        return same_text(str(wanted), str(got))

    # -- what was to be answered or refused ------------------------------------------------------------------

    def _answered(self, wanted: Mapping[str, Any]) -> Verdict:
        report = self._happened.report
        if self._happened.asked:
            return Verdict(False, False, "it asked back")
        if report.failure in _FAILED or not report.reply:
            return Verdict(False, False, f"failed: {report.failure}")
        about = things_about(wanted)
        known = [self._known[each] for each in about if each in self._known]
        skills = {call.skill for call in self._happened.calls}
        if known and skills and skills <= OF_THE_WORLD:
            return Verdict(False, False, f"it was answered by {', '.join(sorted(skills))}")
        if known:
            told = any(self._mentioned(each, wanted.get("ability")) for each in known)
            return Verdict(told, False, "" if told else "it is about something else")
        return self._told_by_service(about[0], wanted)

    def _told_by_service(self, service: str, wanted: Mapping[str, Any]) -> Verdict:
        skills = {call.skill for call in self._happened.calls}
        if service in ABOUT and skills and not skills & ABOUT[service]:
            return Verdict(False, False, f"it was answered by {', '.join(sorted(skills))}")
        reply = self._happened.report.reply
        if "value" in wanted and not _holds_number(reply, wanted["value"]):
            return Verdict(False, False, f"the answer is not {wanted['value']}")
        if service == "weather" and not self._tells(str(wanted.get("what", "")), reply):
            return Verdict(False, False, f"it does not tell the {wanted['what']}")
        if service == "weather" and "day" in wanted and not self._of_day(wanted["day"]):
            return Verdict(False, False, f"it is not about {wanted['day']}")
        if "place" in wanted and not contains(self._said(), wanted["place"]):
            return Verdict(False, False, f"it is not about {wanted['place']}")
        return Verdict(True, False)

    @staticmethod
    def _tells(what: str, reply: str) -> bool:
        """Whether a reply tells that of the weather; a word that nobody foresaw does not matter."""
        return what not in _WEATHER or any(word in reply.casefold() for word in _WEATHER[what])

    def _of_day(self, day: str) -> bool:
        given = [call.arguments.get("day") or "today" for call in self._happened.calls]
        return any(moments.same_day(day, each, self._now) for each in given)

    def _mentioned(self, thing: Device, ability: str | None) -> bool:
        """Whether the answer is about the thing: named, or meant by its room and sort."""
        said = self._said()
        if any(contains(said, name) for name in names_of(thing)) or thing.id in said:
            return True
        given = set(self._given())
        if any(given & {other.id, *names_of(other)} for other in self._known.values()):
            return False
        asked = " ".join((*given, *(f"{call.skill} {call.tool}" for call in self._happened.calls)))
        sorts = {thing.kind.value, thing.device_class, ability or ""} - {"", "on"}
        rooms = given & {other.room for other in self._known.values()}
        here = thing.room in rooms if rooms else thing.room in (None, self._case.room)
        return here and any(sort in asked for sort in sorts)

    def _given(self) -> Iterator[str]:
        """The arguments of all calls, those in lists too."""
        for call in self._happened.calls:
            for value in call.arguments.values():
                for each in value if isinstance(value, list | tuple) else (value,):
                    if each is not None:
                        yield str(each)

    def _said(self) -> str:
        """The arguments of all calls and the reply, as one text."""
        return " ".join((*self._given(), self._happened.report.reply))

    def _is_question(self) -> bool:
        return self._happened.report.reply.rstrip().endswith(("?", "？"))

    def _refusals(self) -> set[str]:
        """What a refusal says of its reason, in the set's words."""
        report = self._happened.report
        keys = [str(report.failure or ""), *(call.refusal for call in self._happened.calls)]
        found: set[str] = set()
        for key in filter(None, keys):
            if key.startswith(_UNKNOWN_WORD):
                found.add("unknown_word")
            elif key.startswith(_UNKNOWN_THING):
                found.add("unknown_device")
            elif key.startswith(_CANNOT) and key != "cannot_answer":
                found.add("cannot")
        return found


# -- free texts ----------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Lower case, without articles and punctuation."""
    return " ".join(_ARTICLES.sub(" ", _PUNCTUATION.sub(" ", text.casefold().replace("'s", "s"))).split())


def same_text(one: str, other: str) -> bool:
    """Whether two free texts are the same but for case, articles, punctuation and a letter or two."""
    return bool(fuzz.token_sort_ratio(plain(one), plain(other)) >= ALIKE)


def _list_name(said: str) -> str:
    """What a list is called, in one language for those two that every home has."""
    bare = _A_LIST.sub(" ", plain(said)).strip()
    return {"购物": "shopping", "购": "shopping", "grocery": "shopping", "to do": "todo", "待办": "todo"}.get(
        bare, bare
    )


def same_items(wanted: Sequence[Any], got: Sequence[Any]) -> bool:
    """Whether two lists of free texts hold the same, in any order."""
    left = [str(each) for each in got]
    for item in wanted:
        match = next((each for each in left if _same_item(str(item), each)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _same_item(wanted: str, got: str) -> bool:
    """Whether one thing on a list is the other: "a jar of pesto" is pesto."""
    return same_text(wanted, got) or same_text(wanted, _MEASURE.sub("", got.casefold()))


def contains(text: str, words: Any) -> bool:
    """Whether some words occur in a text, with a letter or two of difference."""
    short, long = plain(str(words)), plain(text)
    if not short:
        return False
    return short in long or (
        len(short) >= _LONG and fuzz.partial_ratio(short, long) >= ALIKE and len(long) >= len(short)
    )


def _holds_number(reply: str, wanted: Any) -> bool:
    if not isinstance(wanted, int | float):
        return contains(reply, wanted)
    numbers = [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", reply.replace(",", ""))]
    return any(abs(each - wanted) <= max(0.02 * abs(wanted), 0.01) for each in numbers)


# -- in words ------------------------------------------------------------------------------------------------


def _told(lacking: Sequence[Effect], extra: Sequence[Ordered | Effect]) -> str:
    parts = []
    if lacking:
        parts.append("lacks " + ", ".join(map(in_words, lacking)))
    if extra:
        parts.append("did " + ", ".join(map(in_words, extra)))
    return "; ".join(parts)


def in_words(what: Effect | Ordered) -> str:
    """An effect or an order, short."""
    if isinstance(what, Ordered):
        return f"{what.command.device_id}.{what.command.ability}={_short(what.command.value)}"
    if what.service:
        return f"{what.service}({', '.join(f'{key}={value}' for key, value in what.fields.items())})"
    value = f"by {what.by}" if what.by is not None else _short(what.value)
    if what.low is not None or what.high is not None:
        value = f"{what.low}..{what.high}"
    moment = f" {dict(what.moment)}" if what.moment else ""
    return f"{what.thing}.{what.ability}={value}{moment}"


def _short(value: Value | None) -> str:
    return str(value)
