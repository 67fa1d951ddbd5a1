"""The world, to ask: JSON over https, from the hosts that a skill named, with a cache that tells its age."""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from skills.api import Say, SkillError

if TYPE_CHECKING:
    import httpx

CONNECT_S = 3.0
TOTAL_S = 6.0
LARGEST_BYTES = 2_000_000
FORGET_AFTER_S = 30 * 24 * 3600.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_log = logging.getLogger(__name__)


class WebRefused(Exception):  # noqa: N818 - reads as what happened
    """The skill asked for an address that it may not reach; the message is one line."""


class _Unreachable(Exception):  # noqa: N818 - a state of the world, never seen outside
    """No usable answer came; the message is one line for the log."""


class HttpWeb:
    """The `Web` port of `skills.api`, over httpx.

    `cache` is a folder that this class may write to; None keeps nothing. As made, no host is allowed:
    `limited_to` gives each skill its own view, all of them sharing one connection pool and one cache.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._hosts: frozenset[str] = frozenset()
        self._pool = _Pool()
        self._cache = None if cache is None else _Cache(cache / "web.sqlite3")

    def limited_to(self, hosts: Iterable[str]) -> "HttpWeb":
        """Return the same web with only these hosts ("example.org", or "127.0.0.1:8080" with its port)."""
        view = object.__new__(HttpWeb)
        view._hosts, view._pool, view._cache = frozenset(hosts), self._pool, self._cache
        return view

    async def get_json(
        self, url: str, parameters: Mapping[str, Any] | None = None, *, fresh_for_s: float = 0.0
    ) -> tuple[Any, float]:
        """Return the decoded JSON and its age in seconds; see `skills.api.Web`.

        Raises `WebRefused` for an address that is not allowed and `SkillError` (reply `offline`) when there
        is no answer and none was kept.
        """
        self._check(url)
        if parameters:
            url = f"{url}?{urlencode(parameters)}"
        kept = None if self._cache is None else await asyncio.to_thread(self._cache.read, url)
        if kept is not None and kept[1] <= fresh_for_s:
            return kept
        try:
            answer = await self._pool.get(url)
        except _Unreachable as error:
            _log.warning("%s could not be asked: %s", urlsplit(url).hostname, error)
            if kept is None:
                raise SkillError(Say("offline")) from None
            return kept
        if self._cache is not None:
            await asyncio.to_thread(self._cache.write, url, answer)
        return answer, 0.0

    async def close(self) -> None:
        """Let the connections go; a later question opens new ones."""
        await self._pool.close()

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host not in self._hosts and parts.netloc not in self._hosts:
            raise WebRefused(f"{parts.netloc or url} is not among the hosts that the skill's manifest names")
        if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
            raise WebRefused(f"{parts.scheme}://{parts.netloc} is not https")


class _Pool:
    """One httpx client, made when it is first needed."""

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str) -> Any:
        import httpx  # 0.2 s to import; a session that asks nothing of the world never pays it

        if self._client is None:
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
                follow_redirects=False,
                mounts=dict.fromkeys((f"all://{host}" for host in ("127.0.0.1", "[::1]", "localhost")), None),
            )
        try:
            async with asyncio.timeout(TOTAL_S):
                return json.loads(await self._body(self._client, url))
        except TimeoutError:
            raise _Unreachable(f"no answer within {TOTAL_S:.0f} s") from None
        except httpx.HTTPError as error:
            raise _Unreachable(str(error) or type(error).__name__) from None
        except ValueError:
            raise _Unreachable("the answer is not JSON") from None

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    @staticmethod
    async def _body(client: "httpx.AsyncClient", url: str) -> bytes:
        body = bytearray()
        async with client.stream("GET", url, headers={"accept": "application/json"}) as response:
            if response.status_code != 200:
                raise _Unreachable(f"HTTP status {response.status_code}")
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST_BYTES:
                    raise _Unreachable(f"the answer is larger than {LARGEST_BYTES} bytes")
        return bytes(body)


class _Cache:
    """Answers in a SQLite file, with the wall-clock moment at which each came. Blocking; one row a URL."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self, url: str) -> tuple[Any, float] | None:
        """Return the kept answer and its age in seconds; a cache that cannot be read is empty."""
        try:
            with closing(self._open()) as database:
                row = database.execute(
                    "SELECT answer, came_at_s FROM answers WHERE url = ?", (url,)
                ).fetchone()
        except (sqlite3.Error, OSError) as error:
            _log.warning("the web cache cannot be read: %s", error)
            return None
        # A clock that was set back must not make an old answer look new for ever.
        return None if row is None else (json.loads(row[0]), abs(time.time() - row[1]))

    def write(self, url: str, answer: Any) -> None:
        """Keep an answer, and forget those that nobody asked for in a month."""
        now_s = time.time()
        try:
            with closing(self._open()) as database, database:
                database.execute("REPLACE INTO answers VALUES (?, ?, ?)", (url, json.dumps(answer), now_s))
                database.execute("DELETE FROM answers WHERE came_at_s < ?", (now_s - FORGET_AFTER_S,))
        except (sqlite3.Error, OSError) as error:
            _log.warning("the web cache cannot be written: %s", error)

    def _open(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._file, timeout=2.0)
        database.execute(
            "CREATE TABLE IF NOT EXISTS answers (url TEXT PRIMARY KEY, answer TEXT, came_at_s REAL)"
        )
        return database
