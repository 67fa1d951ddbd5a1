from collections.abc import Iterator

import pytest
from hassil import (
    Alternative,
    Expression,
    ListReference,
    RuleReference,
    Sequence,
    TextChunk,
    parse_sentence,
)
from hassil.expression import Group
from hassil.parser import ParseError
from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.normalise import languages, plain_template, words_of
from assistant.understanding.templates import lists_in, read_template
from skills.registry import Registry


def shape(expression: Expression) -> object:
    match expression:
        case TextChunk():
            parent = (
                None if expression.parent is None else (type(expression.parent), len(expression.parent.items))
            )
            return expression.text, expression.original_text, parent
        case Alternative():
            return Alternative, expression.is_optional, [shape(item) for item in expression.items]
        case Group():
            return type(expression), [shape(item) for item in expression.items]
        case ListReference():
            return ListReference, expression.list_name, expression.slot_name, expression.is_end_of_word
        case RuleReference():
            return RuleReference, expression.rule_name
    raise TypeError(expression)


def written(registry: Registry, code: str) -> Iterator[str]:
    for skill in registry.skills:
        if (language := registry.language(skill, code)) is not None:
            yield from language.rules.values()
            for sentences in language.sentences.values():
                yield from (template for each in sentences for template in each.templates)


@pytest.mark.parametrize("code", languages())
def test_every_template_of_the_skills_is_read_as_hassil_reads_it(code: str) -> None:
    templates = [plain_template(each, words_of(code)) for each in written(Registry.load({}), code)]

    assert len(templates) > 1000
    for template in templates:
        own, theirs = read_template(template), parse_sentence(template, keep_text=True)
        assert shape(own.expression) == shape(theirs.expression), template
        assert own.text == theirs.text


def pieces() -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["turn'", "on'the'", "开'灯'", "{device}", "{area:room}", "<please>"])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map("".join),
            st.lists(inner, min_size=1, max_size=3).map(lambda ways: f"({'|'.join(ways)})"),
            st.lists(inner, min_size=1, max_size=3).map(lambda ways: f"[{'|'.join(ways)}]"),
            inner.map(lambda one: f"({one}|)"),
        ),
        max_leaves=12,
    )


@given(pieces())
def test_any_plain_template_is_read_as_hassil_reads_it(template: str) -> None:
    assert shape(read_template(template).expression) == shape(parse_sentence(template).expression)


@pytest.mark.parametrize("broken", ["(turn'", "turn')", "(turn']", "[on'", "{device", "on'>", "[[on']", ")("])
def test_a_bracket_that_is_not_closed_is_told(broken: str) -> None:
    with pytest.raises(ParseError):
        read_template(broken)


def test_the_lists_that_a_rule_names_count_with_those_of_the_template() -> None:
    rules = {"where": "in'<room>", "room": "{area:room}", "unused": "{percent}", "itself": "<itself>{title}"}

    assert lists_in(["on'{device}[<where>]", "<itself>"], rules) == {"device", "area", "title"}


def test_a_sequence_is_the_same_whether_it_stands_in_brackets() -> None:
    assert isinstance(read_template("(turn'on'{device})").expression, Sequence)
