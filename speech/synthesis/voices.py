"""Who speaks which language, and who steps in when that voice fails."""

import logging
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from speech.audio import Samples
from speech.synthesis.engine import SynthesisError, Voice
from speech.synthesis.spoken import spoken

_log = logging.getLogger(__name__)


class Voices:
    """A voice for each language, and a `fallback` for any other and for those that fail.

    `others` are speakers by name, who speak where they are asked for (`tuned`).
    """

    def __init__(
        self,
        by_language: Mapping[str, Voice],
        fallback: Voice | None = None,
        others: Mapping[str, Voice] = MappingProxyType({}),
    ) -> None:
        self._by_language = dict(by_language)
        self._fallback = fallback
        self._others = others
        self._told: set[str] = set()

    @property
    def speakers(self) -> tuple[Voice, ...]:
        """Every voice once, the fallback last."""
        voices = {id(each): each for each in (*self._by_language.values(), *self._others.values())}
        if self._fallback is not None:
            voices.setdefault(id(self._fallback), self._fallback)
        return tuple(voices.values())

    def tuned(self, rate: float = 1.0, speaker: str | None = None) -> "Voices":
        """Return them so many times as fast, and with one of the `others` speaking the languages it knows."""
        by_language = dict(self._by_language)
        other = self._others.get(speaker) if speaker is not None else None
        if other is not None:
            by_language |= dict.fromkeys(other.languages, other)
        if rate == 1.0:
            return self if other is None else Voices(by_language, self._fallback)
        paced = {id(each): each.paced(rate) for each in by_language.values()}
        fallback = self._fallback.paced(rate) if self._fallback is not None else None
        return Voices({language: paced[id(each)] for language, each in by_language.items()}, fallback)

    def voice_for(self, language: str) -> Voice | None:
        """The voice that speaks it, or None when nobody does."""
        voice = self._by_language.get(language)
        if voice is None and self._fallback is not None and language in self._fallback.languages:
            return self._fallback
        return voice

    def speak(self, clause: str, language: str) -> Iterator[tuple[Samples, int]]:
        """Yield pieces of the spoken clause, each with its rate in Hz.

        A voice that fails before its first piece is replaced by the fallback for this clause. Raises
        `SynthesisError` when nobody can speak it. A clause of punctuation alone is silent.
        """
        if not any(each.isalnum() for each in clause):
            return
        voice = self.voice_for(language)
        if voice is None:
            raise SynthesisError(
                f"no voice speaks {language!r}: install espeak-ng, which knows most languages"
            )
        text = spoken(clause, language)
        spoke = False
        try:
            for piece in voice.synthesise(text, language):
                spoke = True
                yield piece, voice.rate_hz
        except SynthesisError as error:
            fallback = self._fallback
            if spoke or fallback is None or fallback is voice:
                raise
            self._tell(voice, fallback, error)
            for piece in fallback.synthesise(text, language):
                yield piece, fallback.rate_hz

    def close(self) -> None:
        """Close every voice once."""
        for voice in self.speakers:
            voice.close()

    def _tell(self, voice: Voice, fallback: Voice, error: SynthesisError) -> None:
        if voice.name not in self._told:
            self._told.add(voice.name)
            _log.warning("%s speaks instead of %s: %s", fallback.name, voice.name, error)
