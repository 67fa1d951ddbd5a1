"""The skill that keeps what people taught, and its book."""

import json
import logging
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.api import Ability, Kind
from skills.storage import MemoryStore, SqliteStore
from skills.taught import TaughtSkill
from skills.taught.book import (
    ASIDE,
    KEY,
    MOST,
    Alias,
    Book,
    Choice,
    FullError,
    NotTaughtError,
    Preference,
    Routine,
    Taught,
    of_json,
)
from skills.testing import Trial, home, thing

EVERYTHING = Taught(
    aliases=(Alias("Bertie", ("floor_lamp",)), Alias("the cave", room="Study")),
    preferences=(
        Preference("21", Ability.SETPOINT, 21.5),
        Preference("red", Ability.COLOUR, (255, 0, 0), ("a",)),
    ),
    routines=(Routine("movie time", "turn off the lights", "en"),),
    choices=(Choice("lamp", "Study", "desk_lamp"),),
)


def ours():
    return home(thing("Floor Lamp", Kind.LIGHT, "Study"), thing("Desk Lamp", Kind.LIGHT, "Study"))


@pytest.fixture
def trial():
    return Trial(TaughtSkill)


def call(trial, tool, language="en", **arguments):
    return trial.call(tool, trial.context(home=ours(), language=language), **arguments)


def test_a_name_is_kept_told_and_forgotten(trial):
    kept = call(trial, "alias", alias="Bertie", things=["floor_lamp"])
    assert kept.reply == "All right: from now on, Bertie means Floor Lamp."
    assert call(trial, "meaning", name="bertie").reply == "Bertie means Floor Lamp."
    assert call(trial, "known", "zh", sort="aliases").reply == "Bertie是Floor Lamp。"
    assert call(trial, "forget", name="Bertie").reply == "I have forgotten Bertie."
    assert call(trial, "known", sort="aliases").reply == "You have taught me no names yet."
    assert call(trial, "forget", name="Bertie").refused


def test_a_name_that_another_thing_has_is_refused_and_said_whose_it_is(trial):
    refused = call(trial, "alias", alias="the desk lamp", things=["floor_lamp"])
    assert (refused.refused, refused.reply) == (
        True,
        '"the desk lamp" is a name of Desk Lamp already. Take another one.',
    )
    assert call(trial, "known").reply == "You have taught me nothing yet."


def test_a_name_that_the_thing_has_already_is_not_kept(trial):
    assert call(trial, "alias", alias="floor lamp", things=["floor_lamp"]).reply.endswith("called already.")
    assert call(trial, "known", sort="aliases").reply == "You have taught me no names yet."


def test_a_name_that_may_be_none_is_kept_after_a_yes(trial):
    for answer, reply in (
        ("no", "All right, I leave it."),
        ("yes", "All right: from now on, the sun means Floor Lamp."),
    ):
        asked = call(trial, "alias", alias="the sun", things=["floor_lamp"], sure=None)
        assert asked.reply == 'Shall I call Floor Lamp "the sun" from now on?'
        assert trial.answer("alias", asked, answer, trial.context(home=ours())).reply == reply


def test_a_liking_replaces_the_one_before_of_the_same_things(trial):
    for value in (20, 21):
        call(trial, "prefer", text=f"I like it at {value}", ability="setpoint", value=value)
    call(trial, "prefer", text="x", ability="brightness", value=30, things=["floor_lamp"])
    call(trial, "prefer", text="x", ability="setpoint", value=18, room="Study")
    told = call(trial, "known", sort="preferences").reply
    assert told == (
        "You like it at 21 degrees, You like Floor Lamp at 30 percent and You like Study at 18 degrees."
    )


def test_a_routine_can_be_taught_anew(trial):
    call(trial, "routine", phrase="movie time", orders="turn off the lights")
    changed = call(trial, "routine", phrase="Movie time", orders="close the blinds")
    assert changed.reply == 'From now on, when you say "Movie time", I will do this: close the blinds.'
    assert call(trial, "known", sort="routines").reply == '"Movie time" means close the blinds.'


