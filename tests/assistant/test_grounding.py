"""What a language model may write: only what the sentence and the home allow."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.understanding.grounding import Heard, answer_schema, mentioned, ungrounded
from assistant.understanding.normalise import language_of
from skills.api import Answer, AreaName, Context, Field, Percent, Risk, Skill, Tool, tool

WORDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "area": {"Kitchen": ["厨房"], "Living Room": ["lounge", "客厅"], "Hall": ["hallway"]}
}


class Lamps(Skill):
    """A skill to constrain."""

    name = "lamps"
    api = 1

    @tool()
    async def turn(self, context: Context, on: bool, room: AreaName | None = None) -> Answer:
        """Turn lamps on or off."""
        return Answer()

    @tool()
    async def dim(self, context: Context, percent: Percent) -> Answer:
        """Dim to a percentage."""
        return Answer()

    @tool()
    async def change(self, context: Context, by: Annotated[int, Field(ge=-100, le=100)]) -> Answer:
        """Brighter or dimmer."""
        return Answer()

    @tool(acts=False)
    async def state(self, context: Context, room: AreaName | None = None) -> Answer:
        """Tell which lamps are on."""
        return Answer()

    @tool(risk=Risk.PIN)
    async def unlock(self, context: Context) -> Answer:
        """Unlock the door."""
        return Answer()


TOOLS: Sequence[Tool] = Lamps().tools()


def offered(text: str, *, question: bool = False) -> dict[str, dict[str, Any]]:
    """Tool name -> the schema of its arguments, as offered for a sentence."""
    schema = answer_schema(TOOLS, Heard(text, language_of(text), WORDS, question))
    calls = [each for each in schema.get("anyOf", ()) if "calls" in each["properties"]]
    if not calls:
        return {}
    choices = calls[0]["properties"]["calls"]["items"]["anyOf"]
    return {each["properties"]["tool"]["const"]: each["properties"]["arguments"] for each in choices}


def test_only_rooms_that_were_mentioned_may_be_named() -> None:
    assert offered("it is dark in the hallway")["lamps.turn"]["properties"]["room"] == {"enum": ["Hall"]}


def test_a_room_that_was_mentioned_must_be_used() -> None:
    assert "room" in offered("it is dark in the hallway")["lamps.turn"]["required"]


def test_a_step_without_a_number_is_the_usual_one_up_or_down() -> None:
    assert offered("a little more")["lamps.change"]["properties"]["by"] == {"enum": [20]}
    assert offered("a little less")["lamps.change"]["properties"]["by"] == {"enum": [-20]}
    assert "lamps.change" not in offered("a little, in the hall")


def test_a_room_is_found_by_its_chinese_name() -> None:
    assert offered("客厅太暗了")["lamps.turn"]["properties"]["room"] == {"enum": ["Living Room"]}


def test_a_room_that_nobody_mentioned_cannot_be_invented() -> None:
    assert "room" not in offered("it is dark")["lamps.turn"]["properties"]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("turn the lamp in the hall", None),
        ("the lamp on the kitchen table", None),
        ("turn the hall", None),
        ("hall lamp on", [True]),
        ("I can't see a thing in the hall", [True]),
        ("the hall lamp is blinding, off with it", [False]),
        ("nobody needs the light in the hall", [False]),
        ("客厅的灯弄一下", None),
        ("客厅看不见了", [True]),
        ("客厅的灯关一下", [False]),
    ],
)
def test_on_and_off_are_said_by_a_word_or_cannot_be_chosen(text: str, values: list[bool] | None) -> None:
    found = offered(text).get("lamps.turn")
    assert (found["properties"]["on"]["enum"] if found else None) == values


@pytest.mark.parametrize(
    "text",
    [
        "don't turn on the light in the hall",
        "if I were you I would turn on the hall light",
        "she said turn on the light in the hall",
        "I turned on the light in the hall an hour ago",
        "别开客厅的灯",
        "要是客厅开着灯就好了",
    ],
)
def test_what_is_forbidden_supposed_or_told_leaves_no_tool_that_acts(text: str) -> None:
    assert "lamps.turn" not in offered(text)


def test_of_two_names_the_one_of_which_more_was_said_is_meant() -> None:
    rooms = {"Bathroom": [], "Guest Bathroom": []}
    assert mentioned("it is cold in the guest bathroom", rooms) == ["Guest Bathroom"]
    assert mentioned("it is cold in the bathroom", rooms) == ["Bathroom"]


def test_half_a_colour_is_no_colour() -> None:
    assert mentioned("it is so dark in here", {"navy": ["dark blue"]}, whole=True) == []
    assert mentioned("make it dark blue", {"navy": ["dark blue"]}, whole=True) == ["navy"]


def test_numbers_in_words_count() -> None:
    assert offered("forty in the hall")["lamps.dim"]["properties"]["percent"] == {"enum": [40]}


@pytest.mark.parametrize(
    ("text", "tool", "arguments"),
    [
        ("it is dark in the hallway", "turn", {"on": True}),
        ("it is dark in the hallway", "turn", {"on": False, "room": "Hall"}),
        ("it is dark in the hallway", "turn", {"on": True, "room": "Kitchen"}),
        ("it is dark in the hallway", "turn", {"on": True, "room": "Hall", "everywhere": True}),
        ("hall lamp to 40", "dim", {"percent": 50}),
        ("please unlock the door", "unlock", {}),
    ],
)
def test_what_nobody_said_is_found_out_whatever_the_engine_wrote(
    text: str, tool: str, arguments: dict[str, Any]
) -> None:
    called = next(each for each in TOOLS if each.name == tool)
    assert ungrounded(called, arguments, Heard(text, "en", WORDS))


def test_what_was_said_is_grounded() -> None:
    turn = next(each for each in TOOLS if each.name == "turn")
    heard = Heard("it is dark in the hallway", "en", WORDS)
    assert ungrounded(turn, {"on": True, "room": "Hall"}, heard) == ""


def test_numbers_come_from_the_sentence_and_within_their_range() -> None:
    assert offered("something like 40 or 400")["lamps.dim"]["properties"]["percent"] == {"enum": [40]}


def test_a_tool_whose_required_number_was_not_said_is_not_offered() -> None:
    assert "lamps.dim" not in offered("make it cosy")


def test_a_question_offers_no_tool_that_acts() -> None:
    assert set(offered("is it dark in the hall?", question=True)) == {"lamps.state"}


def test_risky_tools_are_never_offered() -> None:
    assert "lamps.unlock" not in offered("please unlock the door")


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_gives_a_schema_and_only_names_of_the_home(text: str) -> None:
    assert answer_schema(TOOLS, Heard(text, language_of(text), WORDS))
    assert set(mentioned(text, WORDS["area"])) <= set(WORDS["area"])
