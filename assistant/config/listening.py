"""The section `[listen]`: the microphone, the wake words, and who may interrupt whom."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from assistant.config.section import Section, from_here

WAKE_WORDS = ("okay_nabu", "hey_jarvis", "hey_mycroft", "alexa")

Sensitivity = Annotated[float, Field(ge=0, le=1)]


def _wake_word(word: str, info: ValidationInfo) -> str:
    if word.endswith(".json"):
        return str(from_here(Path(word), info))
    if word not in WAKE_WORDS:
        raise ValueError(f'no wake word "{word}"; there are {", ".join(WAKE_WORDS)}, or a model\'s JSON file')
    return word


def _number(value: Any) -> Any:
    """A sound device's number, which the environment can only write as a word."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _topic(topic: str) -> str:
    if not topic or any(char in topic for char in "+#\0"):
        raise ValueError("a topic to be called at has no wildcards and is not empty")
    return topic


WakeWord = Annotated[str, AfterValidator(_wake_word)]
SoundDevice = Annotated[str | int | None, BeforeValidator(_number)]


class Wake(Section):
    """A wake word with its own `sensitivity`, the `language` in which those speak who use it, and the
    `persona` that it calls.
    """

    word: WakeWord
    sensitivity: Sensitivity | None = None
    language: Literal["en", "zh"] | None = None
    persona: str | None = None


class Listen(Section):
    """The microphone and the wake words: names, or JSON files of microWakeWord models.

    `wake` names them one by one, instead of `wake_words`. `wake_sensitivity` runs from 0, strict, to 1,
    eager. `mode` is what is listened to: what follows a wake word, what is said after a message to
    `push_to_talk_topic` (which works in the other modes, too), everything, or, for a machine without a
    microphone, nothing: "off". `room` is where the microphone
    stands. `chime` answers the wake word with a sound. `barge_in` is what an answer pauses for: speech, or
    the wake word; "auto" is speech where the answer's own echo is taken out of what is heard
    (`echo_cancellation`). Music keeps the share `duck` of its volume while somebody is listened to or
    answered. `follow_up_s` is how long after an answer one may go on without the wake word; 0 means never.
    """

    wake_words: tuple[WakeWord, ...] = ("okay_nabu",)
    wake_sensitivity: Sensitivity = 0.5
    wake: tuple[Wake, ...] = ()
    mode: Literal["wake_word", "push_to_talk", "always", "off"] = "wake_word"
    push_to_talk_topic: Annotated[str, AfterValidator(_topic)] | None = None
    chime: bool = False
    input_device: SoundDevice = None
    room: str | None = None
    echo_cancellation: Literal["auto", "off"] = "auto"
    barge_in: Literal["auto", "wake_word", "speech"] = "auto"
    duck: Annotated[float, Field(ge=0, le=1)] = 0.3
    follow_up_s: Annotated[float, Field(ge=0, le=60)] = 0.0

    @property
    def words(self) -> tuple[Wake, ...]:
        """The wake words, however they were named."""
        return self.wake or tuple(Wake.model_construct(word=word) for word in self.wake_words)

    @property
    def sensitivities(self) -> tuple[float, ...]:
        """How eager each of `words` is."""
        own = (each.sensitivity for each in self.words)
        return tuple(self.wake_sensitivity if each is None else each for each in own)
