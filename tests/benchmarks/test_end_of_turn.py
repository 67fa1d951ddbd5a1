"""The benchmark of the end of turn: the pauses it makes, the ear it plays to, and what it counts."""

import numpy as np
import pytest

from benchmarks import listening
from benchmarks.end_of_turn import PAUSES_S, EndOfTurn, Turn, fast_path, put, ways
from benchmarks.halves import Halves
from benchmarks.listening import Engines, Listening, Part, Way
from benchmarks.pauses import Place, Spoken, joined, levels, room_tone
from benchmarks.peers import pipecat
from speech.audio import RATE_HZ, Samples
from speech.end_of_turn import EndOfTurnSettings, Waits, Wholeness
from speech.recognition.engine import Transcript
from tests.fakes import LoudnessActivity, ScriptedRecogniser, sound


def test_room_tone_has_the_level_and_the_colour_of_the_clip_s_own_quiet():
    rng = np.random.default_rng(0)
    hum = 40 * np.sin(2 * np.pi * 100 * np.arange(RATE_HZ) / RATE_HZ) + rng.normal(0, 4, RATE_HZ)
    clip = np.concatenate([hum, rng.normal(0, 3_000, RATE_HZ)]).astype(np.int16)
    tone = room_tone(clip, RATE_HZ, seed=1)
    assert tone.std() == pytest.approx(hum.std(), rel=0.2)
    spectrum = np.abs(np.fft.rfft(tone))
    assert spectrum[60:140].sum() > 5 * spectrum[1_000:1_080].sum()


def test_a_clip_with_digital_silence_at_its_ends_has_room_tone_all_the_same():
    clip = np.concatenate([np.zeros(RATE_HZ, np.int16), sound(("quiet", 0.5), ("voice", 1.0))])
    assert room_tone(clip, RATE_HZ, seed=1).std() > 1.0


def test_two_rooms_meet_without_a_click():
    loud = np.full(RATE_HZ, 1_000, np.int16)
    both = joined(loud, -loud)
    assert len(both) == 2 * RATE_HZ
    assert np.abs(np.diff(both.astype(int))).max() < 1_100  # 2,000 without the fade


def clip() -> Spoken:
    """Half a second of voice, a third of one, and quiet."""
    samples = sound(("quiet", 0.4), ("voice", 1.0), ("quiet", 2.6))
    return Spoken("clip", samples, 1.4, "turn on the light", (Place(int(0.9 * RATE_HZ), "turn on"),))


def test_a_pause_makes_a_clip_longer_and_is_quiet():
    paused = clip().with_pause(clip().places[0], 0.6)
    assert paused.last_s == pytest.approx(2.0)
    assert len(paused.samples) == len(clip().samples) + int(0.6 * RATE_HZ)
    inside = levels(paused.samples)[92:148]
    assert inside.max() < 200


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch):
    """Plays a clip to an ear whose voice activity is loudness, with made-up words."""
    monkeypatch.setattr(listening, "Voice", None)

    class Loud:
        def replayed(self) -> LoudnessActivity:
            return LoudnessActivity()

    def play(way: Way, took_s: float, wholeness: Wholeness = Wholeness.WHOLE) -> Listening:
        engines = Engines(
            ScriptedRecogniser({1.0: "turn on the light"}),
            lambda _: 0.99,
            lambda _text, _language: wholeness,
            (took_s, 0.07),
        )
        return Listening(way, engines, Loud())  # type: ignore[arg-type]

    return play


WORDS = Way("words", EndOfTurnSettings(unheard_ms=None))


@pytest.mark.parametrize(("took_s", "transcript_s"), [(0.05, 0.2), (0.5, 0.6)])
def test_what_recognition_takes_passes_in_the_stream(played, took_s, transcript_s):
    heard = played(WORDS, took_s).hear(clip())
    assert heard.text == "turn on the light"
    assert heard.transcript_s - 1.4 == pytest.approx(transcript_s, abs=0.06)


