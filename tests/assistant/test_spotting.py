"""Orders whose parts come in any order, with a small skill that sells tickets."""

from importlib.metadata import EntryPoint
from itertools import permutations
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.lexicon import lexicon_of
from assistant.understanding.mishearing import Mishearings
from assistant.understanding.normalise import normalise
from assistant.understanding.spotting import Spotter
from skills import registry as registry_module
from skills.api import Answer, Context, Language, Risk, Skill, Slot, Spot, tool
from skills.registry import Registry
from speech.end_of_turn import Wholeness

WORDS = {
    "town": {"Rome": ("rome",), "Berlin": ("berlin",), "Madrid": ("madrid",)},
    "seat": {"window": ("window seat", "window"), "aisle": ("aisle seat", "aisle")},
    "count": {"1": ("1 ticket", "a ticket"), "2": ("2 tickets",)},
}
SPOT = Spot(
    parts=("[to] {town}", "{seat}", "{count}"),
    triggers=("(book|get) [me]", "I want"),
    fillers=("with", "and", "a"),
    needs=("town",),
)
MENDING = Spot(SPOT.parts, SPOT.triggers, SPOT.fillers, SPOT.needs, mend=True)


def language(spot: Spot) -> Language:
    return Language(sentences={}, examples={}, words=WORDS, rules={}, replies={}, spots={"book": spot})


def spotter_for(
    monkeypatch: pytest.MonkeyPatch, spot: Spot, risk: Risk = Risk.LOW, code: str = "en"
) -> Spotter:
    class Tickets(Skill):
        name = "tickets"
        api = 1

        @tool(risk=risk)
        async def book(
            self,
            context: Context,
            town: Annotated[str, Slot("town")],
            seat: Annotated[str | None, Slot("seat")] = None,
            count: Annotated[int, Slot("count")] = 1,
        ) -> Answer:
            """Book a seat."""
            return Answer()

        def languages(self) -> dict[str, Language]:
            return {code: language(spot)}

    entry = EntryPoint("tickets", "tickets:Tickets", registry_module.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Tickets)
    monkeypatch.setattr(registry_module, "entry_points", lambda group: [entry])
    registry = Registry.load({})
    assert registry.problems == ()
    return Spotter(code, registry)


def understood(spotter: Spotter, text: str) -> dict[str, Any] | None:
    match = spotter.understand(normalise(text, "en").tokens, text)
    return None if match is None else dict(match.arguments)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> Spotter:
    return spotter_for(monkeypatch, SPOT)


@pytest.fixture
def mending(monkeypatch: pytest.MonkeyPatch) -> Spotter:
    return spotter_for(monkeypatch, MENDING)


@pytest.mark.parametrize("parts", list(permutations(["to Rome", "two tickets", "with a window seat"])))
def test_parts_are_found_in_any_order(exact: Spotter, parts: tuple[str, ...]) -> None:
    text = f"Could you please book me {', '.join(parts)}, thanks"
    assert understood(exact, text) == {"town": "Rome", "seat": "window", "count": 2}


def test_what_was_not_said_is_not_filled_in(exact: Spotter) -> None:
    assert understood(exact, "book me a ticket to Rome") == {"town": "Rome", "count": 1}


@pytest.mark.parametrize(
    "text",
    [
        "don't book two tickets to Rome",
        "she said book two tickets to Rome",
        "book two tickets to Rome yesterday",
        "is there a window seat to Rome?",
        "what is a ticket to Rome",
        "if I want two tickets to Rome",
        "book two tickets to Rome and two tickets to Berlin",
        "book a window seat with two tickets",
        "Rome",
        "to Rome I want",
        "",
    ],
    ids=[
        "negation",
        "reported",
        "a word too many",
        "question",
        "wh-question",
        "condition",
        "contradiction",
        "needed part missing",
        "bare word",
        "trigger behind",
        "nothing",
    ],
)
def test_what_is_no_order_is_not_understood(mending: Spotter, text: str) -> None:
    assert understood(mending, text) is None


def test_a_question_of_known_words_only_is_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Spot(SPOT.parts, SPOT.triggers, (*SPOT.fillers, "is there", "left"), SPOT.needs)
    spotter = spotter_for(monkeypatch, asking)
    assert understood(spotter, "is there a window seat to Rome left") is None
    assert understood(spotter, "a window seat to Rome left") == {"town": "Rome", "seat": "window"}


def test_two_parts_are_an_order_without_a_trigger(exact: Spotter) -> None:
    assert understood(exact, "two tickets to Rome please") == {"town": "Rome", "count": 2}


def test_a_misheard_word_is_taken_for_the_likest_part(mending: Spotter) -> None:
    assert understood(mending, "book me two tickets to Madred") == {"town": "Madrid", "count": 2}


def test_without_leave_nothing_is_mended(exact: Spotter) -> None:
    assert understood(exact, "book me two tickets to Madred") is None


