import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from assistant.config.lines import key_lines


def test_each_key_stands_where_it_was_written():
    text = """
# a comment
[mqtt]
host = "x"   # with a comment
port = 1

[home]
rooms = [
  "kitchen",
]
name = "a"
[home . "a b".c]
'd e' = 1
f.g = { h = 1 }
"""
    assert key_lines(text) == {
        ("mqtt",): 3,
        ("mqtt", "host"): 4,
        ("mqtt", "port"): 5,
        ("home",): 7,
        ("home", "rooms"): 8,
        ("home", "name"): 11,
        ("home", "a b"): 12,
        ("home", "a b", "c"): 12,
        ("home", "a b", "c", "d e"): 13,
        ("home", "a b", "c", "f"): 14,
        ("home", "a b", "c", "f", "g"): 14,
        ("home", "a b", "c", "f", "g", "h"): 14,
    }


def test_what_looks_like_a_key_inside_a_string_is_none():
    text = "a = \"\"\"\n[b]\nc = 1\n\"\"\"\nd = '''\n# e = 1\n'''\nf = 1\n"
    assert key_lines(text) == {("a",): 1, ("d",): 5, ("f",): 8}


def test_tables_in_a_list_have_lines():
    assert key_lines("[[a.b]]\nc = 1\n[[a.b]]\nd = 1\n")[("a", "b", "d")] == 4


def test_line_ends_of_windows_count_once():
    assert key_lines("a = 1\r\n\r\nb = 1\r\n") == {("a",): 1, ("b",): 3}


WORDS = st.text("abc é.\"'[]#=", min_size=1, max_size=6)
VALUES = st.one_of(st.integers(-9, 9), st.booleans(), WORDS, st.lists(WORDS, max_size=3))


@given(
    tables=st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=4), max_size=4), blank=st.booleans()
)
def test_every_key_of_every_table_is_found_in_its_line(tables, blank):
    lines, expected = [], {}
    for table, keys in tables.items():
        lines += [""] * blank + [f"[{json.dumps(table)}]"]
        expected[(table,)] = len(lines)
        for key, value in keys.items():
            lines.append(f"{json.dumps(key)} = {json.dumps(value)} # [x]")
            expected[(table, key)] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == tables
    assert key_lines(text) == expected
