"""What a plan's calls come to: skills are called, commands carried out, and each outcome put into words.

Some orders wait: for a yes, for the PIN, for a word that was missing. What is asked stands until it is
answered, something else is said, or its time is up (`dialogue/asking.py` tells which).
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from assistant.dialogue.asking import (
    PATIENCE_S,
    SHORTEST_PIN,
    Asked,
    Confirmation,
    Reading,
    Wanted,
    digits_of,
    is_yes,
    may_hold_pin,
    read,
)
from assistant.failures import Failure, tell, tell_outcomes
from assistant.later import Later
from assistant.marks import Mark, Marks
from assistant.parts import Parts
from assistant.report import A_PIN, TurnReport
from assistant.sentences import sentence
from assistant.understanding.plan import Call, Tier
from devices.commands import Command, Outcome, Result
from devices.policy import Authority, Risk
from skills.api import Answer, SkillError
from skills.questions import also_said
from skills.registry import BadCall, SkillFailed

_log = logging.getLogger(__name__)


class _CallFailedError(Exception):
    """A call that ends in a sentence instead of an answer."""

    def __init__(self, reply: str, failure: Failure) -> None:
        super().__init__(reply)
        self.reply = reply
        self.failure = failure


class Acting:
    """One conversation's calls, and what it has asked back. `room` is where it stands."""

    def __init__(self, parts: Parts, room: str | None) -> None:
        self._parts = parts
        self._room = room
        self._asked: Asked | None = None
        self._later = Later(parts.registry, parts.context, parts.outbox, parts.home)

    @property
    def waits(self) -> bool:
        """Whether something was asked, and is not answered yet."""
        return self._asked is not None

    @property
    def waits_for_pin(self) -> bool:
        """Whether the next words may be a secret."""
        return isinstance(self._asked, Confirmation) and self._asked.risk is Risk.PIN

    async def act(self, report: TurnReport, marks: Marks, by: Authority) -> TurnReport:
        """Run the calls, carry out their commands, and put into words what came of each."""
        outcomes: list[Outcome] = []
        replies: list[str] = []
        questions: list[str] = []  # said last, since the answer follows them
        failure: str | None = None
        for call in report.calls:
            if call.when is not None and not self._later.goes_back(call):
                kept = await self._later.keep(call, report.language, self._room, by)
                failure = failure or kept.failure
                replies.append(kept.reply)
                continue
            try:
                answer = await self._call(call, report.language)
            except _CallFailedError as error:
                failure = error.failure
                replies.append(error.reply)
                continue
            if answer.question is not None:
                until_s = marks.now() + PATIENCE_S
                self._asked = Wanted(call.skill, call.tool, answer.question, report.language, until_s)
                questions.append(self._parts.registry.reply(call.skill, answer.question.say, report.language))
                continue
            risk = self._parts.registry.tools[f"{call.skill}.{call.tool}"].risk
            back = self._later.opposites(answer.commands) if call.when is not None else ()
            came = await self._carry_out(answer.commands, report, marks, replace(by, demanded=risk))
            outcomes += came
            said = self._said(call.skill, answer, report.language)
            asks = self._ask_back(came, said, report.language, marks)
            told = tell_outcomes(came, said, report.language) if answer.commands else said
            (questions if asks else replies).append(told)
            if call.when is not None and not asks:
                replies.append((await self._later.keep_back(call.when, back, report.language, by)).reply)
            await self._later.heard(call.skill, call.tool)
            if self._parts.taught is not None:
                await self._parts.taught.heard(call.skill)
        lines = dict.fromkeys(filter(None, (*replies, *questions)))
        joined = (" " if report.language != "zh" else "").join(lines)
        return replace(report, outcomes=outcomes, reply=joined, failure=failure or _failure_of(outcomes))

    async def _carry_out(
        self, commands: Sequence[Command], report: TurnReport, marks: Marks, by: Authority
    ) -> tuple[Outcome, ...]:
        """One outcome for each command, and for a group one for each member."""
        outbox = self._parts.outbox
        if self._parts.ducking is not None:
            await self._parts.ducking.make_way(commands)
        came = await outbox.carry_out(commands, turn_id=report.turn_id, now=marks.now, by=by)
        _mark_outcomes(marks, came)
        return came

    def _ask_back(self, came: Sequence[Outcome], done: str, language: str, marks: Marks) -> bool:
        """Remember what waits for a yes or the PIN; of several orders in one sentence all of them. Whether
        there is any.
        """
        results = {each.result for each in came}
        if not results & {Result.NEEDS_CONFIRMATION, Result.NEEDS_PIN}:
            return False
        waiting = [each for each in came if each.result in (Result.NEEDS_CONFIRMATION, Result.NEEDS_PIN)]
        before = self._asked if isinstance(self._asked, Confirmation) else None
        commands = (*(before.commands if before else ()), *(each.command for each in waiting))
        pin = Result.NEEDS_PIN in results or (before is not None and before.risk is Risk.PIN)
        risk = Risk.PIN if pin else Risk.CONFIRM
        self._asked = Confirmation(commands, risk, done, language, marks.now() + PATIENCE_S)
        return True

    async def _call(self, call: Call, language: str) -> Answer:
        context = self._parts.context(language, self._room, call.skill)
        registry = self._parts.registry
        try:
            return await registry.call(call.skill, call.tool, call.arguments, context)
        except SkillError as error:
            failure = Failure.SERVICE_AWAY if error.say.key == "offline" else Failure.CANNOT_ANSWER
            raise _CallFailedError(registry.reply(call.skill, error.say, language), failure) from error
        except (SkillFailed, BadCall) as error:
            _log.error("%s", error)
            told = tell(Failure.SKILL_FAILED, language, {"skill": call.skill})
            raise _CallFailedError(told, Failure.SKILL_FAILED) from error

    def _said(self, skill: str, answer: Answer, language: str) -> str:
        return self._parts.registry.reply(skill, answer.say, language) if answer.say is not None else ""

    # -- what was asked back ---------------------------------------------------------------------------------

    async def resume(self, report: TurnReport, marks: Marks, by: Authority) -> TurnReport | None:
        """Take the words as the answer to what was asked; None when they are something else."""
        asked, self._asked = self._asked, None
        now_s = marks.now()
        if asked is None or now_s > asked.until_s:
            return self._stray_pin(report, now_s)
        if isinstance(asked, Wanted):
            registry, question = self._parts.registry, asked.question
            value = registry.answer_to(
                asked.skill, asked.tool, question, report.heard, report.language, self._parts.home
            )
            if value is None:
                return self._stray_pin(report, now_s)
            marks.set(Mark.PLAN)
            also = also_said(registry.tools[f"{asked.skill}.{asked.tool}"], question, value)
            call = Call(asked.skill, asked.tool, {**question.arguments, **also})
            return await self.act(replace(report, calls=(call,), why="the answer to a question"), marks, by)
        reading = read(asked, report.heard, report.language, self._parts.pin, now_s)
        if reading is Reading.OTHER:
            return self._no_pin_yet(report, asked, now_s) if asked.risk is Risk.PIN else None
        marks.set(Mark.PLAN)
        if asked.risk is Risk.PIN and reading is not Reading.NO:
            report = replace(report, heard=A_PIN)  # it is kept out of logs and reports
        if reading is Reading.NO:
            return replace(report, reply=sentence("left_alone", report.language, {}), why="it was declined")
        if reading is Reading.WRONG:
            return self._wrong_pin(report, asked, now_s)
        by = replace(by, granted=asked.risk)
        came = await self._carry_out(asked.commands, report, marks, by)
        reply = tell_outcomes(came, asked.done, report.language)
        return replace(report, outcomes=came, reply=reply, failure=_failure_of(came), why="it was confirmed")

    def _stray_pin(self, report: TurnReport, now_s: float) -> TurnReport | None:
        """Nobody asked, or not any more: what may be the PIN is not thought about, and shown to nobody."""
        pin = self._parts.pin
        if not pin or len(digits_of(report.heard, report.language)) < SHORTEST_PIN:
            return None
        failure = Failure.NEEDS_PIN if pin.locked(now_s) else Failure.NOT_UNDERSTOOD
        told = sentence("pin_locked" if pin.locked(now_s) else failure, report.language, {})
        return replace(report, heard=A_PIN, tier=Tier.NONE, reply=told, failure=failure)

    def _no_pin_yet(self, report: TurnReport, asked: Confirmation, now_s: float) -> TurnReport | None:
        """The PIN was asked for. A bare yes, or digits in a sentence, is not it: ask again; else None."""
        if may_hold_pin(report.heard, report.language):
            report = replace(report, heard=A_PIN)
        elif not is_yes(report.heard, report.language):
            return None
        self._asked = replace(asked, until_s=now_s + PATIENCE_S)
        told = sentence("just_the_pin", report.language, {})
        return replace(report, reply=told, failure=Failure.NEEDS_PIN, why="it was asked for, and not said")

    def _wrong_pin(self, report: TurnReport, asked: Confirmation, now_s: float) -> TurnReport:
        locked = self._parts.pin.locked(now_s)
        if not locked:
            self._asked = replace(asked, until_s=now_s + PATIENCE_S)
        told = sentence("pin_locked" if locked else "wrong_pin", report.language, {})
        return replace(report, reply=told, failure=Failure.NEEDS_PIN, why="it was not the PIN")


def _failure_of(outcomes: Sequence[Outcome]) -> str | None:
    return next((outcome.result.value for outcome in outcomes if not outcome.result.good), None)


def _mark_outcomes(marks: Marks, outcomes: Sequence[Outcome]) -> None:
    published = [outcome.published_s for outcome in outcomes if outcome.published_s is not None]
    confirmed = [outcome.confirmed_s for outcome in outcomes if outcome.confirmed_s is not None]
    if published:
        marks.set(Mark.PUBLISHED, max(published))
    if confirmed and len(confirmed) == len(outcomes):
        marks.set(Mark.CONFIRMED, max(confirmed))
