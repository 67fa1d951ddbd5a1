"""How words are spelt, and how Chinese ones sound. What they mean is for the language model."""

from typing import Annotated

from pydantic import AfterValidator

from skills.api import Answer, Context, Field, Say, Skill, Slot, tool

LONGEST_WORD = 45
MOST_WORDS = 4


def _words(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_WORD or len(text.split()) > MOST_WORDS:
        raise ValueError("no word")
    return text


Word = Annotated[str, Field(min_length=1), AfterValidator(_words), Slot("word")]


class Dictionary(Skill):
    """Spelling."""

    name = "dictionary"
    api = 1

    @tool(acts=False, offered=False)
    async def spell(self, _context: Context, word: Word) -> Answer:
        """Spell a word, letter by letter."""
        said = word.strip(" .,!?\"“”‘’'。，？")
        letters = ", ".join(
            " ".join(each.upper() for each in part if each.isalnum()) for part in said.split()
        )
        return Answer(say=Say("spelt", {"word": said, "letters": letters}), facts={"word": said})

    @tool(acts=False, offered=False)
    async def sound(self, _context: Context, word: Word) -> Answer:
        """Tell how a Chinese word sounds, in pinyin with its tones."""
        from pypinyin import Style, lazy_pinyin  # its tables take a while to read

        said = word.strip(" .,!?\"“”‘’'。，？")
        return Answer(
            say=Say("sounds", {"word": said, "pinyin": " ".join(lazy_pinyin(said, style=Style.TONE))})
        )
