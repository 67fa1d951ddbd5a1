"""From a sentence to its clauses: what each piece says, and what one leaves to the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.understanding.frames.asides import changes, complains, is_aside, is_limit, is_state
from assistant.understanding.frames.clauses import read_part
from assistant.understanding.frames.cutting import cut
from assistant.understanding.frames.frame import Action, Wants
from assistant.understanding.frames.moods import explains, is_told, merely_explains
from assistant.understanding.frames.parts import Item, Part
from assistant.understanding.frames.tagging import Span

MOST_CLAUSES = 6
_EMPTY = frozenset({"fillers", "glue", "joins", "breaks", "also", "degree_words", "to", "again"})
_UNDOING = ("undo", "fillers", "correct", "joins", "glue", "also", "again", "less")
_LONGEST_STRANGE = {"en": 3, "zh": 5}
_SHORTEST_DOUBLE = 3
_DENIALS = ("不是", "不要", "不是说", "没说")
_LEADING = ("breaks", "kinds", "also", "quantity", "carry")
_BEFORE_NOUN = ("glue", "verbs", "carry", "to", "kinds")


@dataclass(slots=True)
class Clause:
    """One order as it was said. `link` is how it goes on: "", "also", "correct", "same"."""

    actions: tuple[Action, ...]
    items: list[Item]
    exceptions: list[Item] = field(default_factory=list)
    link: str = ""
    repeat: bool = False
    more: bool = False
    instead: list[Item] = field(default_factory=list)
    """What was named first and taken back: 主卧空调，说错了，客厅的."""
    less: bool = False


@dataclass(slots=True)
class Reading:
    """A sentence, read. `whole` tells that every word has its place; `strange` are words that nobody knows
    in an order that is otherwise whole.
    """

    clauses: list[Clause] = field(default_factory=list)
    whole: bool = True
    strange: tuple[str, ...] = ()
    undo: bool = False
    complains: bool = False
    told: bool = False
    spans: tuple[Span, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether it says of something that it be done."""
        return self.whole and any(clause.actions for clause in self.clauses)


def read(spans: Sequence[Span], language: str) -> Reading:
    """Return the clauses of a sentence."""
    if any(span.has("undo") for span in spans) and all(span.has(*_UNDOING) for span in spans):
        return Reading(undo=True, spans=tuple(spans))
    if is_told(spans, language):
        return Reading(whole=False, told=True, spans=tuple(spans))
    parts = [part for piece, joint in cut(spans, language) for part in _parts(piece, joint, language)]
    reading = _Joiner(language, tuple(spans)).join(parts)
    reading.whole = reading.whole and len(reading.clauses) <= MOST_CLAUSES
    return reading


def breaks_off(text: str, reading: Reading) -> bool:
    """Whether a Chinese sentence ends before its thing: 打开客厅的."""
    last = reading.clauses[-1].items[-1:] if reading.clauses else []
    if reading.clauses and (reading.clauses[-1].link == "correct" or not reading.clauses[-1].actions):
        return False  # 不对，客厅的
    return text.rstrip("。.!！ ").endswith("的") and bool(last) and last[0].role == "room"


def _parts(piece: list[Span], joint: str, language: str) -> list[Part]:
    """Read a piece; where it holds two orders without a border, cut it in two."""
    part = read_part(piece, language)
    part.joint = joint
    double = part.conflict or (language == "zh" and _says_two(piece))
    if not double or len(piece) < _SHORTEST_DOUBLE:
        return [part]
    for at in range(2, len(piece) - 1):
        left = read_part(piece[:at], language)
        if not (left.actions and left.items) or left.conflict:
            continue
        right = read_part(piece[at:], language)
        if right.actions and _begins(piece[at], right):
            left.joint = joint
            rest = _parts(piece[at:], "join", language)
            if not any(each.conflict for each in rest):
                return [left, *rest]
    return [part]


def _begins(span: Span, right: Part) -> bool:
    named = bool(span.entry.full or span.entry.rooms) or span.has(*_LEADING)
    return span.has("aspect") or (bool(right.items) and named)


