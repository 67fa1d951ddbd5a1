"""Stations, episodes and loudspeakers at a real MPD; the world is a server on loopback."""

import functools
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.adapters.adapter import AdapterError
from devices.adapters.feeds import latest
from devices.adapters.mpd import MpdAdapter
from devices.commands import Result
from tests.devices.adapters.test_mpd import Daemon, library

__all__ = ["library"]
pytestmark = pytest.mark.mpd

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Gardening</title>
<item><title>Roses</title><pubDate>Mon, 02 Nov 2026 08:00:00 GMT</pubDate>
  <enclosure url="{base}/one.flac" type="audio/flac" length="1"/></item>
<item><title>Leaves</title><pubDate>Mon, 16 Nov 2026 08:00:00 GMT</pubDate>
  <enclosure url="{base}/two.flac" type="audio/flac" length="1"/></item>
<item><title>A letter</title><pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate></item>
</channel></rss>"""


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def world(library: Path, tmp_path: Path) -> Iterator[str]:
    """An address that serves the library's pieces, a feed, and one without sound."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Silent, directory=str(library)))
    base = f"http://127.0.0.1:{server.server_port}"
    (library / "feed.xml").write_text(FEED.format(base=base), "utf-8")
    (library / "empty.xml").write_text("<rss><channel></channel></rss>", "utf-8")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield base
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
async def music(tmp_path: Path, library: Path) -> AsyncIterator[MpdAdapter]:
    daemon = Daemon(tmp_path, library)
    more = 'audio_output {\n type "null"\n name "Kitchen"\n mixer_type "none"\n enabled "no"\n}\n'
    daemon._config.write_text(daemon._config.read_text() + more)
    await daemon.start()
    try:
        yield MpdAdapter("127.0.0.1", daemon.port)
    finally:
        daemon.stop()


async def test_a_station_plays_once_its_sound_has_come(music: MpdAdapter, world: str) -> None:
    result, detail, sent = await music.act("stream", {"url": f"{world}/one.flac", "name": "Radio Lark"})
    assert (result, detail) == (Result.DONE, "")
    assert sent[-1].topic == "play"
    assert (await music.ask("status"))["state"] == "play"


async def test_a_station_that_is_not_there_is_no_success(music: MpdAdapter, world: str) -> None:
    result, detail, _ = await music.act("stream", {"url": f"{world}/nothing.flac", "name": "Nothing"})
    assert not result.good
    assert detail


async def test_only_an_address_of_the_web_is_a_station(music: MpdAdapter) -> None:
    result, detail, sent = await music.act("stream", {"url": "file:///etc/passwd"})
    assert (result, sent) == (Result.REFUSED, ())
    assert "https://" in detail


async def test_the_newest_episode_with_sound_is_played(music: MpdAdapter, world: str) -> None:
    assert (await latest(f"{world}/feed.xml")).title == "Leaves"
    result, detail, sent = await music.act("episode", {"feed": f"{world}/feed.xml"})
    assert (result, detail) == (Result.DONE, "")
    assert any(each.payload.endswith("/two.flac") for each in sent)


async def test_a_feed_without_sound_or_without_a_server_is_told_in_one_line(
    music: MpdAdapter, world: str
) -> None:
    result, detail, _ = await music.act("episode", {"feed": f"{world}/empty.xml"})
    assert (result, detail) == (Result.REFUSED, "the feed at 127.0.0.1 has no episode that can be played")
    for feed, why in ((f"{world}/gone.xml", "status 404"), ("ftp://x/y", "begins with https://")):
        with pytest.raises(AdapterError, match=why):
            await latest(feed)


async def test_music_moves_to_another_loudspeaker(music: MpdAdapter) -> None:
    await music.act("play", {"query": "Night Train"})
    assert (await music.ask("outputs")) == {"names": ("nothing", "Kitchen"), "on": ("nothing",)}
    assert (await music.act("move", {"outputs": ["Kitchen"]}))[0] is Result.DONE
    assert (await music.ask("outputs"))["on"] == ("Kitchen",)
    assert (await music.act("move", {"outputs": ["kitchen"]}))[0] is Result.ALREADY
    result, detail, _ = await music.act("move", {"outputs": ["Cellar"]})
    assert (result, "cellar" in detail) == (Result.REFUSED, True)


async def test_shuffle_and_repeat_are_done_when_the_player_says_so(music: MpdAdapter) -> None:
    await music.act("play", {"query": "larks"})
    for action, arguments in (
        ("shuffle", {"on": True}),
        ("shuffle", {"on": False}),
        ("repeat", {"what": "one"}),
        ("repeat", {"what": "all"}),
        ("repeat", {"what": "off"}),
    ):
        assert (await music.act(action, arguments))[0] is Result.DONE
        assert (await music.act(action, arguments))[0] is Result.ALREADY


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=400))
def test_no_feed_breaks_the_reader(body: bytes) -> None:
    import feedparser

    from devices.adapters.feeds import _sound

    for entry in feedparser.parse(body).entries:
        _sound(entry)
