"""Podcasts: the newest episode of an RSS or Atom feed."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from devices.adapters.adapter import AdapterError

TOTAL_S = 8.0
LARGEST_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode, and the address of its sound."""

    title: str
    url: str


async def latest(url: str) -> Episode:
    """The newest episode that has sound. Raises `AdapterError` with a line that says what is wrong."""
    import feedparser

    body = await _body(url)
    found = await asyncio.to_thread(feedparser.parse, body)
    entries = [each for each in found.entries if _sound(each)]
    if not entries:
        raise AdapterError(f"the feed at {_host(url)} has no episode that can be played")
    newest = max(
        enumerate(entries), key=lambda each: (tuple(each[1].get("published_parsed") or ()), -each[0])
    )[1]
    return Episode(str(newest.get("title", "")).strip()[:200], _sound(newest))


async def _body(url: str) -> bytes:
    import httpx

    if urlsplit(url).scheme not in ("http", "https"):
        raise AdapterError(f"a feed's address begins with https://, not {url[:60]!r}")
    body = bytearray()
    try:
        async with (
            asyncio.timeout(TOTAL_S),
            httpx.AsyncClient(follow_redirects=True, timeout=TOTAL_S) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != 200:
                raise AdapterError(f"the feed at {_host(url)} answers with status {response.status_code}")
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LARGEST_BYTES:
                    raise AdapterError(f"the feed at {_host(url)} is larger than {LARGEST_BYTES} bytes")
    except TimeoutError:
        raise AdapterError(f"the feed at {_host(url)} did not answer within {TOTAL_S:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise AdapterError(f"the feed at {_host(url)} cannot be reached: {error}") from None
    return bytes(body)


def _sound(entry: object) -> str:
    """The address of an entry's first enclosure that is sound; empty without one."""
    for each in getattr(entry, "enclosures", ()):
        address = str(each.get("href", ""))
        kind = str(each.get("type", ""))
        if address.startswith(("http://", "https://")) and (kind.startswith("audio") or not kind):
            return address
    return ""


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:60]
