"""What is said when something went wrong: named, honest, in the speaker's language."""

import tomllib
from pathlib import Path

import pytest

import assistant.sentences
from assistant.failures import Failure, names_of, tell, tell_outcomes
from assistant.sentences import languages, sentence
from devices.commands import AdapterCommand, DeviceCommand, Outcome, Result
from devices.home import Ability, Value

FOLDER = Path(assistant.sentences.__file__).parent


def outcome(name: str, result: Result) -> Outcome:
    return Outcome(DeviceCommand(name, Ability.ON, True), result, name)


def test_success_is_said_only_when_every_device_said_so() -> None:
    done = tell_outcomes(
        [outcome("A", Result.DONE), outcome("B", Result.ALREADY)], "The lights are on.", "en"
    )
    assert done == "The lights are on."


def test_a_half_success_names_both_halves() -> None:
    said = tell_outcomes([outcome("A", Result.DONE), outcome("B", Result.NO_ANSWER)], "Lights on.", "en")
    assert "Lights on." not in said
    assert "A" in said
    assert "B didn't answer" in said


@pytest.mark.parametrize("result", [result for result in Result if not result.good])
@pytest.mark.parametrize("language", languages())
def test_every_bad_outcome_has_a_sentence_in_every_language(result: Result, language: str) -> None:
    said = tell_outcomes([outcome("灯", result)], "done", language)
    assert "灯" in said
    assert "done" not in said


@pytest.mark.parametrize("failure", [each for each in Failure if each is not Failure.CANNOT_ANSWER])
@pytest.mark.parametrize("language", languages())
def test_every_failure_has_a_sentence_in_every_language(failure: Failure, language: str) -> None:
    assert tell(failure, language, {"skill": "x", "service": "y", "names": "z"})


def test_the_languages_have_the_same_sentences() -> None:
    keys = {
        language: set(tomllib.loads((FOLDER / f"{language}.toml").read_text())) for language in languages()
    }
    assert all(each == keys["en"] for each in keys.values()), keys


def test_an_adapter_is_called_what_people_call_it() -> None:
    away = Outcome(AdapterCommand("mpd", "play"), Result.OFFLINE, "mpd")
    assert tell_outcomes([away], "Playing.", "en") == "The music player is offline."


def test_a_hostile_name_is_read_out_and_nothing_else() -> None:
    said = tell_outcomes([outcome("{names} {0.__class__} %s", Result.OFFLINE)], "done", "en")
    assert said == "{names} {0.__class__} %s is offline."


def test_names_are_joined_as_people_do_and_many_are_counted() -> None:
    assert names_of(["A"], "en") == "A"
    assert names_of(["A", "B", "C"], "en") == "A, B and C"
    assert names_of(["甲", "乙"], "zh") == "甲、乙"
    assert names_of(list("ABCDE"), "en") == "5 devices"


def test_an_unknown_key_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        sentence("no_such_sentence", "en", {})


@pytest.mark.parametrize(
    ("ability", "value", "result", "said"),
    [
        (Ability.LOCKED, False, Result.IN_PROGRESS, "Unlocking Thing."),
        (Ability.LOCKED, True, Result.IN_PROGRESS, "Locking Thing."),
        (Ability.OPEN, True, Result.IN_PROGRESS, "Opening Thing."),
        (Ability.OPEN, False, Result.IN_PROGRESS, "Closing Thing."),
        (Ability.POSITION, 40, Result.IN_PROGRESS, "Thing is on its way."),
        (Ability.CLEANING, "docked", Result.IN_PROGRESS, "Thing is on its way."),
        (Ability.LOCKED, False, Result.NEEDS_CONFIRMATION, "Shall I unlock Thing?"),
        (Ability.POSITION, 40, Result.NEEDS_PIN, "To open Thing I need the PIN."),
        (Ability.ARMED, "disarmed", Result.NEEDS_PIN, "To disarm Thing I need the PIN."),
        (Ability.ON, True, Result.NEEDS_CONFIRMATION, "Shall I really do that: Thing?"),
    ],
)
def test_what_moves_or_takes_a_yes_is_told_by_what_is_done(
    ability: Ability, value: Value, result: Result, said: str
) -> None:
    outcome = Outcome(DeviceCommand("x", ability, value), result, "Thing")
    assert tell_outcomes([outcome], "Done.", "en") == said


def test_a_question_comes_behind_what_was_done() -> None:
    lamp = Outcome(DeviceCommand("a", Ability.ON, True), Result.DONE, "Lamp")
    door = Outcome(DeviceCommand("b", Ability.LOCKED, False), Result.NEEDS_CONFIRMATION, "Door")
    away = Outcome(DeviceCommand("c", Ability.ON, True), Result.OFFLINE, "Fan")
    told = tell_outcomes([door, away, lamp], "Done.", "en")
    assert told == "Done for Lamp. Fan is offline. Shall I unlock Door?"
