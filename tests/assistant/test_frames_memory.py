"""What leans on the order before: more of it, elsewhere, the other way round, taken back."""

from tests.assistant.frames_home import NOW, Talk, house


def test_the_same_is_done_in_another_room():
    talk = Talk(house())
    talk.say("turn off the main light")
    assert talk.say("and the kitchen too") == [("counter", "on", False), ("spots", "on", False)]


def test_a_correction_takes_the_first_order_back():
    talk = Talk(house())
    talk.say("turn off the main light")
    assert talk.say("no, the reading lamp") == [("", "undo", ""), ("lamp", "on", False)]


def test_it_is_the_thing_before():
    talk = Talk(house())
    talk.say("turn on the reading lamp")
    assert talk.say("make it red") == [("lamp", "colour", [255, 0, 0])]
    assert talk.say("a bit darker") == [("lamp", "brightness", "down")]
    assert talk.say("now off") == [("lamp", "on", False)]


def test_more_goes_on_in_the_same_direction():
    talk = Talk(house(), "Bedroom")
    talk.say("slow the fan down")
    assert talk.say("more") == [("fan", "fan_speed", "down")]


def test_them_both_are_those_of_two_orders_that_were_alike():
    talk = Talk(house())
    talk.say("turn off the main light")
    talk.say("and the reading lamp")
    assert talk.say("turn them both on again") == [("lamp", "on", True), ("main", "on", True)]


def test_the_other_one_is_not_the_one_before():
    talk = Talk(house())
    talk.say("turn off the reading lamp")
    assert talk.say("and the other one") == [("main", "on", False)]


def test_nothing_leans_on_nothing():
    talk = Talk(house())
    assert talk.say("and the kitchen too") == []
    assert talk.say("more") == []
    assert talk.say("no, off") == []
    assert talk.say("put it back") == []


def test_after_two_minutes_it_is_forgotten():
    talk = Talk(house())
    talk.say("turn off the main light")
    later = NOW.replace(minute=33)
    talk.tier._now = lambda: later
    assert talk.say("and the kitchen too") == []


def test_which_one_is_asked_and_the_answer_is_understood():
    talk = Talk(house(), "Hall")
    talk.tier._home.put(house().get("lamp").__class__(
        "lamp2", "Bed Lamp", house().get("lamp").kind, frozenset(house().get("lamp").abilities), "Bedroom",
        state=dict(house().get("lamp").state),
    ))  # fmt: skip
    assert talk.say("turn off the lamp") == [("", "which", "lamp,lamp2")]
    choice, order = talk.say("the bedroom one")
    assert order == ("lamp2", "on", False)
    assert choice[1] == "choice"  # which "the lamp" is from now on


def test_a_question_is_remembered_too():
    talk = Talk(house())
    assert talk.say("is the reading lamp on?") == [("", "tell", "lamp")]
    assert talk.say("turn it off then") == [("lamp", "on", False)]


def test_what_was_done_is_taken_back():
    talk = Talk(house())
    talk.say("灯调到三成")
    assert talk.say("恢复成刚才那样") == [("", "undo", "")]


def test_an_exception_behind_an_order_takes_only_that_back():
    talk = Talk(house(), "Living Room")
    talk.say("turn the main light and the reading lamp off")
    assert talk.say("but not the reading lamp") == [("lamp", "on", True)]


def test_an_order_to_the_contrary_is_no_answer_to_which():
    talk = Talk(house(), "Hall")
    talk.say("turn on the light")
    assert ("lamp", "on", True) not in talk.say("turn them off")


def test_an_alarm_that_is_set_for_a_time_is_a_clocks():
    assert Talk(house(), "Hall").say("set an alarm for every Saturday at nine") == []
