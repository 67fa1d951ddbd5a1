import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.lists import Lists
from skills.lists.items import found_in, is_talk, items_of
from skills.testing import Trial


@pytest.mark.parametrize(
    ("text", "language", "call"),
    [
        (
            "add milk, eggs and two lemons to the shopping list",
            "en",
            ("lists.add", {"text": "milk, eggs and two lemons", "list": "shopping"}),
        ),
        (
            "add milk, eggs, bread, butter, a bag of flour and some orange juice to the shopping list",
            "en",
            (
                "lists.add",
                {
                    "text": "milk, eggs, bread, butter, a bag of flour and some orange juice",
                    "list": "shopping",
                },
            ),
        ),
        (
            "We need onions, stick them on the shopping list",
            "en",
            ("lists.add", {"text": "onions", "list": "shopping"}),
        ),
        ("take milk off the list", "en", ("lists.remove", {"text": "milk", "list": "default"})),
        ("is there any rice on the shopping list", "en", ("lists.has", {"text": "rice", "list": "shopping"})),
        ("clear the shopping list", "en", ("lists.clear", {"list": "shopping"})),
        ("put something on the shopping list", "en", ("lists.add", {"list": "shopping"})),
        ("what's on my to-do list", "en", ("lists.read", {"list": "todo"})),
        ("把牛奶和鸡蛋加到购物清单", "zh", ("lists.add", {"text": "牛奶和鸡蛋", "list": "shopping"})),
        ("购物清单，酱油和葱。", "zh", ("lists.note", {"text": "酱油和葱", "list": "shopping"})),
        ("待办里记一笔交物业费", "zh", ("lists.add", {"text": "交物业费", "list": "todo"})),
        ("购物清单上都有啥", "zh", ("lists.read", {"list": "shopping"})),
        (
            "清单里把鸡蛋去掉换成鸭蛋",
            "zh",
            ("lists.swap", {"text": "鸡蛋", "other": "鸭蛋", "list": "default"}),
        ),
    ],
)
def test_an_order_for_a_list_is_understood(understand, text, language, call):
    assert understand(text, language, skills=[Lists]) == [call]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("shopping is fun", "en"),
        ("the shopping list is on the fridge", "en"),
        ("I lost my shopping list", "en"),
        ("don't add milk to the shopping list", "en"),
        ("put the light on", "en"),
        ("我把购物清单忘在家里了", "zh"),
    ],
)
def test_talk_of_lists_is_left_alone(understand, text, language):
    found = understand(text, language, skills=[Lists])
    assert found == []


def test_things_are_kept_until_they_are_taken_off():
    trial = Trial(Lists)
    assert (
        trial.call("add", text="milk and two lemons").reply
        == "I put milk and two lemons on the shopping list."
    )
    assert trial.call("add", text="Milk").reply == "On the shopping list there already is Milk."
    assert trial.call("has", text="lemon").reply == "Yes, on the shopping list there is two lemons."
    assert trial.call("remove", text="the lemons and rice").reply == (
        "I took two lemons off the shopping list. There was no rice on it."
    )
    assert trial.call("read").reply == "On the shopping list: milk."
    refused = trial.call("remove", text="bread")
    assert refused.refused


def test_the_list_is_the_one_spoken_of_last():
    trial = Trial(Lists)
    trial.call("add", text="call mum and dad", list="todo")
    assert trial.call("read").reply == "On the to-do list: call mum and dad."
    trial.call("add", text="socks", list="the packing")
    assert trial.call("read", list="packing").reply == "On the packing list: socks."
    assert trial.call("lists").reply == "There is the packing list and the to-do list."


def test_a_list_is_cleared_only_with_a_yes():
    trial = Trial(Lists)
    trial.call("add", text="milk, eggs")
    asked = trial.call("clear")
    assert asked.reply == "Shall I take all 2 things off the shopping list?"
    assert trial.answer("clear", asked, "no").reply == "All right, I leave it."
    assert trial.call("count").reply == "There are 2 things on the shopping list."
    assert (
        trial.answer("clear", asked, "yes please").reply
        == "Done, there is nothing on the shopping list any more."
    )
    assert trial.call("read").reply == "There is nothing on the shopping list."


def test_it_asks_for_what_is_missing():
    trial = Trial(Lists)
    chinese = trial.context(language="zh")
    asked = trial.call("add", chinese, list="shopping")
    assert asked.reply == "购物清单要加什么？"
    assert trial.answer("add", asked, "卫生纸和牙膏。", chinese).reply == "卫生纸、牙膏加到购物清单了。"


def test_one_thing_takes_the_place_of_another():
    trial = Trial(Lists)
    trial.call("add", text="鸡蛋、盐")
    assert (
        trial.call("swap", trial.context(language="zh"), text="鸡蛋", other="鸭蛋").reply
        == "购物清单上的鸡蛋换成鸭蛋了。"
    )
    assert trial.call("read", trial.context(language="zh")).reply == "购物清单上有：盐、鸭蛋。"


def test_a_full_list_takes_no_more():
    trial = Trial(Lists)
    for start in range(0, 300, 30):
        trial.call("add", text=", ".join(f"thing {number}" for number in range(start, start + 30)))
    assert trial.call("add", text="one too many").reply == "the shopping list is full."


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("teabags and, what else, oh yeah, kitchen roll", ("teabags", "kitchen roll")),
        ("fish and chips and salt and pepper", ("fish and chips", "salt and pepper")),
        ("牛奶、鸡蛋和两斤苹果", ("牛奶", "鸡蛋", "两斤苹果")),
        ("garlic and a jar of pesto", ("garlic", "jar of pesto")),
        ("something", ()),
    ],
)
def test_things_are_told_apart(text, items):
    assert items_of(text) == items


def test_tasks_keep_their_and():
    assert items_of("call mum and dad, buy stamps", tasks=True) == ("call mum and dad", "buy stamps")


def test_a_thing_is_found_by_other_words_for_it():
    items = ("two lemons", "semi skimmed milk", "3瓶酱油")
    assert found_in(items, "the lemon") == ("two lemons",)
    assert found_in(items, "milk") == ("semi skimmed milk",)
    assert found_in(items, "酱油") == ("3瓶酱油",)
    assert found_in(items, "butter") == ()


def test_a_sentence_is_no_thing():
    assert is_talk("what he said is not true")
    assert is_talk("我忘在家里了")
    assert not is_talk("milk, bread")


@given(st.text(max_size=80))
def test_any_words_are_things_or_none(text):
    for item in items_of(text):
        assert item.strip() == item
        assert item
