"""Whatever is heard, a plan comes of it, and none that acts where no word was said."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.understanding.frames.memory import Memory
from assistant.understanding.plan import Plan
from tests.assistant.test_teaching import at_home

SAID = """turn on off the and no wait please could you everything but not lights door set 20 percent it a bit
in ten minutes again , . ? ! … - 打开 关 灯 不 除了 都 了 把 调 到 二十 度 那个 呃 吧 ， 。 ？"""
WORDS = st.sampled_from(SAID.split())


def planned(text: str, language: str) -> Plan:
    _, understanding = at_home()
    return asyncio.run(understanding.plan(text, language, "Hall", "turn", Memory()))


@pytest.mark.parametrize("text", ["", "...", "?", "。", "…", "-", ", ,", "😀"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_no_word_does_nothing(text: str, language: str) -> None:
    assert not planned(text, language).calls


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=40), st.sampled_from(["en", "zh"]))
def test_any_words_are_survived(text: str, language: str) -> None:
    planned(text, language)