def test_who_recognises_behind_the_end_has_the_words_later_than_the_end(played):
    way = Way("fixed", EndOfTurnSettings(unknown=Waits(700, 700, 700), unheard_ms=700), words=False)
    heard = played(way, 0.5).hear(clip())
    assert heard.end_s - 1.4 == pytest.approx(0.7, abs=0.06)
    assert heard.transcript_s - heard.end_s == pytest.approx(0.5, abs=0.01)


def test_a_whole_order_is_cut_at_a_pause_and_an_open_one_is_not(played):
    paused = clip().with_pause(clip().places[0], 0.6)
    until_s = paused.last_s - 0.05
    assert played(WORDS, 0.1).end_before_s(paused, until_s) is not None
    assert played(WORDS, 0.1, Wholeness.OPEN).end_before_s(paused, until_s) is None


def test_a_clip_with_a_pause_is_played_to_its_end_turn_by_turn(played):
    paused = clip().with_pause(clip().places[0], 0.8)
    first, second = played(WORDS, 0.1).parts(paused)
    assert first.end_s < second.began_s + 0.5 < second.end_s
    assert first.end_s == pytest.approx(1.1, abs=0.1)


@pytest.fixture(scope="module")
def halves() -> Halves:
    return Halves(fast_path())


@pytest.mark.parametrize(
    ("texts", "same"),
    [
        (["Turn on the lights.", "In the kitchen."], True),
        (["Turn on the lights.", "Please."], False),
        (["Turn on the lights in the kitchen.", "Please."], True),
        (["Turn on the", "lights in the kitchen."], True),
        (["Turn on the lights.", "In the chicken."], False),
    ],
)
def test_two_halves_come_to_the_same_or_to_something_else(halves, texts, same):
    parts = [Part(at * 1.5, at * 1.5 + 1.0, text) for at, text in enumerate(texts)]
    assert halves.come_to(parts, "Turn on the lights in the kitchen.") is same


def test_the_ways_are_what_their_names_say():
    fixed, alone, words, both = ways()
    assert (fixed.words, alone.words, words.words, both.words) == (False, False, True, True)
    assert (fixed.settings.ask_ms, words.settings.ask_ms) == (None, None)
    assert both.settings.ask_ms == 200
    assert words.settings.unheard_ms is None


def test_waits_are_of_whole_clips_and_cut_offs_of_paused_ones():
    turns = [Turn("a", 0.0, cut_off=False, wait_s=0.2, transcript_s=0.3)]
    turns += [Turn("a", pause_s, cut_off=pause_s == 1.0) for pause_s in PAUSES_S]
    put("way", turns, figures := {}, samples := {})
    assert figures["way_cut_off"].value == pytest.approx(0.2)
    assert figures["way_cut_off_1_s"].value == 1.0
    assert figures["way_cut_off_0_45_s"].value == 0.0
    assert samples["way_transcript_ms"] == [300.0]


def test_nothing_is_measured_without_recordings(monkeypatch):
    monkeypatch.setattr("benchmarks.end_of_turn.missing", lambda _: None)
    monkeypatch.setattr("benchmarks.end_of_turn.recordings", lambda *_, **__: [])
    assert "no recordings" in (EndOfTurn().lacks() or "")


def test_a_peer_that_cannot_be_installed_is_skipped_with_its_reason(monkeypatch, tmp_path):
    monkeypatch.setattr(pipecat, "_READY", tmp_path / "ready")
    monkeypatch.setattr(pipecat, "FOLDER", tmp_path / "there")
    monkeypatch.setattr(pipecat, "_PYTHON", tmp_path / "no python")
    monkeypatch.setattr(pipecat.sys, "executable", str(tmp_path / "none"))
    assert (pipecat.lacks() or "").startswith("pipecat-ai")
    assert not (tmp_path / "ready").exists()


def test_an_alphabet_of_samples_is_worked_on_once():
    recogniser = ScriptedRecogniser({1.0: "stop"})
    engines = Engines(recogniser, lambda _: 0.5, lambda *_: Wholeness.WHOLE)
    said: Samples = sound(("voice", 1.0))
    assert engines.words(said)[0] == Transcript("stop", "en")
    engines.words(said.copy())
    assert len(recogniser.asked) == 1
