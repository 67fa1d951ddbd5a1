from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.home import Ability, Kind
from skills.api import (
    AdapterCommand,
    Announcement,
    Answer,
    DeviceCommand,
    Manifest,
    MqttCommand,
    Question,
    Say,
)
from skills.checks import (
    LARGEST_PAYLOAD_BYTES,
    Refused,
    check_announcement,
    check_answer,
    check_commands,
    covers,
    is_filter,
    is_topic,
    plain,
)
from skills.registry import Registry
from tests.skills.surroundings import home_of, lamp, thing

HOME = home_of(lamp("k1", "Kitchen Light"), thing("l1", "Front Door", Kind.LOCK))
TURN = Registry.load({}).tools["lights.turn"]
BELL = Manifest(
    adapters=frozenset({"mpd"}), topics=frozenset({"bell/+/set"}), devices=frozenset({Kind.LIGHT})
)


@pytest.mark.parametrize(
    ("allowed", "topic", "covered"),
    [
        ("bell/set", "bell/set", True),
        ("bell/set", "bell/Set", False),
        ("bell/+/set", "bell/door/set", True),
        ("bell/+/set", "bell/set", False),
        ("bell/+/set", "bell/a/b/set", False),
        ("bell/+", "bell/", True),
        ("+/+", "/set", True),
        ("+", "/set", False),
        ("bell/#", "bell/door/set", True),
        ("bell/#", "bell", True),
        ("bell/#", "bells", False),
        ("#", "bell/door/set", True),
        ("#", "$SYS/broker", False),
        ("+/broker", "$SYS/broker", False),
        ("$SYS/#", "$SYS/broker", True),
        ("bell/#", "bell/#", False),
        ("bell/#", "bell/+", False),
        ("bell/#", "bell/a+b", False),
        ("#", "", False),
        ("#", "bell\0", False),
        ("#", "x" * 70_000, False),
    ],
)
def test_a_filter_covers_topics_as_the_standard_has_it(allowed, topic, covered):
    assert covers(allowed, topic) is covered


@pytest.mark.parametrize("allowed", ["", "bell/#/set", "bell#", "#/bell", "bell/+x", "a\0b", 3, None])
def test_what_is_no_filter_is_known(allowed):
    assert not is_filter(allowed)


@given(st.text(st.sampled_from("ab/+#$"), max_size=8), st.text(st.sampled_from("ab/$"), max_size=8))
def test_a_plain_filter_covers_itself_and_a_wildcard_never_more_than_everything(allowed, topic):
    if covers(allowed, topic):
        assert is_topic(topic)
        assert covers("$" + topic[1:] if topic.startswith("$") else "#", topic)
    if is_topic(topic):
        assert covers(topic, topic)


@pytest.mark.parametrize(
    "commands",
    [
        (),
        (MqttCommand("bell/door/set", "1"),),
        [AdapterCommand("mpd", "play"), DeviceCommand("k1", Ability.ON, True)],
        (DeviceCommand("nobody", Ability.ON, True),),
    ],
)
def test_what_the_manifest_names_is_taken(commands):
    assert check_commands(commands, BELL, HOME) == tuple(commands)


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ((MqttCommand("heating/set", "1"),), "the topic 'heating/set'"),
        ((AdapterCommand("chime", "ring"),), "sent to 'chime'"),
        ((DeviceCommand("l1", Ability.LOCKED, False),), "ordered a lock"),
        ((DeviceCommand("k1", "on", True),), "no Ability"),
        ((MqttCommand("bell/a/set", 3),), "no message"),
        ((MqttCommand("bell/a/set", "3", 7),), "no message"),
        ((MqttCommand("bell/a/set", "x" * (LARGEST_PAYLOAD_BYTES + 1)),), "more than 65536 bytes"),
        ((MqttCommand("bell/a/set", ""),) * 51, "51 things at once"),
        (("on",), "gave str"),
        ("on", "gave str"),
        (None, "gave NoneType"),
    ],
)
def test_anything_else_is_refused_and_named(commands, told):
    with pytest.raises(Refused, match=told):
        check_commands(commands, BELL, HOME)


def test_without_a_word_of_devices_any_kind_may_be_ordered():
    commands = (DeviceCommand("l1", Ability.LOCKED, True),)
    assert check_commands(commands, Manifest(), HOME) == commands


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "NoneType where an Answer"),
        (Answer(say="done"), "str where a Say"),
        (Answer(question=Question(Say("which"), "colour")), "asks for 'colour', which 'turn' does not take"),
        (Answer(question=Question(Say("which"), "room", {"loud": 1})), "asks for 'loud'"),
        (Answer(question="which?"), "str where a Question"),
        (
            Answer((DeviceCommand("k1", Ability.ON, True),), question=Question(Say("which"), "room")),
            "asks a question and orders something",
        ),
    ],
)
def test_an_answer_that_is_none_is_refused(answer, told):
    with pytest.raises(Refused, match=told):
        check_answer(answer, TURN, Manifest(), HOME)


def test_a_question_for_a_parameter_is_taken():
    answer = Answer(question=Question(Say("which"), "room", {"on": True}))
    assert check_answer(answer, TURN, Manifest(), HOME) == answer


def test_an_announcement_is_checked_like_an_answer():
    rings = Announcement(Say("rung"), (MqttCommand("bell/door/set", "1"),), "Hall")
    assert check_announcement(rings, BELL, HOME) == rings
    for wrong, told in (
        ("rung", "str where an Announcement"),
        (replace(rings, commands=(MqttCommand("heating/set", "1"),)), "heating/set"),
    ):
        with pytest.raises(Refused, match=told):
            check_announcement(wrong, BELL, HOME)


def test_words_that_hold_themselves_come_to_an_end():
    values: dict[str, object] = {}
    values["again"] = Say("again", values)
    assert plain(Say("again", values)).key == "again"