def test_what_a_word_means_in_a_room_is_told_with_how_to_change_it(trial):
    kept = call(trial, "choice", words="lamp", thing="desk_lamp", room="Study")
    assert (
        kept.reply == 'In the Study, "the lamp" means Desk Lamp from now on; "forget the lamp" changes that.'
    )
    assert call(trial, "meaning", name="lamp").reply == 'In the Study, "the lamp" means Desk Lamp.'
    call(trial, "forget", name="the lamp")
    assert (
        call(trial, "known", sort="choices").reply
        == "There is no word of which I learned what it means here."
    )


def test_everything_is_forgotten_only_after_a_yes(trial):
    call(trial, "alias", alias="Bertie", things=["floor_lamp"])
    call(trial, "routine", phrase="movie time", orders="turn off the lights")
    asked = call(trial, "forget_all")
    assert asked.reply == "Shall I forget all of it? That is 2."
    assert trial.answer("forget_all", asked, "no").reply == "All right, I keep it."
    asked = call(trial, "forget_all", sort="aliases")
    assert trial.answer("forget_all", asked, "yes").reply == "It is forgotten."
    assert call(trial, "known").reply == '"movie time" means turn off the lights.'


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_refusal_has_its_sentence(trial, language):
    for why in ("empty", "long", "number", "taken", "word", "order", "unclear", "several", "unknown"):
        assert call(trial, "alias", language, alias="x", why=why).refused
        assert call(trial, "routine", language, phrase="x", why=why).refused
    for sort in ("everything", "aliases", "preferences", "routines", "choices"):
        assert call(trial, "known", language, sort=sort).reply
    for ability in (
        "setpoint",
        "brightness",
        "position",
        "volume",
        "fan_speed",
        "tilt",
        "colour_temperature",
    ):
        assert call(trial, "prefer", language, text="t", ability=ability, value=20).reply
    assert call(trial, "liked", language).refused
    assert call(trial, "run", language, name="x").refused


async def test_what_was_written_is_read_again_after_a_restart(tmp_path):
    file = tmp_path / "taught.sqlite3"
    await Book(SqliteStore(file)).write(EVERYTHING)
    assert await Book(SqliteStore(file)).read() == EVERYTHING
    assert file.stat().st_mode & 0o777 == 0o600


async def test_nothing_is_left_of_what_was_forgotten(tmp_path):
    file = tmp_path / "taught.sqlite3"
    await Book(SqliteStore(file)).write(EVERYTHING)
    await Book(SqliteStore(file)).write(Taught())
    assert b"Bertie" not in file.read_bytes()


@pytest.mark.parametrize("kept", [{"version": 2}, [], "x", {"version": 1, "aliases": [{"name": ""}]}])
async def test_what_cannot_be_read_is_kept_aside_and_told(kept, caplog):
    store = MemoryStore()
    await store.put(KEY, kept)
    with caplog.at_level(logging.ERROR):
        assert await Book(store).read() == Taught()
    assert "kept as" in caplog.text
    assert await store.get(ASIDE) == kept
    assert await store.get(KEY) is None


async def test_there_is_a_most_of_each_sort():
    many = Taught(aliases=tuple(Alias(f"name {number}", ("a",)) for number in range(MOST + 1)))
    with pytest.raises(FullError):
        await Book(MemoryStore()).write(many)
    with pytest.raises(NotTaughtError, match="more than 200"):
        of_json(many.as_json())


def test_what_is_exported_can_be_imported():
    assert of_json(json.loads(json.dumps(EVERYTHING.as_json()))) == EVERYTHING
    assert of_json(Taught().as_json()) == Taught()


def test_what_is_joined_replaces_what_has_its_name():
    new = Taught(aliases=(Alias("bertie", ("desk_lamp",)),))
    both = EVERYTHING.joined(new)
    assert both.alias("Bertie") == Alias("bertie", ("desk_lamp",))
    assert len(both.aliases) == len(EVERYTHING.aliases)
    assert replace(both, aliases=()) == replace(EVERYTHING, aliases=())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_hostile_json_is_refused_with_one_line(kept):
    for each in (kept, {"version": 1, "aliases": kept, "routines": kept}):
        try:
            read = of_json(each)
        except NotTaughtError as error:
            line = str(error)
        else:
            line = ""
            assert of_json(read.as_json()) == read
        assert "\n" not in line
