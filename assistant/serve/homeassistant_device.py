"""Ourselves as a device in Home Assistant, by MQTT discovery.

    homeassistant/device/sotto_voce_<id>/config   who we are, retained
    sotto-voce/<id>/available                     online, or offline by our last will
    sotto-voce/<id>/state, heard, reply, muted, volume
    sotto-voce/<id>/muted/set, volume/set, say/set, ask/set, stop/set

Whoever may publish there may speak with our voice and give orders: the broker's access rights decide. A text
order is given on the authority of `Authority(satellite="homeassistant")`, which the policy can hold short.
Source: Home Assistant's documentation of MQTT discovery; 255 characters is its limit for a state.
"""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from devices.discovery.components.settings import plain_text
from devices.message import BrokerAway, BrokerRefused, Message
from devices.mqtt import MqttLink

logger = logging.getLogger(__name__)

MAX_STATE = 255
"""Characters of a state in Home Assistant; what is longer becomes "unknown" there."""
MAX_TEXT = 255
"""Characters of a text that is to be said or obeyed: Home Assistant's text entities take no more."""
MAX_PAYLOAD_BYTES = 4 * MAX_TEXT
MAX_WAITING = 4
"""Texts that wait for their turn. Who sends more does not mean a conversation."""

BURST = 8
REFILL_PER_S = 2.0
"""Of each command: a slider moved by hand passes, a runaway automation does not."""

ONLINE, OFFLINE = "online", "offline"
STATES = ("idle", "listening", "thinking", "speaking")


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """Who we are in Home Assistant. `id` stays the same for ever: lower-case letters, digits and `_`."""

    id: str
    name: str = "Sotto Voce"
    room: str | None = None
    version: str = ""
    prefix: str = "homeassistant"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]{1,60}", self.id):
            raise ValueError(f"{self.id[:80]!r} is no identity: lower-case letters, digits and _, up to 60")
        if not re.fullmatch(r"[^+#\x00-\x1f]{1,100}", self.prefix):
            raise ValueError(f"{self.prefix[:80]!r} is no discovery prefix")

    @property
    def unique(self) -> str:
        """Our identifier in Home Assistant's device registry."""
        return f"sotto_voce_{self.id}"

    def topic(self, *parts: str) -> str:
        """A topic of ours."""
        return "/".join(("sotto-voce", self.id, *parts))


@dataclass(frozen=True, slots=True)
class Status:
    """How we are at a moment. `heard` and `replied` are the last words, empty before there were any."""

    state: str = "idle"
    muted: bool = False
    volume_percent: int = 100
    heard: str = ""
    replied: str = ""


class Ports(Protocol):
    """What the device does to the assistant. What raises is logged, and the device goes on."""

    def status(self) -> Status:
        """How we are now."""
        ...

    async def say(self, text: str) -> None:
        """Speak a text, and return when it was said."""
        ...

    async def obey(self, text: str) -> None:
        """Take a text as an order, as if it had been spoken; return when it was answered."""
        ...

    async def stop(self) -> None:
        """Fall silent."""
        ...

    def set_volume(self, percent: int) -> None:
        """How loud we speak, 0 to 100."""
        ...

    def set_muted(self, muted: bool) -> None:
        """Whether we are deaf: muted, nothing is listened to at all."""
        ...


def will_of(identity: DeviceIdentity) -> Message:
    """What the broker says when we are gone without a word; for `MqttLink(settings, will=…)`."""
    return Message(identity.topic("available"), OFFLINE, qos=1, retain=True)


@dataclass(slots=True)
class _Bucket:
    """Lets `BURST` through at once and `REFILL_PER_S` for ever."""

    full: float = BURST
    at_s: float | None = None

    def pass_one(self, now_s: float) -> bool:
        if self.at_s is not None:
            self.full = min(BURST, self.full + (now_s - self.at_s) * REFILL_PER_S)
        self.at_s = now_s
        if self.full < 1:
            return False
        self.full -= 1
        return True


@dataclass(slots=True)
class _Waiting:
    """Texts to be said or obeyed, one after the other."""

    texts: asyncio.Queue[tuple[Callable[[str], Awaitable[None]], str]] = field(
        default_factory=lambda: asyncio.Queue(MAX_WAITING)
    )

    def clear(self) -> None:
        while not self.texts.empty():
            self.texts.get_nowait()


