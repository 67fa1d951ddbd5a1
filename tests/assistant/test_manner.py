from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from assistant.config.load import load
from assistant.dialogue.manner import CHIME, Chiming, Manner, chime, hours
from assistant.dialogue.own_voice import SAID_AGAIN_S, OwnVoice
from assistant.report import A_PIN, TurnReport
from assistant.understanding.learned.corrections import Corrections, Meant
from assistant.understanding.plan import Call, Tier
from devices.commands import DeviceCommand, Outcome, Result
from devices.home import Ability
from speech.synthesis.clauses import clauses

LAMP = DeviceCommand("lamp", Ability.ON, True)
NIGHT = Manner(quiet=(time(22), time(7)), quiet_percent=30)


def outcome(result: Result) -> Outcome:
    return Outcome(LAMP, result, "Lamp")


def turn(heard: str, tool: str | None = "turn", **arguments: object) -> TurnReport:
    calls = (Call("lights", tool, arguments),) if tool else ()
    return TurnReport("t", heard, "en", Tier.FAST, calls=calls, reply="Done.")


@pytest.mark.parametrize(
    ("at", "quiet"),
    [(time(21, 59), False), (time(22), True), (time(3), True), (time(6, 59), True), (time(7), False)],
)
def test_quiet_hours_go_over_midnight(at: time, quiet: bool) -> None:
    assert NIGHT.is_quiet(datetime.combine(datetime(2026, 11, 23).date(), at)) is quiet


@pytest.mark.parametrize("text", ["22-7", "ten", "22:00", "22:00-25:00", "22:00-22:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"22:00|none"):
        hours(text)


def test_at_night_the_voice_is_low_and_what_rings_is_not() -> None:
    now = [datetime(2026, 11, 23, 21, 0)]
    voice = OwnVoice(80, NIGHT, now=lambda: now[0])
    assert voice.percent == 80
    now[0] = datetime(2026, 11, 23, 23, 0)
    assert voice.percent == 30
    assert voice.bell_gain == pytest.approx(0.64)


async def test_who_wants_it_louder_at_night_gets_it_until_the_morning() -> None:
    now = [datetime(2026, 11, 23, 23, 0)]
    voice = OwnVoice(80, NIGHT, now=lambda: now[0])
    await voice.act("change_volume", {"delta": 20})
    assert voice.percent == 50
    now[0] = datetime(2026, 11, 24, 8, 0)
    assert voice.percent == 50
    now[0] = datetime(2026, 11, 24, 23, 0)
    assert voice.percent == 30


@pytest.mark.parametrize(
    ("results", "reply", "said"),
    [
        ([Result.DONE], "The lamp is on.", CHIME),
        ([Result.ALREADY, Result.IN_PROGRESS], "It is on.", CHIME),
        ([Result.DONE, Result.OFFLINE], "The lamp is offline.", "The lamp is offline."),
        ([Result.NEEDS_CONFIRMATION], "Shall I?", "Shall I?"),
        ([Result.DONE], "Sorry, what did you mean?", "Sorry, what did you mean?"),
        ([], "It is ten.", "It is ten."),
    ],
)
def test_only_what_was_carried_out_is_answered_by_a_chime(
    results: list[Result], reply: str, said: str
) -> None:
    report = TurnReport("t", "x", "en", Tier.FAST, outcomes=[outcome(each) for each in results], reply=reply)
    assert Manner(chimes=True).spoken(report) == said
    assert Manner().spoken(report) == reply


def test_a_chime_is_short_and_words_are_still_words() -> None:
    class Voices:
        def speak(self, clause: str, language: str):  # type: ignore[no-untyped-def]
            yield clause, 0

    assert 0.1 < len(chime()) / 16_000 < 0.4
    assert list(Chiming(Voices()).speak("Hello", "en")) == [("Hello", 0)]
    ((samples, rate_hz),) = Chiming(Voices()).speak(CHIME, "en")
    assert (len(samples), rate_hz) == (len(chime()), 16_000)


def test_the_configuration_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "sotto.toml"
    file.write_text('[voice]\nanswers = "chime"\nquiet_hours = "22:30-06:45"\nquiet_volume = 20\n')
    assert load(file).config.voice.manner() == Manner(True, (time(22, 30), time(6, 45)), 20)


# -- that was wrong ------------------------------------------------------------------------------------------


@pytest.fixture
def corrections(tmp_path: Path) -> Corrections:
    return Corrections(tmp_path)


async def test_that_was_wrong_is_written_down_for_the_training(corrections: Corrections) -> None:
    voice = OwnVoice(corrections=corrections)
    voice.said("Kitchen", turn("lamp on", on=True))
    await voice.act("wrong", {"room": "Kitchen"})
    (kept,) = corrections.read()
    assert (kept.text, kept.language, kept.wrong) == ("lamp on", "en", Meant("lights.turn", {"on": True}))
    assert kept.right is None


@pytest.mark.parametrize(
    ("second", "later_s", "right"),
    [
        (turn("lamp off", on=False), 5.0, Meant("lights.turn", {"on": False})),
        (turn("lamp off", on=False), SAID_AGAIN_S + 1, None),
        (turn("what time is it", "tell"), 5.0, None),
        (turn("lamp off", None), 5.0, None),
    ],
)
async def test_the_same_order_in_other_words_tells_what_was_right(
    corrections: Corrections, second: TurnReport, later_s: float, right: Meant | None
) -> None:
    now = [datetime(2026, 11, 23, 20, 0, tzinfo=UTC)]
    voice = OwnVoice(corrections=corrections, now=lambda: now[0])
    voice.said("Kitchen", turn("lamp on", on=True))
    await voice.act("wrong", {"room": "Kitchen"})
    now[0] += timedelta(seconds=later_s)
    voice.said("Kitchen", second)
    (kept,) = corrections.read()
    assert kept.right == right


async def test_neither_a_pin_nor_another_rooms_turn_is_written_down(corrections: Corrections) -> None:
    voice = OwnVoice(corrections=corrections)
    voice.said("Hall", turn(A_PIN))
    await voice.act("wrong", {"room": "Hall"})
    await voice.act("wrong", {"room": "Bath"})
    assert corrections.read() == []


async def test_the_chime_comes_out_of_the_clauses_whole() -> None:
    async def once():  # type: ignore[no-untyped-def]
        yield CHIME

    assert [clause.strip() async for clause in clauses(once())] == [CHIME]
