"""The one door to PortAudio, whose library may be missing."""

import threading
import weakref
from typing import Any

from speech.sound.ports import SoundError


def portaudio() -> Any:
    """The `sounddevice` module. Raises `SoundError` when PortAudio itself is not installed."""
    try:
        import sounddevice
    except OSError as error:  # that is how it tells that the library is missing
        raise SoundError("PortAudio is missing: `sudo apt install libportaudio2` brings it") from error
    return sounddevice


_lock = threading.Lock()
_open: "weakref.WeakSet[Any]" = weakref.WeakSet()


def in_use(stream: Any) -> Any:
    """Note a stream that was opened, until `let_go`. Returns it."""
    with _lock:
        _open.add(stream)
    return stream


def let_go(stream: Any) -> None:
    """Close a stream; safe to call again."""
    stream.close(ignore_errors=True)
    with _lock:
        _open.discard(stream)


def look_again() -> None:
    """Have PortAudio see what was plugged in: it lists devices once, and anew only while none is open."""
    sound = portaudio()
    with _lock:
        if not _open:
            sound._terminate()  # noqa: SLF001 - it offers no other way
            sound._initialize()  # noqa: SLF001


def describe(device: str | int | None, kind: str, *, missing: bool = False) -> str:
    """How a person would name a device: "the microphone", "no microphone called 'USB'"."""
    if device is None:
        return f"no {kind}" if missing else f"the {kind}"
    named = f"number {device}" if isinstance(device, int) else f"called {device!r}"
    return f"{'no' if missing else 'the'} {kind} {named}"
