"""The ear: utterances cut from a stream, and what it says early."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.audio import RATE_HZ, AudioChunk, Samples
from speech.end_of_turn import EndOfTurnSettings, Wholeness
from speech.hearing import (
    Ear,
    EarSettings,
    Ended,
    Event,
    GaveUp,
    GoesOn,
    Heard,
    Hearing,
    IllegalMoveError,
    Paused,
    Resumed,
    SpeechStarted,
    Woke,
)
from tests.fakes import LoudnessActivity, WordAt, chunks, sound


def make_ear(*, addressed: bool = True, wake: WordAt | None = None) -> Ear:
    return Ear(LoudnessActivity(), wake, EarSettings(addressed=addressed), EndOfTurnSettings())


def hear(ear: Ear, samples: Samples, *, piece: int = 320, judge: Wholeness | None = None) -> list[Event]:
    events: list[Event] = []
    for chunk in chunks(samples, piece=piece):
        for event in ear.hear(chunk):
            events.append(event)
            if judge is not None and isinstance(event, Paused):
                ear.judge(event.said, judge)
    return events


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_an_order_is_one_utterance_with_a_first_look_at_its_pause() -> None:
    events = hear(make_ear(), sound(("quiet", 0.5), ("voice", 1.2), ("quiet", 1.0)))
    assert names(events) == ["SpeechStarted", "Paused", "Ended"]
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.utterance.seconds == pytest.approx(1.2 + 0.32 + 0.16, abs=0.1)
    assert ended.utterance.speech_end_s == pytest.approx(1.7, abs=0.04)


@pytest.mark.parametrize(
    ("wholeness", "wait_s"),
    [(Wholeness.WHOLE, 0.2), (Wholeness.MAY_GO_ON, 0.65), (Wholeness.UNKNOWN, 0.9), (Wholeness.OPEN, 1.2)],
)
def test_a_whole_order_ends_sooner_than_an_open_one(wholeness: Wholeness, wait_s: float) -> None:
    events = hear(make_ear(), sound(("voice", 1.0), ("quiet", 2.0)), judge=wholeness)
    ended = next(event for event in events if isinstance(event, Ended))
    assert ended.utterance.endpoint_s - ended.utterance.speech_end_s == pytest.approx(wait_s, abs=0.04)


def test_a_second_of_thinking_inside_an_open_order_does_not_end_it() -> None:
    samples = sound(("voice", 0.8), ("quiet", 1.0), ("voice", 0.8), ("quiet", 2.0))
    events = hear(make_ear(), samples, judge=Wholeness.OPEN)
    assert names(events) == ["SpeechStarted", "Paused", "Resumed", "Paused", "Ended"]


def test_a_verdict_on_an_older_pause_is_void_once_the_person_went_on() -> None:
    ear = make_ear()
    paused = [
        event for event in hear(ear, sound(("voice", 0.8), ("quiet", 0.2))) if isinstance(event, Paused)
    ]
    gap = sound(("voice", 0.8), ("quiet", 0.2), ("voice", 0.5))[RATE_HZ:]
    more = [
        event
        for start in range(0, len(gap), 320)
        for event in ear.hear(AudioChunk("test", RATE_HZ + start, gap[start : start + 320], 1.0))
    ]
    assert isinstance(more[0], Resumed)
    ear.judge(paused[0].said, Wholeness.WHOLE)
    assert ear.state is Hearing.SPEECH


def test_a_verdict_on_an_older_pause_says_nothing_of_the_next() -> None:
    """The first pause's words come back while the second lasts: they are not all that was said."""
    ear = make_ear()
    samples = sound(("voice", 0.8), ("quiet", 0.2), ("voice", 0.8), ("quiet", 0.4))
    paused: list[Paused] = []
    events: list[Event] = []
    for chunk in chunks(samples):
        for event in ear.hear(chunk):
            events.append(event)
            if isinstance(event, Paused):
                paused.append(event)
                ear.judge(paused[0].said, Wholeness.WHOLE)
    assert [pause.said.end_sample for pause in paused] == sorted({pause.said.end_sample for pause in paused})
    assert len(paused) == 2
    assert not any(isinstance(event, Ended) for event in events)


def test_a_turn_is_the_stretch_that_its_last_pause_was() -> None:
    events = hear(make_ear(), sound(("voice", 0.8), ("quiet", 0.3), ("voice", 0.8), ("quiet", 2.0)))
    first, last = (event.said for event in events if isinstance(event, Paused))
    ended = next(event for event in events if isinstance(event, Ended))
    assert ended.said == last
    assert ended.said != first


