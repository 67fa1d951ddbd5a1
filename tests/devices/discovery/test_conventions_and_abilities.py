"""Each convention and each ability: a thing is announced, ordered, and says that it obeyed.

What is tried here is the table in `docs/conventions.md`. To write it anew:

    python -m tests.devices.discovery.test_conventions_and_abilities
"""

from pathlib import Path

import pytest

from devices.commands import DeviceCommand
from devices.discovery import asking
from devices.discovery.convention import CannotError
from devices.discovery.homeassistant_api import bridge
from devices.home import READ_ONLY, Ability
from tests.devices.discovery.benches import COLUMNS, expected, ordering
from tests.devices.waiting import until

PAGE = Path(__file__).parents[3] / "docs/conventions.md"
BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"

NEVER_TOLD = frozenset({Ability.PRESSED})
PAIRS = [(column, ability) for column in COLUMNS for ability in Ability if ability in COLUMNS[column].cells]
GAPS = [
    (column, ability) for column in COLUMNS for ability in Ability if ability not in COLUMNS[column].cells
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "EVERY_S", 0)
    monkeypatch.setattr(bridge, "SETTLE_S", 0.01)


def pairs(listed: list[tuple[str, Ability]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("name", "ability"), listed, ids=[f"{name}-{ability}" for name, ability in listed]
    )


@pairs([pair for pair in PAIRS if pair[1] not in READ_ONLY | NEVER_TOLD])
async def test_a_thing_is_told_in_its_own_words_and_believed_only_once_it_says_so(
    name: str, ability: Ability
) -> None:
    cell = COLUMNS[name].cells[ability]
    async with COLUMNS[name].bench(cell.announced) as bench:
        device = bench.thing(cell.name, ability)
        if cell.before is not None:
            bench.say(cell.before)
        command = ordering(device, ability, cell)
        sent = await bench.keeper.send(command)
        assert bench.left() == expected(cell)
        assert len(sent) == len(cell.leaves)
        assert bench.keeper.reports(command)
        assert not bench.keeper.satisfied(command)
        await said(bench.say(cell.answer))
        await until(lambda: bench.keeper.satisfied(command), "the answer")
        now = bench.home.get(device.id)
        assert now is not None
        assert now.state[ability] == cell.becomes
        assert type(now.state[ability]) is type(cell.becomes)


@pairs([pair for pair in PAIRS if pair[1] in NEVER_TOLD])
async def test_what_is_pressed_is_told_once_and_never_says_that_it_was(name: str, ability: Ability) -> None:
    cell = COLUMNS[name].cells[ability]
    async with COLUMNS[name].bench(cell.announced) as bench:
        command = ordering(bench.thing(cell.name, ability), ability, cell)
        await bench.keeper.send(command)
        assert bench.left() == expected(cell)
        assert not bench.keeper.reports(command)
        assert not bench.keeper.satisfied(command)


@pairs([pair for pair in PAIRS if pair[1] in READ_ONLY])
async def test_a_reading_is_told_and_obeys_nobody(name: str, ability: Ability) -> None:
    cell = COLUMNS[name].cells[ability]
    async with COLUMNS[name].bench(cell.announced) as bench:
        device = bench.thing(cell.name, ability)
        await said(bench.say(cell.answer))
        await until(lambda: bench.home.get(device.id).state.get(ability) == cell.state, "the reading")
        with pytest.raises(CannotError):
            await bench.keeper.send(DeviceCommand(device.id, ability, 20))
        assert bench.left() == []


@pytest.mark.parametrize("name", COLUMNS)
async def test_what_a_convention_claims_at_its_richest_is_what_the_table_says(name: str) -> None:
    column = COLUMNS[name]
    async with column.bench(column.everything) as bench:
        claimed = frozenset().union(*(device.abilities for device in bench.home))
    assert claimed == frozenset(column.cells)


@pairs(GAPS)
async def test_what_a_convention_has_no_words_for_nothing_claims_says_or_obeys(
    name: str, ability: Ability
) -> None:
    column = COLUMNS[name]
    async with column.bench(column.everything) as bench:
        assert len(bench.home) >= 5
        for device in bench.home:
            assert ability not in device.abilities
            assert ability not in device.state
            with pytest.raises(CannotError):
                await bench.keeper.send(ordering(device, ability, COLUMNS["api"].cells[ability]))
        assert bench.left() == []


def test_the_table_in_the_documentation_is_the_one_that_is_tested() -> None:
    page = PAGE.read_text()
    assert page[page.index(BEGIN) + len(BEGIN) : page.index(END)].strip() == table()


def table() -> str:
    """The table of the page, in Markdown."""
    rows = [["", *(column.title for column in COLUMNS.values())]]
    for ability in Ability:
        marks = [mark(ability, ability in column.cells) for column in COLUMNS.values()]
        rows.append([f"`{ability}`", *marks])
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" + "|:-:" * len(COLUMNS) + "|", *lines[1:]])


def mark(ability: Ability, there: bool) -> str:
    """What a cell of the table says."""
    if not there:
        return "–"
    return "told" if ability in READ_ONLY else "sent" if ability in NEVER_TOLD else "yes"


async def said(maybe: object) -> None:
    """Wait for a word that takes a network."""
    if maybe is not None:
        await maybe  # type: ignore[misc]


def rewritten(page: str) -> str:
    """The page with the table as it is tested."""
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:begin]}\n\n{table()}\n\n{page[end:]}"


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text()))
