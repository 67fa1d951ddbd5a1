"""eSpeak NG as a voice for any language, and the client of the process that it runs in."""

import base64
import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from speech.audio import Samples
from speech.synthesis.edges import trimmed
from speech.synthesis.engine import SynthesisError

PROGRAM = Path(__file__).with_name("espeak_process.py")
RATE_HZ = 22_050
WORDS_PER_MINUTE = 165
LONGEST_TEXT = 5_000
"""Characters in one request; far above any clause, and a bound on what one answer can weigh."""

VOICES = {"en": "en-us", "zh": "cmn", "no": "nb"}
"""Where eSpeak's name for a language is not its ISO 639-1 code."""
OTHER_LANGUAGES = (
    "af ar az bg bn bs ca cs cy da de el eo es et eu fa fi fr ga gu he hi hr hu hy id is it ja ka kk kn ko "
    "ku la lt lv mk ml mr ms mt nb ne nl pa pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi"
)


class _ProcessGone(Exception):  # noqa: N818 - it is an event, met inside this file only
    """The process ended before it answered."""


class EspeakProcess:
    """Asks the process of `espeak_process.py`. Thread-safe; blocks while it waits.

    Started with the first request; started once more when it died; killed when it does not answer within
    `timeout_s`, so that the next request finds a fresh one.
    """

    def __init__(self, *, timeout_s: float = 10.0, program: Path = PROGRAM) -> None:
        self._timeout_s = timeout_s
        self._program = program
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._received = bytearray()
        self._last_id = 0

    def start(self) -> str:
        """Start the process now, not with the first request; returns eSpeak NG's version.

        Raises `SynthesisError` when there is no eSpeak NG on this machine.
        """
        with self._lock:
            self._end()
            return self._begin()

    def phonemes(self, text: str, voice: str) -> list[str]:
        """IPA of each clause of `text`, the mark that ends it kept."""
        return [str(each) for each in self._ask({"do": "phonemes", "text": text, "voice": voice})["phonemes"]]

    def speak(self, text: str, voice: str, words_per_minute: float = WORDS_PER_MINUTE) -> tuple[Samples, int]:
        """The spoken text as mono int16, and its rate in Hz."""
        answer = self._ask({"do": "speak", "text": text, "voice": voice, "rate": words_per_minute})
        return np.frombuffer(base64.b64decode(answer["pcm"]), dtype="<i2"), int(answer["rate_hz"])

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if len(request["text"]) > LONGEST_TEXT:
            raise SynthesisError(f"eSpeak NG is given at most {LONGEST_TEXT} characters at a time")
        with self._lock:
            try:
                answer = self._exchange(request)
            except _ProcessGone:
                try:
                    answer = self._exchange(request)
                except _ProcessGone:
                    raise SynthesisError("eSpeak NG's process ended twice on the same text") from None
        if "error" in answer:
            raise SynthesisError(str(answer["error"]))
        return answer

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self._begin()
        assert self._process is not None
        assert self._process.stdin is not None
        self._last_id += 1
        try:
            self._process.stdin.write(json.dumps({"id": self._last_id, **request}).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._end()
            raise _ProcessGone from None
        answer = self._receive()
        if answer.get("id") != self._last_id:
            self._end()
            raise SynthesisError("eSpeak NG's process answered out of turn and was ended")
        return answer

    def _begin(self) -> str:
        self._received.clear()
        try:
            # -I: nothing of the caller's folder or environment can stand in for a module. A session of its
            # own: Ctrl-C reaches only us, and the process ends when its standard input does.
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
                [sys.executable, "-I", str(self._program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise SynthesisError(f"eSpeak NG's process cannot be started: {error}") from error
        try:
            greeting = self._receive()
        except _ProcessGone:
            raise SynthesisError("eSpeak NG's process ended while it started") from None
        if "error" in greeting:
            self._end()
            raise SynthesisError(
                f"{greeting['error']}: install it with `pip install 'sotto-voce[espeak]'` or your system's "
                "espeak-ng package"
            )
        return str(greeting["version"])

    def _receive(self) -> dict[str, Any]:
        """The next line, as JSON. A process that hangs or ends is cleared away."""
        assert self._process is not None
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline_s = time.monotonic() + self._timeout_s
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._received:
                if not selector.select(max(0.0, deadline_s - time.monotonic())):
                    self._end()
                    raise SynthesisError(f"eSpeak NG did not answer within {self._timeout_s:g} s")
                received = os.read(descriptor, 1 << 16)
                if not received:
                    self._end()
                    raise _ProcessGone
                self._received += received
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received = bytearray(rest)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # what was not yet written goes nowhere, as meant
                    pipe.close()


class EspeakVoice:
    """Speaks any language, plainly. `rate` 1.0 is the usual speed, 2.0 twice as fast."""

    languages = frozenset({*VOICES, *OTHER_LANGUAGES.split()})
    rate_hz = RATE_HZ

    def __init__(self, process: EspeakProcess, *, rate: float = 1.0) -> None:
        self.name = f"espeak-ng@{rate:g}"
        self._process = process
        self._words_per_minute = WORDS_PER_MINUTE * rate

    def synthesise(self, clause: str, language: str) -> Iterator[Samples]:
        """Yield the clause in one piece: it takes milliseconds."""
        if language not in self.languages:
            raise SynthesisError(f"eSpeak NG does not speak {language!r}")
        samples, rate_hz = self._process.speak(clause, VOICES.get(language, language), self._words_per_minute)
        if rate_hz != self.rate_hz:
            raise SynthesisError(f"eSpeak NG spoke at {rate_hz} Hz, not at {self.rate_hz} Hz")
        sound = trimmed(samples, rate_hz)
        if len(sound):
            yield sound

    def paced(self, rate: float) -> "EspeakVoice":
        """Return the same voice, so many times as fast."""
        return EspeakVoice(self._process, rate=rate * self._words_per_minute / WORDS_PER_MINUTE)

    def close(self) -> None:
        """End the process."""
        self._process.close()
