import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.discovery.templates import MAX_TEXT, Template, TemplateError


@pytest.mark.parametrize(
    ("template", "payload", "value"),
    [
        (None, "ON", "ON"),
        ("{{ value_json.state }}", '{"state": "ON"}', "ON"),
        ("{{ value_json['a']['b'][0] }}", '{"a": {"b": [7]}}', "7"),
        ("{{ value_json.b | float | round(1) }}", '{"b": "12.34"}', "12.3"),
        ("{{ 'ON' if value_json.power > 0 else 'OFF' }}", '{"power": 3}', "ON"),
        ("{% if value == '1' %}on{% else %}off{% endif %}", "1", "on"),
        ("{% set part = value.split(',') %}{{ part[1] }}", "a,b", "b"),
        ("{{ value | replace('_', ' ') | title }}", "living_room", "Living Room"),
        ("{{ value_json.missing | default('OFF') }}", "{}", "OFF"),
        ("{{ (value | int / 2.55) | round | int }}", "255", "100"),
        ("{{ iif(value == 'x', 'yes', 'no') }}", "x", "yes"),
        ("{{ value_json is mapping }}", "{}", "True"),
        ("{{ is_number(value) }}", "1.5", "True"),
        (" {{ value }}\n", "ON", "ON"),
    ],
)
def test_templates_find_the_value_in_a_payload(template: str | None, payload: str, value: str) -> None:
    assert Template(template).read(payload) == value


def test_a_command_template_writes_the_payload() -> None:
    template = Template("{{ '#%02x%02x%02x' | format(red, green, blue) }}")
    assert template.write("255,0,128", {"red": 255, "green": 0, "blue": 128}) == "#ff0080"
    assert Template(None).write("255,0,128", {}) == "255,0,128"


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(1000000) %}{{ i }}{% endfor %}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ [value] * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ '%*d' | format(100000000, 1) }}",
        "{{ value is divisibleby 5 }}",
        "{{ 1.5 | round(100000000, 'ceil') }}",
        "{{ value | center(1000000000) }}",
        "{{ value.format(1) }}",
        "{{ value | replace('', value) }}",
        "{{ value | join(value) }}",
        "{% set a = value ~ value %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
        "{% set a = [value, value] %}" + "{% set a = [a, a] %}" * 60 + "{{ a }}",
        "{{ value" + " ~ value" * 200 + " }}",
        "{{ value | tojson" + " | tojson" * 100 + " }}",
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "{{ " + "-" * 1500 + "1 }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ range(10) }}",
        "{{ lipsum(1000) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'passwords' %}",
        "{{ value | int }}",
        "{{ value_json.a.b }}",
        "{{ unclosed",
        "x" * 3_000,
    ],
)
def test_a_hostile_or_broken_template_is_refused_quickly(template: str) -> None:
    began = time.monotonic()
    with pytest.raises(TemplateError):
        Template(template).read('"%1000000000d' + "x" * 15_000)
    assert time.monotonic() - began < 20  # if evaluated, it would take minutes or the memory


def test_a_payload_that_is_too_long_for_a_template_is_refused() -> None:
    with pytest.raises(TemplateError, match="too long"):
        Template("{{ value }}").read("x" * (MAX_TEXT + 1))


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_template_raises_anything_else(template: str, payload: str) -> None:
    for source in (template, "{{ " + template + " }}", "{{ value_json." + template + " }}"):
        with contextlib.suppress(TemplateError):
            assert isinstance(Template(source).read(payload), str)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=20))
def test_any_json_can_be_read(value: object) -> None:
    assert Template("{{ value_json is defined }}").read(json.dumps(value)) == "True"


PIECES = (
    "value value_json '%s' 1 ( ) [ ] { } ~ * | . join format __class__ range replace tojson split round "
    "100000000 , % ** ' if else in set a ="
)
pieces = st.lists(st.sampled_from(PIECES.split()), max_size=40).map(" ".join)
payloads = st.sampled_from(["1", "[" * 500, '{"a": [1, [2]]}', "x" * 5_000])


@given(pieces, payloads)
def test_pieces_of_hostile_templates_run_short_or_not_at_all(inside: str, payload: str) -> None:
    for source in ("{{ " + inside + " }}", "{% " + inside + " %}{{ a }}"):
        with contextlib.suppress(TemplateError):
            assert len(Template(source).read(payload)) <= MAX_TEXT
