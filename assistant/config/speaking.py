"""How a room's voice differs from the others', and the personas that wake words call."""

from typing import Annotated

from pydantic import AfterValidator, Field

from assistant.config.section import Section
from assistant.weights.catalogue import ModelKind, UnknownModelError, find

ESPEAK = "espeak"


def _speaker(name: str) -> str:
    if name == ESPEAK:
        return name
    try:
        return find(name, ModelKind.VOICE).id
    except UnknownModelError as error:
        raise ValueError(f'{error}; or "{ESPEAK}"') from error


Speaker = Annotated[str, AfterValidator(_speaker)]
"""A voice of the catalogue, or "espeak"."""
Rate = Annotated[float, Field(ge=0.25, le=4)]
Volume = Annotated[float, Field(ge=0, le=1)]


class RoomVoice(Section):
    """What is different in a room: times the usual `rate` and `volume`, and who speaks there."""

    rate: Rate = 1.0
    volume: Volume = 1.0
    speaker: Speaker | None = None


class Persona(Section):
    """Who answers to a wake word that names it: `text` is what the language model is told of itself, before
    anything else; `speaker` and `rate` are its voice.
    """

    text: str = ""
    speaker: Speaker | None = None
    rate: Rate = 1.0