def _says_two(piece: Sequence[Span]) -> bool:
    """Whether a Chinese piece says thing, deed, thing, deed: 油烟机打开灯也打开."""
    marks = ""
    for span in piece:
        thing = bool(span.entry.full) or (span.has("kinds") and not span.has("verbs"))
        mark = "T" if thing else "D" if span.has("verbs") and not span.has("kinds") else ""
        marks += mark if not marks.endswith(mark) else ""
    return "TDTD" in marks


class _Joiner:
    """Joins the parts of one sentence into clauses. Made for each; `join` is called once."""

    def __init__(self, language: str, spans: tuple[Span, ...]) -> None:
        self._language = language
        self._reading = Reading(spans=spans)
        self._clauses = self._reading.clauses
        self._waiting: Part | None = None  # things that wait for what is to be done
        self._link = ""
        self._strange: list[str] = []
        self._denied: tuple[Action, ...] = ()  # what was to be done with something else
        self._topic: Part | None = None  # what was complained of

    def join(self, parts: Sequence[Part]) -> Reading:
        explained = False
        for at, part in enumerate(parts):
            if self._is_border(part):
                continue
            if _is_denied(parts, at):
                self._denied = tuple(part.actions) or self._denied
                continue
            if len(parts) > 1 and self._is_beside(part):
                explained = True
                continue
            if len(parts) > 1 and part.joint != "correct" and complains(part.spans, self._language):
                self._complain(part)
                explained = True
                continue
            if self._spares(part) or (self._clauses and self._is_said_of_it(part)):
                continue
            if part.unknown or part.negated or part.conflict:
                aside = len(parts) > 1 and is_aside(part.spans, self._language, first=not self._clauses)
                told = explains(part) and not changes(part.spans, self._language)
                explained = aside or told or (explained and part.joint == "join")
                if not explained:
                    self._stumble(part, given_up=at + 1 < len(parts) and parts[at + 1].joint == "correct")
                continue
            explained = False
            self._take(part)
        if self._waiting is not None:
            self._leave(self._waiting)
        reading = self._reading
        reading.whole = reading.whole and bool(self._clauses)
        reading.strange = tuple(self._strange) if len(self._strange) == 1 and not self._clauses else ()
        return reading

    def _is_border(self, part: Part) -> bool:
        """Whether a piece only says how the next one goes on."""
        if part.joint == "correct" and all(span.has("correct") for span in part.spans):
            self._link, self._waiting = "correct", None
            return True
        empty = all(span.tags and set(span.tags) <= _EMPTY and not span.entry.full for span in part.spans)
        if part.items or not empty:
            return False
        self._link = self._link or ("also" if any(span.has("also") for span in part.spans) else "")
        return True

    def _is_beside(self, part: Part) -> bool:
        """Whether a piece merely explains; one that reports tells that the rest is no order (老公说)."""
        if not part.actions and changes(part.spans, self._language):
            self._reading.whole = False
            return False
        return merely_explains(part, self._language)

    def _is_said_of_it(self, part: Part) -> bool:
        """Whether a piece behind an order only limits it, or says how somebody is."""
        brought = any(action.said is not None for action in self._clauses[-1].actions)
        if is_limit(part.spans, self._language) and (brought or not any(each.sign for each in part.actions)):
            return True
        return self._link != "correct" and not part.actions and is_state(part.spans, self._language)

    def _spares(self, part: Part) -> bool:
        """Whether a piece tells what an order before it is not for: …，鱼缸别断电."""
        last = self._clauses[-1] if self._clauses else None
        if self._language != "zh" or not part.negated or part.unknown or part.numbered or last is None:
            return False
        if self._link == "correct" or not (part.items and last.actions):
            return False
        last.exceptions += part.items
        return True

    def _complain(self, part: Part) -> None:
        """A complaint: of its things the order may be that follows (星星灯太亮了，减一半)."""
        self._reading.complains = True
        named = [item for item in part.items if item.role in ("thing", "kind", "room")]
        if self._clauses and self._clauses[-1].actions:
            self._link = "correct"  # 26度……太热了，24吧
        if named and not self._clauses:
            self._topic = Part(part.spans, items=named)

    def _stumble(self, part: Part, *, given_up: bool) -> None:
        """A piece that is not understood ends it all, unless it was given up: "turn on the, no, …"."""
        unknown = " ".join(span.text for span in part.unknown)
        clear = part.actions and not part.negated and not part.conflict and self._is_noun(part)
        if clear and len(unknown.split()) <= _LONGEST_STRANGE.get(self._language, 0):
            self._strange.append(unknown)
        if part.actions or not given_up:
            self._reading.whole = False

    def _is_noun(self, part: Part) -> bool:
        """Whether the unknown words stand where a thing does."""
        spans = list(part.spans)
        for span in part.unknown:
            at = spans.index(span)
            before = spans[at - 1] if at else None
            led = before is not None and (before.has(*_BEFORE_NOUN) or before.unknown)
            if not led and "the" not in span.words[0].before:
                return False
        return True

    # -- clauses ---------------------------------------------------------------------------------------------

    def _take(self, part: Part) -> None:
        """Add a piece to the clauses, or keep it for the next one."""
        self._link = self._link or _link(part)
        last = self._clauses[-1] if self._clauses else None
        items, exceptions = self._with_waiting(part)
        if not part.actions and self._denied and not self._clauses and items:
            part.actions, self._denied = list(self._denied), ()
        if last is not None and self._is_exception_of(last, part, items, exceptions):
            return
        if part.actions:
            self._act(part, items, exceptions)
            self._link = ""
        elif items and last is not None and last.actions and not exceptions:
            self._add(last, part, items)
            self._link = ""
        elif part.repeat and not items:
            self._clauses.append(Clause((), [], [], self._link, repeat=True))
        else:
            part.items, part.exceptions = items, exceptions
            self._waiting = part

    def _with_waiting(self, part: Part) -> tuple[list[Item], list[Item]]:
        items, exceptions = list(part.items), list(part.exceptions)
        waiting, self._waiting = self._waiting, None
        topic, self._topic = self._topic, None
        if topic is not None and waiting is None and not any(item.names for item in items):
            items = [*topic.items, *items]
        if waiting is None:
            return items, exceptions
        part.late = part.late or waiting.late
        kept = self._language == "zh" and exceptions and not (items or part.actions or waiting.exceptions)
        if kept and part.joint == "join":
            return [], [*waiting.items, *exceptions]  # 书房和客厅的灯留着
        if self._language == "zh" and waiting.exceptions and any(item.role == "others" for item in items):
            rooms = all(item.role == "room" for item in waiting.items)
            if waiting.items and rooms:  # 大厅留个筒灯，别的灯都关: the others of that room
                return [*waiting.items, *items], [*waiting.exceptions, *exceptions]
        if kept_in := self._excepted_too(part, waiting, items):
            return [*waiting.items, *items[kept_in:]], [
                *waiting.exceptions,
                *_joined(items[:kept_in]),
                *exceptions,
            ]
        goes_on = waiting.items if self._language == "en" else not (waiting.items or part.actions)
        if waiting.exceptions and goes_on and not waiting.late and part.joint == "join" and items:
            exceptions, items = [*_joined(items), *exceptions], []  # "all but the hall and the kitchen"
        return [*waiting.items, *_joined(items)], [*waiting.exceptions, *exceptions]

    def _excepted_too(self, part: Part, waiting: Part, items: Sequence[Item]) -> int:
        """Return how many things behind an "and" are excepted too: 除了客厅和餐厅都灭了."""
        if self._language != "zh" or part.joint != "join" or not (waiting.exceptions and part.actions):
            return 0
        if waiting.late or any(span.has("left_so", "leave") for span in waiting.spans):
            return 0
        names = [item.role in ("room", "thing") for item in items]
        return next((at for at, named in enumerate(names) if not named), len(names))

    def _is_exception_of(self, last: Clause, part: Part, items: list[Item], exceptions: list[Item]) -> bool:
        """Take what is excepted from the clause before; whether there was nothing else."""
        if last.exceptions and items and self._is_kept_so(part):
            last.exceptions += _joined(items)
            return True
        if part.actions:
            return False
        if last.exceptions and part.joint in ("join", "comma") and items:
            last.exceptions += _joined(items)
            return True
        if exceptions and not items:
            last.exceptions += exceptions
            return True
        return False

    def _is_kept_so(self, part: Part) -> bool:
        """Whether "on" only ends what is kept: "… only keep the hall one and the porch on"."""
        if self._language != "en" or part.joint != "join" or part.carried:
            return False
        keeps = next((at for at, span in enumerate(self._reading.spans) if span.has("leave")), None)
        first, last = part.spans[0], part.spans[-1]
        if keeps is None or not last.has("left_so"):
            return False
        before = self._reading.spans[keeps : self._reading.spans.index(first)]
        only = sum(span.has("verbs", "up", "down") for span in part.spans) == 1
        return only and last.has("verbs") and not any(span.has("left_so", "verbs") for span in before)

    def _act(self, part: Part, items: list[Item], exceptions: list[Item]) -> None:
        last, actions = (self._clauses[-1] if self._clauses else None), tuple(part.actions)
        if last is not None and not items and not exceptions:
            if self._link == "correct" or (self._language == "zh" and _says_again(last.actions, actions)):
                self._clauses[-1] = Clause(
                    _carried(last.actions, actions), last.items, last.exceptions, "correct"
                )
            else:
                link = self._link or "also"
                self._clauses.append(Clause(actions, last.items, last.exceptions, link, less=part.less))
            return
        if last is not None and self._link == "correct" and last.items and not exceptions:
            pointing = all(item.role == "reference" and item.value in ("it", "them") for item in items)
            items = list(last.items) if pointing else items  # "open the window, no, close it"
        clause = Clause(actions, items, exceptions, self._link, part.repeat, part.more, less=part.less)
        if last is not None and self._link == "correct":
            self._clauses[-1] = clause
        else:
            self._clauses.append(clause)

    def _add(self, last: Clause, part: Part, items: list[Item]) -> None:
        """Things behind an order: more of them, or other ones."""
        if self._link == "correct":
            last.link = "correct"
            last.instead = [item for item in last.items if item.role in ("thing", "part")]
            last.items[:] = _corrected(last.items, items)
        elif part.joint == "stop" and not all(
            item.role in ("thing", "kind", "room", "here") for item in items
        ):
            self._reading.whole = False
        elif last.items and all(item.role == "reference" for item in last.items):
            last.items[:] = items  # "turn that thing down … the telly"
        else:
            last.items += _joined(items)

    def _leave(self, part: Part) -> None:
        """Things without an order: they go on with the order before, if there is one."""
        if part.carried and not self._link:
            self._reading.whole = False
        else:
            self._clauses.append(Clause((), part.items, part.exceptions, self._link, part.repeat))


