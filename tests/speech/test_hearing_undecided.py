"""The ear asks for a judgement of the sound where the words tell nothing."""

import numpy as np
import pytest

from speech.audio import RATE_HZ, Samples
from speech.end_of_turn import EndOfTurnSettings, Wholeness
from speech.hearing import Ear, EarSettings, Ended, Event, Paused, Undecided
from tests.fakes import LoudnessActivity, chunks, sound


def hear(
    samples: Samples, wholeness: Wholeness | None, finished: float | None, *, ask_ms: int | None = 200
) -> list[Event]:
    settings = EndOfTurnSettings(unheard_ms=1_100, ask_ms=ask_ms)
    ear = Ear(LoudnessActivity(), None, EarSettings(addressed=True), settings)
    events: list[Event] = []
    for chunk in chunks(samples):
        for event in ear.hear(chunk):
            events.append(event)
            if isinstance(event, Paused) and wholeness is not None:
                ear.judge(event.said, wholeness)
            if isinstance(event, Undecided) and finished is not None:
                ear.judge_sound(event.said, finished)
    return events


def waits(events: list[Event]) -> list[float]:
    return [
        event.utterance.endpoint_s - event.utterance.speech_end_s
        for event in events
        if isinstance(event, Ended)
    ]


ORDER = sound(("voice", 1.0), ("quiet", 2.0))


@pytest.mark.parametrize(
    ("wholeness", "finished", "wait_s"),
    [
        (Wholeness.UNKNOWN, 0.99, 0.64),
        (Wholeness.UNKNOWN, 0.05, 1.2),
        (Wholeness.UNKNOWN, None, 1.2),  # the judge does not answer
        (Wholeness.MAY_GO_ON, 0.99, 0.64),
        (Wholeness.MAY_GO_ON, 0.05, 1.2),
        (Wholeness.WHOLE, 0.05, 0.2),
        (Wholeness.OPEN, 0.99, 1.2),
        (None, 0.99, 1.1),  # the words never come
    ],
)
def test_the_sound_decides_only_where_the_words_do_not(
    wholeness: Wholeness | None, finished: float | None, wait_s: float
) -> None:
    assert waits(hear(ORDER, wholeness, finished)) == pytest.approx([wait_s], abs=0.04)


@pytest.mark.parametrize("wholeness", [Wholeness.WHOLE, Wholeness.OPEN, None])
def test_nobody_is_asked_where_the_words_decide_or_are_not_there(wholeness: Wholeness | None) -> None:
    assert not any(isinstance(event, Undecided) for event in hear(ORDER, wholeness, None))


def test_without_anybody_to_ask_an_unknown_order_waits_as_ever() -> None:
    events = hear(ORDER, Wholeness.UNKNOWN, 0.99, ask_ms=None)
    assert not any(isinstance(event, Undecided) for event in events)
    assert waits(events) == pytest.approx([0.9], abs=0.04)


def test_each_pause_is_asked_about_once_and_its_quiet_is_heard() -> None:
    samples = sound(("voice", 0.8), ("quiet", 0.7), ("voice", 0.8), ("quiet", 0.7), ("voice", 0.5))
    asked = [event for event in hear(samples, Wholeness.UNKNOWN, 0.05) if isinstance(event, Undecided)]
    assert len(asked) == 2
    quiet = asked[0].samples[-int(0.18 * RATE_HZ) :]
    assert np.abs(quiet).mean() < 500


def test_a_person_who_goes_on_makes_the_judgement_void() -> None:
    samples = sound(("voice", 0.8), ("quiet", 0.25), ("voice", 0.8), ("quiet", 2.0))
    settings = EndOfTurnSettings(ask_ms=200)
    ear = Ear(LoudnessActivity(), None, EarSettings(addressed=True), settings)
    paused = 0
    ended: list[Ended] = []
    for chunk in chunks(samples):
        for event in ear.hear(chunk):
            if isinstance(event, Paused):
                paused += 1
                ear.judge(event.said, Wholeness.UNKNOWN)
            if isinstance(event, Undecided) and paused == 1:
                ear.judge_sound(event.said, 0.99)
            if isinstance(event, Ended):
                ended.append(event)
    assert paused == 2
    assert waits(list(ended)) == pytest.approx([1.2], abs=0.04)
