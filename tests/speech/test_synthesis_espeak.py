"""The process that wraps eSpeak NG, with the real library; and what happens when it misbehaves."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.synthesis.engine import SynthesisError
from speech.synthesis.espeak import VOICES, EspeakProcess, EspeakVoice


@pytest.fixture(scope="module")
def espeak() -> Iterator[EspeakProcess]:
    process = EspeakProcess()
    process.start()
    yield process
    process.close()


@pytest.fixture
def pretending(tmp_path: Path) -> Iterator[Callable[..., EspeakProcess]]:
    """A process that does what a test writes instead of what ours does."""
    started = []

    def make(program: str, *, timeout_s: float = 10.0) -> EspeakProcess:
        path = tmp_path / "program.py"
        path.write_text(program)
        started.append(EspeakProcess(timeout_s=timeout_s, program=path))
        return started[-1]

    yield make
    for process in started:
        process.close()


GREETING = 'import sys\nprint(\'{"ready": true, "version": "0"}\', flush=True)\n'


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("Kitchen light on.", "."),
        ("Hello, world! Is it 21.5? Yes: done; really", ",!?:; "),
        ('He said "hello." Then he went...', ".."),
        ("wait — what", ", "),
        ("It is 3.5", " "),
        ("It is 7:05.", "."),
        ("a, b, c.", ",,."),
    ],
)
def test_phonemes_keep_the_mark_of_each_clause(espeak: EspeakProcess, text: str, marks: str) -> None:
    clauses = espeak.phonemes(text, "en-us")
    assert "".join(clause[-1] if clause[-1] in ".,:;!?" else " " for clause in clauses) == marks


def test_chinese_marks_become_the_ones_that_voices_know(espeak: EspeakProcess) -> None:
    assert [clause[-1] for clause in espeak.phonemes("好的，灯开了。真的吗？", "cmn")] == [",", ".", "?"]


def test_a_foreign_word_leaves_no_language_marks(espeak: EspeakProcess) -> None:
    assert "(" not in "".join(espeak.phonemes("打开LED灯。", "cmn"))


@pytest.mark.parametrize("text", ["", "...", "\n", "\0", "\ud800", "a" * 4_000, "[[bad]] <speak>&", "🙂"])
def test_no_text_upsets_the_process(espeak: EspeakProcess, text: str) -> None:
    espeak.phonemes(text, "en-us")
    espeak.speak(text, "en-us")
    assert espeak.phonemes("on", "en-us")


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Kitchen light on."), ("zh", "打开客厅的灯"), ("de", "Licht an.")]
)
def test_any_language_is_spoken_without_silence_around_it(
    espeak: EspeakProcess, language: str, text: str
) -> None:
    voice = EspeakVoice(espeak)
    [sound] = voice.synthesise(text, language)
    assert sound.dtype == np.int16
    assert 0.4 < len(sound) / voice.rate_hz < 3
    assert abs(int(sound[0])) < 10
    assert abs(int(sound[-1])) < 10
    assert np.flatnonzero(np.abs(sound.astype(int)) > 200)[0] / voice.rate_hz < 0.05


def test_every_language_that_is_promised_has_a_voice(espeak: EspeakProcess) -> None:
    for language in EspeakVoice.languages:
        espeak.phonemes("1", VOICES.get(language, language))


def test_a_higher_rate_is_faster(espeak: EspeakProcess) -> None:
    [slow] = EspeakVoice(espeak, rate=1.0).synthesise("The kitchen light is on now.", "en")
    [fast] = EspeakVoice(espeak, rate=2.0).synthesise("The kitchen light is on now.", "en")
    assert 1.5 < len(slow) / len(fast) < 2.5


def test_a_language_without_a_voice_is_told(espeak: EspeakProcess) -> None:
    with pytest.raises(SynthesisError, match="does not speak 'tlh'"):
        list(EspeakVoice(espeak).synthesise("nuqneH", "tlh"))
    with pytest.raises(SynthesisError, match="has no voice 'tlh'"):
        espeak.speak("nuqneH", "tlh")


def test_a_process_that_died_is_started_once_more(espeak: EspeakProcess) -> None:
    assert espeak.phonemes("one", "en-us")
    assert espeak._process is not None
    os.kill(espeak._process.pid, signal.SIGKILL)
    assert espeak.phonemes("two", "en-us") == ["tˈuː"]


def test_many_threads_may_ask_at_once(espeak: EspeakProcess) -> None:
    expected = {text: espeak.phonemes(text, "en-us") for text in ("one", "two", "three", "four")}
    answers: dict[str, list[list[str]]] = {text: [] for text in expected}

    def ask(text: str) -> None:
        answers[text] += [espeak.phonemes(text, "en-us") for _ in range(20)]

    threads = [threading.Thread(target=ask, args=(text,)) for text in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answers[text] == [expected[text]] * 20 for text in expected)


def test_it_starts_by_itself_again_after_it_was_closed() -> None:
    process = EspeakProcess()
    assert process.phonemes("on", "en-us")
    process.close()
    assert process.phonemes("on", "en-us")
    process.close()
    process.close()


def test_a_missing_library_is_told_with_what_to_do(pretending: Callable[..., EspeakProcess]) -> None:
    process = pretending('print(\'{"error": "eSpeak NG cannot be loaded (no such file)"}\')\n')
    with pytest.raises(SynthesisError, match=r"no such file.*install it with .*sotto-voce\[espeak\]"):
        process.start()


def test_a_process_that_hangs_is_ended(pretending: Callable[..., EspeakProcess]) -> None:
    process = pretending(GREETING + "sys.stdin.read()\n", timeout_s=1.0)
    process.start()
    assert process._process is not None
    pid = process._process.pid
    with pytest.raises(SynthesisError, match="did not answer within 1 s"):
        process.phonemes("on", "en-us")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_that_dies_on_a_text_is_not_started_for_ever(
    pretending: Callable[..., EspeakProcess], tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    process = pretending(
        f"open({str(starts)!r}, 'a').write('x')\n" + GREETING + "sys.stdin.readline()\nsys.exit(1)\n"
    )
    with pytest.raises(SynthesisError, match="ended twice"):
        process.phonemes("on", "en-us")
    assert starts.read_text() == "xx"


def test_a_process_that_ends_while_it_starts_is_told(pretending: Callable[..., EspeakProcess]) -> None:
    with pytest.raises(SynthesisError, match="ended while it started"):
        pretending("raise SystemExit(1)\n").start()


def test_a_text_without_bound_is_refused(espeak: EspeakProcess) -> None:
    with pytest.raises(SynthesisError, match="at most 5000 characters"):
        espeak.phonemes("a" * 5_001, "en-us")
