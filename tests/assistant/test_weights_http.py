import hashlib
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.weights.catalogue import HubPlace, Model, ModelFile, ModelKind
from assistant.weights.folder import Mirror
from assistant.weights.hub import Hub
from assistant.weights.source import SourceError, SourceUnreachableError, WeightsError
from assistant.weights.store import ModelStore

DATA = bytes(range(251)) * 4_000
FILE = ModelFile(
    "model.bin",
    len(DATA),
    hashlib.sha256(DATA).hexdigest(),
    HubPlace("someone/tiny", "a b/model.bin", "main"),
    (),
)
MODEL = Model("tiny", ModelKind.RECOGNITION, "Tiny", "MIT", ("en",), "", "https://example.org", (FILE,))


class Silent:
    def __init__(self) -> None:
        self.notes: list[str] = []

    def at(self, what: str, done: int, total: int) -> None:
        assert 0 <= done <= total

    def note(self, line: str) -> None:
        self.notes.append(line)


class WeightsServer:
    """Serves `body` at every path; can refuse ranges, break off, answer with an error or redirect."""

    def __init__(self) -> None:
        self.body = DATA
        self.ranges = True
        self.breaks_after: list[int] = []
        self.status = 200
        self.redirect_from = ""
        self.seen: list[tuple[str, str | None]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the handler's own self is inside
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers.get("Range")
                server.seen.append((self.path, asked))
                if server.redirect_from and self.path.startswith(server.redirect_from):
                    self.send_response(302)
                    self.send_header("Location", "/elsewhere")
                    self.end_headers()
                    return
                if server.status != 200:
                    self.send_error(server.status)
                    return
                start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and server.ranges else 0
                if asked and server.ranges and start >= len(server.body):
                    self.send_error(416)
                    return
                piece = server.body[start:]
                self.send_response(206 if asked and server.ranges else 200)
                if asked and server.ranges:
                    whole = len(server.body)
                    self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
                self.send_header("Content-Length", str(len(piece)))
                self.end_headers()
                if server.breaks_after:
                    piece = piece[: server.breaks_after.pop(0)]
                self.wfile.write(piece)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def server():
    made = WeightsServer()
    yield made
    made.close()


def fetched(source, tmp_path: Path, beginning: bytes | None = None) -> bytes:
    part = tmp_path / "model.bin.part"
    if beginning is not None:
        part.write_bytes(beginning)
    source.fetch(MODEL, FILE, part, Silent())
    return part.read_bytes()


def test_the_hub_is_asked_by_repository_revision_and_path(server, tmp_path):
    assert fetched(Hub(server.url), tmp_path) == DATA
    assert server.seen == [("/someone/tiny/resolve/main/a%20b/model.bin", None)]


def test_the_hub_of_the_environment_is_respected(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.url + "/")
    assert fetched(Hub(), tmp_path) == DATA


def test_the_hub_may_send_us_elsewhere(server, tmp_path):
    server.redirect_from = "/someone"
    assert fetched(Hub(server.url), tmp_path, DATA[:99]) == DATA
    assert server.seen[-1] == ("/elsewhere", "bytes=99-")


def test_a_mirror_is_asked_by_model_and_file(server, tmp_path):
    assert fetched(Mirror(server.url + "/weights/"), tmp_path) == DATA
    assert server.seen == [("/weights/tiny/model.bin", None)]


def test_an_earlier_beginning_is_gone_on_from(server, tmp_path):
    assert fetched(Mirror(server.url), tmp_path, DATA[:1_000]) == DATA
    assert server.seen == [("/tiny/model.bin", "bytes=1000-")]


def test_a_whole_part_needs_no_request(server, tmp_path):
    assert fetched(Mirror(server.url), tmp_path, DATA) == DATA
    assert server.seen == []


def test_a_part_that_is_too_long_is_thrown_away(server, tmp_path):
    assert fetched(Mirror(server.url), tmp_path, DATA + b"x") == DATA


def test_a_server_without_ranges_begins_again(server, tmp_path):
    server.ranges = False
    assert fetched(Mirror(server.url), tmp_path, DATA[:1_000]) == DATA


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    beginning=st.integers(0, len(DATA)),
    breaks=st.lists(st.integers(0, len(DATA)), max_size=4),
    ranges=st.booleans(),
)
def test_however_the_connection_breaks_the_file_arrives_whole(tmp_path, beginning, breaks, ranges):
    server = WeightsServer()
    try:
        server.breaks_after = list(breaks)
        server.ranges = ranges
        assert fetched(Mirror(server.url), tmp_path, DATA[:beginning]) == DATA
    finally:
        server.close()


