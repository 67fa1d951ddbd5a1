import pytest

from assistant.report import TurnReport
from assistant.serve.watch import Where
from assistant.store.conversations import Conversations
from assistant.store.recorder import TURN_ENDS_S, Recorder
from assistant.understanding.plan import Tier
from devices.commands import DeviceCommand, Outcome, Result
from devices.home import Ability
from devices.policy import Authority

KITCHEN = Where("satellite", "Kitchen", "kitchen-1")
LOCKED = Outcome(DeviceCommand("door", Ability.LOCKED, True), Result.DONE, "Front Door")
REFUSED = Outcome(DeviceCommand("oven", Ability.ON, True), Result.NOT_ALLOWED, "Oven")


class Clock:
    def __init__(self):
        self.now_s = 1_790_000_000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(tmp_path, clock):
    return Conversations(tmp_path / "c.sqlite", now=clock)


@pytest.fixture
def recorder(kept, clock):
    return Recorder(kept, clock)


def records(kept):
    kept.flush()
    return kept.search()


def test_a_turn_and_its_orders_are_one_record(recorder, kept):
    recorder.carried_out("t1", Authority("Kitchen"), (LOCKED,))
    recorder.saw(KITCHEN, TurnReport("t1", "lock the door", "en", Tier.FAST, outcomes=(LOCKED,)))
    recorder.close()
    (record,) = records(kept)
    assert (record.heard, record.place, record.room) == ("lock the door", "satellite", "Kitchen")
    assert record.satellite == "kitchen-1"


def test_a_door_that_slams_is_no_record(recorder, kept):
    recorder.saw(KITCHEN, TurnReport("t1", "", "en", Tier.NONE, failure="nothing_heard"))
    assert records(kept) == []


@pytest.mark.parametrize("turn_id", ["later 12", "announced 12"])
def test_what_is_done_without_a_turn_is_recorded_at_once(recorder, kept, turn_id):
    recorder.carried_out(turn_id, Authority("Hall"), (REFUSED,))
    (record,) = records(kept)
    assert (record.room, record.failure, record.heard) == ("Hall", "not_allowed", "")
    assert record.outcomes[0]["name"] == "Oven"
    assert record.why


def test_what_had_left_before_its_turn_was_broken_off_is_recorded(recorder, kept, clock):
    recorder.carried_out("t1", Authority("Hall"), (LOCKED,))
    assert records(kept) == []
    clock.now_s += TURN_ENDS_S + 1
    recorder.carried_out("t2", Authority("Hall"), (LOCKED,))
    (record,) = records(kept)
    assert (record.turn_id, "broken off" in record.why) == ("t1", True)
    recorder.close()
    assert [each.turn_id for each in records(kept)] == ["t2", "t1"]
