"""What goes in and out of the API, as its OpenAPI document shows it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MOST_SPOKEN = 2_000

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
_Spoken = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_SPOKEN)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Language = Literal["en", "zh"]


class Body(BaseModel):
    """What is sent to us: no key that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskBody(Body):
    """A written order. Orders of one `dialogue` follow each other ("and the other one, too")."""

    text: _Words
    room: _Name | None = None
    language: Language | None = None
    dialogue: Annotated[str, StringConstraints(max_length=64)] = ""


class SayBody(Body):
    """A text to speak, at this machine or where somebody is in that room."""

    text: _Spoken
    room: _Name | None = None
    language: Language | None = None


class MuteBody(Body):
    """Close (true) or open a microphone; without `place` all of them."""

    muted: bool
    place: _Name | None = None


class Problem(BaseModel):
    """Why not, in one line."""

    detail: str


class Turn(BaseModel):
    """A turn: the object that `sotto ask --json` prints (docs/command-line.md), and why."""

    text: str
    heard: str
    language: str
    tier: str
    calls: list[dict[str, Any]]
    commands: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    reply: str
    failure: str | None
    interrupted: bool
    timing_ms: dict[str, float | None]
    why: str = ""


class PlaceNow(BaseModel):
    """A place that listens and speaks."""

    name: str
    room: str | None
    state: str
    muted: bool
    volume_percent: int


class PartNow(BaseModel):
    """A part of the daemon: starting, well, failed (and why) or ended; since when, in seconds since 1970."""

    name: str
    health: str
    why: str
    since_s: float
    failures: int


class Now(BaseModel):
    """How the daemon is."""

    version: str
    began_s: float
    broker: str
    broker_connected: bool
    devices: int
    problems: list[str]
    parts: list[PartNow]
    places: list[PlaceNow]


class Ready(BaseModel):
    """Whether orders can be heard and carried out, and if not, why."""

    ready: bool
    why: list[str]


class DeviceNow(BaseModel):
    """A device, as `sotto devices --json` shows it."""

    id: str
    name: str
    room: str | None
    kind: str
    device_class: str
    aliases: list[str]
    abilities: list[str]
    state: dict[str, Any]
    available: bool


class Happened(BaseModel):
    """Turns that were recorded, the newest first."""

    turns: list[dict[str, Any]]


class Done(BaseModel):
    """It was done, at these places."""

    places: list[str] = Field(default_factory=list)