class HomeAssistantDevice:
    """`async with HomeAssistantDevice(link, identity, ports) as device:` is announced meanwhile.

    Call `changed` whenever `ports.status()` may say something new. The last words are told only with
    `show_words`: they are what was said in somebody's home, and every client of the broker may read them.
    """

    def __init__(
        self, link: MqttLink, identity: DeviceIdentity, ports: Ports, *, show_words: bool = False
    ) -> None:
        self._link = link
        self._identity = identity
        self._ports = ports
        self._show_words = show_words
        self._told: dict[str, str] = {}
        self._news = asyncio.Event()
        self._announced = False
        self._waiting = _Waiting()
        self._buckets: dict[str, _Bucket] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._end_greeting: Callable[[], None] | None = None

    async def __aenter__(self) -> Self:
        self._start(self._keep_telling())
        self._start(self._keep_obeying())
        self._link.subscribe(self._identity.topic("+", "set"), self._ordered)
        self._link.subscribe(f"{self._identity.prefix}/status", self._greeted)
        self._end_greeting = self._link.on_connect(self._announce)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._end_greeting is not None:
            self._end_greeting()
        self._link.unsubscribe(self._identity.topic("+", "set"), self._ordered)
        self._link.unsubscribe(f"{self._identity.prefix}/status", self._greeted)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(BrokerAway, BrokerRefused):  # who leaves politely leaves no will
            await self._link.publish(self._identity.topic("available"), OFFLINE, retain=True)

    def changed(self) -> None:
        """Have what is new told to Home Assistant. Call it on the event loop, as often as you like."""
        self._news.set()

    async def _announce(self) -> None:
        """Who we are, that we are here, and how we are: all of it, since the broker may have lost it."""
        identity = self._identity
        self._announced = False
        config = announcement(identity, show_words=self._show_words)
        topic = f"{identity.prefix}/device/{identity.unique}/config"
        await self._link.publish(topic, json.dumps(config, ensure_ascii=False), retain=True)
        await self._link.publish(identity.topic("available"), ONLINE, retain=True)
        self._told.clear()
        self._announced = True
        self._news.set()

    async def _keep_telling(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            if not self._announced:
                continue
            try:
                await self._tell()
            except (BrokerAway, BrokerRefused):
                continue  # after the next connection all is told anew
            except Exception:  # a supervised boundary: it goes on with the next news
                logger.exception("homeassistant: our state could not be told")

    async def _tell(self) -> None:
        for part, (payload, retain) in self._payloads(self._ports.status()).items():
            if self._told.get(part) != payload:
                await self._link.publish(self._identity.topic(part), payload, retain=retain)
                self._told[part] = payload

    def _payloads(self, status: Status) -> Mapping[str, tuple[str, bool]]:
        """What is told on which topic, and whether the broker keeps it: never what somebody said."""
        told = {
            "state": (status.state if status.state in STATES else STATES[0], True),
            "muted": (_switch_word(status.muted), True),
            "volume": (str(min(100, max(0, status.volume_percent))), True),
        }
        words = {"heard": status.heard, "reply": status.replied} if self._show_words else {}
        return told | {part: (cut, False) for part, word in words.items() if (cut := shown(word))}

    async def _keep_obeying(self) -> None:
        while True:
            do, text = await self._waiting.texts.get()
            await self._do(do(text))

    async def _do(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except Exception:  # a supervised boundary: one text that failed must not silence the others
            logger.exception("homeassistant: an order of Home Assistant's failed")
        self.changed()

    def _greeted(self, _topic: str, payload: bytes, kept: bool) -> None:
        """Home Assistant has started. What it found retained was there before it; the words were not."""
        if payload == b"online" and not kept and self._link.connected:
            self._start(self._announce_quietly())

    async def _announce_quietly(self) -> None:
        with contextlib.suppress(BrokerAway, BrokerRefused):
            await self._announce()

    def _ordered(self, topic: str, payload: bytes, kept: bool) -> None:
        """A command. A kept one is old: who retains it would have it obeyed at each of our starts."""
        part = topic.split("/")[2]
        take = {
            "say": self._take_say,
            "ask": self._take_ask,
            "stop": self._take_stop,
            "muted": self._take_muted,
            "volume": self._take_volume,
        }.get(part)
        if take is None or kept:
            return
        text = readable(payload)
        if text is None:
            logger.warning("homeassistant: ignored %d bytes that are no text on %s", len(payload), part)
            return
        self._told.pop(part, None)  # whatever becomes of it, what holds then is said again
        self.changed()
        now_s = asyncio.get_running_loop().time()
        if self._buckets.setdefault(part, _Bucket()).pass_one(now_s):
            take(text)
        else:
            logger.warning("homeassistant: too many commands on %s: ignored one", part)

    def _take_say(self, text: str) -> None:
        self._wait(self._ports.say, text)

    def _take_ask(self, text: str) -> None:
        self._wait(self._ports.obey, text)

    def _wait(self, do: Callable[[str], Awaitable[None]], text: str) -> None:
        if self._waiting.texts.full():
            logger.warning("homeassistant: %d texts wait already: ignored one", MAX_WAITING)
            return
        self._waiting.texts.put_nowait((do, text))

    def _take_stop(self, _text: str) -> None:
        self._waiting.clear()
        self._start(self._do(self._ports.stop()))

    def _take_muted(self, text: str) -> None:
        if text in ("ON", "OFF"):
            self._ports.set_muted(text == "ON")

    def _take_volume(self, text: str) -> None:
        if re.fullmatch(r"\d{1,3}(\.\d+)?", text, re.ASCII) and float(text) <= 100:
            self._ports.set_volume(round(float(text)))

    def _start(self, doing: Any) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def announcement(identity: DeviceIdentity, *, show_words: bool) -> Mapping[str, Any]:
    """The device announcement. A component of which only the platform is named is one that is taken back."""

    def entity(part: str, platform: str, name: str, icon: str, **more: Any) -> dict[str, Any]:
        unique = {"unique_id": f"{identity.unique}_{part}", "object_id": f"{identity.unique}_{part}"}
        return {"platform": platform, "name": name, "icon": f"mdi:{icon}", **unique, **more}

    def words(part: str, name: str, icon: str) -> dict[str, Any]:
        if not show_words:
            return {"platform": "sensor"}
        return entity(part, "sensor", name, icon, state_topic=identity.topic(part))

    def told(part: str) -> dict[str, str]:
        return {"state_topic": identity.topic(part), "command_topic": identity.topic(part, "set")}

    def ordered(part: str) -> dict[str, str]:
        return {"command_topic": identity.topic(part, "set")}

    state = {"state_topic": identity.topic("state"), "device_class": "enum", "options": list(STATES)}
    slider = {"min": 0, "max": 100, "step": 1, "mode": "slider", "unit_of_measurement": "%"}
    length = {"min": 1, "max": MAX_TEXT}
    about = {
        "identifiers": [identity.unique],
        "name": identity.name,
        "manufacturer": "Sotto Voce",
        "model": "Voice assistant",
        "sw_version": identity.version,
        "suggested_area": identity.room,
    }
    origin = {"name": "Sotto Voce", "sw_version": identity.version}
    return {
        "device": {key: value for key, value in about.items() if value},
        "origin": {key: value for key, value in origin.items() if value},
        "availability": [{"topic": identity.topic("available")}],
        "qos": 1,
        "components": {
            "state": entity("state", "sensor", "State", "account-voice", **state),
            "heard": words("heard", "Last heard", "ear-hearing"),
            "reply": words("reply", "Last reply", "comment-text-outline"),
            "muted": entity("muted", "switch", "Mute", "microphone-off", **told("muted")),
            "volume": entity("volume", "number", "Volume", "volume-high", **told("volume"), **slider),
            "say": entity("say", "text", "Say", "bullhorn", **ordered("say"), **length),
            "ask": entity("ask", "text", "Ask", "chat-question", **ordered("ask"), **length),
            "stop": entity("stop", "button", "Stop", "stop", **ordered("stop")),
        },
    }


def shown(text: str) -> str:
    """A text as a state: one line, what can be printed, and cut with an ellipsis at 255 characters."""
    line = plain_text(text, MAX_STATE + 1)
    return line if len(line) <= MAX_STATE else line[: MAX_STATE - 1] + "…"


def readable(payload: bytes) -> str | None:
    """The text of a command: one line. None for what is too long, empty, or no text."""
    if not 0 < len(payload) <= MAX_PAYLOAD_BYTES:
        return None
    try:
        text = plain_text(payload.decode(), MAX_TEXT + 1)
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= MAX_TEXT else None


def _switch_word(on: bool) -> str:
    return "ON" if on else "OFF"
