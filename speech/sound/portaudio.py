"""The one door to PortAudio, whose library may be missing."""

from typing import Any

from speech.sound.ports import SoundError


def portaudio() -> Any:
    """The `sounddevice` module. Raises `SoundError` when PortAudio itself is not installed."""
    try:
        import sounddevice
    except OSError as error:  # that is how it tells that the library is missing
        raise SoundError("PortAudio is missing: `sudo apt install libportaudio2` brings it") from error
    return sounddevice


def describe(device: str | int | None, kind: str, *, missing: bool = False) -> str:
    """How a person would name a device: "the microphone", "no microphone called 'USB'"."""
    if device is None:
        return f"no {kind}" if missing else f"the {kind}"
    named = f"number {device}" if isinstance(device, int) else f"called {device!r}"
    return f"{'no' if missing else 'the'} {kind} {named}"
