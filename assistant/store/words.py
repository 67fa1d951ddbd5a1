"""Words as the full-text index has them.

SQLite's tokenizer cuts at spaces, which Chinese has none of: each Chinese character is a word of its own
there, and a run of them is searched for as a phrase. So "客厅" is found in "打开客厅的灯", and "kitch" in
"Kitchen".
"""

import re

_HAN = r"㐀-䶿一-鿿豈-﫿々〇"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_ONE = re.compile(rf"[{_HAN}]")
MOST_WORDS = 16


def indexed(*texts: str | None) -> str:
    """What is written into the index for these texts."""
    return _ONE.sub(lambda found: f" {found[0]} ", " ".join(filter(None, texts)))


def query(asked: str) -> str | None:
    """The index's query for what a person typed: all of its words, the beginning of a word being enough.

    None when it has no word in it. Nothing that a person types means anything to the index itself.
    """
    runs = _RUN.findall(asked)[:MOST_WORDS]
    terms = [f'"{" ".join(run)}"' if _ONE.match(run) else f'"{run}"*' for run in runs]
    return " AND ".join(terms) or None