def test_before_the_words_are_there_the_turn_does_not_end() -> None:
    settings = EndOfTurnSettings(unheard_ms=None, longest_s=25.0)
    ear = Ear(LoudnessActivity(), None, EarSettings(addressed=True), settings)
    events = hear(ear, sound(("voice", 1.0), ("quiet", 8.0)))
    assert names(events) == ["SpeechStarted", "Paused"]
    (paused,) = (event for event in events if isinstance(event, Paused))
    ear.judge(paused.said, Wholeness.UNKNOWN)
    more = sound(("quiet", 0.1))
    late = AudioChunk("test", 9 * RATE_HZ, more, 9.1)
    assert names(list(ear.hear(late))) == ["Ended"]


@pytest.mark.parametrize(("thought_s", "wait_s"), [(0.15, 1.2), (0.5, 1.8)])
def test_whoever_stopped_to_think_once_is_given_more_time(thought_s: float, wait_s: float) -> None:
    samples = sound(
        ("voice", 0.8), ("quiet", thought_s), ("voice", 0.8), ("quiet", 3.0), ("voice", 0.8), ("quiet", 3.0)
    )
    events = hear(make_ear(), samples, judge=Wholeness.OPEN)
    first, second = (
        event.utterance.endpoint_s - event.utterance.speech_end_s
        for event in events
        if isinstance(event, Ended)
    )
    assert first == pytest.approx(wait_s, abs=0.04)
    assert second == pytest.approx(1.2, abs=0.04)  # the next turn begins with a clean sheet


class FadingActivity(LoudnessActivity):
    """Falls as slowly as Silero does: half as loud is half as sure."""

    def probability(self, block: Samples) -> float:
        return min(1.0, float(np.abs(block).mean()) / 3_000)


def test_what_fades_away_is_over_before_the_detector_says_so() -> None:
    voice = sound(("voice", 1.0))
    fading = (sound(("voice", 0.3)) * 0.6).astype(
        np.int16
    )  # 0.64 sure: above the onset's bound, below the other
    samples = np.concatenate([voice, fading, sound(("quiet", 2.0))])
    ear = Ear(FadingActivity(), None, EarSettings(addressed=True), EndOfTurnSettings())
    events = hear(ear, samples, judge=Wholeness.WHOLE)
    ended = next(event for event in events if isinstance(event, Ended))
    assert ended.utterance.speech_end_s == pytest.approx(1.0, abs=0.05)


def test_somebody_who_speaks_on_is_looked_at_while_speaking() -> None:
    events = hear(make_ear(), sound(("voice", 5.0)))
    assert names(events) == ["SpeechStarted", "GoesOn", "GoesOn"]
    assert isinstance(events[1], GoesOn)


def test_who_speaks_over_an_answer_is_heard_the_sooner() -> None:
    word = sound(("quiet", 0.5), ("voice", 0.03), ("quiet", 1.0))
    over, after = make_ear(), make_ear()
    for ear in (over, after):
        ear.attend(600, over_answer=True)
    after.attend(600)
    assert isinstance(hear(over, word)[0], SpeechStarted)
    assert hear(after, word) == [], "only while the answer lasts"


def test_a_click_is_no_speech() -> None:
    assert hear(make_ear(), sound(("quiet", 0.5), ("voice", 0.03), ("quiet", 1.0))) == []


def test_without_a_wake_word_nothing_is_heard() -> None:
    ear = make_ear(addressed=False, wake=WordAt())
    assert hear(ear, sound(("voice", 3.0), ("quiet", 1.0))) == []


class CountingActivity(LoudnessActivity):
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def probability(self, block: Samples) -> float:
        self.asked += 1
        return super().probability(block)


def test_while_nobody_is_addressed_voice_activity_rests() -> None:
    activity = CountingActivity()
    ear = Ear(activity, WordAt(), EarSettings(), EndOfTurnSettings())
    hear(ear, sound(("voice", 3.0)))
    assert activity.asked == 0


def test_who_speaks_already_when_a_window_opens_is_heard_from_before_it() -> None:
    ear = make_ear(addressed=False, wake=WordAt())
    pieces = list(chunks(sound(("voice", 2.0), ("quiet", 1.0))))
    for chunk in pieces[:50]:
        assert list(ear.hear(chunk)) == []
    ear.attend(8.0)
    events = [event for chunk in pieces[50:] for event in ear.hear(chunk)]
    assert names(events) == ["SpeechStarted", "Paused", "Ended"]
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.utterance.start_sample <= 50 * 320 - int(0.25 * RATE_HZ)


def test_the_wake_word_does_not_reach_the_utterance() -> None:
    samples = sound(("voice", 0.8), ("quiet", 0.3), ("voice", 1.0), ("quiet", 1.0))
    events = hear(make_ear(addressed=False, wake=WordAt(int(0.85 * RATE_HZ))), samples)
    assert names(events) == ["Woke", "SpeechStarted", "Paused", "Ended"]
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.utterance.start_sample >= int(0.75 * RATE_HZ)


def test_an_order_without_a_pause_behind_the_wake_word_is_not_clipped() -> None:
    samples = sound(("voice", 2.0), ("quiet", 1.0))
    events = hear(make_ear(addressed=False, wake=WordAt(int(0.8 * RATE_HZ))), samples)
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.utterance.start_sample <= int(0.8 * RATE_HZ)


