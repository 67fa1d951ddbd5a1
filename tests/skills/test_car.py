import pytest

from devices.home import Ability, Device, Kind
from skills.car import Car
from skills.testing import Trial, home


def sensor(name: str, reading: object, device_class: str = "", *aliases: str) -> Device:
    return Device(
        f"vss.{name}".lower().replace(" ", "_"),
        name,
        Kind.SENSOR,
        frozenset({Ability.READING}),
        aliases=aliases,
        state={Ability.READING: reading},  # type: ignore[dict-item]
        device_class=device_class,
    )


CHARGING = Device("vss.charging", "Charging", Kind.SWITCH, frozenset({Ability.ON}), state={Ability.ON: True})
TELLING = home(
    sensor("Range", 310, "distance", "续航"),
    sensor("Battery", 64, "battery", "电量"),
    CHARGING,
    sensor("Charging Time", 42),
    sensor("Speed", 87, "speed", "车速"),
    sensor("Left Front Tyre Pressure", 2.4),
    sensor("Right Front Tyre Pressure", 2.1),
    sensor("Washer Fluid", "on", "problem"),
    sensor("Engine Oil", "off", "problem"),
)


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        ("how far can we still drive", "en", "About 310 kilometres."),
        ("how much range is left", "en", "About 310 kilometres."),
        ("is the car charging", "en", "The battery is at 64 percent and charging for another 42 minutes."),
        ("how fast am I going", "en", "87 kilometres an hour."),
        ("are the tyres all right", "en", "Between 2.1 and 2.4 bar."),
        ("are there any warnings", "en", "It warns of this: Washer Fluid."),
        ("还能开多远", "zh", "还能开大约310公里。"),
        ("车子在充电吗", "zh", None),
        ("车速是多少", "zh", "每小时87公里。"),
        ("有什么警告吗", "zh", "有这些警告：Washer Fluid。"),
        ("胎压怎么样", "zh", "在2.1到2.4巴之间。"),
    ],
)
def test_a_car_tells_of_itself(understand, text, language, reply):
    ((tool, arguments),) = understand(text, language, skills=[Car])
    trial = Trial(Car)
    given = trial.context(home=TELLING, language=language)
    said = trial.call(tool.partition(".")[2], given, **arguments).reply
    assert said == reply or (reply is None and "42" in said)


def test_a_flat_tyre_goes_before_the_pressures():
    flat = sensor("Left Rear Tyre Warning", "on", "problem")
    trial = Trial(Car)
    done = trial.call("tyres", trial.context(home=home(*TELLING, flat)))
    assert done.reply == "Too little air: Left Rear Tyre Warning."


@pytest.mark.parametrize("tool", ["range", "charge", "fuel", "speed", "tyres", "warnings"])
def test_a_home_without_a_car_makes_nothing_up(tool):
    done = Trial(Car).call(tool)
    assert (done.refused, done.reply) == (True, "The car doesn't tell me that.")
