"""How Chinese is spoken at home: complaints, remarks beside an order, exceptions, corrections, hesitation."""

import pytest

from devices.home import Ability, Home, Kind
from tests.assistant.frames_home import Talk, device

A = Ability
LIT = {A.ON: True, A.BRIGHTNESS: 80}


def flat() -> Home:
    """A flat with Chinese names."""
    home = Home({"客厅": ("大厅",), "主卧": (), "老人房": ("奶奶屋",), "厨房": ()})
    for each in (
        device("big", "客厅大灯", Kind.LIGHT, "客厅", LIT),
        device("strip", "灯带", Kind.LIGHT, "客厅", LIT),
        device("bed", "主卧灯", Kind.LIGHT, "主卧", LIT),
        device("night", "小夜灯", Kind.LIGHT, "老人房", LIT),
        device("blanket", "电热毯", Kind.SWITCH, "老人房", {A.ON: False}),
        device("hood", "油烟机", Kind.FAN, "厨房", {A.ON: True, A.FAN_SPEED: 40}),
        device("humidifier", "加湿器", Kind.SWITCH, "主卧", {A.ON: False}),
        device("telly", "电视", Kind.MEDIA_PLAYER, "客厅", {A.ON: True, A.VOLUME: 30, A.PLAYBACK: "playing"}),
        device("curtain", "客厅窗帘", Kind.COVER, "客厅", {A.OPEN: True, A.POSITION: 100}),
        device("door", "大门锁", Kind.LOCK, "客厅", {A.LOCKED: False}, aliases=("大门",)),
        device("robot", "小白", Kind.VACUUM, "客厅", {A.CLEANING: "docked"}),
        device("ac", "客厅空调", Kind.CLIMATE, "客厅", {A.ON: True, A.SETPOINT: 26, A.MODE: "cool"},
               options={A.MODE: ("off", "cool", "heat")}, limits={A.SETPOINT: (16, 30)}),
    ):  # fmt: skip
        home.put(each)
    return home


def off(*things: str) -> list[tuple[str, str, object]]:
    return [(each, "on", False) for each in things]


@pytest.mark.parametrize(
    ("room", "text", "wanted"),
    [
        ("厨房", "炒个辣椒呛得人直咳嗽", [("hood", "fan_speed", "up")]),
        ("主卧", "这屋里干得我嗓子疼", [("humidifier", "on", True)]),
        ("老人房", "冻得直哆嗦", [("blanket", "on", True)]),
        ("客厅", "太阳晒得我眼睛都睁不开，还想再眯会儿呢", [("curtain", "open", False)]),
        ("客厅", "电视吵得我脑仁儿疼", [("telly", "volume", "down")]),
        ("客厅", "地上都是瓜子壳", [("robot", "cleaning", "cleaning")]),
        ("客厅", "屋里跟个蒸笼似的", [("ac", "setpoint", "down")]),
    ],
)
def test_a_complaint_is_a_wish(room, text, wanted):
    assert Talk(flat(), room).say(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "昨天办公室热得跟蒸笼似的",
        "外面好冷",
        "医生说，屋里太干了不好",
        "他们家电视吵得人睡不着",
        "汤太烫了",
        "烤箱预热一般要几分钟",
    ],
)
def test_a_complaint_of_elsewhere_is_none(text):
    assert Talk(flat(), "客厅").say(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("劳驾，把大灯关了，老头子睡着了", off("big")),
        ("给奶奶把电热毯开开，她怕冷", [("blanket", "on", True)]),
        ("大灯太亮了，暗一点", [("big", "brightness", "down")]),
        ("把大门锁一下，我好像忘了锁", [("door", "locked", True)]),
        ("那个什么，窗、窗帘，呃，拉上一半就行，别全拉", [("curtain", "position", 50)]),
        ("把TV的volume降一点", [("telly", "volume", "down")]),
    ],
)
def test_what_is_said_beside_an_order_is_no_order(text, wanted):
    assert Talk(flat(), "客厅").say(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["如果我睡着了，把大灯关了", "老公说，把大灯关了", "同学们，靠门那位，把门关一下", "小刘，把大灯关了"],
)
def test_what_is_said_beside_an_order_may_make_it_none(text):
    assert Talk(flat(), "客厅").say(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("灯都关了，奶奶那屋的留着", off("bed", "big", "strip")),
        ("所有灯除小夜灯外全部关闭", off("bed", "big", "strip")),
        ("只留大灯，别的灯都关了", off("bed", "night", "strip")),
        ("除客厅和主卧以外的灯都给我关上", off("night")),
        ("我睡了，除了小夜灯，全关了吧", off("bed", "big", "strip")),
        ("把所有的灯都关了，小夜灯就别关了", off("bed", "big", "strip")),
    ],
)
def test_some_are_spared(text, wanted):
    assert Talk(flat(), "客厅").say(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("把大灯关了，哦不是大灯，是灯带", off("strip")),
        ("客厅空调开制冷，哎不对，制热", [("ac", "mode", "heat")]),
        ("空调调到二十六度……呃，太热了，二十四吧", [("ac", "setpoint", 24)]),
    ],
)
def test_a_sentence_corrects_itself(text, wanted):
    assert Talk(flat(), "客厅").say(text) == wanted


def test_too_much_is_a_step_back_of_what_was_ordered():
    talk = Talk(flat(), "客厅")
    talk.say("电视声音大一点")
    assert talk.say("太大了") == [("telly", "volume", "down")]


def test_a_question_stands_in_one_clause():
    assert Talk(flat(), "客厅").say("大灯关了吗，他该睡了") == [("", "tell", "big")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("灯都关了，老人房的别关", off("bed", "big", "strip")),
        ("家里的灯除了客厅和主卧都灭了", off("night")),
        ("客厅留个灯带，别的灯都关", off("big")),
        ("客厅的灯一个都别留", off("big", "strip")),
        ("电视旁边那个灯带关掉", off("strip")),
        ("早上了，窗帘拉上", [("curtain", "open", False)]),
        ("冻死我了，空调打这么低", [("ac", "setpoint", "up")]),
        ("空调调到二十四，二十五度吧", [("ac", "setpoint", 25)]),
    ],
)
def test_everyday_wordings_are_orders(text, wanted):
    assert Talk(flat(), "客厅").say(text) == wanted


@pytest.mark.parametrize("text", ["回家", "下班"])
def test_what_people_do_is_no_order_to_a_robot_that_nobody_named(text):
    assert Talk(flat(), "客厅").say(text) == []
