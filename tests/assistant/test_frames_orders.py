"""What people say of things, by itself: it becomes these steps, and no others."""

import pytest

from devices.home import Ability, Kind
from tests.assistant.frames_home import Talk, car, device, house

ALL_LIGHTS = ("bedlight", "counter", "hall", "lamp", "main", "spots")


def off(*things: str) -> list[tuple[str, str, object]]:
    return [(each, "on", False) for each in sorted(things)]


@pytest.mark.parametrize(
    ("room", "text", "wanted"),
    [
        ("Living Room", "kill the lights", off("lamp", "main")),
        ("Living Room", "would you mind switching the main light off?", off("main")),
        ("Kitchen", "Could you pop the kettle on for me please", [("kettle", "on", True)]),
        ("Hall", "lights off in the kitchen and the hall", off("counter", "hall", "spots")),
        ("Hall", "the kitchen and hall lights off", off("counter", "hall", "spots")),
        ("Bedroom", "all the lights off except the bedroom", off("counter", "hall", "lamp", "main", "spots")),
        (
            "Hall",
            "turn everything off in the living room but the TV",
            [*off("lamp", "main"), ("stove", "mode", "off")],
        ),
        ("Living Room", "set the radiator to nineteen and a half", [("stove", "setpoint", 19.5)]),
        ("Living Room", "two degrees warmer", [("stove", "setpoint", "up")]),
        ("Living Room", "blind half way", [("blind", "position", 50)]),
        ("Living Room", "the blind down, please", [("blind", "open", False)]),
        ("Living Room", "make the reading lamp warm white", [("lamp", "colour_temperature", 2700)]),
        ("Living Room", "reading lamp, blue", [("lamp", "colour", [0, 0, 255])]),
        ("Living Room", "turn the lamp, no, the telly off", off("telly")),
        ("Living Room", "heating to 20, sorry, 21", [("stove", "setpoint", 21)]),
        ("Living Room", "telly a bit quieter", [("telly", "volume", "down")]),
        ("Bedroom", "fan to max and the light on", [("bedlight", "on", True), ("fan", "fan_speed", 100)]),
        (
            "Hall",
            "lock up and send Dusty round",
            [("door", "locked", True), ("robot", "cleaning", "cleaning")],
        ),
        ("Living Room", "Movie night, please", [("film", "pressed", True)]),
        ("Living Room", "lights out, I'm off to bed", off("lamp", "main")),
        ("Living Room", "关灯", off("lamp", "main")),
        ("Living Room", "把 reading lamp 调亮一点", [("lamp", "brightness", "up")]),
        ("Living Room", "turn off the 电视", off("telly")),
        ("Living Room", "暖气调到二十一度半", [("stove", "setpoint", 21.5)]),
        ("Bedroom", "窗帘，关一半", [("curtain", "position", 50)]),
        ("Bedroom", "关窗帘再把灯打开", [("bedlight", "on", True), ("curtain", "open", False)]),
        (
            "Living Room",
            "电视声音小点，灯调到三成",
            [("lamp", "brightness", 30), ("main", "brightness", 30), ("telly", "volume", "down")],
        ),
    ],
)  # fmt: skip
def test_an_order_is_understood_however_it_is_put(room, text, wanted):
    assert Talk(house(), room).say(text) == sorted(wanted, key=str)


@pytest.mark.parametrize(
    ("seat", "text", "wanted"),
    [
        ("driver", "open my window", [("driver_window", "open", True)]),
        ("driver", "two degrees warmer on the passenger side", [("passenger_temp", "setpoint", "up")]),
        ("rear", "blower down", [("blower", "fan_speed", "down")]),
        ("driver", "roll the windows up", [(f"{seat}_window", "open", False) for seat in ("driver",)]),
        ("driver", "把副驾的窗户降下来", [("passenger_window", "open", True)]),
    ],
)
def test_in_a_car_the_seat_is_the_room_and_a_window_goes_up_to_close(seat, text, wanted):
    assert Talk(car(), seat).say(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("it's too dark in here", [("lamp", "brightness", "up"), ("main", "brightness", "up")]),
        ("I'm freezing", [("stove", "setpoint", "up")]),
        ("the telly's too loud", [("telly", "volume", "down")]),
        ("太亮了", [("lamp", "brightness", "down"), ("main", "brightness", "down")]),
        ("有点冷", [("stove", "setpoint", "up")]),
    ],
)
def test_what_is_wrong_here_and_now_is_put_right(text, wanted):
    assert Talk(house()).say(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "don't turn on the lights",
        "never turn off the telly",
        "he turned the lights off",
        "the lights are on",
        "I turned the main light off",
        "Anna, turn the light off",
        "unless it gets dark turn on the lights",
        "it's cold outside",
        "why did you turn the light off?",
        "turn on the",
        "the main light is too",
        "the fan's fine, he said, turn it off",
        "her face lit up like a lamp",
        "kill the lights, Eddie, they're coming",
        "不要开灯",
        "他把灯关了",
        "我刚才把灯关了",
        "如果下雨就关窗帘",
        "灯开着",
        "打开客厅的",
        "外面很冷",
        "把灯调到一百五十",
    ],
)
def test_what_is_no_order_does_nothing(text):
    talk = Talk(house())
    assert not [step for step in talk.say(text) if step[1] != "tell"]


def test_a_thing_that_is_not_there_is_told_by_its_name():
    plan = Talk(house()).plan("turn on the dishwasher")
    assert plan is not None
    assert (plan.failure, plan.failure_values["names"]) == ("unknown_device", "dishwasher")


def test_a_thing_that_cannot_do_it_is_told():
    plan = Talk(house()).plan("dim the hall light")
    assert plan is not None
    assert (plan.failure, plan.failure_values["names"], plan.calls) == ("cannot", "Hall Light", ())


def test_an_order_for_later_keeps_its_time():
    plan = Talk(house()).plan("turn the main light off in ten minutes")
    assert plan is not None
    assert [(call.arguments["things"], call.when and call.when.seconds) for call in plan.calls] == [
        (["main"], 600.0)
    ]


def test_a_plan_tells_why():
    plan = Talk(house(), "Kitchen").plan("turn off the reading lamp")
    assert plan is not None
    assert plan.explanation is not None
    assert ("reading lamp", "a thing") in plan.explanation.spans
    assert "'reading lamp' is a thing" in plan.why


def test_what_is_a_name_elsewhere_is_a_word_in_the_room_that_was_said():
    home = house()
    home.put(device("kitchen_tv", "Kitchen TV", Kind.SWITCH, "Kitchen", {Ability.ON: False}))
    assert Talk(home).say("turn on the TV in the kitchen") == [("kitchen_tv", "on", True)]
    assert Talk(house()).say("turn on the TV in the kitchen") == []
