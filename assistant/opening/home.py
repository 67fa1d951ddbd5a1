"""Builds the home: the broker, the conventions, what the owner said of things, the outbox and the past."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

from assistant.config.schema import Config
from devices.discovery.keeper import Keeper
from devices.history import History
from devices.home import Home
from devices.mqtt import MqttLink, MqttSettings, Traffic
from devices.outbox import Outbox
from devices.owner import Owner, Said
from devices.policy import Policy, PolicySettings, Rule

if TYPE_CHECKING:
    from devices.adapters.adapter import Adapter
    from devices.discovery.convention import Bridge, Convention
    from devices.message import Message


@dataclass(frozen=True, slots=True)
class OpenHome:
    """The home, joined to its broker."""

    home: Home
    broker: str
    link: MqttLink
    keeper: Keeper
    history: History
    outbox: Outbox
    adapters: "Mapping[str, Adapter]"


@asynccontextmanager
async def open_home(
    config: Config,
    observe: Callable[[Traffic], None] | None = None,
    will: "Message | None" = None,
    own_voice: "Adapter | None" = None,
) -> AsyncIterator[OpenHome]:
    """Join the broker, or start one, and wait until the devices have been heard of. Never fails for an
    absent broker. `observe` sees all MQTT traffic; `will` is what the broker says when we are gone;
    `own_voice` is the adapter that the assistant speaks with.
    """
    async with AsyncExitStack() as stack:
        settings = _broker(config, stack)
        link = await stack.enter_async_context(MqttLink(settings, will=will))
        if observe is not None:
            link.observe(observe)
        home = Home(_rooms(config))
        if config.home.simulated:
            await _simulate(settings, stack)
        history = stack.enter_context(_history(config))
        bridges = _bridges(config)
        keeper = Keeper(
            link,
            home,
            _conventions(config),
            bridges=bridges,
            owner=_owner(config),
            groups=config.home.groups,
            history=history,
        )
        await stack.enter_async_context(keeper)
        made = (own_voice, *_adapters(config), *_navigation(bridges))
        adapters = {each.name: each for each in filter(None, made)}
        for each in adapters.values():
            stack.push_async_callback(each.close)
        outbox = Outbox(home, link, keeper, adapters, policy=_policy(config), history=history)
        stack.push_async_callback(outbox.close)
        await keeper.settled()
        yield OpenHome(home, f"{settings.host}:{settings.port}", link, keeper, history, outbox, adapters)


def _adapters(config: Config) -> "Iterator[Adapter]":
    """The ways to what is not MQTT, as their skills' sections of the configuration say."""
    from devices.adapters.calendar import CalendarAdapter, CalendarSettings
    from devices.adapters.mpd import MpdAdapter

    music, agenda = config.skills.get("music", {}), config.skills.get("agenda", {})
    yield MpdAdapter(str(music.get("host", "127.0.0.1")), int(music.get("port", 6600)))
    yield CalendarAdapter(
        CalendarSettings(
            files=tuple(map(Path, agenda.get("files", ()))),
            urls=tuple(agenda.get("urls", ())),
            caldav_url=agenda.get("caldav_url"),
            user=agenda.get("user", ""),
            password=agenda.get("password", ""),
        )
    )


def _navigation(bridges: "Sequence[Bridge]") -> "Iterator[Adapter]":
    """The head unit of a car behind a KUKSA databroker."""
    for each in bridges:
        if each.name == "kuksa":
            from devices.discovery.vss.kuksa import Kuksa, KuksaNavigation

            if isinstance(each, Kuksa):
                yield KuksaNavigation(each)


def _broker(config: Config, stack: AsyncExitStack) -> MqttSettings:
    """The configured broker, or one of our own on loopback."""
    mqtt = config.mqtt
    if mqtt.host is None:
        from devices.broker import EmbeddedBroker

        own = stack.enter_context(EmbeddedBroker(mqtt.embedded_port))
        return MqttSettings(host="127.0.0.1", port=own.port, expiry_s=mqtt.command_expiry_s)
    return MqttSettings(
        host=mqtt.host,
        port=mqtt.port,
        username=mqtt.username,
        password=mqtt.password(),
        tls=mqtt.tls,
        ca_file=mqtt.ca_file,
        expiry_s=mqtt.command_expiry_s,
    )