@pytest.mark.parametrize("risk", [Risk.CONFIRM, Risk.PIN])
def test_where_the_risk_is_not_low_nothing_is_mended(monkeypatch: pytest.MonkeyPatch, risk: Risk) -> None:
    assert understood(spotter_for(monkeypatch, MENDING, risk), "book me two tickets to Madred") is None


@pytest.mark.parametrize(
    "text",
    [
        "book me two tickets to Bath",
        "book me to Madred",
        "book me too tikkets for Madred windoe",
        "book me two lickets to Rome",
        "not two tickets to Rome",
        "book me two tickets to room",
    ],
    ids=[
        "unlike",
        "nothing heard well",
        "too many",
        "another first sound",
        "negation",
        "a word of the language",
    ],
)
def test_a_guess_from_little_is_no_guess(mending: Spotter, text: str) -> None:
    assert understood(mending, text) is None


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("book me two tickets to Rome", Wholeness.UNKNOWN),
        ("book me two tickets to Rome with a", Wholeness.OPEN),
        ("book me", Wholeness.OPEN),
        ("book me two tickets", Wholeness.OPEN),
        ("turn on the light", None),
        ("", None),
    ],
)
def test_an_order_with_parts_may_go_on(exact: Spotter, text: str, whole: Wholeness | None) -> None:
    assert exact.wholeness(normalise(text, "en").tokens) is whole


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["book", "me", "to", "Rome", "aisle", "a", "x", "not"])).map(" ".join)
)
def test_any_words_give_an_order_or_nothing(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        spotter = _spotter(patch)
    found = understood(spotter, text)
    assert found is None or found["town"] in WORDS["town"]


_made: list[Spotter] = []


def _spotter(patch: pytest.MonkeyPatch) -> Spotter:
    if not _made:
        _made.append(spotter_for(patch, MENDING))
    return _made[0]


def test_parts_that_explode_are_refused_and_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    many = "".join(f"(a{n}|b{n}|c{n}|d{n}|e{n}) " for n in range(8))
    spotter = spotter_for(monkeypatch, Spot((many,)))
    assert understood(spotter, "book me two tickets to Rome") is None
    assert "tickets.book: its parts cannot be read" in caplog.text


def test_a_spot_knows_only_the_skills_own_lists() -> None:
    from assistant.understanding.normalise import words_of

    with pytest.raises(ValueError, match="not 'area'"):
        lexicon_of(Spot(("{area}",)), language(SPOT), words_of("en"))


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("lat", "latte"), ("mucher", "mocha"), ("capuchino", "cappuccino"), ("rose", "roast")],
)
def test_what_sounds_alike_is_found(heard: str, meant: str) -> None:
    found = Mishearings(["latte", "mocha", "cappuccino", "roast", "sugar"]).of(heard)
    assert [each.word for each in found] == [meant]


@pytest.mark.parametrize("heard", ["forget", "12", "ge", "至", ""])
def test_what_begins_otherwise_or_is_short_or_a_number_is_not(heard: str) -> None:
    assert Mishearings(["get", "ge", "12", "120", "至"]).of(heard) == ()


@given(st.text(max_size=30))
def test_any_word_may_be_looked_up(heard: str) -> None:
    assert all(0 <= each.likeness <= 1 for each in Mishearings(["latte", "mocha"]).of(heard))


def test_an_exact_part_is_heard_word_for_word_and_never_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    spot = Spot(("[to] {town}", "{count}"), SPOT.triggers, SPOT.fillers, SPOT.needs, True, exact=("{seat}",))
    spotter = spotter_for(monkeypatch, spot)
    assert understood(spotter, "book me a ticket to Rome, aisle seat") == {
        "count": 1, "town": "Rome", "seat": "aisle"
    }  # fmt: skip
    assert understood(spotter, "book me a ticket to Rome, windows seat") is None


def test_an_order_without_what_is_expected_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    spot = Spot(SPOT.parts, SPOT.triggers, SPOT.fillers, SPOT.needs, True, expects=("count",))
    spotter = spotter_for(monkeypatch, spot)
    assert understood(spotter, "book me a ticket to Berlyn") == {"count": 1, "town": "Berlin"}
    assert understood(spotter, "book me a window seat to Berlyn") is None


def test_an_order_that_lacks_what_is_expected_is_known_to(monkeypatch: pytest.MonkeyPatch) -> None:
    spot = Spot(SPOT.parts, SPOT.triggers, SPOT.fillers, SPOT.needs, expects=("count",))
    spotter = spotter_for(monkeypatch, spot)
    for text, lacks in (("book me a ticket to Rome", False), ("book me a window seat to Rome", True)):
        match = spotter.understand(normalise(text, "en").tokens, text)
        assert match is not None
        assert spotter.lacks(match) is lacks
