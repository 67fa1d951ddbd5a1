"""Who has the floor: whoever speaks over an answer has it until it is known what was said.

somebody speaks       they have the floor; an answer pauses, and one that is ready waits
they have finished    they keep it until their words are judged
judged                an order ends the answer; a cough, a "mm", our own echo give the floor back
nobody has it         the answer goes on
"""

from collections.abc import Callable

from rapidfuzz import fuzz

from assistant.dialogue.asking import is_backchannel
from assistant.dialogue.mouth import Mouth, Saying
from assistant.understanding.normalise import is_only_polite, language_of, normalise, texts
from assistant.understanding.questions import is_stop
from speech.recognition.engine import Transcript

_LIKE_OURS = 88.0
"""Of 100: two words in three may be misheard a little, none may be another."""
_LEAST_ECHO = {"en": 3, "zh": 4}
"""So many words (characters) of our own are an echo; fewer are anybody's."""


class Floor:
    """The utterances, by their turns' ids, that have the floor at one place, and the mouth that yields it."""

    def __init__(self, mouth: Mouth, went_on: Callable[[], None]) -> None:
        """`went_on` is called when an answer goes on."""
        self._mouth = mouth
        self._went_on = went_on
        self._speaking: str | None = None
        self._judging: set[str] = set()

    async def speaks(self, turn_id: str) -> bool:
        """Somebody speaks, one at a time: what was being said before was given up. Tell whether an answer is
        silent for that.
        """
        self._speaking = turn_id
        return await self._mouth.hold()

    def finished(self, turn_id: str) -> None:
        """They have finished, and are about to be understood."""
        if self._speaking is not None:
            self._speaking = None
            self._judging.add(turn_id)

    async def gave_up(self) -> None:
        """After all nobody spoke, or they go on for ever."""
        self._speaking = None
        await self._go_on_if_clear()

    async def judged(self, turn_id: str) -> None:
        """It is known what that turn was. Safe for one that never had the floor."""
        self._judging.discard(turn_id)
        await self._go_on_if_clear()

    async def empty(self) -> None:
        """The stream has ended."""
        self._judging.clear()
        await self.gave_up()

    async def _go_on_if_clear(self) -> None:
        if self._speaking is not None or self._judging:
            return
        held = self._mouth.state is Saying.PAUSED
        await self._mouth.go_on()
        if held:
            self._went_on()


def means_nothing(heard: Transcript, saying: str) -> str | None:
    """Why what was said over an answer changes nothing about it; None when it does. `saying` is the answer.

    Only for words over an answer that asks nothing: "right" is an answer, too.
    """
    if not heard.text.strip():
        return "a noise over the answer, which goes on"
    if is_stop(heard.text, heard.language) or is_stop(heard.text, language_of(heard.text)):
        return None
    if is_only_polite(normalise(heard.text, language_of(heard.text))):
        return "courtesy behind an order: the answer goes on"
    if is_backchannel(heard.text, heard.language) or is_backchannel(heard.text, language_of(heard.text)):
        return "a word from a listener, meant for nobody: the answer goes on"
    if is_echo(heard.text, saying):
        return "our own words, heard back: the answer goes on"
    return None


def is_echo(heard: str, saying: str) -> bool:
    """Whether the words are a piece of what we are saying ourselves, misheard a little."""
    language = language_of(heard)
    words, ours = (texts(normalise(text, language).spoken) for text in (heard, saying))
    if len(words) < _LEAST_ECHO.get(language, 3) or len(words) > len(ours):
        return False
    return fuzz.partial_ratio(" ".join(words), " ".join(ours)) >= _LIKE_OURS
