"""What a language model may write: only what the sentence and the home allow."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.grounding import answer_schema, mentioned
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
    schema = answer_schema(TOOLS, text, WORDS, question=question)
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
    assert offered("a little more")["lamps.change"]["properties"]["by"] == {"enum": [20, -20]}


def test_a_room_is_found_by_its_chinese_name() -> None:
    assert offered("客厅太暗了")["lamps.turn"]["properties"]["room"] == {"enum": ["Living Room"]}


def test_a_room_that_nobody_mentioned_cannot_be_invented() -> None:
    assert "room" not in offered("it is dark")["lamps.turn"]["properties"]


def test_numbers_come_from_the_sentence_and_within_their_range() -> None:
    assert offered("something like 40 or 400")["lamps.dim"]["properties"]["percent"] == {"enum": [40]}


def test_a_tool_whose_required_number_was_not_said_is_not_offered() -> None:
    assert "lamps.dim" not in offered("make it cosy")


def test_a_question_offers_no_tool_that_acts() -> None:
    assert set(offered("is it dark in the hall?", question=True)) == {"lamps.state"}


def test_risky_tools_are_never_offered() -> None:
    assert "lamps.unlock" not in offered("please unlock the door")


@given(text=st.text(max_size=200))
def test_any_text_gives_a_schema_and_only_names_of_the_home(text: str) -> None:
    assert answer_schema(TOOLS, text, WORDS, question=False)
    assert set(mentioned(text, WORDS["area"])) <= set(WORDS["area"])
