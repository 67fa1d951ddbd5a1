"""The stage that a case is played on: the assistant's real parts around a house in memory.

Real are the skills, understanding, the conversation with what it asks back, the outbox with its policy, and
the past. Made up are the house, the music player, the weather, and the time: it is always the same evening.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from assistant.dialogue.asking import Pin
from assistant.dialogue.mouth import Mouth
from assistant.later import PLANS
from assistant.marks import Mark, Marks
from assistant.parts import Parts
from assistant.report import TurnReport
from assistant.scheduler import Scheduler
from assistant.turn import Conversation
from assistant.understanding.fast_path import FastPath
from assistant.understanding.normalise import language_of
from assistant.understanding.understanding import Order, Understanding
from benchmarks.mind import promises
from benchmarks.mind.cases import LANGUAGES, Case, Effect, House
from benchmarks.mind.house import HouseInMemory
from benchmarks.mind.record import ASKED_BACK, Happened, RecordingRegistry, services_of, whens_of
from benchmarks.mind.services import Told
from benchmarks.mind.world import SETTINGS, Sky, adapters
from devices.discovery.keeper import Keeper
from devices.history import History
from devices.home import Home
from devices.message import MqttSettings
from devices.mqtt import MqttLink
from devices.outbox import Outbox
from devices.policy import Policy, PolicySettings
from skills.api import Context
from skills.storage import MemoryStore
from speech.clock import Clock
from speech.hearing import Event
from speech.recognition.engine import Transcript
from speech.sound.speaker import SilentSpeaker

if TYPE_CHECKING:
    from assistant.understanding.language_model import LanguageModelPlanner

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=ZoneInfo("Europe/London"))
PIN = "2580"
BETWEEN_TURNS_S = 5.0
KNOWN_FOR_S = 3600.0
"""For so long everything has been as it is when a case begins."""


class _Quiet:
    """Watches nothing."""

    def heard(self, event: Event) -> None:
        pass

    def partial(self, transcript: Transcript) -> None:
        pass

    def report(self, report: TurnReport) -> None:
        pass


Loading = Callable[[], Awaitable["LanguageModelPlanner"]]


class Hears(Protocol):
    """Stands for the ears: what is heard of what is said."""

    async def __call__(self, text: str, stage: "Stage", room: str | None, *, answers: bool) -> Transcript:
        """What is heard in a room when somebody says a text, in answer to a question or not."""
        ...


@dataclass(slots=True)
class Evening:
    """The time: so many seconds after half past six."""

    passed_s: float = 0.0

    def now(self) -> datetime:
        """With its zone."""
        return NOW + timedelta(seconds=self.passed_s)


@dataclass(slots=True)
class Stage:
    """One home, with everything that is the same for all its cases. Made by `open_stage`."""

    house: HouseInMemory
    home: Home
    keeper: Keeper
    link: MqttLink
    registry: RecordingRegistry
    fast_path: FastPath
    understanding: Understanding
    scheduler: Scheduler
    evening: Evening
    web: Sky = field(default_factory=lambda: Sky(NOW))

    async def play(self, case: Case, hears: Hears | None = None) -> Sequence[Happened]:
        """Play a case from its beginning: what came of each turn. Without ears the text itself is heard."""
        self.evening.passed_s = 0.0
        self.house.begin()
        with History(now=lambda: self.evening.now().timestamp()) as history:
            for thing, state in self.house.states().items():
                history.note(thing, dict(state), NOW.timestamp() - KNOWN_FOR_S)
            dialogue = _Dialogue(self, case, history)
            happened: list[Happened] = []
            for number, turn in enumerate(case.turns):
                heard = Transcript(turn.say, language_of(turn.say))
                if hears is not None:
                    asked = bool(happened) and happened[-1].asked
                    heard = await hears(turn.say, self, case.room or None, answers=asked)
                happened.append(await dialogue.say(heard, f"{case.id}.{number}"))
                self.evening.passed_s += BETWEEN_TURNS_S
            return happened

    def thing_called(self, words: str) -> str | None:
        """The id of the one thing that people call so, as when they wait for it."""
        from skills.conditions import things_called

        found = things_called(words, self.home)
        return found[0].id if len(found) == 1 else None

    def word_in(self, text: str) -> Callable[[str], str]:
        """Return what finds the word of a sentence that stands for a value of a list; else the value."""

        def spoken(value: str) -> str:
            lists = self.fast_path.words().values()
            words = [word for values in lists for word in values.get(value, ()) if word in text.casefold()]
            return max(words, key=len, default=value)

        return spoken


class _Dialogue:
    """One case on the stage: a conversation of its own, with what it keeps."""

    def __init__(self, stage: Stage, case: Case, history: History) -> None:
        self._stage = stage
        self._history = history
        self._adapters = adapters()
        self._stores: dict[str, MemoryStore] = {}
        self._waiting: list[Effect] = []  # services that wait for a yes
        policy = Policy(PolicySettings(has_pin=case.has_pin))
        outbox = Outbox(stage.home, stage.link, stage.keeper, self._adapters, policy=policy, history=history)
        parts = Parts(
            recogniser=None,
            lane=stage.scheduler.recognition,
            completeness=stage.fast_path.completeness,
            understanding=stage.understanding,
            registry=stage.registry,
            context=self._context,
            home=stage.home,
            outbox=outbox,
            pin=Pin(PIN if case.has_pin else None),
        )
        mouth = Mouth(None, SilentSpeaker(), stage.scheduler.voice)
        self._conversation = Conversation(parts, mouth, _Quiet(), room=case.room or None)

    def _context(self, language: str, room: str | None, skill: str) -> Context:
        return Context(
            language=language,
            room=room,
            home=self._stage.home,
            web=self._stage.web,
            ask=self._ask,
            settings=SETTINGS.get(skill, {}),
            now=self._stage.evening.now,
            history=self._history,
            store=self._store(skill),
        )

    def _store(self, skill: str) -> MemoryStore:
        return self._stores.setdefault(skill, MemoryStore())

    async def _ask(self, adapter: str, question: str) -> Mapping[str, Any]:
        return await self._adapters[adapter].ask(question)

    async def say(self, heard: Transcript, turn_id: str) -> Happened:
        """Say one thing."""
        text = heard.text
        stage, store = self._stage, self._store(PLANS)
        stage.house.orders = []
        stage.registry.calls.clear()
        before, planned = stage.house.states(), await promises.kept(store)
        clock = Clock()
        marks = Marks(clock, clock.now())
        marks.set(Mark.TRANSCRIPT)
        report = await self._conversation.take(text, heard.language, turn_id, marks)
        calls = tuple(stage.registry.calls)
        told = Told({}, stage.evening.now(), stage.thing_called, stage.word_in(text))
        services, attempted = services_of(calls, report, told)
        services = self._answered_for(services, report)
        kept = await promises.kept(store)
        anew = [entry for key, entry in kept.items() if key not in planned]
        services += await promises.effects(
            anew, whens_of(report), stage.registry, self._context, stage.evening.now()
        )
        return Happened(
            report=report,
            orders=tuple(stage.house.orders),
            services=tuple(services),
            calls=calls,
            asked=report.failure in ASKED_BACK or any(call.asks for call in calls),
            plan_ms=_plan_ms(report),
            before=before,
            attempted=tuple(attempted),
        )

    def _answered_for(self, services: list[Effect], report: TurnReport) -> list[Effect]:
        """What was set going, now that the person answered for it, or not yet."""
        if report.failure in ASKED_BACK:
            self._waiting += services
            return []
        waited, self._waiting = self._waiting, []
        return waited if _answers(report) else services


def _answers(report: TurnReport) -> bool:
    """Whether a turn was the yes to what was asked before."""
    return not report.calls and bool(report.outcomes)


def _plan_ms(report: TurnReport) -> float | None:
    heard, thought = report.timing_ms[Mark.TRANSCRIPT.value], report.timing_ms[Mark.PLAN.value]
    return None if heard is None or thought is None or _answers(report) else thought - heard


@asynccontextmanager
async def open_stage(
    house: House,
    registry: RecordingRegistry,
    scheduler: Scheduler,
    *,
    order: Order = Order.LOCAL_ONLY,
    load_planner: Callable[[FastPath], Loading] | None = None,
) -> AsyncIterator[Stage]:
    """Build a home and learn its names, as the assistant has by the time that somebody speaks."""
    link = MqttLink(MqttSettings())  # never opened: nothing here goes over MQTT
    home = Home(house.rooms)
    bridge = HouseInMemory(house)
    evening = Evening()
    async with Keeper(link, home, (), bridges=(bridge,)) as keeper:
        await bridge.there.wait()
        fast_path = FastPath(registry, home)
        loads = (load_planner or _none_to_load)(fast_path)
        understanding = Understanding(fast_path, loads, order, evening.now)
        if order is not Order.LANGUAGE_MODEL:
            for language in LANGUAGES:  # names are learned with the first sentence of a language
                fast_path.understand("hm", language, None, "warm")
        yield Stage(bridge, home, keeper, link, registry, fast_path, understanding, scheduler, evening)


def _none_to_load(_fast_path: FastPath) -> Loading:
    async def none() -> "LanguageModelPlanner":
        raise AssertionError("the order is local-only: no model is asked")

    return none
