"""Writes numbers, times, units and abbreviations out as people say them, in English and Chinese."""

from collections.abc import Callable, Mapping

from speech.synthesis.reading import chinese, english

_READ: Mapping[str, Callable[[str], str]] = {"en": english.read, "zh": chinese.read}


def spoken(text: str, language: str) -> str:
    """`text` as a voice should be given it; languages without rules here are left as they are."""
    read = _READ.get(language)
    return text if read is None else read(text)
