"""Passages that are searched by words: SQLite's FTS5, in English by stems, in Chinese by characters."""

import logging
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from skills.manual.documents import Passage, files_in, passages, sentences

_log = logging.getLogger(__name__)

MOST_FOUND = 8
LONGEST_QUOTE = 320
"""Characters: what can be listened to."""
ENOUGH = 0.5
"""The share of what was asked for that a passage must hold to be an answer."""
_VERSION = 1
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]", re.IGNORECASE)
_EMPTY = frozenset(
    "a an the is are was be do does did what which how why when where who i my me we our you your it its "  # noqa: SIM905 - words
    "this that to of in on at for with and or if can should must say says mean means about manual handbook "
    "tell get there have has 的 了 是 吗 呢 什 么 怎 样 我 你 这 那 个 在 有 和 说 请 问 意 思".split()
)
_ALIKE = (
    ("yellow", "amber", "orange"), ("light", "lamp", "indicator", "telltale"), ("tyre", "tire"),
    ("boot", "trunk", "tailgate"), ("windscreen", "windshield"), ("petrol", "gasoline", "fuel"),
    ("bonnet", "hood"), ("warning", "alert"), ("replace", "change"),
    ("flashing", "blinking", "flashes"), ("pressure", "inflate", "bar"),
)  # fmt: skip
_SAME: Mapping[str, tuple[str, ...]] = {word: group for group in _ALIKE for word in group}


@dataclass(frozen=True, slots=True)
class Found:
    """What a document says: the words that answer, and where they stand."""

    quote: str
    document: str
    page: int


class Index:
    """A file of its own beside the documents' folder, made and kept up to date by `renew`. Any thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        with closing(self._open()) as database:
            if database.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                database.executescript(
                    f"""
                    DROP TABLE IF EXISTS passages; DROP TABLE IF EXISTS files;
                    CREATE VIRTUAL TABLE passages USING fts5(
                        words, text UNINDEXED, document UNINDEXED, page UNINDEXED, file UNINDEXED,
                        tokenize = 'porter unicode61');
                    CREATE TABLE files (file TEXT PRIMARY KEY, state TEXT);
                    PRAGMA user_version = {_VERSION};
                    """
                )

    def renew(self, folder: Path) -> int:
        """Read what is new or changed below a folder, forget what is gone; returns how many documents it
        holds. What cannot be read is left out, and told in the log.
        """
        there = {str(path): path for path in files_in(folder)}
        with self._lock, closing(self._open()) as database:
            kept: dict[str, str] = dict(database.execute("SELECT file, state FROM files"))
            for file in kept.keys() - there.keys():
                _forget(database, file)
            for file, path in there.items():
                about = path.stat()
                state = f"{about.st_mtime_ns} {about.st_size}"
                if kept.get(file) == state:
                    continue
                _forget(database, file)
                try:
                    rows = [
                        (_spaced(each.text), each.text, each.document, each.page, file)
                        for each in passages(path)
                    ]
                except (OSError, ValueError) as error:
                    _log.warning("manual: %s was left out: %s", path.name, error)
                    rows = []
                database.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?)", rows)
                database.execute("INSERT INTO files VALUES (?, ?)", (file, state))
                database.commit()
            database.commit()
        return len(there)

    def search(self, question: str) -> Found | None:
        """What the documents say of it; None when no passage holds enough of what was asked for."""
        wanted = _wanted(question)
        if not wanted:
            return None
        asked = " OR ".join(f'"{word}"' for each in wanted for word in _SAME.get(each, (each,)))
        with closing(self._open()) as database:
            rows = database.execute(
                "SELECT text, document, page FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?",
                (asked, MOST_FOUND),
            ).fetchall()
        ranked = [
            (_share(wanted, text), -place, text, document, page)
            for place, (text, document, page) in enumerate(rows)
        ]
        share, _, text, document, page = max(ranked, default=(0.0, 0, "", "", 0))
        if share < ENOUGH:
            return None
        return Found(_quote(text, wanted), document, page)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)


def _forget(database: sqlite3.Connection, file: str) -> None:
    database.execute("DELETE FROM passages WHERE file = ?", (file,))
    database.execute("DELETE FROM files WHERE file = ?", (file,))


def _spaced(text: str) -> str:
    """The text with each Chinese character a word of its own."""
    return _HAN.sub(lambda found: f" {found[0]} ", text)


def _wanted(question: str) -> tuple[str, ...]:
    """The words that matter. Two Chinese characters that stand side by side count as one word."""
    found: list[str] = []
    for run in re.findall(r"[\u3400-\u9fff]+|[a-z0-9]+", question.casefold()):
        if not _HAN.match(run):
            found += [run] if run not in _EMPTY else []
            continue
        kept = "".join(" " if each in _EMPTY else each for each in run).split()
        for part in kept:
            found += [" ".join(part[at : at + 2]) for at in range(max(1, len(part) - 1))]
    return tuple(dict.fromkeys(found))


def _share(wanted: Iterable[str], text: str) -> float:
    there = _stems(text)
    words = list(wanted)
    return sum(_holds(there, word) for word in words) / len(words)


def _holds(there: str, word: str) -> bool:
    return any(f" {_stem(each)}" in there for each in _SAME.get(word, (word,)))


def _stems(text: str) -> str:
    return " " + " ".join(_stem(each) for each in _WORD.findall(text.casefold()))


def _stem(word: str) -> str:
    """The word without the end that changes; enough to compare, the search itself has Porter's."""
    for end in ("ing", "ies", "ed", "es", "s", "y"):
        if word.endswith(end) and len(word) - len(end) >= 3:
            return word.removesuffix(end)
    return word


def _quote(text: str, wanted: tuple[str, ...]) -> str:
    """The sentences from the one that holds most of it on, as many as can be listened to."""
    each_of = sentences(text)
    best = max(range(len(each_of)), key=lambda at: (_share(wanted, each_of[at]), -at))
    quote = ""
    for sentence in _from(each_of, best):
        if quote and len(quote) + len(sentence) > LONGEST_QUOTE:
            break
        quote = f"{quote} {sentence.strip()}".strip()
    return quote[:LONGEST_QUOTE]


def _from(each_of: list[str], best: int) -> Iterator[str]:
    yield from each_of[best : best + 3]


__all__ = ["Found", "Index", "Passage"]
