"""Chinese words that sound alike: sentences of known words are found, and what is known is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.fast_path import FastPath
from assistant.understanding.homophones import LONGEST, MOST_WAYS, Homophones
from devices.home import Ability, Device, Home, Kind
from skills.registry import Registry

WORDS = (
    "打开",
    "客厅",
    "的",
    "灯",
    "把",
    "关掉",
    "百叶帘",
    "升起来",
    "扫地机",
    "卫生间",
    "降低",
    "一",
    "开",
    "关",
)
HOMOPHONES = Homophones(WORDS, kinds=("灯",))


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("打开克厅的东", "打开客厅的灯"),
        ("百叶连生起来", "百叶帘升起来"),
        ("把早地机关掉", "把扫地机关掉"),
    ],
)
def test_words_that_sound_alike_are_found(heard: str, meant: str) -> None:
    assert meant in HOMOPHONES.ways(heard)


def test_words_that_are_known_as_they_are_stay() -> None:
    assert not any("降低" in way for way in HOMOPHONES.ways("打开卫生间的登"))


def test_a_sentence_of_other_words_is_left_alone() -> None:
    assert HOMOPHONES.ways("我昨天在北京见了一个老朋友") == ()


def test_what_is_not_chinese_stays() -> None:
    assert HOMOPHONES.ways("turn on the light") == ()
    assert HOMOPHONES.ways("打开 TV 的登")[0] == "打开 TV 的灯"


@given(st.text(alphabet="".join(WORDS) + "东克连生 aA1，。☃", max_size=LONGEST + 5))
def test_ways_are_few_as_long_as_what_was_heard_and_never_the_same(heard: str) -> None:
    ways = HOMOPHONES.ways(heard)
    assert len(ways) <= MOST_WAYS
    assert all(len(way) == len(heard) and way != heard for way in ways)


@pytest.fixture(scope="module")
def fast_path() -> FastPath:
    home = Home({"客厅": ()})
    home.put(Device("reader", "阅读灯", Kind.LIGHT, frozenset({Ability.ON}), "客厅"))
    return FastPath(Registry.load({}), home)


def test_a_homes_own_names_are_words_in_either_script(fast_path: FastPath) -> None:
    assert "打开阅读灯" in fast_path.sounds_like("打開月讀燈", "zh")


def test_a_name_that_came_later_is_known_at_once(fast_path: FastPath) -> None:
    assert "打开貔貅灯" not in fast_path.sounds_like("打开皮修灯", "zh")
    fast_path.home.put(Device("fill", "貔貅灯", Kind.LIGHT, frozenset({Ability.ON}), "客厅"))
    assert "打开貔貅灯" in fast_path.sounds_like("打开皮修灯", "zh")


def test_a_sentence_that_denies_is_not_guessed_at(fast_path: FastPath) -> None:
    assert fast_path.sounds_like("别打开月独灯", "zh") == ()


def test_english_has_none(fast_path: FastPath) -> None:
    assert fast_path.sounds_like("turn on the whole light", "en") == ()
