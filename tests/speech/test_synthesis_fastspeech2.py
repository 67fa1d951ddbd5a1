"""The neural Mandarin voice: text to symbols by itself, sound with the real networks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from speech.synthesis.engine import SynthesisError
from speech.synthesis.fastspeech2 import MandarinVoice, Symbols

IDS = {
    each: at
    for at, each in enumerate(("pad", "sil", "#0", "#3", "h", "ao3", "ao2", "eos", "d", "eng1", "^", "en2"))
}
SYLLABLES = {"hao": ("h", "ao"), "deng": ("d", "eng"), "en": ("^", "en")}


@pytest.fixture(scope="module")
def folder(weights: Callable[[str], Path]) -> Path:
    return weights("fastspeech2-baker")


@pytest.fixture(scope="module")
def voice(folder: Path) -> MandarinVoice:
    return MandarinVoice(folder)


def _said(text: str) -> list[str]:
    names = list(IDS)
    return [names[each] for each in Symbols(IDS, SYLLABLES).ids(text)]


def test_syllables_become_initials_and_finals_with_their_tone() -> None:
    assert _said("灯") == ["sil", "d", "eng1", "sil", "eos"]


def test_third_tones_change_beside_each_other() -> None:
    assert _said("好好") == ["sil", "h", "ao2", "#0", "h", "ao3", "sil", "eos"]


def test_punctuation_is_a_pause_and_never_at_an_end() -> None:
    assert _said("，灯，灯。") == ["sil", "d", "eng1", "#3", "d", "eng1", "sil", "eos"]
    assert _said("。…") == []


def test_a_hum_and_an_unknown_character_hurt_nobody() -> None:
    assert _said("嗯") == ["sil", "^", "en2", "sil", "eos"]
    assert _said("兙灯☃") == ["sil", "d", "eng1", "sil", "eos"]


def test_it_speaks_a_piece_a_sentence(voice: MandarinVoice) -> None:
    pieces = list(voice.synthesise("客厅的灯开了。空调是24度。", "zh"))
    assert len(pieces) == 2
    assert all(piece.dtype == np.int16 and 0.5 < len(piece) / voice.rate_hz < 4 for piece in pieces)


def test_twice_the_rate_takes_about_half_as_long(voice: MandarinVoice, folder: Path) -> None:
    fast = MandarinVoice(folder, rate=2.0)
    slow_s, fast_s = (sum(map(len, each.synthesise("客厅的灯已经打开了", "zh"))) for each in (voice, fast))
    assert 0.4 < fast_s / slow_s < 0.75


@pytest.mark.parametrize(("text", "language"), [("打开 TV", "zh"), ("hello", "en")])
def test_what_it_cannot_read_is_another_voices(voice: MandarinVoice, text: str, language: str) -> None:
    with pytest.raises(SynthesisError):
        list(voice.synthesise(text, language))


def test_a_damaged_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "baker_mapper.json").write_text("{}")
    with pytest.raises(SynthesisError, match="sotto models pull") as error:
        MandarinVoice(tmp_path)
    assert "\n" not in str(error.value)
