"""Music, played by the Music Player Daemon through its adapter."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel

from skills.api import (
    AdapterCommand,
    Answer,
    AreaName,
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
from skills.music.listed import apart, called, is_radio, podcast, station

PLAYER = "mpd"

Query = Annotated[str, Field(min_length=1), Slot("query")]
Step = Annotated[int, Field(ge=-100, le=100)]


class Settings(BaseModel):
    """[skills.music]: where MPD is, and the user's `stations` and `podcasts`, name -> address (of a podcast,
    its feed's).
    """

    host: str = "127.0.0.1"
    port: int = Field(default=6600, ge=1, le=65535)
    stations: dict[str, str] = {}
    podcasts: dict[str, str] = {}


class Music(Skill):
    """Play, pause, skip, volume, stations and podcasts, which room, and what is playing."""

    name = "music"
    api = 1
    settings = Settings
    manifest = Manifest(adapters=frozenset({PLAYER}))

    @tool()
    async def play(
        self, context: Context, query: Query | None = None, room: AreaName | None = None
    ) -> Answer:
        """Play music: an artist, album, title, station or podcast (query), or go on with what there is."""
        if query is not None and room is None:
            query, room = apart(query, context.home.rooms)
        where = await _loudspeakers(context, room)
        if query is None:
            return _order("play", "playing_on", where)
        stations, podcasts = context.settings.get("stations"), context.settings.get("podcasts") or {}
        if stations is not None and not stations and is_radio(query):
            raise SkillError(Say("no_stations"))
        if (name := station(query, stations or {})) is not None:
            url = (stations or {})[name]
            return _order("stream", "playing", {"url": url, "name": name, **where}, {"query": name})
        if (name := podcast(query, podcasts)) is not None:
            return _order("episode", "playing_latest", {"feed": podcasts[name], **where}, {"query": name})
        return _order("play", "playing", {"query": query, **where})

    @tool()
    async def move(self, context: Context, room: AreaName) -> Answer:
        """Have the music sound in another room, and only there."""
        where = await _loudspeakers(context, room)
        if not where:
            raise SkillError(Say("one_loudspeaker"))
        return _order("move", "moved", where, {"room": room})

    @tool(offered=False)
    async def shuffle(self, _context: Context, on: bool = True) -> Answer:
        """Play in any order (on), or in the right one."""
        return _order("shuffle", "shuffled" if on else "in_order", {"on": on})

    @tool(offered=False)
    async def repeat(self, _context: Context, what: Literal["off", "all", "one"] = "all") -> Answer:
        """Play over and over: everything (all), this piece (one), or not (off)."""
        return _order("repeat", f"repeats_{what}", {"what": what})

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


async def _loudspeakers(context: Context, room: str | None) -> Mapping[str, Any]:
    """The player's loudspeaker in a room, by its name; nothing where no room was named, or it has but one."""
    if room is None:
        return {}
    names = tuple((await context.ask(PLAYER, "outputs")).get("names", ()))
    if len(names) < 2:
        return {}
    own = called(room, context.home.rooms) or room
    words = {own.casefold(), room.casefold(), *(each.casefold() for each in context.home.rooms.get(own, ()))}
    found = [name for name in names if any(word in name.casefold() for word in words)]
    if not found:
        raise SkillError(Say("no_loudspeaker", {"room": room, "names": names}))
    return {"outputs": found}


def _order(
    action: str, reply: str, arguments: Mapping[str, Any] | None = None, said: Mapping[str, Any] | None = None
) -> Answer:
    values = arguments or {}
    return Answer(commands=(AdapterCommand(PLAYER, action, values),), say=Say(reply, said or values))
