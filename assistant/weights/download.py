"""Fetching one file over HTTP, going on where an earlier attempt stopped."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assistant.weights.catalogue import ModelFile
from assistant.weights.source import Progress, SourceError, SourceUnreachableError

if TYPE_CHECKING:
    import httpx

CONNECT_S = 5.0
"""A machine without a network must learn it at once."""
READ_S = 30.0
BREAKS = 5
"""How often a connection may break before the source is given up; each time the download goes on."""


def download(url: str, file: ModelFile, part: Path, progress: Progress) -> None:
    """Complete `part` from `url`. Raises `SourceError`; what has arrived stays for the next attempt."""
    import httpx

    timeout = httpx.Timeout(READ_S, connect=CONNECT_S)
    try:
        host = _host(url)
    except ValueError as error:
        raise SourceError("its address is none") from error
    with httpx.Client(timeout=timeout, follow_redirects=True) as client:
        for breaks in range(BREAKS + 1):
            before = _size(part)
            try:
                if _attempt(client, url, file, part, progress):
                    return
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                raise SourceUnreachableError(f"cannot connect to {host}") from error
            except httpx.TransportError as error:
                silent = isinstance(error, httpx.TimeoutException) and _size(part) <= before
                if silent or breaks == BREAKS:
                    raise SourceError(f"{host}: {str(error) or type(error).__name__}") from error
                so_far = f"going on from {_size(part):,} bytes"
                progress.note(f"{file.name}: the connection to {host} broke; {so_far}")
            except (httpx.RequestError, httpx.InvalidURL) as error:
                raise SourceError(f"{host}: {error}") from error
    raise SourceError(f"{host} ended {file.name} too early")


def _attempt(client: "httpx.Client", url: str, file: ModelFile, part: Path, progress: Progress) -> bool:
    """One request. True when `part` has its full length; False when another request should go on."""
    have = _size(part)
    if have == file.size:
        return True
    if have > file.size:
        part.unlink()
        have = 0
    # Without `identity` a server might compress, and the range would count other bytes.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 416:
            part.unlink()
            return False
        if not answer.is_success:
            raise SourceError(f"{_host(url)} answered {answer.status_code} for {file.name}")
        resumed = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(
            f"bytes {have}-"
        )
        if have and not resumed:
            have = 0
        with part.open("ab" if have else "wb") as out:
            for piece in answer.iter_bytes():
                have += len(piece)
                if have > file.size:
                    break
                out.write(piece)
                progress.at(file.name, have, file.size)
    if have > file.size:
        part.unlink()
        raise SourceError(f"{_host(url)} has a longer {file.name} than the catalogue")
    if have < file.size and not resumed:
        # A whole answer, and too short: the file there is truncated, and asking again brings the same.
        part.unlink()
        raise SourceError(f"{_host(url)} has only {have:,} of {file.size:,} bytes of {file.name}")
    return have == file.size


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _host(url: str) -> str:
    """The host for messages, without a name and password that the user may have put before it."""
    return urlsplit(url).netloc.rpartition("@")[2]
