"""The frame tier: one sentence, in its home and after what was said before, becomes a plan or nothing."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assistant.understanding.frames.asking import asked_in
from assistant.understanding.frames.cues import cued
from assistant.understanding.frames.cutting import cut
from assistant.understanding.frames.frame import Frame
from assistant.understanding.frames.framing import Framer, frame_of
from assistant.understanding.frames.lacking import with_value, without_value
from assistant.understanding.frames.lexicon import Lexicon, languages, lexicon_of
from assistant.understanding.frames.memory import Memory, Pending, Remembered
from assistant.understanding.frames.planning import Planner, later
from assistant.understanding.frames.scene import Around
from assistant.understanding.frames.sentences import Reading, breaks_off, read
from assistant.understanding.frames.tagging import MOST_WORDS, Word, tagged, words_in
from assistant.understanding.frames.targets import Finder
from assistant.understanding.frames.things import Things
from assistant.understanding.frames.wishes import wish_in
from assistant.understanding.normalise import languages_of
from assistant.understanding.plan import Call, Plan
from assistant.understanding.questions import is_question
from assistant.understanding.when import find, without
from devices.home import Home
from skills.times import Cause, When

MOST_CHARACTERS = 400

_A_BIT = frozenset({"一点", "一点儿", "1点", "一点点", "点"})
_DEEDS = frozenset({"on", "off", "open", "close", "lock", "clean", "press"})
_ASKS_FOR = re.compile("能|可以|可否|麻烦")
_ASKS = re.compile("是不是|有没有|多少|几|哪|什么|谁|没有|还是|怎么|为什么")
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
        self._languages: Mapping[str, _Language] = {
            code: _Language(code, lexicon_of(code), Things(lexicon_of(code))) for code in languages()
        }

    def plan(
        self, text: str, language: str, room: str | None, turn_id: str, memory: Memory, *, whole: bool = True
    ) -> Plan | None:
        """Return what the sentence orders; None when it is no order, or not all of it is understood."""
        if len(text) > MOST_CHARACTERS:
            return None
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
        words = spoken.words(text) if len(text) <= MOST_CHARACTERS else ()
        if not words or len(words) > MOST_WORDS:
            return ()
        pieces = [piece for piece, _joint in cut(tagged(words, spoken.lexicon, spoken.things), spoken.code)]
        return tuple((piece[0].words[0].start, piece[-1].words[-1].end) for piece in pieces)

    def goes_on(self, plan: Plan, memory: Memory) -> bool:
        """Whether a plan orders the very things that the order before did."""
        last = memory.last(self._now().timestamp())
        meant = {each for call in plan.calls for each in call.arguments.get("things", ())}
        return last is not None and bool(meant) and meant == set(last.things)

    def note(self, things: Iterable[str], memory: Memory) -> None:
        """Remember of which things there was talk, in words that somebody else understood."""
        if found := tuple(things):
            memory.note(Remembered((), found, self._now().timestamp(), acted=False))

    def _around(self, spoken: _Language, room: str | None, memory: Memory, now_s: float) -> Around:
        around = Around(self._home, room, spoken.code, spoken.things.words)
        last = memory.last(now_s)
        if last is None:
            return around
        return replace(around, last=last.things, group=last.group, following=True)


def _planned(spoken: _Language, words: Sequence[Word], said: _Said) -> Plan | None:
    """Return the plan of a sentence: an answer to what was asked, something for later, a question, a wish, or
    an order.
    """
    reading = spoken.read(words)
    if breaks_off(said.text, reading):
        return None
    pending = said.memory.waiting(said.now.timestamp())
    if pending is not None and (plan := _answered(reading, pending, said)) is not None:
        return plan
    if (plan := _for_later(spoken, reading, said)) is not None:
        return plan
    asks = is_question(said.text, spoken.code) and not _is_polite(said.text, reading, spoken.code)
    if asks and not reading.undo:
        said.memory.pending = pending
        call = asked_in(words, spoken.lexicon, spoken.things, said.around)
        return said.planner.asked(call, reading) if call is not None else None
    if (further := _asked_further(reading, said)) is not None:
        return said.planner.asked(further, reading)
    if (lacking := without_value(reading, said.around)) is not None:
        return said.planner.lacking(lacking, reading)
    wish = wish_in(words, spoken.lexicon, spoken.things, said.around) if said.whole else None
    if wish is None and said.whole and not reading.acts:
        wish = cued(said.text, reading.spans, said.around)
    if wish is not None:
        return said.planner.ordered([wish], reading.spans, ())
    return _ordered(reading, said)


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
    frames: list[Frame] = []
    for clause in reading.clauses:
        frame = framer.frame(clause)
        if frame is None:
            return None
        frames.append(frame)
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
    around = replace(said.around, last=pending.things, following=bool(pending.things))
    found = Finder(around, pending.actions, pending.things).find(clause.items, clause.exceptions)
    chosen = tuple(each for each in found.things if each in pending.things or not pending.things)
    if not chosen:
        return None
    if pending.lacks_value:
        return said.planner.lacking(Frame(pending.actions, targets=chosen), reading)
    frame = frame_of(around.home, pending.actions, chosen)
    plan = said.planner.ordered([frame], reading.spans, found.lost)
    return later(plan, pending.when) if plan is not None else None


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
        explains = reading.whole and when.cause in (Cause.ARRIVE, Cause.LEAVE)  # 我快到家了，…
        return words not in _A_BIT and not explains
    if when.sure or not reading.whole:
        return True
    verbs = frozenset().union(*(span.get("verbs") for span in reading.spans))
    return words.startswith("at ") and bool(verbs & _DEEDS)


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
