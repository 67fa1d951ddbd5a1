"""The sections of the daemon: what it keeps of conversations, and who may talk to it over the network."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from assistant.config.section import Section, UserPath

Scope = Literal["look", "order", "speak", "hear", "mute"]
"""What a key of the API may: see how things are, give orders, have something said, read what is and was
heard, close and open microphones.
"""


class Conversations(Section):
    """What was heard, done and answered, for `sotto history`; it stays on this machine. No sound is kept."""

    enabled: bool = True
    keep_days: Annotated[float, Field(gt=0, le=3660)] = 30.0


class Telemetry(Section):
    """Where OpenTelemetry spans of turns are sent, by OTLP over HTTP; takes the extra `telemetry`."""

    otlp_endpoint: str | None = None


class ApiKey(Section):
    """A key of somebody else's: a tablet, a guest. Its orders count as those of the satellite `name`, and,
    if `room` is set, as given there, so that `[[permissions.rules]]` can hold them short.
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    token_file: UserPath
    room: str | None = None
    may: tuple[Scope, ...] = ("look", "order", "speak")


class Api(Section):
    """The HTTP and WebSocket API. It takes a token, on this machine, too; beyond it also TLS, unless
    `allow_plain` says that the network is to be trusted. `names` are host names under which people reach it.
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 7688
    token_file: UserPath | None = None
    keys: tuple[ApiKey, ...] = ()
    cert_file: UserPath | None = None
    key_file: UserPath | None = None
    allow_plain: bool = False
    names: tuple[str, ...] = ()

    @property
    def on_loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file go together")
        if not self.on_loopback and self.cert_file is None and not self.allow_plain:
            raise ValueError(
                f"host {self.host} is beyond this machine: set cert_file and key_file, "
                "or allow_plain = true if you trust everybody on that network with your token"
            )
        if len({key.name for key in self.keys}) < len(self.keys):
            raise ValueError("each of keys needs a name of its own")
        return self