def test_a_connection_that_always_breaks_is_given_up(server, tmp_path):
    server.breaks_after = [10] * 50
    with pytest.raises(SourceError, match=r"127\.0\.0\.1"):
        fetched(Mirror(server.url), tmp_path)
    assert len(server.seen) < 10
    assert (tmp_path / "model.bin.part").read_bytes() == DATA[: 10 * len(server.seen)]


def test_a_file_truncated_at_its_source_is_refused(server, tmp_path):
    server.body = DATA[:5_000]
    with pytest.raises(SourceError, match="has only 5,000 of 1,004,000 bytes"):
        fetched(Mirror(server.url), tmp_path)


def test_a_part_as_long_as_a_truncated_source_does_not_go_round_in_circles(server, tmp_path):
    server.body = DATA[:5_000]
    with pytest.raises(SourceError, match="has only 5,000"):
        fetched(Mirror(server.url), tmp_path, DATA[:5_000])


def test_a_file_that_is_longer_than_the_catalogues_is_refused(server, tmp_path):
    server.body = DATA + DATA
    with pytest.raises(SourceError, match="longer"):
        fetched(Mirror(server.url), tmp_path)


def test_an_answer_of_404_is_a_reason(server, tmp_path):
    server.status = 404
    with pytest.raises(SourceError, match=r"answered 404 for model\.bin"):
        fetched(Mirror(server.url), tmp_path)


def test_an_altered_file_is_never_moved_into_the_folder(server, tmp_path):
    server.body = b"z" * len(DATA)
    store = ModelStore(tmp_path, sources=[Mirror(server.url)], models={"tiny": MODEL})
    with pytest.raises(WeightsError, match=r"mirror: its model\.bin has the wrong hash"):
        store.pull("tiny", Silent())
    assert store.path("tiny") is None
    server.body = DATA
    store.pull("tiny", Silent())
    assert store.verify("tiny") == []


def test_a_pull_that_was_cut_short_goes_on_with_the_next_source(server, tmp_path):
    (tmp_path / ".partial" / "tiny").mkdir(parents=True)
    (tmp_path / ".partial" / "tiny" / "model.bin.part").write_bytes(DATA[:777])
    store = ModelStore(tmp_path, sources=[Hub(server.url)], models={"tiny": MODEL})
    store.pull("tiny", Silent())
    assert server.seen[0][1] == "bytes=777-"


def test_where_nobody_listens_it_fails_at_once(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        began = time.monotonic()
        with pytest.raises(SourceUnreachableError, match=r"cannot connect to 127\.0\.0\.1"):
            fetched(Hub(f"http://127.0.0.1:{held.getsockname()[1]}"), tmp_path)
    assert time.monotonic() - began < 3


def test_a_host_that_does_not_exist_is_unreachable_and_its_password_is_not_told(tmp_path):
    with pytest.raises(SourceUnreachableError) as caught:
        fetched(Mirror("http://me:secret@nowhere.invalid/models"), tmp_path)
    assert str(caught.value) == "cannot connect to nowhere.invalid"


@pytest.mark.parametrize("address", ["http://[::1", "http://host:port"])
def test_an_address_that_is_none_is_a_reason(tmp_path, address):
    with pytest.raises(SourceError):
        fetched(Mirror(address), tmp_path)
