"""Music: the Music Player Daemon, by its own protocol.

A connection is made for each request. It costs a millisecond, and MPD closes idle ones anyway.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from devices.adapters.adapter import Acted, AdapterError
from devices.adapters.feeds import latest
from devices.commands import Result, Sent

ANSWER_S = 5.0
CONFIRM_S = 1.5
STREAM_S = 4.0
"""How long a station may take until it sounds."""
CHECK_EVERY_S = 0.03
AT_ITS_START_S = 2.0
"""A piece that plays for less than this has just begun."""

_TAGS = ("artist", "album", "title", "genre", "any")
"""Where a query is looked for, the first that has it wins."""

Status = Mapping[str, str]


class _Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The request makes no sense to MPD as things are; one line."""


class MpdAdapter:
    """Actions: `play` [query], `stream` url, `episode` feed, `pause`, `resume`, `stop`, `next`, `previous`,
    `set_volume` percent, `change_volume` delta, `shuffle` on, `repeat` what (off, all, one), `move` outputs.
    Those that begin to play take `outputs` too: only these then sound. Questions: `status`, `outputs`.
    """

    name = "mpd"

    def __init__(self, host: str = "127.0.0.1", port: int = 6600) -> None:
        self._host = host
        self._port = port
        self._one_at_a_time = asyncio.Lock()
        self._actions: Mapping[str, Callable[[_Request, Mapping[str, Any]], Awaitable[Result]]] = {
            "play": _play,
            "stream": _stream,
            "shuffle": _shuffle,
            "repeat": _repeat,
            "move": _move,
            "pause": _pause,
            "resume": _resume,
            "stop": _stop,
            "next": _next,
            "previous": _previous,
            "set_volume": _set_volume,
            "change_volume": _change_volume,
        }

    async def act(self, action: str, arguments: Mapping[str, Any]) -> Acted:
        """Do it, and say it is done only when MPD's status says so."""
        from mpd import CommandError, MPDError

        if action == "episode":
            try:
                episode = await latest(str(arguments.get("feed", "")))
            except AdapterError as error:
                return Result.REFUSED, str(error), ()
            action, arguments = "stream", {**arguments, "url": episode.url, "name": episode.title}
        do = self._actions.get(action)
        if do is None:
            return Result.CANNOT, f"music has no action {action!r}", ()
        sent: list[Sent] = []
        try:
            async with self._one_at_a_time, asyncio.timeout(ANSWER_S), self._connected() as client:
                result = await do(_Request(client, sent), arguments)
        except (_Refused, CommandError) as error:
            return Result.REFUSED, _plain(error), tuple(sent)
        except (OSError, MPDError, TimeoutError) as error:
            return Result.OFFLINE, self._away(error), tuple(sent)
        return result, "" if result.good else "MPD did not do it in time", tuple(sent)

    async def ask(self, question: str) -> Mapping[str, Any]:
        """`status`: `state` (play, pause, stop), `volume` in percent or None, `title`, `artist`, `album`.
        `outputs`: `names` of all loudspeakers, and of those that are `on`.
        """
        from mpd import MPDError

        if question not in ("status", "outputs"):
            raise AdapterError(f"music has no answer to {question!r}")
        try:
            async with self._one_at_a_time, asyncio.timeout(ANSWER_S), self._connected() as client:
                if question == "outputs":
                    return _outputs(await client.outputs())
                status, song = await client.status(), await client.currentsong()
        except (OSError, MPDError, TimeoutError) as error:
            raise AdapterError(self._away(error)) from error
        volume = _volume(status)
        return {
            "state": status.get("state", "stop"),
            "volume": volume,
            **{tag: _first(song.get(tag)) for tag in ("title", "artist", "album")},
            **({"title": _first(song["name"])} if "name" in song and "title" not in song else {}),
        }

    async def close(self) -> None:
        """Nothing is held between requests."""

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        from mpd.asyncio import MPDClient

        client = MPDClient()
        try:
            await client.connect(self._host, self._port)
            yield client
        finally:
            client.disconnect()

    def _away(self, error: Exception) -> str:
        where = self._host if "/" in self._host else f"{self._host}:{self._port}"
        return f"MPD at {where} cannot be reached: {_plain(error) or 'no answer'}"