def test_the_tail_of_the_wake_word_is_not_taken_for_an_order() -> None:
    samples = sound(("voice", 0.9), ("quiet", 1.5), ("voice", 1.0), ("quiet", 1.0))
    events = hear(make_ear(addressed=False, wake=WordAt(int(0.8 * RATE_HZ))), samples)
    assert names(events) == ["Woke", "SpeechStarted", "Paused", "Ended"]
    assert isinstance(events[1], SpeechStarted)


def test_who_was_called_and_hears_nothing_gives_up() -> None:
    events = hear(make_ear(addressed=False, wake=WordAt(8_000)), sound(("quiet", 8.0)))
    assert [type(event) for event in events] == [Woke, GaveUp]


def test_an_utterance_has_a_longest_length() -> None:
    ear = Ear(LoudnessActivity(), None, EarSettings(addressed=True), EndOfTurnSettings(longest_s=3.0))
    ended = [event for event in hear(ear, sound(("voice", 7.0))) if isinstance(event, Ended)]
    assert len(ended) == 2
    assert ended[0].utterance.seconds <= 3.1


def test_a_gap_in_the_stream_is_survived() -> None:
    ear = make_ear()
    hear(ear, sound(("voice", 0.5)))
    late = sound(("quiet", 2.0))
    events = [
        event
        for start in range(0, len(late), 320)
        for event in ear.hear(AudioChunk("test", 80_000 + start, late[start : start + 320], 6.0))
    ]
    assert "Ended" in names(events)


def test_an_impossible_move_is_refused() -> None:
    ear = make_ear(addressed=False)
    with pytest.raises(IllegalMoveError):
        ear._move(Heard.END_OF_TURN)


@settings(max_examples=30, deadline=None)
@given(
    stretches=st.lists(
        st.tuples(st.sampled_from(["voice", "quiet"]), st.floats(0.05, 1.5)), min_size=1, max_size=6
    ),
    piece=st.integers(160, 1_280),
)
def test_the_cut_does_not_depend_on_the_chunks(stretches: list[tuple[str, float]], piece: int) -> None:
    samples = sound(*stretches, ("quiet", 2.0))

    def utterances(piece: int) -> list[tuple[int, int]]:
        return [
            (event.utterance.start_sample, len(event.utterance.samples))
            for event in hear(make_ear(), samples, piece=piece)
            if isinstance(event, Ended)
        ]

    assert utterances(piece) == utterances(320)


def test_chunks_are_checked_when_made() -> None:
    with pytest.raises(ValueError, match="mono int16"):
        AudioChunk("test", 0, np.zeros(10, np.float32), 0.0)  # type: ignore[arg-type]


def test_the_detectors_are_shown_their_own_sound_and_the_utterance_is_the_other() -> None:
    heard = sound(("quiet", 0.5), ("voice", 1.2), ("quiet", 1.0))
    ear = make_ear()
    events: list[Event] = []
    for chunk in chunks(heard, piece=333):
        both = AudioChunk(
            chunk.stream_id, chunk.start_sample, chunk.samples // 100, chunk.arrived_s, chunk.samples
        )
        events += ear.hear(both)
    ended = events[-1]
    assert isinstance(ended, Ended)
    begin = ended.utterance.start_sample
    assert (ended.utterance.samples == heard[begin : begin + len(ended.utterance.samples)] // 100).all()


def test_what_the_detectors_are_shown_is_as_long_as_the_sound() -> None:
    with pytest.raises(ValueError, match="as long"):
        AudioChunk("test", 0, np.zeros(10, np.int16), 0.0, np.zeros(9, np.int16))


def test_a_chime_of_ours_is_not_in_what_is_said_behind_it() -> None:
    ear = make_ear(addressed=False, wake=WordAt(8_000))
    heard = sound(("quiet", 0.5), ("quiet", 0.5), ("voice", 1.2), ("quiet", 1.0))
    events: list[Event] = []
    for chunk in chunks(heard):
        for event in ear.hear(chunk):
            events.append(event)
            if isinstance(event, Woke):
                ear.cut_out(0.4)
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert round(0.9 * RATE_HZ) <= ended.utterance.start_sample <= RATE_HZ


def test_who_speaks_over_the_chime_is_heard_from_the_first_word_on() -> None:
    ear = make_ear(addressed=False, wake=WordAt(8_000))
    heard = sound(("quiet", 0.5), ("quiet", 0.1), ("voice", 1.2), ("quiet", 1.0))
    events: list[Event] = []
    for chunk in chunks(heard):
        for event in ear.hear(chunk):
            events.append(event)
            if isinstance(event, Woke):
                ear.cut_out(0.6)
    ended = events[-1]
    assert isinstance(ended, Ended)
    assert ended.utterance.start_sample <= 0.6 * RATE_HZ
