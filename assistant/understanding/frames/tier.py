"""The frame tier: one sentence, in its home and after what was said before, becomes a plan or nothing."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.understanding.frames.asides import smoothed
from assistant.understanding.frames.asking import asked_in
from assistant.understanding.frames.cues import cued, is_of_other
from assistant.understanding.frames.cutting import cut
from assistant.understanding.frames.frame import Fault, Frame
from assistant.understanding.frames.framing import Framer, frame_of
from assistant.understanding.frames.lacking import with_value, without_value
from assistant.understanding.frames.lexicon import Lexicon, languages, lexicon_of
from assistant.understanding.frames.manner import is_alarm_clock, is_quoted, may_point, points_at_nothing
from assistant.understanding.frames.memory import Memory, Pending, Remembered
from assistant.understanding.frames.needs import need_in, too_in
from assistant.understanding.frames.planning import Planner, later
from assistant.understanding.frames.scene import Around, Choices
from assistant.understanding.frames.sentences import Reading, breaks_off, read
from assistant.understanding.frames.tagging import MOST_WORDS, Word, tagged, words_in
from assistant.understanding.frames.targets import Finder
from assistant.understanding.frames.things import Things
from assistant.understanding.frames.wishes import wish_in
from assistant.understanding.normalise import languages_of
from assistant.understanding.plan import Call, Plan
from assistant.understanding.questions import is_question
from assistant.understanding.when import find, without
from devices.home import Home, Kind
from skills.lazily import Lazily
from skills.times import Cause, When

MOST_CHARACTERS = 400

_DOING = ("verbs", "carry", "not", "undo", "except")
_POINTING = (
    "questions", "verbs", "reference", "not", "wishes", "here", "there", "quantity", "number", "except", "to",
)  # fmt: skip
"""What no name is made of, where nobody says that it is one."""

_NO_ORDER = frozenset(
    {"wishes", "wish_frame", "intensifiers", "degree_words", "adjectives", "presets", "states", "because"}
)
"""Words that may be a name, since no order stands or falls with them: "Toasty"."""

_MUCH_NEEDED = frozenset({"light", "door", "lock", "window", "blind", "curtain", "alarm"})
"""Kinds of which there are several in most homes: none of them can be the name of one thing."""

_A_BIT = frozenset({"一点", "一点儿", "1点", "一点点", "点"})
_TODAY = frozenset({"今天", "今日", "今儿", "今儿个"})
_DEEDS = frozenset({"on", "off", "open", "close", "lock", "clean", "press"})
_ASKS_FOR = re.compile("能|可以|可否|麻烦")
_ASKS = re.compile("是不是|有没有|多少|几|哪|什么|谁|没有|还是|怎么|为什么")
_SIGHS = re.compile("咋|怎么(?!样)|还让不让|让人")  # 这么吵怎么睡
_ONCE = re.compile("[一1等后时就再]")
_TELL_ME = re.compile(
    "(?:叫|喊|提醒|通知|告诉|招呼|知会)(?:我|咱们?|我们|大家|[一1]声)(?:们)?(?:[一1]?声|[一1]下)?(?![家这那的])"
)
"""Who is to be told when is no thing: 洗衣机好了叫我一声 says nothing of 声."""
_CLAUSES = re.compile(r"[，,。.；;！!\s…]+|(?<=[？?])")
_IS_IT_SO = re.compile(
    "是.{0,6}[着了好]的?吧[?？]?$|了(没|没有)[啊呀呢]?$|[着好完上]没有?[啊呀呢]?$|[对是]吧[?？]?$"
)
_CAN = re.compile(
    r"(please )?(can|could|may|should|will|would) (the|my|our|all|both|\w+'s|it|that)\b", re.IGNORECASE
)
_HOW = re.compile(r"\b(be|you|ever|like|at all|still|really)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Language:
    """One language's words, and how they name the home."""

    code: str
    lexicon: Lexicon
    things: Things

    def words(self, text: str) -> tuple[Word, ...]:
        return words_in(text, self.lexicon, self.things)

    def read(self, words: Sequence[Word]) -> Reading:
        return read(tagged(tuple(words), self.lexicon, self.things), self.code)


