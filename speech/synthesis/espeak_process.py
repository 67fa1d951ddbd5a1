"""eSpeak NG behind a pipe: run by path as a process of its own, never imported by ours.

eSpeak NG is GPL-3 and this project is Apache-2.0, so the library is loaded here and nowhere else, and the
process boundary is the fence. This file uses the standard library alone and speaks JSON, one object a line:

    <- {"ready": true, "version": "1.52.0"}                  once, or {"error": "..."} and exit status 3
    -> {"id": 1, "do": "phonemes", "text": "Hello, you.", "voice": "en-us"}
    <- {"id": 1, "phonemes": ["həlˈoʊ,", "jˈuː."]}           IPA, a string a clause, its punctuation kept
    -> {"id": 2, "do": "speak", "text": "你好", "voice": "cmn", "rate": 175}    words a minute
    <- {"id": 2, "rate_hz": 22050, "pcm": "<base64 of mono int16, little endian>"}

A request that cannot be served is answered with {"id": ..., "error": "one line"}. The process ends with
its standard input.
"""

import base64
import ctypes
import importlib
import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: sound comes back through the callback, before the call returns
DO_NOT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT: tell of missing data instead of ending the process
UTF8 = 1
IPA = 0x02
RATE_PARAMETER = 1
SYSTEM_LIBRARIES = ("libespeak-ng.so.1", "libespeak-ng.1.dylib", "libespeak-ng.dylib")

# A clause's end mark as Piper's voices know it; eSpeak itself swallows it.
MARKS = {
    "…": ".",
    "。": ".",
    "！": "!",
    "？": "?",
    "；": ";",
    "：": ":",
    "，": ",",
    "、": ",",
    "—": ",",
    "–": ",",
}
_END_MARK = r"([.,;:!?…。！？；：，、—–])[^\w]*"
LAST_MARK = re.compile(_END_MARK + "$")
MARK_BEFORE_NEXT = re.compile(_END_MARK + r"\w?$")  # eSpeak has read one letter of the next clause by then
LANGUAGE_SWITCH = re.compile(r"\([a-z-]+\)")

SOUND_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Refusal(Exception):  # noqa: N818 - it is one
    """A request, or the whole process, that cannot be served; the message is one line for a person."""


class Espeak:
    """The library, loaded. It is one global machine: one request at a time."""

    def __init__(self) -> None:
        self.library, self.rate_hz = _load()
        self.library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.library.espeak_Info.restype = ctypes.c_char_p
        self._sound = bytearray()
        self._callback = SOUND_CALLBACK(self._take)  # kept, or the library would call freed memory
        self.library.espeak_SetSynthCallback(self._callback)

    @property
    def version(self) -> str:
        """As the library tells it."""
        told: bytes = self.library.espeak_Info(None)
        return told.decode().split()[0]

    def phonemes(self, text: str, voice: str) -> list[str]:
        """IPA of each clause, with the mark that ended it."""
        self._choose(voice)
        encoded = text.encode(errors="replace")
        buffer = ctypes.create_string_buffer(encoded)
        base = ctypes.addressof(buffer)
        place = ctypes.c_void_p(base)
        clauses: list[str] = []
        while place.value:
            start = place.value - base
            spoken = self.library.espeak_TextToPhonemes(ctypes.byref(place), UTF8, IPA).decode()
            last = not place.value
            read = encoded[start : len(encoded) if last else place.value - base].decode("utf-8", "ignore")
            found = (LAST_MARK if last else MARK_BEFORE_NEXT).search(read)
            mark = MARKS.get(found[1], found[1]) if found else ""
            spoken = LANGUAGE_SWITCH.sub("", spoken).strip()
            if spoken:
                clauses.append(spoken + mark)
        return clauses

    def speak(self, text: str, voice: str, words_per_minute: float) -> bytes:
        """Mono int16 at `rate_hz`, as bytes."""
        self._choose(voice)
        self._sound.clear()
        self.library.espeak_SetParameter(RATE_PARAMETER, int(words_per_minute), 0)
        encoded = text.encode(errors="replace") + b"\0"
        if self.library.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, 1, 0, UTF8, None, None):
            raise Refusal("eSpeak NG could not speak this text")
        return bytes(self._sound)

    def _choose(self, voice: str) -> None:
        if self.library.espeak_SetVoiceByName(voice.encode()):
            raise Refusal(f"eSpeak NG has no voice {voice!r}")

    def _take(self, samples: Any, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._sound += ctypes.string_at(samples, count * 2)
        return 0


def _load() -> tuple[ctypes.CDLL, int]:
    """The library and its sampling rate: the one that espeakng-loader carries, else the system's."""
    reasons = []
    for path, data in _candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            reasons.append(str(error))
            continue
        rate_hz = library.espeak_Initialize(SYNCHRONOUS, 0, data, DO_NOT_EXIT)
        if rate_hz > 0:
            return library, rate_hz
        reasons.append(f"{path}: its data is missing")
    raise Refusal("eSpeak NG cannot be loaded (" + "; ".join(reasons) + ")")


def _candidates() -> Iterator[tuple[str, bytes | None]]:
    try:
        # By name, since type checkers need not have it: the extra may not be installed.
        loader = importlib.import_module("espeakng_loader")
        yield loader.get_library_path(), str(loader.get_data_path()).encode()
    except ImportError:
        pass
    for name in SYSTEM_LIBRARIES:
        yield name, None


def answer(espeak: Espeak, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request."""
    text = str(request["text"]).replace("\0", " ")
    voice = str(request["voice"])
    if request["do"] == "phonemes":
        return {"phonemes": espeak.phonemes(text, voice)}
    if request["do"] == "speak":
        sound = espeak.speak(text, voice, request.get("rate", 175))
        return {"rate_hz": espeak.rate_hz, "pcm": base64.b64encode(sound).decode()}
    raise Refusal(f"there is nothing called {request['do']!r} to do")


def main() -> int:
    """Answer requests until the standard input ends."""
    # The library may write to the standard output; the answers get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)

    def send(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message, ensure_ascii=False) + "\n")
        answers.flush()

    try:
        espeak = Espeak()
    except Refusal as refusal:
        send({"error": str(refusal)})
        return 3
    send({"ready": True, "version": espeak.version})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            send({"id": request["id"], **answer(espeak, request)})
        except Refusal as refusal:
            send({"id": request["id"], "error": str(refusal)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
