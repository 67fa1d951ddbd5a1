"""Reads a piece of a sentence: the words for what is to be done, and those for the things."""

from collections.abc import Sequence

from assistant.understanding.frames.actions import actions_of
from assistant.understanding.frames.frame import Action
from assistant.understanding.frames.numbers import end_of, number_at
from assistant.understanding.frames.parts import Direction, Item, Part, Pieces
from assistant.understanding.frames.places import is_landmark, lock_in, place_before
from assistant.understanding.frames.tagging import Span
from assistant.understanding.frames.values import relative_at, value_at

_MUTE = frozenset({"glue", "fillers", "joins", "breaks", "carry", "degree_words", "again"})
_STAYING = _MUTE | {"left_so", "leave", "except", "amount", "aspect", "to", "also", "because", "people"}
_LEADING = frozenset({"fillers", "joins", "also", "glue"})
_HOW_IT_IS = frozenset("冷热亮暗凉暖白黄快慢响高低大小强弱柔")
_DONT = ("别", "不 用", "不 要", "甭", "不 必")
_ANY_ROOM = frozenset({"房 间", "屋", "屋 子"})
_EXCEPT = frozenset({"除", "除 了", "除 去", "除 开", "除 掉"})
_OUTSIDE = frozenset({"外", "以 外", "之 外"})
_FOR = frozenset("给替帮为")
_ENDS = frozenset({"open", "closed"})
_NOT_FIRM = frozenset({"on", "回 家", "回 去", "下 班", "收 工", "工 作", "上 班"})
"""What a robot does where it is named, and people do otherwise."""
_SWITCHING = frozenset({"on", "off"})
_HARD_VERBS = frozenset({"on", "off", "open", "close", "lock", "heat", "cool"})
_NO_NOUN = ("verbs", "up", "down", "aspect")
_NEAR_NOUN = ("quantity", "glue", "adjectives")
_QUIET = (
    "same", "also", "correct", "glue", "fillers", "joins", "breaks", "degree_words", "again", "mine",
    "units", "to",
)  # fmt: skip


def read_part(spans: Sequence[Span], language: str) -> Part:
    """Return what a piece of a sentence says."""
    return _PartReader(spans, language).read()


def _is_light(span: Span) -> bool:
    return bool(span.get("kinds") & {"light", "lamp"}) or bool(set(span.text.split()) & {"light", "lamp"})


