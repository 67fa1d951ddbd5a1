"""What people say to timers, alarms and reminders, and what only sounds like it."""

from functools import lru_cache

import pytest

from assistant.understanding.fast_path import FastPath
from devices.home import Home
from skills.climate import Climate
from skills.lights import Lights
from skills.locks import Locks
from skills.music import Music
from skills.plans import Plans
from skills.registry import Registry
from skills.timers import Timers

SAID = {
    "set a pasta timer for 12 minutes": ("start", {"duration": "12 minutes", "name": "pasta"}),
    "can I have a timer for the rice, eighteen minutes please?": (
        "start",
        {"duration": "eighteen minutes", "name": "the rice"},
    ),
    "twenty minute timer": ("start", {"duration": "twenty minute"}),
    "start a two-hour timer for the roast": ("start", {"duration": "two-hour", "name": "the roast"}),
    "set a timer": ("start", {}),
    "set a second timer for an hour and a half": ("start", {"duration": "an hour and a half"}),
    "how long is left on the potatoes?": ("left", {"name": "the potatoes"}),
    "how long is left": ("left", {}),
    "add thirty seconds to it": ("add", {"duration": "thirty seconds"}),
    "take two minutes off the egg timer": (
        "add",
        {"duration": "two minutes", "name": "the egg", "less": True},
    ),
    "pause the roast timer": ("pause", {"name": "the roast"}),
    "stop the timer": ("cancel", {}),
    "cancel all timers": ("cancel", {"everything": True}),
    "wake me at half six tomorrow": ("set_alarm", {"when": "half six tomorrow"}),
    "set an alarm for 7 am every weekday": ("set_alarm", {"when": "7 am every weekday"}),
    "I need to be up by quarter to six": ("set_alarm", {"when": "quarter to six"}),
    "wake me up in forty minutes": ("set_alarm", {"when": "in forty minutes"}),
    "is there any alarm for tomorrow?": ("alarms", {"when": "tomorrow"}),
    "turn off the 7 am alarm": ("cancel_alarm", {"when": "7 am"}),
    "remind me to call mum at 5": ("remind", {"text": "call mum", "when": "at 5"}),
    "tomorrow at nine remind me to call the bank": (
        "remind",
        {"text": "call the bank", "when": "tomorrow at nine"},
    ),
    "remind me in twenty minutes that the cake is in the oven": (
        "remind",
        {"text": "the cake is in the oven", "when": "in twenty minutes"},
    ),
    "remind me to ask Anna whether she could bring the big green suitcase on Friday at noon": (
        "remind",
        {"text": "ask Anna whether she could bring the big green suitcase", "when": "on Friday at noon"},
    ),
    "don't let me forget Mum's birthday card on Wednesday": (
        "remind",
        {"text": "Mum's birthday card", "when": "on Wednesday"},
    ),
    "remind me to buy milk": ("remind", {"text": "buy milk"}),
    "remind me when I get home to feed the cat": (
        "remind",
        {"text": "feed the cat", "when": "when I get home"},
    ),
    "tell me when the washing's done": ("notify", {"when": "when the washing's done"}),
    "let me know if somebody closes the balcony door": (
        "notify",
        {"when": "if somebody closes the balcony door"},
    ),
    "snooze for ten minutes": ("snooze", {"duration": "ten minutes"}),
    "make it half past seven": ("change", {"when": "half past seven"}),
    "定一个十分钟的计时器": ("start", {"duration": "十分钟"}),
    "定一个半小时的计时器": ("start", {"duration": "一个半小时"}),
    "饺子煮六分钟帮我掐个表": ("start", {"duration": "六分钟", "name": "饺子"}),
    "计时一小时零五分": ("start", {"duration": "一小时零五分"}),
    "意面的计时器还剩多久": ("left", {"name": "意面"}),
    "再加五分钟": ("add", {"duration": "五分钟"}),
    "把计时器停了": ("cancel", {}),
    "明天早上七点叫我起床": ("set_alarm", {"when": "明天早上七点"}),
    "工作日早上六点四十的闹钟": ("set_alarm", {"when": "工作日早上六点四十"}),
    "取消明天的闹钟": ("cancel_alarm", {"when": "明天"}),
    "半小时后提醒我关火": ("remind", {"text": "关火", "when": "半小时后"}),
    "提醒我五点给妈妈打电话问她周末来不来吃饭": (
        "remind",
        {"text": "给妈妈打电话问她周末来不来吃饭", "when": "五点"},
    ),
    "我到家的时候提醒我喂猫": ("remind", {"text": "喂猫", "when": "我到家的时候"}),
    "洗衣机洗完了告诉我": ("notify", {"when": "洗衣机洗完了"}),
    "再睡十分钟": ("snooze", {"duration": "十分钟"}),
}

NOT_SAID = [
    "don't set a timer",
    "I set a timer for ten minutes yesterday",
    "the pasta takes ten minutes",
    "ten minutes",
    "give it ten minutes and then have another one with some water",
    "he reminded me to call mum at five",
    "it reminds me of last summer",
    "the alarm went off at seven and nobody woke up",
    "did you remind him to lock the door",
    "in half an hour the shops will close",
    "we wake up at seven in this house",
    "five more minutes and the match is over",
    "she said the timer was broken",
    "why did the alarm not ring this morning",
    "when I leave the house it always rains",
    "what would you do if the alarm rang",
    "昨天我定了个闹钟",
    "下午的会改到四点",
    "这个菜要炖四十分钟才好吃",
    "他提醒过我明天要开会",
    "闹钟七点响的时候我还在睡觉",
    "十分钟后比赛就结束了",
    "别忘了",
    "现在是北京时间八点整",
    "等我到家的时候天都黑了",
    "他每天早上六点起床跑步",
    "为什么闹钟今天没响",
    "面团放在温暖的地方发酵一小时",
    "你提醒他了吗",
    "听说那家店下周一开门",
    "时间还早呢",
    "三点的会改到四点了，会议室换到七楼，你跟小赵说一声",
]


@lru_cache(maxsize=1)
def fast_path() -> FastPath:
    return FastPath(Registry.of(Timers, Plans, Lights, Locks, Climate, Music), Home())


def calls(text: str) -> list[tuple[str, dict[str, object]]]:
    plan = fast_path().understand(text, "zh" if ord(text[0]) > 0x2E80 else "en", "kitchen", "test")
    return (
        [] if plan is None else [(f"{each.skill}.{each.tool}", dict(each.arguments)) for each in plan.calls]
    )


@pytest.mark.parametrize("text", SAID)
def test_what_is_said_to_them_is_understood(text):
    tool, arguments = SAID[text]
    assert calls(text) == [(f"timers.{tool}", arguments)]


@pytest.mark.parametrize("text", NOT_SAID)
def test_what_only_sounds_like_it_does_nothing(text):
    assert calls(text) == []


def test_two_orders_in_one_breath_are_two():
    assert [tool for tool, _ in calls("明早七点的闹钟，再提醒我带伞")] == [
        "timers.set_alarm",
        "timers.remind",
    ]
