import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.mind.cases import (
    HELD_OUT,
    LANGUAGES,
    STUDY,
    Case,
    House,
    SetError,
    all_cases,
    houses,
    orders,
    sentences,
)

SAY = "mumble the secret sentence"


@pytest.fixture(scope="module")
def known() -> dict[str, House]:
    return dict(houses())


def _orders(tmp_path: Path, known: dict[str, House], turn: str) -> str:
    text = (
        '[[case]]\nid = "t-1"\nhome = "en_flat"\nroom = ""\nkind = "plain"\nskill = "lights"\n'
        f'[[case.turn]]\nsay = "{SAY}"\n{turn}\n'
    )
    (tmp_path / "orders.en.toml").write_text(text, "utf-8")
    with pytest.raises(SetError) as error:
        orders(tmp_path, "en", known)
    return str(error.value)


def test_both_halves_are_sound_and_share_no_case(known: dict[str, House]) -> None:
    study = {case.id for case in all_cases(STUDY, known)}
    held_out = {case.id for case in all_cases(HELD_OUT, known)}
    assert not study & held_out
    assert 1.5 < len(held_out) / len(study) < 2.5
    assert len(study) + len(held_out) == 480 + 320 + 950 + 550


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("read", [orders, sentences])
def test_which_half_a_case_is_in_is_up_to_the_digest_of_its_id(
    known: dict[str, House], read: Callable[..., tuple[Case, ...]], language: str
) -> None:
    def digests(folder: Path) -> list[str]:
        ids = (case.id for case in read(folder, language, known))
        return [hashlib.sha256(f"sotto:{each}".encode()).hexdigest() for each in ids]

    assert max(digests(STUDY)) < min(digests(HELD_OUT))


def test_each_language_has_homes_and_both_sorts_of_sentences(known: dict[str, House]) -> None:
    for language in LANGUAGES:
        assert orders(STUDY, language, known)
        assert all(each.home.startswith(language) for each in sentences(STUDY, language, known))


@pytest.mark.parametrize(
    "turn",
    [
        'do = [{ thing = "no_such_lamp", ability = "on", value = true }]',
        'do = [{ thing = "main_light", ability = "glow", value = true }]',
        'do = [{ thing = "main_light", ability = "on" }]',
        'do = [{ thing = "main_light", ability = "on", value = true, hurry = 1 }]',
        "do = []",
        'ask = "why"',
        'refuse = "no"',
        "nothing = false",
        'answer = { about = "no_such_thing" }',
        'ask = "which"\nnothing = true',
        "",
    ],
)
def test_a_broken_case_is_told_by_its_id_and_never_by_its_words(
    tmp_path: Path, known: dict[str, House], turn: str
) -> None:
    told = _orders(tmp_path, known, turn)
    assert "t-1" in told
    assert SAY not in told


def test_a_house_has_a_pin_only_where_the_dialogue_says_one(known: dict[str, House]) -> None:
    cases = [case for case in all_cases(STUDY, known) if case.skill]
    assert {case.has_pin for case in cases if case.kind == "plain"} == {False}