async def _simulate(settings: MqttSettings, stack: AsyncExitStack) -> None:
    from devices.simulated import SimulatedHome

    await stack.enter_async_context(SimulatedHome(settings))


def _conventions(config: Config) -> "tuple[Convention, ...]":
    """In the order in which they are believed when two of them announce the same thing."""
    from devices.discovery.homeassistant import HomeAssistant
    from devices.discovery.manual import Manual
    from devices.discovery.shelly import ShellyGen2
    from devices.discovery.tasmota import Tasmota
    from devices.discovery.zigbee2mqtt import Zigbee2Mqtt

    wanted = config.discovery
    found: list[Convention] = [Manual(config.devices)]
    found += [Zigbee2Mqtt(base) for base in wanted.zigbee2mqtt_topics]
    if wanted.tasmota_prefix is not None:
        found.append(Tasmota(wanted.tasmota_prefix))
    if wanted.shelly:
        found.append(ShellyGen2(secrets.token_hex(8)))
    if wanted.homeassistant_prefix is not None:
        found.append(HomeAssistant(wanted.homeassistant_prefix))
    return (*found, *_vehicle(config))


def _vehicle(config: Config) -> "Iterator[Convention]":
    from devices.discovery.vss import Viss, VssTopics

    wanted, chinese = config.vehicle, config.home.language == "zh"
    if wanted.topics is not None:
        yield VssTopics(wanted.topics, chinese=chinese)
    if wanted.viss is not None:
        yield Viss(wanted.viss, secrets.token_hex(8), token=wanted.token(), chinese=chinese)


def _rooms(config: Config) -> "Mapping[str, tuple[str, ...]]":
    """The home's rooms; a car's seats, where one is configured, or where a room has a seat's name."""
    from devices.discovery.vss import ROOMS

    named, wanted = config.home.room_names, config.vehicle
    car = bool(wanted.model_fields_set) or config.listen.room in ROOMS
    if not car and named.keys().isdisjoint(ROOMS):
        return named
    return {**ROOMS, **{room: names or ROOMS.get(room, ()) for room, names in named.items()}}


def _bridges(config: Config) -> "tuple[Bridge, ...]":
    from devices.discovery.homeassistant_api import HomeAssistantApi

    wanted, vehicle = config.home_assistant, config.vehicle
    found: list[Bridge] = []
    if wanted.url is not None:
        found.append(HomeAssistantApi(wanted.url, wanted.token(), exposed_only=wanted.exposed_only))
    if vehicle.kuksa is not None:
        from devices.discovery.vss.kuksa import Kuksa

        found.append(Kuksa(vehicle.kuksa, vehicle.token(), chinese=config.home.language == "zh"))
    return tuple(found)


def _owner(config: Config) -> Owner:
    return Owner(
        {
            key: Said(thing.name or "", thing.room, thing.aliases, thing.exposed)
            for key, thing in config.home.things.items()
        }
    )


def _policy(config: Config) -> Policy:
    wanted = config.permissions
    rules = tuple(
        Rule(
            devices=frozenset(each.devices),
            in_rooms=frozenset(each.rooms),
            kinds=frozenset(each.kinds),
            abilities=frozenset(each.abilities),
            from_rooms=frozenset(each.from_rooms),
            from_satellites=frozenset(each.from_satellites),
            exposed=each.exposed,
            risk=each.risk,
        )
        for each in wanted.rules
    )
    return Policy(PolicySettings(rules, has_pin=wanted.pin_file is not None))


def _history(config: Config) -> History:
    wanted = config.history
    path = user_data_path("sotto-voce") / "history.sqlite" if wanted.enabled else None
    return History(path, keep_days=wanted.keep_days)


def trouble_with(opened: OpenHome) -> list[str]:
    """Return what is wrong with a home that was opened, a line each."""
    if not opened.link.connected:
        return [f"the MQTT broker at {opened.broker} cannot be reached: {opened.link.trouble}"]
    if not len(opened.home):
        return [
            f"no devices were found at {opened.broker}: name your broker in [mqtt] host, "
            "or try it with [home] simulated = true"
        ]
    return []
