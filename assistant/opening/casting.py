"""Who speaks where: the voices of rooms and of the personas that wake words name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.config.speaking import RoomVoice
from assistant.dialogue.caller import Call
from assistant.dialogue.manner import Chiming
from assistant.opening.sound import detector_of

if TYPE_CHECKING:
    from assistant.config.schema import Config
    from speech.synthesis.voices import Voices


def voice_of(config: "Config", room: str | None) -> RoomVoice:
    """How the voice is in a room, whose name is written as anybody likes."""
    wanted = (room or "").casefold()
    return next((each for name, each in config.voice.rooms.items() if name.casefold() == wanted), RoomVoice())


def speaks_in(config: "Config", voices: "Voices | None", room: str | None) -> "Chiming | None":
    """What speaks in a room; None where nobody does."""
    here = voice_of(config, room)
    return None if voices is None else Chiming(voices.tuned(here.rate, here.speaker))


def calls_of(config: "Config", voices: "Voices | None", room: str | None = None) -> Mapping[str, Call]:
    """Wake word, as it is told when it was heard -> what the configuration says of who uses it."""
    listen = config.listen
    if not any(each.language or each.persona for each in listen.words):
        return {}
    here = voice_of(config, room)
    calls = {}
    for word, each in zip(detector_of(listen).words, listen.words, strict=True):
        persona = config.personas.get(each.persona or "")
        speaks = None
        if persona is not None and voices is not None and (persona.speaker or persona.rate != 1.0):
            tuned = voices.tuned(here.rate * persona.rate, persona.speaker or here.speaker)
            speaks = Chiming(tuned)
        calls[word] = Call(each.language, persona.text if persona is not None else "", speaks)
    return calls
