"""Where a satellite listens, and what it speaks."""

from dataclasses import dataclass
from urllib.parse import urlsplit

ESPHOME_PORT = 6053
_SCHEMES = ("tcp", "esphome")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a satellite listens: `tcp` speaks Wyoming, `esphome` ESPHome's native API."""

    host: str
    port: int
    scheme: str = "tcp"

    @classmethod
    def parse(cls, uri: str) -> "Address":
        """Read `tcp://host:port` or `esphome://host` (port 6053 if none is named). Raises `ValueError`."""
        split = urlsplit(uri)
        port = split.port or (ESPHOME_PORT if split.scheme == "esphome" else None)
        if split.scheme not in _SCHEMES or not split.hostname or not port or split.path.strip("/"):
            raise ValueError("should look like tcp://192.168.1.20:10700 or esphome://192.168.1.30")
        return cls(split.hostname, port, split.scheme)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"
