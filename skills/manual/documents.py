"""A folder of documents as passages: text, Markdown, HTML and PDF."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

_log = logging.getLogger(__name__)

KINDS = frozenset({".txt", ".md", ".html", ".htm", ".pdf"})
LONGEST_PASSAGE = 700
"""Characters; what is longer is cut at a sentence's end."""
LARGEST_FILE_BYTES = 100_000_000
MOST_FILES = 200
MOST_PAGES = 3_000
_BLOCKS = frozenset("p div li tr td th h1 h2 h3 h4 h5 h6 br section article dt dd".split())  # noqa: SIM905 - words
_UNSEEN = frozenset({"script", "style", "head", "nav"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document. `page` counts from 1, and is 0 where the document has none."""

    document: str
    page: int
    text: str


def files_in(folder: Path) -> tuple[Path, ...]:
    """All documents below a folder, in order."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.casefold() in KINDS and path.is_file())
    if len(found) > MOST_FILES:
        _log.warning("manual: %s holds %d documents; the first %d are read", folder, len(found), MOST_FILES)
    return tuple(found[:MOST_FILES])


def passages(path: Path) -> Iterator[Passage]:
    """Read one document. Raises OSError, ValueError when it cannot be read."""
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise ValueError("it is larger than 100 MB")
    name = re.sub(r"[-_]+", " ", path.stem).strip()
    for page, text in _pages(path):
        for piece in pieces(text):
            yield Passage(name, page, piece)


def _pages(path: Path) -> Iterator[tuple[int, str]]:
    match path.suffix.casefold():
        case ".pdf":
            yield from _pdf(path)
        case ".html" | ".htm":
            reader = _Html()
            reader.feed(path.read_text("utf-8", errors="replace"))
            yield 0, reader.text
        case _:
            yield (
                0,
                re.sub(
                    r"^#+\s*|[*_`]{1,2}", "", path.read_text("utf-8", errors="replace"), flags=re.MULTILINE
                ),
            )


def _pdf(path: Path) -> Iterator[tuple[int, str]]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        for number, page in enumerate(PdfReader(path).pages[:MOST_PAGES], 1):
            yield number, page.extract_text()
    except PyPdfError as error:
        raise ValueError(f"it is no PDF that can be read: {error}") from None


def pieces(text: str) -> Iterator[str]:
    """Cut a text into paragraphs, and long ones further; a heading goes with what follows it."""
    heading = ""
    for block in re.split(r"\n\s*\n", text):
        lines = " ".join(block.split())
        if not lines:
            continue
        if len(lines) <= 60 and lines[-1] not in ".!?。！？:：;；":
            heading = lines
            continue
        yield from _cut(f"{heading}: {lines}" if heading else lines)
        heading = ""
    if heading:
        yield heading


def sentences(text: str) -> list[str]:
    """The sentences of a passage."""
    return [each for each in _SENTENCE.split(text) if each.strip()]


def _cut(text: str) -> Iterator[str]:
    piece = ""
    for sentence in sentences(text):
        if piece and len(piece) + len(sentence) > LONGEST_PASSAGE:
            yield piece.strip()
            piece = ""
        piece += f"{sentence} "
        while len(piece) > 2 * LONGEST_PASSAGE:
            yield piece[:LONGEST_PASSAGE]
            piece = piece[LONGEST_PASSAGE:]
    if piece.strip():
        yield piece.strip()


class _Html(HTMLParser):
    """The words of a page, a paragraph for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - what HTMLParser calls
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.text += "\n\n"

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN and self._unseen > 0
        if tag in _BLOCKS:
            self.text += "\n\n"

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.text += data
