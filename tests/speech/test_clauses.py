from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.synthesis.clauses import LONGEST, ClauseCutter, clauses, pause_s

TEXTS = st.text(
    st.sampled_from("abc ABC .!?;:,—… \n\"')0123456789。！？；：，、好的“”é"), max_size=400
) | st.text(max_size=200)


def cut(*pieces: str) -> list[str]:
    cutter = ClauseCutter()
    found = [clause for piece in pieces for clause in cutter.feed(piece)]
    rest = cutter.finish()
    return found if rest is None else [*found, rest]


def packed(text: str) -> str:
    return "".join(text.split())


@given(TEXTS)
def test_no_letter_is_lost_or_moved(text: str) -> None:
    assert packed("".join(cut(text))) == packed(text)


@given(TEXTS, st.lists(st.integers(1, 30), max_size=60))
def test_where_it_is_cut_does_not_depend_on_the_pieces(text: str, lengths: list[int]) -> None:
    pieces = []
    rest = text
    for length in lengths:
        pieces.append(rest[:length])
        rest = rest[length:]
    assert cut(*pieces, rest) == cut(text)


@given(TEXTS)
def test_every_clause_can_be_spoken_in_one_go(text: str) -> None:
    assert all(clause == clause.strip() and 0 < len(clause) <= LONGEST + 1 for clause in cut(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kitchen light on.", ["Kitchen light on."]),
        ("Kitchen light on. It is 3.5 degrees.", ["Kitchen light on.", "It is 3.5 degrees."]),
        ("At 7:05 it rains, e.g. in the north.", ["At 7:05 it rains,", "e.g. in the north."]),
        ("Dr. Smith called at 5 p.m. today. Call back?", ["Dr. Smith called at 5 p.m. today.", "Call back?"]),
        ("Well, it is on.", ["Well, it is on."]),
        ("Of course, it is on.", ["Of course,", "it is on."]),
        ("It said \"go!\" Then it went.", ["It said \"go!\"", "Then it went."]),
        ("It costs 12,500 euros at example.com today", ["It costs 12,500 euros at example.com today"]),
        ("The light is on — bright", ["The light is on —", "bright"]),
        ("First line\nsecond line", ["First line", "second line"]),
        ("好的，客厅的灯已经打开了。现在21.5度。", ["好的，客厅的灯已经打开了。", "现在21.5度。"]),
        ("温度是21度,湿度很高。", ["温度是21度,", "湿度很高。"]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_clauses_end_where_one_may_breathe(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_the_first_clause_is_given_before_the_text_is_complete() -> None:
    cutter = ClauseCutter()
    assert cutter.feed("Sure thing, the ligh") == ["Sure thing,"]
    assert cutter.feed("t") == []


def test_a_chinese_clause_needs_no_look_ahead() -> None:
    assert ClauseCutter().feed("灯已经打开了。") == ["灯已经打开了。"]


def test_text_without_any_mark_is_cut_at_white_space() -> None:
    found = cut("word " * 100)
    assert len(found) == 3
    assert all(clause.endswith("word") for clause in found)


async def test_pieces_of_a_stream_become_clauses() -> None:
    async def tokens() -> AsyncIterator[str]:
        for piece in ("The light", " is on", ".", " It is", " bright"):
            yield piece

    assert [clause async for clause in clauses(tokens())] == ["The light is on.", "It is bright"]


def test_a_sentence_is_followed_by_a_longer_pause_than_a_comma() -> None:
    assert pause_s("It is on.") == pause_s("好的。") == pause_s('He said "go!"') > pause_s("Well,") > 0
