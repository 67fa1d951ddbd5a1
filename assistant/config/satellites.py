"""[[satellites]] and [wyoming]: microphones and loudspeakers elsewhere, and what we are to others."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from assistant.config.section import Port, Section, UserPath, secret


def _uri(text: str) -> str:
    from speech.satellites.address import Address

    return str(Address.parse(text))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Satellite(Section):
    """A Wyoming satellite (`tcp://…`) or an ESPHome voice device (`esphome://…`). `wake` is who listens for
    the wake word: we do ("here", usual for Wyoming), or it does ("there", usual for ESPHome). `key_file` has
    an ESPHome device's `api.encryption.key`; it fetches what is said to it from our `media_port` (0: any).
    """

    name: Annotated[str, Field(min_length=1, max_length=60)]
    uri: Annotated[str, AfterValidator(_uri)]
    room: str | None = None
    wake: Literal["here", "there"] | None = None
    volume: Annotated[float, Field(ge=0, le=2)] | None = None
    key_file: UserPath | None = None
    media_port: Annotated[int, Field(ge=0, le=65_535)] = 0

    @property
    def is_esphome(self) -> bool:
        """Whether it speaks ESPHome's native API."""
        return self.uri.startswith("esphome:")

    @property
    def wakes_here(self) -> bool:
        """Whether our wake words count."""
        return self.wake == "here" if self.wake is not None else not self.is_esphome

    def key(self) -> str | None:
        """What the key file holds. Raises `ConfigError`."""
        if self.key_file is None:
            return None
        return secret(self.key_file, f"the key_file of satellite {self.name}").strip()

    @model_validator(mode="after")
    def _fits(self) -> Any:
        if not self.is_esphome and (self.key_file is not None or self.media_port):
            raise ValueError(f"{self.name}: key_file and media_port are for esphome:// devices")
        return self


class Wyoming(Section):
    """What we are by the Wyoming protocol.

    `enabled` offers recognition, voice, wake words and understanding at `host` and `port` to this machine,
    and to the networks in `allow`: the protocol knows no passwords.
    """

    enabled: bool = False
    host: str = "127.0.0.1"
    port: Port = 10_500
    services: tuple[Literal["asr", "tts", "wake", "handle"], ...] = ("asr", "tts", "wake", "handle")
    allow: tuple[str, ...] = ()

    @property
    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Who may connect, beside this machine."""
        return tuple(ip_network(each, strict=False) for each in self.allow)

    @model_validator(mode="after")
    def _guarded(self) -> Any:
        for each in self.allow:
            try:
                ip_network(each, strict=False)
            except ValueError as error:
                raise ValueError(f'allow: "{each}" is no network; write 192.168.1.0/24') from error
        if self.enabled and not _is_loopback(self.host) and not self.allow:
            raise ValueError(
                f'host {self.host} is open to others, and allow names nobody: add allow = ["192.168.1.0/24"]'
            )
        return self


def distinct(satellites: tuple[Satellite, ...]) -> tuple[Satellite, ...]:
    """Refuse two of one name, or at one address. Raises `ValueError`."""
    for what in ("name", "uri"):
        values = [getattr(each, what) for each in satellites]
        twice = next((each for each in values if values.count(each) > 1), None)
        if twice is not None:
            raise ValueError(f'two satellites have the {what} "{twice}"')
    return satellites


Satellites = Annotated[tuple[Satellite, ...], AfterValidator(distinct)]
