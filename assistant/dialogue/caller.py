"""What a wake word tells beside that somebody calls: who is called, and in which language."""

from dataclasses import dataclass

from assistant.dialogue.mouth import Mouth, Speaks
from assistant.understanding.frames.memory import Memory


@dataclass(frozen=True, slots=True)
class Call:
    """`language` is that of those who use this word, `persona` what the language model is told of itself, and
    `voices` speak for it. What is None or empty is as usual.
    """

    language: str | None = None
    persona: str = ""
    voices: Speaks | None = None

    def answered_by(self, mouth: Mouth, memory: Memory) -> str | None:
        """Have whoever is called think and speak from now on; returns the language."""
        memory.persona = self.persona
        mouth.lend(self.voices)
        return self.language


USUAL = Call()
