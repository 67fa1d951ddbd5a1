"""Music, played by the Music Player Daemon through its adapter."""

from collections.abc import Mapping
from typing import Annotated, Any

from skills.api import (
    AdapterCommand,
    Answer,
    Context,
    Field,
    Manifest,
    Percent,
    Say,
    Skill,
    SkillError,
    Slot,
    tool,
)

PLAYER = "mpd"

Query = Annotated[str, Field(min_length=1), Slot("query")]
Step = Annotated[int, Field(ge=-100, le=100)]


class Music(Skill):
    """Play, pause, skip, volume, and what is playing."""

    name = "music"
    api = 1
    manifest = Manifest(adapters=frozenset({PLAYER}))

    @tool()
    async def play(self, _context: Context, query: Query | None = None) -> Answer:
        """Play music: an artist, album, title or anything (query), or go on with what there is."""
        if query is None:
            return _order("play", "playing_on")
        return _order("play", "playing", {"query": query})

    @tool(offered=False)
    async def pause(self, _context: Context) -> Answer:
        """Pause the music."""
        return _order("pause", "paused")

    @tool(offered=False)
    async def resume(self, _context: Context) -> Answer:
        """Go on with paused music."""
        return _order("resume", "playing_on")

    @tool(offered=False)
    async def stop(self, _context: Context) -> Answer:
        """Stop the music."""
        return _order("stop", "stopped")

    @tool(offered=False)
    async def next(self, _context: Context) -> Answer:
        """Skip to the next piece."""
        return _order("next", "skipped")

    @tool(offered=False)
    async def previous(self, _context: Context) -> Answer:
        """Go back to the previous piece."""
        return _order("previous", "gone_back")

    @tool(offered=False)
    async def set_volume(self, _context: Context, percent: Percent) -> Answer:
        """Set the music's volume in percent."""
        return _order("set_volume", "volume", {"percent": percent})

    @tool()
    async def change_volume(self, _context: Context, by: Step) -> Answer:
        """Make the music louder (by: 10) or quieter (by: -10), in percent points."""
        return _order("change_volume", "louder" if by > 0 else "quieter", {"delta": by})

    @tool(acts=False)
    async def playing(self, context: Context) -> Answer:
        """Tell what is playing now."""
        status = await context.ask(PLAYER, "status")
        if status.get("state") not in ("play", "pause"):
            return Answer(say=Say("nothing_playing"), facts=status)
        title, artist = status.get("title"), status.get("artist")
        if not title:
            raise SkillError(Say("untitled"))
        key = "this_is_by" if artist else "this_is"
        if status["state"] == "pause":
            key = f"{key}_paused"
        return Answer(say=Say(key, {"title": title, "artist": artist}), facts=status)


def _order(action: str, reply: str, arguments: Mapping[str, Any] | None = None) -> Answer:
    values = arguments or {}
    return Answer(commands=(AdapterCommand(PLAYER, action, values),), say=Say(reply, values))
