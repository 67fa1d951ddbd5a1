"""How Chinese characters are read, by `pypinyin` where it is installed, and which readings sound alike.

Tones are ignored, and so is what many speakers do not tell apart: zh/z, ch/c, sh/s, n/l, and a final n/ng.
"""

import importlib
import os
from collections.abc import Callable
from functools import lru_cache

Readings = frozenset[tuple[str, str]]
"""The ways to read a character, each as (initial, final)."""

Reader = Callable[[str], Readings]

_ONE_INITIAL = {"zh": "z", "ch": "c", "sh": "s", "l": "n"}
HALF = 0.5
"""How alike two syllables are that share their initial or their final."""


@lru_cache(maxsize=1)
def reader() -> Reader | None:
    """Return what reads a character; None without `pypinyin`."""
    # Its lists of phrases cost 40 MB, and characters are read one by one here.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    try:
        pypinyin = importlib.import_module("pypinyin")  # optional, so type checkers may not have it
    except ImportError:
        return None

    @lru_cache(maxsize=8_192)
    def read(character: str) -> Readings:
        return frozenset(
            map(_parts, pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True)[0])
        )

    return read


@lru_cache(maxsize=8_192)
def commonest(character: str) -> tuple[str, str]:
    """Return the commonest reading of a character. Call it only where there is a `reader`."""
    pypinyin = importlib.import_module("pypinyin")
    return _parts(pypinyin.pinyin(character, style=pypinyin.Style.NORMAL)[0][0])


def alike(one: Readings, other: Readings) -> float:
    """Return how alike two characters sound at best: 1, `HALF` or 0."""
    if one & other:
        return 1.0
    shared = any(a[0] == b[0] or a[1] == b[1] for a in one for b in other)
    return HALF if shared else 0.0


def _parts(syllable: str) -> tuple[str, str]:
    at = 2 if syllable[:2] in _ONE_INITIAL else 1 if syllable[:1] in "bpmfdtnlgkhjqxrzcsyw" else 0
    initial, final = syllable[:at], syllable[at:]
    return _ONE_INITIAL.get(initial, initial), final.removesuffix("g") if final.endswith("ng") else final
