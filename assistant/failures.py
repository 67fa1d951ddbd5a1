"""Everything that can go wrong in a turn, and what the person is told.

    a turn fails
    |- before there are words
    |  |- NOTHING_HEARD          addressed, but nobody spoke, or it was no speech
    |  `- CANNOT_HEAR            the recogniser is missing or failed
    |- before there is a plan
    |  |- NOT_UNDERSTOOD         words, but no meaning that we may act on
    |  |- NO_LANGUAGE_MODEL      it takes the language model, and there is none
    |  |- LANGUAGE_MODEL_FAILED  it broke off
    |  `- STILL_THINKING         it took too long
    |- in a skill
    |  |- SKILL_FAILED           a fault of the skill
    |  |- SERVICE_AWAY           the world, or an adapter, did not answer the skill
    |  `- CANNOT_ANSWER          the skill says in its own words why not
    `- at the devices            (one for each bad `devices.commands.Result`)
       |- NO_BROKER, OFFLINE, NO_ANSWER, REFUSED, UNKNOWN_DEVICE, CANNOT
       |- NEEDS_CONFIRMATION, NEEDS_PIN   asked back; the order waits for the answer
       |- NOT_ALLOWED                     not from here, or not by voice at all
       `- UNVERIFIED             sent, and nobody can say more

The sentences are a skill's own where it is the skill that cannot; all others are in
`assistant/sentences/<language>.toml`, under the code's name.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from assistant.sentences import sentence
from devices.commands import AdapterCommand, DeviceCommand, Outcome, Result
from devices.home import Ability
from devices.vehicles import WHILE_PARKED


class Failure(StrEnum):
    """A code for each leaf of the tree above; stable in `--json`."""

    NOTHING_HEARD = "nothing_heard"
    CANNOT_HEAR = "cannot_hear"
    NOT_UNDERSTOOD = "not_understood"
    NO_LANGUAGE_MODEL = "no_language_model"
    LANGUAGE_MODEL_FAILED = "language_model_failed"
    STILL_THINKING = "still_thinking"
    SKILL_FAILED = "skill_failed"
    SERVICE_AWAY = "service_away"
    CANNOT_ANSWER = "cannot_answer"
    NO_BROKER = "no_broker"
    OFFLINE = "offline"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    UNKNOWN_DEVICE = "unknown_device"
    CANNOT = "cannot"
    UNVERIFIED = "unverified"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NEEDS_PIN = "needs_pin"
    NOT_ALLOWED = "not_allowed"


_ASKED_BACK = (Result.NEEDS_CONFIRMATION, Result.NEEDS_PIN)


def tell(failure: str, language: str, values: Mapping[str, Any] | None = None) -> str:
    """Return what the assistant says about a failure."""
    return sentence(failure, language, values or {})


def tell_outcomes(outcomes: Sequence[Outcome], done: str, language: str) -> str:
    """Return what is said once commands were carried out; `done` is the skill's own word for success.

    It is said only of devices that said so themselves. What still moves and what went wrong is named, one
    sentence a kind.
    """
    finished = [each for each in outcomes if each.result.good and each.result is not Result.IN_PROGRESS]
    rest: dict[str, list[str]] = {}
    for outcome in sorted(outcomes, key=lambda each: each.result in _ASKED_BACK):  # a question comes last
        if outcome not in finished:
            rest.setdefault(_key(outcome), []).append(_name(outcome, language))
    told = [sentence(key, language, {"names": names_of(names, language)}) for key, names in rest.items()]
    if finished and rest:
        names = [_name(outcome, language) for outcome in finished]
        told.insert(0, sentence("partly", language, {"names": names_of(names, language)}))
    elif finished:
        told.insert(0, done)
    return " ".join(told) if language != "zh" else "".join(told)


def _key(outcome: Outcome) -> str:
    """The sentence for an outcome. What moves, and what takes a yes, is told by what is or would be done."""
    if outcome.result is Result.CANNOT and outcome.detail == WHILE_PARKED:
        return "cannot_driving"
    if outcome.result not in (*_ASKED_BACK, Result.IN_PROGRESS):
        return str(outcome.result)
    match outcome.command:
        case DeviceCommand(ability=Ability.LOCKED, value=locked):
            verb = "lock" if locked else "unlock"
        case DeviceCommand(ability=Ability.OPEN, value=opened):
            verb = "open" if opened else "close"
        case DeviceCommand(ability=Ability.POSITION) if outcome.result is not Result.IN_PROGRESS:
            verb = "open"
        case DeviceCommand(ability=Ability.ARMED, value="disarmed"):
            verb = "disarm"
        case _:
            return str(outcome.result)
    return f"{outcome.result}_{verb}"


def _name(outcome: Outcome, language: str) -> str:
    """A device has a name of its own; an adapter is called what people call it."""
    if isinstance(outcome.command, AdapterCommand):
        return sentence(f"adapter_{outcome.name}", language, {}, default=outcome.name)
    return outcome.name


def names_of(names: Sequence[str], language: str) -> str:
    """Join names as people say them; more than four are counted instead."""
    unique = list(dict.fromkeys(names))
    if len(unique) > 4:
        return sentence("so_many", language, {"count": len(unique)})
    if language == "zh":
        return "、".join(unique)
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"
