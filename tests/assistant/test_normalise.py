import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.normalise import (
    joined,
    languages,
    languages_of,
    normalise,
    parted,
    plain_template,
    texts,
    words_of,
)

WORDISH = st.text(alphabet="aet' ,.?%50九十百分之灯打开ßİ’é\n", max_size=40)


def core(text: str, language: str) -> str:
    return " ".join(texts(normalise(text, language).core))


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Turn on the LIGHTS!", "en", "turn on lights"),
        ("hey, could you please turn on the lights for me, thanks", "en", "turn on lights"),
        ("set it to fifty-five percent", "en", "set it to 55 percent"),
        ("set it to 55%", "en", "set it to 55 percent"),
        ("set it to one hundred per cent", "en", "set it to 100 percent"),
        ("what’s playing", "en", "what is playing"),
        ("change the color", "en", "change colour"),
        ("please", "en", "please"),
        ("帮我把灯打开一下", "zh", "把 灯 打 开"),
        ("請把燈關掉。", "zh", "把 灯 关 掉"),
        ("调到百分之五十", "zh", "调 到 百分之 50"),
        ("调到50%", "zh", "调 到 50 百分之"),
        ("能不能开灯吗", "zh", "开 灯"),
        ("灯开着吗", "zh", "灯 开 着 吗"),
        ("打开 Kitchen Light", "zh", "打 开 kitchen light"),
    ],
)
def test_words_become_plain(text, language, expected):
    assert core(text, language) == expected


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("打开灯", "en", ("zh",)),
        ("turn on the light", "zh", ("en",)),
        ("打开 kitchen light", "en", ("zh", "en")),
        ("turn on", "fr", ("en",)),
    ],
)
def test_the_writing_tells_the_language(text, hint, expected):
    assert languages_of(text, hint, languages()) == expected


@given(text=WORDISH | st.text(max_size=60), language=st.sampled_from(["en", "zh"]))
def test_any_text_has_plain_words_that_know_where_they_came_from(text, language):
    heard = normalise(text, language)
    assert set(heard.core) <= set(heard.tokens)
    places = [(token.start, token.end) for token in heard.tokens]
    assert places == sorted(places)
    assert all(0 <= start <= end <= len(text) for start, end in places)


@given(text=WORDISH, language=st.sampled_from(["en", "zh"]))
def test_plain_words_are_plain_already(text, language):
    once = texts(normalise(text, language).tokens)
    assert parted(joined(once)) == once


@pytest.mark.parametrize(
    ("template", "language", "expected"),
    [
        ("turn on [the] {light:device}", "en", "turn'on'{light:device}"),
        ("(turn|switch) <what> off", "en", "(turn'|switch')<what>off'"),
        ("把<what>[的]灯打开", "zh", "把'<what>灯'打'开'"),
        ("百分之{percent}", "zh", "百分之'{percent}"),
    ],
)
def test_templates_go_through_the_same_mill(template, language, expected):
    assert plain_template(template, words_of(language)) == expected


def test_both_writings_of_chinese_have_equally_many_characters():
    data = words_of("zh").data
    assert len(data["traditional"]) == len(data["simplified"])
