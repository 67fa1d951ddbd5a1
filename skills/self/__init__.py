"""What is said to the assistant about itself: what it can do, say it again, be quiet, that was wrong."""

from collections.abc import Mapping
from typing import Annotated, Any

from skills.api import AdapterCommand, Answer, Context, Field, Manifest, Percent, Say, Skill, SkillError, tool

VOICE = "voice"
"""The adapter that is the assistant's own voice: it speaks, at a volume, and knows what it said last."""

Step = Annotated[int, Field(ge=-100, le=100)]


class Itself(Skill):
    """The assistant, asked about itself."""

    name = "self"
    api = 1
    manifest = Manifest(adapters=frozenset({VOICE}))

    @tool(acts=False)
    async def capabilities(self, _context: Context) -> Answer:
        """Tell what the assistant can do."""
        return Answer(say=Say("capabilities"))

    @tool(acts=False, offered=False)
    async def who(self, _context: Context) -> Answer:
        """Tell who the assistant is."""
        return Answer(say=Say("who"))

    @tool(acts=False, offered=False)
    async def private(self, _context: Context) -> Answer:
        """Tell whether it listens, and where what it hears goes."""
        return Answer(say=Say("private"))

    @tool(acts=False, offered=False)
    async def repeat(self, context: Context) -> Answer:
        """Say the last reply again."""
        last = await _asked(context, "last")
        if not last.get("reply"):
            return Answer(say=Say("heard_nothing"))
        return Answer(say=Say("again", {"reply": last["reply"]}))

    @tool(acts=False, offered=False)
    async def heard(self, context: Context) -> Answer:
        """Tell what was understood last, and why the assistant did what it did."""
        last = await _asked(context, "last")
        if not last.get("heard"):
            return Answer(say=Say("heard_nothing"))
        values = {"heard": last["heard"], "why": last.get("why", "")}
        return Answer(say=Say("heard_because" if values["why"] else "heard", values), facts=values)

    @tool(offered=False)
    async def quiet(self, _context: Context) -> Answer:
        """Stop speaking, and say nothing more for now."""
        return Answer(commands=(AdapterCommand(VOICE, "quiet"),))

    @tool(offered=False)
    async def set_volume(self, _context: Context, percent: Percent) -> Answer:
        """Set how loud the assistant speaks, in percent."""
        return Answer(
            (AdapterCommand(VOICE, "set_volume", {"percent": percent}),), Say("volume", {"percent": percent})
        )

    @tool(offered=False)
    async def change_volume(self, _context: Context, by: Step) -> Answer:
        """Make the assistant itself speak louder (by: 10) or more quietly (by: -10)."""
        return Answer(
            (AdapterCommand(VOICE, "change_volume", {"delta": by}),), Say("louder" if by > 0 else "quieter")
        )

    @tool(offered=False)
    async def wrong(self, context: Context) -> Answer:
        """Take back what was not meant, note that it was wrong, and ask what was meant."""
        noted = AdapterCommand(VOICE, "wrong", {"room": context.room or ""})
        commands = context.history.undo(context.room)
        return Answer((*commands, noted), Say("sorry_undone" if commands else "sorry"))

    @tool(acts=False, offered=False)
    async def good_night(self, _context: Context) -> Answer:
        """Wish a good night; a scene of that name goes before it."""
        return Answer(say=Say("good_night"))


async def _asked(context: Context, question: str) -> Mapping[str, Any]:
    try:
        return await context.ask(VOICE, f"{question} {context.room or ''}".strip())
    except KeyError:  # an assistant without a voice of its own: written orders only
        raise SkillError(Say("offline")) from None