class _Request:
    """One request: the connection, and the record of what was sent on it."""

    def __init__(self, client: Any, sent: list[Sent]) -> None:
        self.client = client
        self._sent = sent

    async def do(self, command: str, *arguments: object) -> None:
        """Send a command that changes something."""
        self._sent.append(Sent("mpd", command, " ".join(str(each) for each in arguments)))
        await getattr(self.client, command)(*arguments)

    def note(self, command: str, argument: str) -> None:
        """Take down what was sent in another way."""
        self._sent.append(Sent("mpd", command, argument))

    async def status(self) -> Status:
        """What MPD says of itself."""
        status: Status = await self.client.status()
        return status

    async def until(self, so: Callable[[Status], bool], within_s: float = CONFIRM_S) -> Result:
        """Look until it is so, for so long at most."""
        deadline = asyncio.get_running_loop().time() + within_s
        while asyncio.get_running_loop().time() < deadline:
            status = await self.status()
            if so(status):
                return Result.DONE
            if "error" in status:
                raise _Refused(status["error"])
            await asyncio.sleep(CHECK_EVERY_S)
        return Result.NO_ANSWER


async def _play(request: _Request, arguments: Mapping[str, Any]) -> Result:
    query = " ".join(str(arguments.get("query") or "").split())
    if not query:
        return await _resume(request, arguments)
    wanted = await _found(request.client, query)
    await _sound_in(request, arguments)
    await request.do("clear")
    await request.do("searchadd", *wanted)
    await request.do("play", 0)
    return await request.until(lambda status: status.get("state") == "play")


async def _stream(request: _Request, arguments: Mapping[str, Any]) -> Result:
    """Play an address: a radio station, an episode. What came of it is known once sound arrives."""
    url = str(arguments.get("url", ""))
    if not url.startswith(("http://", "https://")):
        raise _Refused(f"a stream's address begins with https://, not {url[:60]!r}")
    await _sound_in(request, arguments)
    await request.do("clear")
    number = (await request.client.addid(url)) if arguments.get("name") else None
    if number is None:
        await request.do("add", url)
    else:
        request.note("addid", url)
        await request.do("addtagid", number, "title", str(arguments["name"])[:200])
    await request.do("play", 0)
    return await request.until(
        lambda now: now.get("state") == "play" and float(now.get("elapsed", 0)) > 0, STREAM_S
    )


async def _shuffle(request: _Request, arguments: Mapping[str, Any]) -> Result:
    wanted = "1" if arguments.get("on", True) else "0"
    if (await request.status()).get("random") == wanted:
        return Result.ALREADY
    await request.do("random", wanted)
    return await request.until(lambda now: now.get("random") == wanted)


async def _repeat(request: _Request, arguments: Mapping[str, Any]) -> Result:
    what = arguments.get("what", "all")
    if what not in ("off", "all", "one"):
        raise _Refused(f"repeat is off, all or one, not {what!r}")
    wanted = {"repeat": "0" if what == "off" else "1", "single": "1" if what == "one" else "0"}
    status = await request.status()
    if all(status.get(key) == value for key, value in wanted.items()):
        return Result.ALREADY
    for key, value in wanted.items():
        await request.do(key, value)
    return await request.until(lambda now: all(now.get(key) == value for key, value in wanted.items()))


async def _move(request: _Request, arguments: Mapping[str, Any]) -> Result:
    before = _outputs(await request.client.outputs())
    await _sound_in(request, arguments)
    after = _outputs(await request.client.outputs())
    return Result.ALREADY if before == after else Result.DONE


async def _sound_in(request: _Request, arguments: Mapping[str, Any]) -> None:
    """Have only these loudspeakers sound; without any named, all stay as they are."""
    wanted = {str(each).casefold() for each in arguments.get("outputs") or ()}
    if not wanted:
        return
    listed = await request.client.outputs()
    if not any(each["outputname"].casefold() in wanted for each in listed):
        raise _Refused(f"there is no loudspeaker called {', '.join(sorted(wanted))}")
    for each in listed:
        on, is_on = each["outputname"].casefold() in wanted, each["outputenabled"] == "1"
        if on != is_on:
            await request.do("enableoutput" if on else "disableoutput", each["outputid"])