class _PartReader:
    """Reads one part. Made for each; `read` is called once."""

    def __init__(self, spans: Sequence[Span], language: str) -> None:
        self._spans = spans
        self._language = language
        self._part = Part(spans)
        self._pieces = Pieces(language)
        self._excepting = False
        self._sparing = False  # a verb behind it is what is not to be done
        self._joined = False

    def read(self) -> Part:
        at = 0
        while at < len(self._spans):
            at += self._take(at)
        part = self._part
        found = actions_of(self._pieces)
        part.actions, part.conflict = list(found.actions), found.conflict
        part.numbered = bool(self._pieces.numbers or self._pieces.values)
        if not part.actions and self._language == "zh" and (lock := lock_in(self._spans)):
            part.actions = [Action(verbs=frozenset({lock}))]
        return part

    def _take(self, at: int) -> int:
        """Take the span there, and those that belong to it; return how many."""
        span = self._spans[at]
        if span.has("people") and at and self._spans[at - 1].text in _FOR and not span.entry.full:
            return 1  # 给奶奶把灯打开
        if span.unknown:
            if self._language == "zh" and (place := place_before(self._spans, at)) is not None:
                return place
            self._part.unknown.append(span)
            return 1
        if self._negates(at):
            self._part.negated = True
            return 1
        if (number := number_at(self._spans, at)) is not None:
            self._pieces.numbers.append(number[0])
            if span.has("fractions"):
                self._pieces.end = self._pieces.end or end_of(span.text)
            return number[1]
        if not (self._exception(at) or self._value(at) or self._thing(at) or self._direction(at)):
            self._rest(at)
        return 1

    def _negates(self, at: int) -> bool:
        span = self._spans[at]
        if not span.has("not"):
            return False
        following = self._next(at)
        if span.has("others") and following is not None and not following.has("verbs", "up", "down", "carry"):
            return False  # 别的灯
        if self._language == "zh" and self._next(at) is not None:
            following = self._next(at)
            if following is not None and following.has("verbs", "up", "down", "carry"):
                return True
        return not span.has("except", "leave", "up", "down", "verbs", "left_so", "correct")

    def _next(self, at: int) -> Span | None:
        return self._spans[at + 1] if at + 1 < len(self._spans) else None

    def _first(self) -> int:
        places = (i for i, each in enumerate(self._spans) if not set(each.tags) <= _LEADING)
        return next(places, 0)

    # -- exceptions ------------------------------------------------------------------------------------------

    def _exception(self, at: int) -> bool:
        """Take a word of exception; what follows is excepted, or (in Chinese) what was before."""
        span = self._spans[at]
        if self._language == "zh" and self._excepting and self._part.exceptions:
            # 除了客厅以外所有的, 除了电视都关了
            if span.text in _OUTSIDE:
                self._excepting = False
                return True
            if span.has("quantity", "others", "verbs") and not span.has("left_so") and not self._part.late:
                self._excepting = False
        if self._language == "zh" and span.text in _OUTSIDE and self._part.items and not self._pieces.verbs:
            self._part.exceptions += self._part.items  # 客厅和餐厅以外的灯
            self._part.items.clear()
            return True
        begins = at == 0 or self._excepting or span.text in _EXCEPT
        if span.has("except") and (self._language == "en" or begins):
            self._excepting = True
            return True
        if self._language == "zh" and span.has("except", "left_so", "leave") and self._excepts_in_chinese(at):
            self._excepting = True
            return True
        if self._language == "en" and span.has("leave") and self._leaves(at):
            self._excepting = True
            return True
        if self._excepting and span.has("left_so") and not span.entry.full:
            return True
        if span.has("others"):
            self._part.items.append(Item(span, "others", "", self._joined))
            return True
        return False

    def _excepts_in_chinese(self, at: int) -> bool:
        span, part = self._spans[at], self._part
        keeps = "留" in span.text and at + 1 < len(self._spans) and not self._spans[-1].has("left_so")
        if span.has("leave") and (
            not part.items or (keeps and all(item.role == "room" for item in part.items))
        ):
            return True
        if span.has("verbs", "up", "down") and at < len(self._spans) - 1:
            return False
        self._sparing = span.text.endswith(_DONT)  # 小夜灯就别关了
        quiet = all(
            set(each.tags) <= _STAYING or (self._sparing and each.has("verbs"))
            for each in self._spans[at + 1 :]
        )
        if not (quiet and part.items and not self._pieces.verbs):
            self._sparing = False
            return False
        part.exceptions += part.items
        part.items.clear()
        part.late = True
        return True

    def _leaves(self, at: int) -> bool:
        span, part = self._spans[at], self._part
        if "but" in span.text.split() and part.items:
            return True
        if at != self._first():
            return False
        plain = span.text in ("not", "keep", "leave")
        stays = span.text == "not" or any(each.has("left_so") for each in self._spans[at + 1 :])
        part.late = part.late or not plain or stays
        return not plain or stays

    # -- values and things -----------------------------------------------------------------------------------

    def _value(self, at: int) -> bool:
        following = self._next(at)
        warms = self._spans[at].has("verbs") and self._spans[at].has("colours") and at == self._first()
        if (
            warms
            and following is not None
            and "the" in following.words[0].before
            and not _is_light(following)
        ):
            return False  # "warm the floor up"
        said = value_at(self._spans, at, self._language, things=bool(self._part.items))
        if said is not None:
            self._pieces.values.append(said)
        return said is not None

    def _thing(self, at: int) -> bool:
        span = self._spans[at]
        if self._language == "zh" and span.entry.full and is_landmark(self._spans, at):
            return True
        items = self._part.exceptions if self._excepting else self._part.items
        role = self._naming_role(at, items) or self._pointing_role(at, items)
        if not role:
            return False
        section = {"kind": "kinds"}.get(role, role)
        value = ",".join(sorted(span.get(section))) if role in ("kind", "reference", "quantity") else ""
        items.append(Item(span, role, value, self._joined or bool(span.broken)))
        self._joined = False
        return True

    def _naming_role(self, at: int, items: Sequence[Item]) -> str:
        span, entry = self._spans[at], self._spans[at].entry
        if self._cleans_room(at):
            return ""
        if entry.full and not (span.has("verbs") and any(item.role == "thing" for item in items)):
            return "thing"
        if entry.rooms and span.has("kinds") and not self._kind_follows(at):
            return "kind"
        if entry.rooms and at and span.text in _ANY_ROOM and self._spans[at - 1].has("others", "quantity"):
            return ""  # 其他房间
        if entry.rooms and not (span.has("verbs") and self._language == "en" and at == 0):
            return "room"
        if span.has("here") and not span.has("quantity"):
            return "here"
        if span.has("kinds") and not (span.has("verbs", "carry") and self._is_verb(at, items)):
            return "kind"
        return "part" if entry.part and not span.has(*_NO_NOUN, "correct", "also") else ""

    def _pointing_role(self, at: int, items: Sequence[Item]) -> str:
        span = self._spans[at]
        if span.has("reference") and not (span.has("quantity") and self._kind_follows(at)):
            return "reference"
        if span.has("there"):
            return "there"
        if span.has("quantity") and not ("dock" in span.get("verbs") and items):
            return "quantity"
        if span.has("up", "down") and at == self._first():
            return ""  # "lower the blind"
        main = "main" in span.get("adjectives") and not span.has("up", "down")
        if span.has("adjectives") and (main or self._kind_follows(at)):
            return "adjective"
        return "absent" if span.entry.absent and not span.has(*_NO_NOUN) else ""

    def _kind_follows(self, at: int) -> bool:
        following = self._spans[at + 1 : at + 3]
        near = 2 if following and following[0].has(*_NEAR_NOUN) else 1
        return any(
            each.has("kinds")
            or each.entry.full
            or (each.entry.part and each.entry.head)
            or "one" in each.get("reference")
            for each in following[:near]
        )

    def _is_verb(self, at: int, items: Sequence[Item]) -> bool:
        """Whether "light" or "hoover" is what is done: it comes first and things follow, or who does it was
        said.
        """
        if "clean" in self._spans[at].get("verbs") and any(item.role == "thing" for item in items):
            return True
        if self._cleans_room(at) or self._switches(at):
            return True
        follows = self._kind_follows(at) or self._reference_follows(at)
        return at == self._first() and follows and not self._pieces.verbs

    def _switches(self, at: int) -> bool:
        """Whether "switch" is half of what is done: "switch it all off"."""
        if self._language != "en" or self._spans[at].text != "switch" or at != self._first():
            return False
        return any(each.text in _SWITCHING for each in self._spans[at + 1 :])

    def _cleans_room(self, at: int) -> bool:
        """Whether "vacuum" or "hoover" is what is done: a room follows."""
        span, following = self._spans[at], self._next(at)
        if self._language != "en" or "clean" not in span.get("verbs") or at != self._first():
            return False
        return following is not None and bool(following.entry.rooms) and not following.broken

    def _reference_follows(self, at: int) -> bool:
        following = self._next(at)
        return following is not None and bool(following.get("reference") & {"it", "them"})

    # -- what is to be done ----------------------------------------------------------------------------------

    def _direction(self, at: int) -> bool:
        span, pieces = self._spans[at], self._pieces
        if span.has("up", "down"):
            if not self._is_direction(at):
                return False
            self._part.more = span.has("more") and not pieces.directions
            for section, sign in (("up", 1), ("down", -1)):
                if dims := span.get(section):
                    pieces.directions.append(Direction(dims, sign, at))
            return True
        if span.has("less") and not self._others_direct(at):
            self._part.less, pieces.small = True, True
            pieces.directions.append(Direction(frozenset({"any"}), -1, at))
            return True
        goes_on = span.has("verbs") and any(item.role in ("thing", "kind") for item in self._part.items)
        if span.has("more") and not goes_on and not pieces.directions and not self._others_direct(at):
            self._part.more, pieces.small = True, span.has("amount")
            pieces.directions.append(Direction(frozenset({"any"}), 1, at))
            return True
        return False

    def _is_direction(self, at: int) -> bool:
        span = self._spans[at]
        if span.has("amount") and self._others_direct(at):
            return False
        if self._language != "zh":
            return True
        if len(span.words) == 1 and span.text in _HOW_IT_IS and not self._is_wanted(at):
            return False
        deed = span.has("verbs") and bool(span.get("verbs") & _HARD_VERBS)
        return not deed or relative_at(self._spans, at, "zh") or bool(self._pieces.verbs)

    def _is_wanted(self, at: int) -> bool:
        """Whether a bare 冷 or 大 is what is wanted, and not how it is."""
        return any(
            each.has("amount", "carry", "units", "number", "number_words")
            or each.text in ("再", "更", "弄", "变")
            for i, each in enumerate(self._spans)
            if i != at
        )

    def _others_direct(self, at: int) -> bool:
        return any(each.has("up", "down") for i, each in enumerate(self._spans) if i != at)

    def _rest(self, at: int) -> None:
        span, part, pieces = self._spans[at], self._part, self._pieces
        ends = span.get("to") & _ENDS
        if self._is_how_far(at):
            pieces.end = pieces.end or next(iter(ends), "")
        elif span.has("verbs"):
            self._verb(at)
        elif span.has("aspect"):
            if span.mine:
                part.items.append(Item(span, "here", "", self._joined))
            pieces.dims.update(dict.fromkeys(span.get("aspect"), at))
        elif span.has("amount"):
            small = "small" in span.get("amount")
            pieces.small, pieces.large = pieces.small or small, pieces.large or not small
        elif span.has("carry"):
            part.carried = True
        elif self._is_mine(at):
            value = "mine" if self._language == "zh" else ""
            those = part.exceptions if self._excepting else part.items
            those.append(Item(span, "here", value, self._joined))
        elif span.has("repeat"):
            part.repeat = True
        elif span.has(*_QUIET):
            pieces.end = pieces.end or next(iter(ends), "")
            self._joined = self._joined or span.has("joins")
        else:
            part.unknown.append(span)

    def _is_mine(self, at: int) -> bool:
        """Whether "mine" or 我的 stands for a thing: 我的关了吧."""
        if self._language != "zh" or not self._spans[at].has("mine"):
            return self._spans[at].text == "mine"
        following = self._next(at)
        return following is not None and "的" in following.words[0].before and following.has("verbs", "also")

    def _verb(self, at: int) -> None:
        span, pieces = self._spans[at], self._pieces
        if self._sparing:
            return
        verbs = span.get("verbs")
        if self._language == "en" and "the" in span.words[0].before and not verbs & _SWITCHING:
            self._part.unknown.append(span)  # "the heat": no deed has an article
            return
        if span.text == "out" and any(each.text in ("send", "sending") for each in self._spans[:at]):
            verbs = frozenset({"clean"})  # "send Doris out"
        self._part.carried = self._part.carried or span.has("carry")
        if span.has("carry") and self._value_follows(at):
            return
        pieces.verbs.append(verbs)
        pieces.firm = pieces.firm or span.text not in _NOT_FIRM

    def _is_how_far(self, at: int) -> bool:
        """Whether "open" or "shut" only tells of which end a number counts: "thirty percent open"."""
        if self._language != "en" or at == 0 or not self._spans[at].get("to") & _ENDS:
            return False
        before = self._spans[at - 1]
        return before.has("units", "fractions") or (before.has("number") and not before.has("reference"))

    def _value_follows(self, at: int) -> bool:
        return any(
            each.has("number", "fractions", "colours", "units") for each in self._spans[at + 1 : at + 3]
        )
