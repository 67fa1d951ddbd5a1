import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices.adapters.adapter import AdapterError
from devices.adapters.mpd import MpdAdapter
from devices.commands import Result
from tests.brokers import free_port
from tests.requirements import require

pytestmark = pytest.mark.mpd

PIECES = [
    # file, title, artist, album, genre
    ("one.flac", "Morning Song", "The Larks", "Early Days", "Folk"),
    ("two.flac", "Evening Song", "The Larks", "Early Days", "Folk"),
    ("three.flac", "Night Train", "Blue Line", "Rails", "Jazz"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three tagged pieces of 20 s."""
    for tool in ("sox", "ffmpeg"):
        require(tool, shutil.which(tool) is not None, f"apt install {tool}")
    folder = tmp_path_factory.mktemp("music")
    for name, title, artist, album, genre in PIECES:
        plain = folder / f"plain-{name}"
        subprocess.run(
            ["sox", "-n", "-r", "8000", "-c", "1", plain, "synth", "20", "sine", "440"], check=True
        )
        tags = {"title": title, "artist": artist, "album": album, "genre": genre}
        words = [word for key, value in tags.items() for word in ("-metadata", f"{key}={value}")]
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", "-i", plain, *words, "-c", "copy", folder / name], check=True
        )
        plain.unlink()
    return folder


class Daemon:
    def __init__(self, folder: Path, library: Path, mixer: str = "software") -> None:
        self.port = free_port()
        self._config = folder / "mpd.conf"
        self._config.write_text(
            f"""
            music_directory "{library}"
            db_file "{folder / "db"}"
            bind_to_address "127.0.0.1"
            port "{self.port}"
            zeroconf_enabled "no"
            audio_output {{
                type "null"
                name "nothing"
                mixer_type "{mixer}"
            }}
            """
        )
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()
        await self._scanned()

    def _launch(self) -> None:
        self._process = subprocess.Popen(
            ["mpd", "--no-daemon", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    async def _scanned(self) -> None:
        from mpd.asyncio import MPDClient

        async with asyncio.timeout(20):
            while True:
                client = MPDClient()
                try:
                    await client.connect("127.0.0.1", self.port)
                    await client.update()
                    while "updating_db" in await client.status():
                        await asyncio.sleep(0.02)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    return
                finally:
                    client.disconnect()

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10)


@pytest.fixture
async def daemon(tmp_path: Path, library: Path) -> AsyncIterator[Daemon]:
    require("mpd", shutil.which("mpd") is not None, "apt install mpd")
    daemon = Daemon(tmp_path, library)
    await daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()


@pytest.fixture
def music(daemon: Daemon) -> MpdAdapter:
    return MpdAdapter("127.0.0.1", daemon.port)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("Blue Line", "Night Train"),
        ("early days", "Morning Song"),
        ("evening song", "Evening Song"),
        ("evening song by the larks", "Evening Song"),
        ("jazz", "Night Train"),
        ("train", "Night Train"),
    ],
)
async def test_a_query_plays_the_artist_album_title_or_genre_that_it_names(
    music: MpdAdapter, query: str, title: str
) -> None:
    result, detail, sent = await music.act("play", {"query": query})
    assert (result, detail) == (Result.DONE, "")
    assert [each.topic for each in sent] == ["clear", "searchadd", "play"]
    status = await music.ask("status")
    assert status["state"] == "play"
    assert status["title"] == title


async def test_music_that_is_not_there_is_refused_and_what_plays_goes_on(music: MpdAdapter) -> None:
    await music.act("play", {"query": "Night Train"})
    result, detail, sent = await music.act("play", {"query": "Nobody\nEver"})
    assert result is Result.REFUSED
    assert "no music that matches 'Nobody Ever'" in detail
    assert sent == ()
    assert (await music.ask("status"))["title"] == "Night Train"


async def test_pause_resume_and_stop_say_done_and_then_already(music: MpdAdapter) -> None:
    assert (await music.act("pause", {}))[0] is Result.REFUSED
    assert (await music.act("stop", {}))[0] is Result.ALREADY
    await music.act("play", {"query": "larks"})
    for action, state in (("pause", "pause"), ("resume", "play"), ("stop", "stop")):
        assert (await music.act(action, {}))[0] is Result.DONE
        assert (await music.ask("status"))["state"] == state
        assert (await music.act(action, {}))[0] is Result.ALREADY


async def test_playing_nothing_in_particular_plays_the_library(music: MpdAdapter) -> None:
    assert (await music.act("play", {}))[0] is Result.DONE
    assert (await music.ask("status"))["title"] in {piece[1] for piece in PIECES}


async def test_next_and_previous_change_the_piece(music: MpdAdapter) -> None:
    assert (await music.act("next", {}))[0] is Result.REFUSED
    await music.act("play", {"query": "early days"})
    assert (await music.act("next", {}))[0] is Result.DONE
    assert (await music.ask("status"))["title"] == "Evening Song"
    assert (await music.act("previous", {}))[0] is Result.DONE
    assert (await music.ask("status"))["title"] == "Morning Song"
    assert (await music.act("previous", {}))[0] is Result.DONE


async def test_the_volume_is_set_changed_and_kept_in_its_range(music: MpdAdapter) -> None:
    await music.act("play", {"query": "larks"})
    assert (await music.act("set_volume", {"percent": 40}))[0] is Result.DONE
    assert (await music.act("set_volume", {"percent": 40}))[0] is Result.ALREADY
    assert (await music.act("change_volume", {"delta": -15}))[0] is Result.DONE
    assert (await music.ask("status"))["volume"] == 25
    assert (await music.act("change_volume", {"delta": 90}))[0] is Result.DONE
    assert (await music.ask("status"))["volume"] == 100
    for wrong in ({"percent": 120}, {"percent": "loud"}, {}):
        assert (await music.act("set_volume", wrong))[0] is Result.REFUSED


async def test_an_output_without_volume_says_so(tmp_path: Path, library: Path) -> None:
    require("mpd", shutil.which("mpd") is not None, "apt install mpd")
    daemon = Daemon(tmp_path, library, mixer="none")
    await daemon.start()
    try:
        result, detail, _ = await MpdAdapter("127.0.0.1", daemon.port).act("set_volume", {"percent": 40})
        assert (result, detail) == (Result.REFUSED, "MPD's output has no volume")
    finally:
        daemon.stop()


async def test_an_unknown_action_cannot_be_done(music: MpdAdapter) -> None:
    assert (await music.act("dance", {}))[0] is Result.CANNOT
    with pytest.raises(AdapterError, match="no answer to 'weather'"):
        await music.ask("weather")


async def test_mpd_that_is_away_is_offline_and_works_again_when_it_is_back(
    daemon: Daemon, music: MpdAdapter
) -> None:
    assert (await music.act("play", {"query": "larks"}))[0] is Result.DONE
    daemon.stop()
    result, detail, sent = await music.act("pause", {})
    assert result is Result.OFFLINE
    assert f"127.0.0.1:{daemon.port} cannot be reached" in detail
    assert sent == ()
    with pytest.raises(AdapterError, match="cannot be reached"):
        await music.ask("status")
    await daemon.start()
    assert (await music.act("play", {"query": "larks"}))[0] is Result.DONE


async def test_something_that_is_no_mpd_is_offline() -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        assert (await MpdAdapter("127.0.0.1", port).act("pause", {}))[0] is Result.OFFLINE
    finally:
        server.close()