def _outputs(listed: list[Mapping[str, str]]) -> Mapping[str, Any]:
    names = tuple(each["outputname"] for each in listed)
    return {
        "names": names,
        "on": tuple(each["outputname"] for each in listed if each["outputenabled"] == "1"),
    }


async def _found(client: Any, query: str) -> tuple[str, ...]:
    """The search that finds something: "… by …" first as title or album and artist, then tag by tag."""
    what, by, whom = query.rpartition(" by ")
    tries = [(tag, what, "artist", whom) for tag in ("title", "album") if by]
    for each in (*tries, *((tag, query) for tag in _TAGS)):
        if await client.search(*each):
            return each
    raise _Refused(f"there is no music that matches {query!r}")


async def _resume(request: _Request, _arguments: Mapping[str, Any]) -> Result:
    status = await request.status()
    if status.get("state") == "play":
        return Result.ALREADY
    if status.get("playlistlength", "0") == "0":
        await request.do("add", "/")
        await request.do("shuffle")
        if (await request.status()).get("playlistlength", "0") == "0":
            raise _Refused("there is no music in MPD's library")
    await request.do("play")
    return await request.until(lambda now: now.get("state") == "play")


async def _pause(request: _Request, _arguments: Mapping[str, Any]) -> Result:
    state = (await request.status()).get("state")
    if state == "pause":
        return Result.ALREADY
    if state != "play":
        raise _Refused("nothing is playing")
    await request.do("pause", 1)
    return await request.until(lambda now: now.get("state") == "pause")


async def _stop(request: _Request, _arguments: Mapping[str, Any]) -> Result:
    if (await request.status()).get("state") == "stop":
        return Result.ALREADY
    await request.do("stop")
    return await request.until(lambda now: now.get("state") == "stop")


async def _next(request: _Request, _arguments: Mapping[str, Any]) -> Result:
    before = await request.status()
    if before.get("state") == "stop":
        raise _Refused("nothing is playing")
    await request.do("next")
    return await request.until(lambda now: now.get("songid") != before.get("songid"))


async def _previous(request: _Request, _arguments: Mapping[str, Any]) -> Result:
    before = await request.status()
    if before.get("state") == "stop":
        raise _Refused("nothing is playing")
    await request.do("previous")
    return await request.until(
        lambda now: now.get("songid") != before.get("songid") or float(now.get("elapsed", 0)) < AT_ITS_START_S
    )


async def _set_volume(request: _Request, arguments: Mapping[str, Any]) -> Result:
    return await _bring_volume_to(request, arguments.get("percent"), await _present_volume(request))


async def _change_volume(request: _Request, arguments: Mapping[str, Any]) -> Result:
    delta = arguments.get("delta")
    if not isinstance(delta, int | float):
        raise _Refused(f"a change of volume is a number, not {delta!r}")
    present = await _present_volume(request)
    return await _bring_volume_to(request, min(100, max(0, present + delta)), present)


async def _bring_volume_to(request: _Request, percent: Any, present: int) -> Result:
    if not isinstance(percent, int | float) or not 0 <= percent <= 100:
        raise _Refused(f"a volume is 0 to 100 percent, not {percent!r}")
    wanted = round(percent)
    if present == wanted:
        return Result.ALREADY
    await request.do("setvol", wanted)
    return await request.until(lambda now: abs((_volume(now) or 0) - wanted) <= 1)


async def _present_volume(request: _Request) -> int:
    volume = _volume(await request.status())
    if volume is None:
        raise _Refused("MPD's output has no volume")
    return volume


def _volume(status: Status) -> int | None:
    volume = int(status.get("volume", "-1"))
    return volume if volume >= 0 else None


def _first(tag: str | list[str] | None) -> str | None:
    """A tag may be there several times: then it is a list."""
    return tag[0] if isinstance(tag, list) else tag


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())
