"""The API as it is really served: a port, TLS, live events, and the command line that finds it."""

import asyncio
import json
import os
import random
import ssl
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import schemathesis
import trustme
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from typer.testing import CliRunner
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from assistant.cli.main import app
from assistant.config.serving import Api
from assistant.serve.api.address import ADDRESS_FILE, Address, find, told
from assistant.serve.api.events import MOST_LISTENERS, MOST_WAITING, Listening
from assistant.serve.api.server import ApiError, ApiServer
from assistant.serve.supervisor import Health, Part
from assistant.serve.watch import Moved, Where
from speech.hearing import Woke
from speech.recognition.engine import Transcript
from tests.assistant.api_house import GUEST, config, house
from tests.devices.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
LONG_S = 30.0
CONFORMS = [status_code_conformance, content_type_conformance, response_schema_conformance]
"""503 is a documented answer ("not at the moment"), 500 is not."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(folder):
    async with house(folder) as opened:
        yield opened


@asynccontextmanager
async def served(home, folder, **api):
    """The server on a port of its own; yields it and what it was told to say of itself."""
    guest = [{"name": "guest", "token_file": folder / "guest.token", "may": ["order"]}]
    home.daemon.assistant.config = config(**{"port": 0, "keys": guest, **api})
    server = ApiServer(home.daemon, home.kept, folder)
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: (folder / ADDRESS_FILE).exists() or serving.done(), timeout=LONG_S)
        if serving.done():
            serving.result()
        yield server
    finally:
        serving.cancel()
        await asyncio.wait([serving])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def next_of(socket, kind: str) -> dict:
    async with asyncio.timeout(LONG_S):
        while True:
            event = json.loads(await socket.recv())
            if event["type"] == kind:
                return event


async def test_live_events_tell_what_happens_while_it_happens(home, folder):
    async with served(home, folder) as server:
        url = f"ws://127.0.0.1:{server.port}/v1/events"
        async with connect(url, subprotocols=["sotto.v1", f"token.{home.token}"], proxy=None) as socket:
            assert socket.subprotocol == "sotto.v1"
            assert (await next_of(socket, "now"))["places"][0]["name"] == "microphone"
            where = Where("satellite", "Hall")
            home.daemon.watch.tell(where, Woke("okay nabu", 5))
            home.daemon.watch.tell(where, Transcript("打开", "zh"))
            home.daemon.watch.tell(where, Moved("thinking"))
            assert (await next_of(socket, "woke"))["word"] == "okay nabu"
            partial = await next_of(socket, "partial")
            assert (partial["text"], partial["room"]) == ("打开", "Hall")
            assert (await next_of(socket, "state"))["state"] == "thinking"
            async with httpx.AsyncClient(trust_env=False, timeout=LONG_S) as client:
                await client.post(
                    f"http://127.0.0.1:{server.port}/v1/ask",
                    json={"text": "turn on the hall light"},
                    headers=bearer(home.token),
                )
            turn = await next_of(socket, "turn")
            assert (turn["heard"], turn["place"]) == ("turn on the hall light", "api")
            home.daemon.supervisor.changed(
                type("S", (), {"name": "radio", "health": Health.FAILED, "why": "gone"})()
            )
            assert (await next_of(socket, "part"))["why"] == "gone"


@pytest.mark.parametrize("protocols", [None, ["sotto.v1"], ["sotto.v1", "token.wrong"], [f"token.{GUEST}"]])
async def test_a_stranger_hears_nothing(home, folder, protocols):
    async with served(home, folder) as server:
        with pytest.raises((InvalidHandshake, ConnectionClosed)):
            async with connect(
                f"ws://127.0.0.1:{server.port}/v1/events", subprotocols=protocols, proxy=None
            ) as socket:
                await socket.recv()


async def test_no_more_than_so_many_listen(home, folder):
    async with served(home, folder) as server, asyncio.timeout(LONG_S):
        url = f"ws://127.0.0.1:{server.port}/v1/events"
        sockets = [
            await connect(url, additional_headers=bearer(home.token), proxy=None)
            for _ in range(MOST_LISTENERS)
        ]
        with pytest.raises(InvalidHandshake):
            await connect(url, additional_headers=bearer(home.token), proxy=None)
        for socket in sockets:
            await socket.close()


async def test_a_slow_listener_loses_the_oldest_and_is_told():
    listening = Listening()
    for number in range(MOST_WAITING + 3):
        listening.put({"number": number})
    assert await listening.get() == {"number": 3, "lost": 3}
    assert await listening.get() == {"number": 4}


async def test_with_a_certificate_it_is_encrypted_and_plain_words_get_nothing(home, folder, tmp_path):
    authority = trustme.CA()
    cert = authority.issue_cert("localhost", "127.0.0.1")
    cert.private_key_pem.write_to_path(tmp_path / "key.pem")
    cert.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    async with served(home, folder, cert_file=tmp_path / "cert.pem", key_file=tmp_path / "key.pem") as server:
        async with httpx.AsyncClient(verify=context, trust_env=False, timeout=LONG_S) as client:
            came = await client.get(f"https://127.0.0.1:{server.port}/v1/state", headers=bearer(home.token))
            assert came.status_code == 200
        async with httpx.AsyncClient(trust_env=False, timeout=LONG_S) as client:
            with pytest.raises(httpx.HTTPError):
                await client.get(f"http://127.0.0.1:{server.port}/health")
        assert find(folder).url.startswith("https://")


async def test_a_port_that_is_taken_is_told_with_what_helps(home, folder):
    async with served(home, folder) as first:
        home.daemon.assistant.config = config(port=first.port)
        with pytest.raises(ApiError, match=r"set api\.port"):
            await ApiServer(home.daemon, home.kept, folder).serve()
    assert not (folder / ADDRESS_FILE).exists()


async def test_the_api_comes_back_by_itself_and_can_be_served_twice(home, folder):
    home.daemon.assistant.config = config(port=0)
    server = ApiServer(home.daemon, home.kept, folder)
    tries = []

    async def serve() -> None:
        tries.append(1)
        if len(tries) == 2:
            raise OSError("it broke")
        if len(tries) == 1:
            async with asyncio.timeout(0.3):  # long enough or not: it is taken away
                await server.serve()
        await server.serve()

    async def at_once(_seconds: float) -> None:
        await asyncio.sleep(0)

    supervisor = home.daemon.supervisor
    supervisor._pause = at_once
    supervisor.add(Part("api", serve))
    running = asyncio.create_task(supervisor.run())
    try:
        await until(lambda: len(tries) == 3 and (folder / ADDRESS_FILE).exists(), timeout=LONG_S)
        async with httpx.AsyncClient(trust_env=False, timeout=LONG_S) as client:
            assert (await client.get(f"{find(folder).url}/health")).text == "ok"
    finally:
        running.cancel()
        await asyncio.wait([running])


async def test_what_is_no_http_harms_nobody(home, folder):
    noise, host = random.Random(1), b" HTTP/1.1\r\nHost: localhost\r\n"
    starts = (b"", b"GET /v1/state" + host, b"POST /v1/ask" + host)
    async with served(home, folder) as server, asyncio.timeout(LONG_S):
        for number in range(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(starts[number % 3] + noise.randbytes(noise.randrange(1, 2_000)) + b"\r\n\r\n")
            writer.write_eof()
            answer = await reader.read()
            assert answer == b"" or not answer.startswith(b"HTTP/1.1 2"), answer
            writer.close()
        async with httpx.AsyncClient(trust_env=False, timeout=LONG_S) as client:
            assert (await client.get(f"http://127.0.0.1:{server.port}/health")).text == "ok"


async def test_who_connects_and_asks_nothing_is_hung_up_on_and_a_listener_is_not(home, folder, monkeypatch):
    monkeypatch.setattr("assistant.serve.api.server.FIRST_REQUEST_S", 0.2)
    async with served(home, folder) as server, asyncio.timeout(LONG_S):
        url = f"ws://127.0.0.1:{server.port}/v1/events"
        async with connect(url, additional_headers=bearer(home.token), proxy=None) as socket:
            await next_of(socket, "now")
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /health HTTP/1.1\r\nHost: loc")
            assert await reader.read() == b""
            writer.close()
            home.daemon.watch.tell(Where("hall"), Moved("listening"))
            assert (await next_of(socket, "state"))["place"] == "hall"


async def test_it_does_what_its_own_description_says(home, folder):
    """schemathesis makes up requests, right ones and wrong ones, for every route of the OpenAPI document."""
    async with served(home, folder) as server:
        tried = await asyncio.to_thread(tried_out, f"http://127.0.0.1:{server.port}", bearer(home.token))
    assert len(tried) >= 10
    for place in home.daemon.places:
        place.set_muted(False)


def tried_out(url: str, headers: dict[str, str]) -> list[str]:
    """The routes that were tried; raises what they failed in."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", headers=headers)
    tried = []
    for found in schema.get_all_operations():
        operation = found.ok()
        cases = [operation.as_strategy(mode) for mode in GenerationMode]

        @given(case=st.one_of(*cases) if operation.body or operation.query else cases[0])
        @settings(
            max_examples=10,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def attempt(case: schemathesis.Case) -> None:
            answered = case.call(base_url=url, headers=headers, timeout=LONG_S)
            case.validate_response(answered, checks=CONFORMS)

        attempt()
        tried.append(operation.label)
    return tried


# -- the command line ----------------------------------------------------------------------------------------


async def sotto(*arguments: str, stdin: str | None = None) -> Result:
    """Run the command line in a thread: the daemon that it talks to has this one."""
    return await asyncio.to_thread(CliRunner().invoke, app, arguments, input=stdin)


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """The data folder of whoever types."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "sotto-voce"
    folder.mkdir()
    (folder / "guest.token").write_text(GUEST)
    return folder


async def test_an_order_that_is_typed_goes_to_the_running_assistant(home, data):
    async with served(home, data):
        asked = await sotto("ask", "--json", "turn on the hall light")
        assert asked.exit_code == 0, asked.output
        assert json.loads(asked.stdout)["heard"] == "turn on the hall light"
        assert json.loads(asked.stdout)["text"] == "turn on the hall light"
        lines = '{"text": "what time is it", "room": "Hall"}\n{"broken\n几点了\n'
        piped = await sotto("ask", stdin=lines)
        assert len(piped.stdout.splitlines()) == 2
        assert "must be JSON" in piped.stderr


async def test_what_is_to_be_said_is_said_by_the_running_assistant(home, data):
    async with served(home, data):
        home.kitchen.said.clear()
        home.hall.said.clear()
        assert (await sotto("say", "hello")).exit_code == 0
        assert (await sotto("announce", "dinner", "--room", "Hall")).stdout == "said at satellite\n"
        assert home.kitchen.said == ["hello"]
        assert home.hall.said == ["dinner"]
        muted = await sotto("mute", "on", "--json")
        assert [each["muted"] for each in json.loads(muted.stdout)] == [True, True]
        await sotto("mute", "off")
        assert not home.hall.muted


async def test_without_a_running_assistant_an_announcement_says_how_to_start_one(data):
    alone = await sotto("announce", "dinner")
    assert alone.exit_code == 1
    told = "no assistant is running with this configuration: start it with `sotto run`"
    assert alone.stderr == f"sotto: {told}\n"


async def test_an_assistant_with_another_configuration_is_not_asked(tmp_path):
    from assistant.cli.daemon import running

    with told(tmp_path, Address("http://127.0.0.1:1", "t", config="/etc/other.toml", pid=os.getpid())):
        assert running(None) is None


async def test_an_address_that_is_broken_is_none(tmp_path):
    for text in ("", "{", "[]", '{"url": 1}', '{"nonsense": 1}'):
        (tmp_path / ADDRESS_FILE).write_text(text)
        assert find(tmp_path) is None


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},
        {"host": "192.168.1.5", "allow_plain": False},
        {"host": "::"},
        {"cert_file": Path("a.pem")},
    ],
)
async def test_beyond_this_machine_it_takes_tls_or_a_word(settings):
    with pytest.raises(ValidationError):
        Api(**settings)
    assert Api(host="0.0.0.0", allow_plain=True).host == "0.0.0.0"
    assert Api(host="::1").on_loopback
