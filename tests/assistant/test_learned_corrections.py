from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from assistant.understanding.learned.corrections import FILE, Correction, Corrections, Meant

NOW = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)


def test_what_was_written_is_read_in_its_order(tmp_path):
    first = Correction("make it cosy", "en", NOW, None, Meant("lights.change_brightness", {"by": -20}))
    second = Correction("下雨了", "zh", NOW, Meant("weather.rain", {}), None)
    notes = Corrections(tmp_path / "data")
    notes.add(first)
    notes.add(second)
    assert notes.read() == [first, second]


def test_of_one_sentence_the_last_word_counts(tmp_path):
    notes = Corrections(tmp_path)
    notes.add(Correction("Cosy", "en", NOW, None, Meant("lights.turn", {"on": True})))
    notes.add(Correction("cosy", "en", NOW, None, None))
    assert [each.right for each in notes.read()] == [None]


def test_no_file_is_no_corrections(tmp_path):
    assert Corrections(tmp_path / "nowhere").read() == []


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"{}", b"[" * 5000, b'{"text": 1}', b"null"])))
def test_broken_lines_are_passed_over(tmp_path_factory, lines):
    folder = tmp_path_factory.mktemp("data")
    (folder / FILE).write_bytes(b"\n".join(lines) + b"\n")
    notes = Corrections(folder)
    notes.add(Correction("put \ud800 it \n back", "en", NOW))
    assert notes.read()[-1].text.startswith("put")
