"""Where the running daemon is found by `sotto ask`, `say` and `announce`: a small file of the owner's."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

TOKEN_FILE = "api.token"  # noqa: S105  # a name, no token
ADDRESS_FILE = "daemon.json"


@dataclass(frozen=True, slots=True)
class Address:
    """`url` has no path. `config` is the configuration that it runs with, "" for the default one; `cert` the
    certificate that it shows, "" without TLS.
    """

    url: str
    token_file: str
    config: str = ""
    cert: str = ""
    pid: int = 0


def config_name(path: Path | None) -> str:
    """A configuration file as an address names it."""
    return "" if path is None else str(path.expanduser().resolve())


@contextmanager
def told(folder: Path, address: Address) -> Iterator[None]:
    """Tell where we are for as long as we are there."""
    file = folder / ADDRESS_FILE
    folder.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(asdict(address)), "utf-8")
    fresh.replace(file)
    try:
        yield
    finally:
        if find(folder) == address:  # another one may have come after us
            file.unlink(missing_ok=True)


def find(folder: Path) -> Address | None:
    """What was told last; whoever told it may be gone."""
    try:
        kept = json.loads((folder / ADDRESS_FILE).read_text("utf-8"))
        return Address(**kept)
    except (OSError, ValueError, TypeError):
        return None
