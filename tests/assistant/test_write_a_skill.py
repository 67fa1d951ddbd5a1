"""docs/write-a-skill.md, followed to the letter: its files written, its commands run, its output compared."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import CHECKOUT
from tests.skills.workshop import Workshop

PAGE = CHECKOUT / "docs" / "write-a-skill.md"
MARK = re.compile(r"<!-- (file[^:]*): (\S+) -->")


def blocks() -> Iterator[tuple[str, str, str, str]]:
    """(how, file, language, text) of each block that has a language; the others are pictures."""
    how = file = ""
    language: str | None = None
    text: list[str] = []
    for line in PAGE.read_text("utf-8").splitlines(keepends=True):
        mark = MARK.match(line)
        if mark is not None:
            how, file = mark[1], mark[2]
        elif not line.startswith("```"):
            text.append(line)
        elif language is None:
            language, text = line.strip("`\n"), []
        else:
            if language:
                yield how, file, language, "".join(text)
            how, file, language = "", "", None


def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    printed = ""
    did = []
    for how, file, language, text in blocks():
        did.append(file or language)
        if language == "sh":
            done = workshop.run(text)
            printed = done.stdout
            # `sotto ask` ends with 1 where no device said that it was done.
            may_be = (0, 1) if text.splitlines()[-1].startswith("sotto ask") else (0,)
            assert done.returncode in may_be, f"{text}\n{done.stdout}\n{done.stderr}"
        elif language == "text":
            for line in text.splitlines():
                assert line in printed, printed
        elif how == "file, as generated":
            assert (workshop.folder / file).read_text("utf-8") == text
        else:
            assert file, f"a {language} block that nobody runs: {text}"
            (workshop.folder / file).write_text(text, "utf-8")
    assert did.count("sh") == 5
    assert "sotto-doorbell/tests/test_doorbell.py" in did


def test_the_links_of_the_page_lead_somewhere() -> None:
    for target in re.findall(r"\]\((\.\./[^)]+)\)", PAGE.read_text("utf-8")):
        assert (PAGE.parent / target).exists(), target
