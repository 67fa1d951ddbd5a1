from datetime import UTC, datetime

import pytest

from skills.agenda import Agenda
from skills.api import AdapterCommand
from skills.testing import Trial

TODAY = "events 2025-06-02T14:20:00+00:00 2025-06-03T00:00:00+00:00"
TOMORROW = "events 2025-06-03T00:00:00+00:00 2025-06-04T00:00:00+00:00"
AHEAD = "events 2025-06-02T14:20:00+00:00 2025-08-01T14:20:00+00:00"


def entry(title, start, end, *, all_day=False):
    return {
        "title": title,
        "start": f"2025-06-{start}+00:00",
        "end": f"2025-06-{end}+00:00",
        "all_day": all_day,
    }


DENTIST = entry("Dentist", "03T09:00:00", "03T10:00:00")
HOLIDAY = entry("School holiday", "03T00:00:00", "04T00:00:00", all_day=True)
MEETING = entry("Team meeting", "02T14:00:00", "02T15:00:00")


def asked(answers, tool, language="en", **arguments):
    trial = Trial(Agenda)
    adapters = {
        ("calendar", question): {"events": events, "missing": []} for question, events in answers.items()
    }
    return trial.call(tool, trial.context(language=language, adapters=adapters), **arguments)


@pytest.mark.parametrize(
    ("text", "language", "call"),
    [
        ("what's on tomorrow", "en", ("agenda.read", {"period": "tomorrow"})),
        ("what's on my calendar on friday", "en", ("agenda.read_on", {"when": "on friday"})),
        ("what's my next appointment", "en", ("agenda.next", {})),
        ("am I free tomorrow evening", "en", ("agenda.free_at", {"when": "tomorrow evening"})),
        (
            "Put dentist on my calendar for Thursday at two pm.",
            "en",
            ("agenda.add", {"text": "dentist", "when": "for Thursday at two pm"}),
        ),
        (
            "add a meeting with Sam tomorrow at 10",
            "en",
            ("agenda.schedule", {"text": "a meeting with Sam", "when": "tomorrow at 10"}),
        ),
        ("周五下午三点给我加个日程看牙医", "zh", ("agenda.add", {"text": "看牙医", "when": "周五下午三点"})),
        ("明天有什么安排", "zh", ("agenda.read", {"period": "tomorrow"})),
        ("下一个会是几点", "zh", ("agenda.next", {})),
    ],
)
def test_the_calendar_is_spoken_of_in_many_words(understand, text, language, call):
    assert understand(text, language, skills=[Agenda]) == [call]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("what's on TV tonight", "en"),
        ("add two eggs tomorrow", "en"),
        ("don't put dentist on my calendar for Friday", "en"),
        ("明天再说", "zh"),
    ],
)
def test_other_talk_is_left_alone(understand, text, language):
    assert understand(text, language, skills=[Agenda]) == []


def test_a_day_is_read_out():
    done = asked({TOMORROW: [HOLIDAY, DENTIST]}, "read", period="tomorrow")
    assert done.reply == "tomorrow: School holiday, all day and Dentist at 9 am."
    assert asked({TOMORROW: [DENTIST]}, "read", "zh", period="tomorrow").reply == "明天：上午9点Dentist。"
    assert asked({TOMORROW: []}, "read", period="tomorrow").reply == "Nothing in the calendar tomorrow."


def test_what_is_going_on_ends_sometime():
    assert asked({TODAY: [MEETING]}, "read").reply == "today: Team meeting until 3 pm."


def test_the_next_is_what_has_not_begun():
    assert asked({AHEAD: [MEETING, DENTIST]}, "next").reply == "Dentist tomorrow at 9 am."


def test_an_appointment_is_found_by_its_name():
    assert asked({AHEAD: [MEETING, DENTIST]}, "find", text="my dentist").reply == "Dentist tomorrow at 9 am."
    assert asked({AHEAD: [MEETING]}, "find", text="vet").reply == "I find no vet in the calendar."


def test_a_free_day_is_free():
    assert asked({TOMORROW: []}, "free", period="tomorrow").reply == "Yes, nothing in the calendar tomorrow."
    assert asked({TOMORROW: [DENTIST]}, "free", period="tomorrow").reply == "There is Dentist at 9 am."


def test_a_calendar_that_could_not_be_read_is_named():
    trial = Trial(Agenda)
    adapters = {("calendar", TOMORROW): {"events": [], "missing": ["work"]}}
    told = trial.call("read", trial.context(adapters=adapters), period="tomorrow")
    assert told.reply == "Nothing in the calendar tomorrow. I couldn't read work."


def test_an_appointment_is_put_down():
    done = asked({}, "add", text="a dentist", when="Thursday at two pm")
    assert done.commands == (
        AdapterCommand(
            "calendar",
            "add",
            {
                "title": "Dentist",
                "start": "2025-06-05T14:00:00+00:00",
                "end": "2025-06-05T15:00:00+00:00",
                "all_day": False,
            },
        ),
    )
    assert done.reply == "In the calendar: Dentist on Thursday at 2 pm."


def test_without_a_time_of_day_it_lasts_the_day():
    (command,) = asked({}, "add", "zh", text="看牙医", when="周五").commands
    assert command.arguments["all_day"]
    assert command.arguments["start"] == "2025-06-06T00:00:00+00:00"


def test_it_asks_for_what_and_when():
    trial = Trial(Agenda)
    what = trial.call("add")
    assert what.reply == "What shall I put in the calendar?"
    when = trial.answer("add", what, "dentist")
    assert when.reply == "When is dentist?"
    assert (
        trial.answer("add", when, "tomorrow at nine").commands[0].arguments["start"]
        == "2025-06-03T09:00:00+00:00"
    )


def test_without_the_calendar_it_says_so():
    trial = Trial(Agenda)
    done = trial.call("read", trial.context(now=datetime(2025, 6, 2, tzinfo=UTC)))
    assert done.reply == "I can't read the calendar right now."
