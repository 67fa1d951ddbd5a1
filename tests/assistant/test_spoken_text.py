"""What a model wrote, as it can be spoken."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.spoken import speakable, spoken

WRITTEN = [
    ("**Paris** is the *capital*.", "en", "Paris is the capital."),
    ("# Tea\n1. Boil water\n2. Wait", "en", "Tea. Boil water. Wait"),
    ("- milk\n- eggs", "en", "milk. eggs"),
    ("See [the page](https://example.com/a) or https://example.com.", "en", "See the page or ."),
    ("Use `print` now 😀", "en", "Use print now"),
    ("<think>hm, tea?</think>Tea.", "en", "Tea."),
    ("2 * 3 is 6, and 3. Then rest", "en", "2 3 is 6, and 3. Then rest"),
    ("Yes, so it is, I think. Or not?", "en", "Yes, so it is, I think. Or not?"),
    ("snake_case stays", "en", "snake_case stays"),
    ("bread & butter", "en", "bread and butter"),
    ("**水**在一百度沸腾。", "zh", "水在一百度沸腾。"),
]


async def _pieces(text: str, size: int) -> AsyncIterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


@pytest.mark.parametrize(("text", "language", "said"), WRITTEN)
def test_markup_is_not_spoken(text: str, language: str, said: str) -> None:
    assert spoken(text, language) == said


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(("text", "language", "said"), WRITTEN)
async def test_nor_while_it_is_still_being_written(text: str, language: str, said: str, size: int) -> None:
    streamed = "".join([piece async for piece in speakable(_pieces(text, size), language)])
    assert " ".join(streamed.split()).rstrip(".") == said.rstrip(".")


async def test_plain_words_do_not_wait_for_the_end() -> None:
    stream = speakable(_pieces("Water boils at a hundred degrees.", 6), "en")
    assert await anext(stream) == "Water "
    await stream.aclose()


@given(text=st.text(max_size=300))
def test_any_text_becomes_one_line_without_markup(text: str) -> None:
    said = spoken(text, "en")
    assert "\n" not in said
    assert "```" not in said