def _is_denied(parts: Sequence[Part], at: int) -> bool:
    """Whether a piece is what was not meant: 不是大灯，是灯带."""
    first = at
    while (
        first
        and parts[first - 1].joint == "correct"
        and all(span.has("correct") for span in parts[first - 1].spans)
    ):
        first -= 1
    before = "".join(span.text.replace(" ", "") for part in parts[first:at] for span in part.spans)
    after = parts[at + 1].spans if at + 1 < len(parts) else ()
    return before.endswith(_DENIALS) and bool(after) and after[0].has("correct") and not parts[at].exceptions


def _link(part: Part) -> str:
    if any(span.has("same") for span in part.spans):
        return "same"
    also = part.joint == "join" or any(span.has("also") for span in part.spans)
    return "also" if also else ""


def _joined(items: list[Item]) -> list[Item]:
    """Return the pieces as they are behind an "and"."""
    if not items:
        return items
    first = items[0]
    return [Item(first.span, first.role, first.value, True), *items[1:]]


def _carried(before: tuple[Action, ...], now: tuple[Action, ...]) -> tuple[Action, ...]:
    """Return a bare number as one of the sort before: "set the volume to 20, sorry, 21"."""
    if len(before) == len(now) == 1 and now[0].said is not None and not now[0].dims and before[0].dims:
        return (Action(said=now[0].said, dims=before[0].dims),)
    return now


def _says_again(before: tuple[Action, ...], now: tuple[Action, ...]) -> bool:
    """Whether a bare number stands for the one just said: 调到二十四，二十五度吧."""
    if not len(before) == len(now) == 1 or before[0].said is None or now[0].said is None or now[0].dims:
        return False
    return {before[0].said.wants, now[0].said.wants} <= {Wants.NUMBER, Wants.DEGREES, Wants.PERCENT}


def _corrected(before: list[Item], now: list[Item]) -> list[Item]:
    """Return other things; a room alone stands for the room that was said."""
    kept = [item for item in before if item.role not in ("room", "thing")]
    return [*kept, *now] if kept and all(item.role == "room" for item in now) else now
