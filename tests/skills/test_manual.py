from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.manual import Manual
from skills.manual.documents import LONGEST_PASSAGE, pieces
from skills.manual.index import Index
from skills.testing import Trial

HANDBOOK = """
# Warning lights

The malfunction indicator lamp glows amber when the engine control has found a fault. You may drive on with
care. Have the vehicle checked by a workshop as soon as possible.

The red oil can symbol tells that the oil pressure is too low. Stop at once and switch the engine off.

# Wheels

Inflate the tyres to 2.4 bar in front and 2.6 bar in the rear, when they are cold.
"""
CHINESE = """
黄色发动机故障灯亮起时，说明发动机控制系统有故障。可以小心驾驶，请尽快到维修站检查。

红色机油灯亮起时请立即停车并关闭发动机。
"""


def pdf_of(*lines: str) -> bytes:
    """A page of text, as small as a PDF can be."""
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    stream = f"BT /F1 12 Tf 50 700 Td 14 TL {shown} ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return made + end % (table, len(made))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "manuals"
    (folder / "kitchen").mkdir(parents=True)
    (folder / "owners_handbook.md").write_text(HANDBOOK, "utf-8")
    (folder / "用户手册.txt").write_text(CHINESE, "utf-8")
    html = (
        "<head><title>no</title></head><h1>Descaling</h1><p>Descale the kettle with vinegar every month.</p>"
    )
    (folder / "kitchen/kettle.html").write_text(html, "utf-8")
    (folder / "towing.pdf").write_bytes(pdf_of("Trailers", "", "The greatest towing load is 1500 kg."))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 no more")
    return folder


def trial(folder: Path) -> Trial:
    return Trial(Manual, folder=str(folder), index=str(folder.parent / "index.sqlite"))


@pytest.mark.parametrize(
    ("text", "language", "reply"),
    [
        (
            "what does the yellow engine light mean",
            "en",
            "owners handbook says: Warning lights: The malfunction indicator lamp glows amber when the "
            "engine control has found a fault. You may drive on with care. "
            "Have the vehicle checked by a workshop as soon as possible.",
        ),
        ("what does the manual say about the tyre pressure", "en", None),
        ("what does the handbook say about the towing load", "en", None),
        ("look up descaling the kettle in the manual", "en", None),
        ("黄色的发动机灯是什么意思", "zh", None),
    ],
)
def test_a_question_is_answered_with_the_documents_own_words_and_its_name(
    understand, folder, text, language, reply
):
    ((tool, arguments),) = understand(text, language, skills=[Manual])
    asked = trial(folder)
    said = asked.call(tool.partition(".")[2], asked.context(language=language), **arguments).reply
    assert reply is None or said == reply
    expected = {
        "yellow": "malfunction",
        "tyre": "2.4 bar",
        "towing": "towing, page 1, says: Trailers The greatest towing load is 1500 kg.",
        "descaling": "vinegar every month",
        "黄色": "用户手册里说：黄色发动机故障灯亮起时，说明发动机控制系统有故障。",
    }
    assert next(words for key, words in expected.items() if key in text) in said


@pytest.mark.parametrize("text", ["what does necessary mean", "what does love mean", "what is the weather"])
def test_words_that_no_manual_explains_are_left_alone(understand, text):
    assert understand(text, skills=[Manual]) == []


def test_what_is_in_no_document_is_not_made_up(folder):
    done = trial(folder).call("look_up", query="how to bake a chocolate cake")
    assert (done.refused, done.reply) == (True, "I find nothing about that in your manuals.")


def test_without_a_folder_it_says_what_to_do():
    done = Trial(Manual).call("look_up", query="towing")
    assert done.refused
    assert "put them into a folder" in done.reply


def test_a_document_that_changes_is_read_anew_and_one_that_goes_is_forgotten(folder, tmp_path):
    index = Index(tmp_path / "i.sqlite")
    assert index.renew(folder) == 5
    assert index.search("vinegar kettle") is not None
    (folder / "kitchen/kettle.html").unlink()
    (folder / "new.txt").write_text("Rinse the juicer with lemon water after use.", "utf-8")
    index.renew(folder)
    assert index.search("vinegar kettle") is None
    found = index.search("rinse the juicer")
    assert found is not None
    assert (found.document, found.page) == ("new", 0)


@given(st.text(max_size=3000))
def test_no_text_breaks_the_cutting_and_no_passage_is_endless(text):
    for piece in pieces(text):
        assert piece
        assert len(piece) <= 3 * LONGEST_PASSAGE


@given(st.text(max_size=80))
def test_no_question_breaks_the_search(question):
    _INDEX.search(question)


_INDEX: Index


@pytest.fixture(scope="module", autouse=True)
def _one_index(tmp_path_factory):
    global _INDEX
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "a.txt").write_text(HANDBOOK, "utf-8")
    _INDEX = Index(folder / "i.sqlite")
    _INDEX.renew(folder)