@dataclass(frozen=True, slots=True)
class Named:
    """What some words name, and nothing else: things, or rooms as a whole. Nobody knows which of the things
    is meant where it is `unclear`; `exact` tells that it was called by its name.
    """

    things: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    unclear: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence, and what goes with it."""

    text: str
    around: Around
    memory: Memory
    planner: Planner
    now: datetime
    whole: bool = True
    """Whether it is all that was said: of a piece, nobody guesses what it hints at."""


class FrameTier:
    """Understands orders about things, however they are put. Pure but for the memory that it is given."""

    def __init__(self, home: Home, now: Callable[[], datetime]) -> None:
        self._home = home
        self._now = now
        self.choices: Choices = {}
        """Which of several things some words were found to mean in a room."""
        self._languages = Lazily(
            languages(), lambda code: _Language(code, lexicon_of(code), Things(lexicon_of(code)))
        )

    def plan(
        self, text: str, language: str, room: str | None, turn_id: str, memory: Memory, *, whole: bool = True
    ) -> Plan | None:
        """Return what the sentence orders; None when it is no order, or not all of it is understood."""
        if len(text) > MOST_CHARACTERS or is_quoted(text) or is_alarm_clock(text):
            return None
        text = smoothed(text, language)
        for code in languages_of(text, language, self._languages):
            spoken = self._languages[code]
            spoken.things.learn(self._home)
            if (words := spoken.words(text)) and len(words) <= MOST_WORDS:
                now = self._now()
                around = self._around(spoken, room or None, memory, now.timestamp())
                planner = Planner(turn_id, code, memory, now.timestamp())
                plan = _planned(spoken, words, _Said(text, around, memory, planner, now, whole))
                if plan is not None:
                    return plan
        return None

    def pieces(self, text: str, language: str) -> tuple[tuple[int, int], ...]:
        """Return where the pieces of a sentence begin and end that may be orders of their own."""
        spoken = self._languages[languages_of(text, language, self._languages)[0]]
        spoken.things.learn(self._home)
        words = spoken.words(text) if len(text) <= MOST_CHARACTERS and not is_quoted(text) else ()
        if not words or len(words) > MOST_WORDS:
            return ()
        pieces = [piece for piece, _joint in cut(tagged(words, spoken.lexicon, spoken.things), spoken.code)]
        return tuple((piece[0].words[0].start, piece[-1].words[-1].end) for piece in pieces)

    def named(self, text: str, language: str, room: str | None, memory: Memory) -> Named | None:
        """Return what words name: "the lamp in the study", "this lamp", "it"; None where it is nothing."""
        for code in languages_of(text, language, self._languages):
            spoken = self._languages[code]
            spoken.things.learn(self._home)
            words = spoken.words(text) if len(text) <= MOST_CHARACTERS else ()
            if not words or len(words) > MOST_WORDS:
                continue
            reading = spoken.read(words)
            clause = reading.clauses[0] if reading.whole and len(reading.clauses) == 1 else None
            if clause is None or clause.actions or clause.exceptions or not clause.items:
                continue
            if not any(item.span.words[-1] is words[-1] for item in clause.items if item.role != "adjective"):
                continue  # there is more than the name
            if all(item.role == "room" for item in clause.items):
                rooms = set().union(*(item.span.entry.rooms for item in clause.items))
                return Named(rooms=tuple(sorted(rooms)), exact=True)
            around = self._around(spoken, room or None, memory, self._now().timestamp())
            found = Finder(around, ()).find(clause.items, ())
            trouble = found.trouble
            if trouble is not None and trouble.fault is Fault.WHICH and trouble.things:
                return Named(trouble.things, unclear=True)
            sole = clause.items[0].span.entry.full if len(clause.items) == 1 else frozenset()
            if things := found.things or tuple(sorted(sole)):
                return Named(things, exact=all(item.role in ("thing", "room") for item in clause.items))
        return None

    def sense(self, text: str, language: str) -> str:
        """Return what words mean already that would be a new name: "number", "taken" (a thing or a room is
        called so), "word" (orders are made of it), or nothing.
        """
        for code in languages_of(text, language, self._languages):
            spoken = self._languages[code]
            spoken.things.learn(self._home)
            words = spoken.words(text)
            phrase = tuple(word.text for word in words)
            entry = spoken.things.phrases.get(phrase)
            if all(word.isdecimal() for word in phrase):
                return "number"
            if entry is not None and (entry.full or entry.rooms):
                return "taken"
            tags = spoken.lexicon.phrases.get(phrase, frozenset())
            if any(
                tag.value in _MUCH_NEEDED if tag.kind == "kinds" else tag.kind not in _NO_ORDER
                for tag in tags
            ):
                return "word"
            spans = tagged(words, spoken.lexicon, spoken.things)
            if not any(span.unknown for span in spans) and any(span.has(*_DOING) for span in spans):
                return "word"
        return ""

    def mentions(self, text: str, language: str) -> bool:
        """Whether words name a thing, a kind of things or a room, whatever else they say."""
        spoken = self._languages[languages_of(text, language, self._languages)[0]]
        spoken.things.learn(self._home)
        spans = tagged(spoken.words(text), spoken.lexicon, spoken.things)
        return any(span.entry.full or span.entry.rooms or span.has("kinds") for span in spans)

    def begins_order(self, text: str, language: str) -> bool:
        """Whether words begin as an order does, with what is to be done."""
        spoken = self._languages[languages_of(text, language, self._languages)[0]]
        spoken.things.learn(self._home)
        spans = tagged(spoken.words(text), spoken.lexicon, spoken.things)
        first = next(
            (span for span in spans if not set(span.tags) <= {"fillers", "glue"} or span.unknown), None
        )
        return first is not None and first.has("verbs", "carry") and first.text not in ("on", "off")

    def is_scene(self, text: str, language: str) -> bool:
        """Whether words name scenes and nothing else."""
        found = self.named(text, language, None, Memory())
        devices = [self._home.get(each) for each in (found.things if found is not None else ())]
        return bool(devices) and all(each is not None and each.kind is Kind.SCENE for each in devices)

    def is_strange(self, text: str, language: str) -> bool:
        """Whether words mean nothing yet, so that a mere "Bertie is the floor lamp" gives a name."""
        spoken = self._languages[languages_of(text, language, self._languages)[0]]
        spoken.things.learn(self._home)
        words = spoken.words(text)
        spans = tagged(words, spoken.lexicon, spoken.things)
        if not spans or any(span.has(*_POINTING) or span.entry.full for span in spans):
            return False
        return not self.sense(text, language) and not any("of" in word.before for word in words)

    def note(self, things: Iterable[str], memory: Memory) -> None:
        """Remember of which things there was talk, in words that somebody else understood."""
        if found := tuple(things):
            memory.note(Remembered((), found, self._now().timestamp(), acted=False))

    def _around(self, spoken: _Language, room: str | None, memory: Memory, now_s: float) -> Around:
        around = Around(self._home, room, spoken.code, spoken.things.words, choices=self.choices)
        last = memory.last(now_s)
        if last is None:
            return around
        return replace(around, last=last.things, group=last.group, following=True)


def _planned(spoken: _Language, words: Sequence[Word], said: _Said) -> Plan | None:
    """Return the plan of a sentence: an answer to what was asked, something for later, a question, a wish, or
    an order.
    """
    reading = spoken.read(words)
    if breaks_off(said.text, reading) or _TELL_ME.search(said.text):
        return None
    pending = said.memory.waiting(said.now.timestamp())
    if pending is not None and (plan := _answered(reading, pending, said)) is not None:
        return plan
    if (plan := _for_later(spoken, reading, said)) is not None:
        return plan
    if _asks_for_news(said.text, reading, spoken.code) and not reading.undo:
        said.memory.pending = pending
        return _asked(spoken, words, reading, said)
    if (further := _asked_further(reading, said)) is not None:
        return said.planner.asked(further, reading)
    if (lacking := without_value(reading, said.around)) is not None:
        return said.planner.lacking(lacking, reading)
    return _wished(spoken, words, reading, said)


def _asked(spoken: _Language, words: Sequence[Word], reading: Reading, said: _Said) -> Plan | None:
    """Return the plan of a question: an answer, or what a sigh put as one wants."""
    call = asked_in(words, spoken.lexicon, spoken.things, said.around)
    if call is not None:
        return said.planner.asked(call, reading)
    sighs = _SIGHS.search(said.text) and need_in(words, spoken.lexicon, spoken.things, said.around)
    return said.planner.ordered([sighs], reading.spans, ()) if sighs else None


def _wished(spoken: _Language, words: Sequence[Word], reading: Reading, said: _Said) -> Plan | None:
    """Return the plan of a complaint, a wish or an order."""
    if (too := _too_much(words, said)) is not None:
        return said.planner.ordered([too], reading.spans, ())
    told = reading.complains and reading.acts  # 太亮了，暗一点: what is to be done was said
    heard = (words, spoken.lexicon, spoken.things, said.around)
    wish = wish_in(*heard) if said.whole and not told else None
    if wish is not None and is_of_other(said.text, wish, said.around.language):
        wish = None
    if wish is None and said.whole and not reading.acts:
        wish = cued(said.text, reading.spans, said.around)
    if wish is not None:
        return said.planner.ordered([wish], reading.spans, ())
    plan = _ordered(reading, said)
    if (plan is None or plan.failure is not None) and not (told or reading.told):
        need = need_in(*heard)
        return said.planner.ordered([need], reading.spans, ()) if need is not None else plan
    return plan


def _too_much(words: Sequence[Word], said: _Said) -> Frame | None:
    """Return the step back that "too loud now" asks for, behind an order."""
    last = said.memory.last_order(said.now.timestamp())
    too = too_in(words, said.around) if last is not None else None
    if last is None or too is None:
        return None
    if len(last.actions) == 1 and "any" in too.actions[0].dims and (dims := last.actions[0].dims - {"any"}):
        return frame_of(said.around.home, (replace(too.actions[0], dims=dims),), too.targets)
    return too


def _asked_further(reading: Reading, said: _Said) -> Call | None:
    """Return the same question of other things: "is Ben's lamp on?", "and Olga's?"."""
    last = said.memory.last(said.now.timestamp())
    if last is None or last.acted or len(reading.clauses) != 1 or not reading.whole:
        return None
    clause = reading.clauses[0]
    names = any(item.role in ("thing", "part", "kind") for item in clause.items)
    if clause.actions or clause.exceptions or not names or (clause.link != "also" and "?" not in said.text):
        return None
    found = Finder(said.around, ()).find(clause.items, ())
    return Call("home", "tell", {"things": list(found.things)}) if found.things else None


def _ordered(reading: Reading, said: _Said) -> Plan | None:
    """Return the plan of a sentence that is an order, by itself or after the one before."""
    last = said.memory.last_order(said.now.timestamp())
    if reading.undo:
        return said.planner.undone(reading) if last is not None else None
    if not reading.whole:
        # What nobody knows is told, if that is all that is strange.
        return said.planner.unknown(reading) if reading.strange else None
    framer = Framer(said.around, last)
    if len(reading.clauses) == 1 and (spared := framer.spared(reading.clauses[0])) is not None:
        return said.planner.ordered([spared], reading.spans, framer.lost)
    frames: list[Frame] = []
    for clause in reading.clauses:
        frame = framer.frame(clause)
        if frame is None:
            return None
        frames.append(frame)
    if any(map(points_at_nothing, frames)) and not may_point(
        said.text, spoken_whole=said.whole, language=said.around.language
    ):
        return None
    first = reading.clauses[0]
    wrong = last is not None and first.link == "correct" and not first.actions and len(reading.clauses) == 1
    return said.planner.ordered(frames, reading.spans, framer.lost, revert=wrong)


def _answered(reading: Reading, pending: Pending, said: _Said) -> Plan | None:
    """Return the plan when the words tell which things were meant."""
    if len(reading.clauses) != 1 or not reading.whole:
        return None
    clause = reading.clauses[0]
    if pending.lacks_value and clause.actions:
        frame = with_value(clause, pending, said.around.home)
        return said.planner.ordered([frame], reading.spans, ()) if frame is not None else None
    if any(action.said or action.sign for action in clause.actions):
        return None
    wanted = frozenset().union(*(action.verbs for action in pending.actions))
    if any(action.verbs and not action.verbs & wanted for action in clause.actions):
        return None  # "close them" is no answer to which are to be opened
    around = replace(said.around, last=pending.things, following=bool(pending.things))
    found = Finder(around, pending.actions, pending.things).find(clause.items, clause.exceptions)
    chosen = tuple(each for each in found.things if each in pending.things or not pending.things)
    if not chosen:
        return None
    if pending.lacks_value:
        return said.planner.lacking(Frame(pending.actions, targets=chosen), reading)
    frame = frame_of(around.home, pending.actions, chosen)
    plan = said.planner.ordered([frame], reading.spans, found.lost)
    if plan is None:
        return None
    plan = later(plan, pending.when)
    return said.planner.chosen(plan, pending, chosen[0], around.room) if len(chosen) == 1 else plan


def _for_later(spoken: _Language, reading: Reading, said: _Said) -> Plan | None:
    """Return the plan of an order that says when; None where it does not, or is no order without that."""
    found = find(said.text, spoken.code, said.now)
    if found is None or not _is_time(found[0], said.text[found[1] : found[2]], reading, spoken.code):
        return None
    when, start, end = found
    text = without(said.text, start, end)
    words = spoken.words(text)
    rest = spoken.read(words) if words else None
    if rest is None or not rest.acts:
        return None
    if is_question(text, spoken.code) and not _is_polite(text, rest, spoken.code):
        return None
    plan = _ordered(rest, said)
    if plan is None:
        return None
    if said.memory.pending is not None:
        said.memory.ask(replace(said.memory.pending, when=when))
        return plan
    return later(plan, when)


def _is_time(when: When, words: str, reading: Reading, language: str) -> bool:
    """Whether words for a time are one: 亮一点 is none, nor is what an order holds as a number."""
    words = words.casefold().strip()
    if language == "zh":
        if words in _TODAY or (when.cause is Cause.CHANGE and "把" in when.thing):
            return False
        if when.cause in (Cause.SUNSET, Cause.SUNRISE) and words.endswith("了"):
            return False  # 天黑了，把窗帘拉上: that is now
        explains = reading.whole and when.cause in (Cause.ARRIVE, Cause.LEAVE)
        explains = explains and not _ONCE.search(words)  # 我快到家了，…
        return words not in _A_BIT and not explains
    if when.sure or not reading.whole:
        return True
    verbs = frozenset().union(*(span.get("verbs") for span in reading.spans))
    return words.startswith("at ") and bool(verbs & _DEEDS)


def _asks_for_news(text: str, reading: Reading, language: str) -> bool:
    """Whether a sentence asks how things are; in Chinese one clause of it is enough: 灯关了吗，他该睡了."""
    clauses = [each for each in _CLAUSES.split(text) if each] if language == "zh" else [text]
    asking = [each for each in clauses if is_question(each, language) or _IS_IT_SO.search(each)]
    if language != "zh" or is_question(text, language):
        asking = [text] if is_question(text, language) else []
    return any(not _is_polite(each, reading, language) for each in asking)


def _is_polite(text: str, reading: Reading, language: str) -> bool:
    """Whether a question is an order: "can the lamp go off?", 还是把灯关了吧."""
    if not reading.acts:
        return False
    if language != "zh":
        return bool(_CAN.match(text.strip())) and not _HOW.search(text)
    if text.startswith("还是") or (_ASKS_FOR.search(text) and not _ASKS.search(text)):
        return True
    return (
        "还是" in text and text[-1] not in "?？吗呢" and not is_question(text.replace("还是", ""), language)
    )
