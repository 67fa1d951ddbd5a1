"""Satellites on the local network, by zeroconf (mDNS), and what one says of itself.

An ESPHome device with a key says what it is only to who has it; it is then named by
what it announces.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wyoming.info import Describe

from speech.satellites.address import Address
from speech.satellites.frames import LONGEST_LINE, FrameError, read_frame, write_frame

if TYPE_CHECKING:
    from zeroconf import ServiceStateChange, Zeroconf

SERVICE = "_wyoming._tcp.local."
ESPHOME_SERVICE = "_esphomelib._tcp.local."
DESCRIBE_S = 3.0
_SERVICES = ("asr", "tts", "wake", "handle", "intent", "mic", "snd")


@dataclass(frozen=True, slots=True)
class Described:
    """What answers at an address: its own name and area, and whether it is a satellite.

    `services` are the kinds of Wyoming services that it offers beside that.
    """

    address: Address
    name: str
    area: str | None
    is_satellite: bool
    services: tuple[str, ...] = ()
    needs_key: bool = False
    """It is an ESPHome device that may be a satellite, and says so only to who has its key."""


async def describe(address: Address) -> Described:
    """Ask what is there. Raises `OSError` where nobody answers, `FrameError` where it is no Wyoming."""
    if address.scheme == "esphome":
        return await _describe_esphome(address)
    async with asyncio.timeout(DESCRIBE_S):  # a TimeoutError is an OSError
        reader, writer = await asyncio.open_connection(address.host, address.port, limit=LONGEST_LINE)
        try:
            await write_frame(Describe().event(), writer)
            while (event := await read_frame(reader)) is not None:
                if event.type == "info":
                    return _described(address, event.data)
        finally:
            writer.close()
    raise FrameError("it hung up")


async def _describe_esphome(address: Address) -> Described:
    try:
        from aioesphomeapi.client import APIClient
        from aioesphomeapi.core import APIConnectionError, RequiresEncryptionAPIError
    except ImportError as error:
        raise OSError("aioesphomeapi is not installed") from error
    client = APIClient(address.host, address.port, None, client_info="sotto-voce")
    try:
        async with asyncio.timeout(DESCRIBE_S):
            await client.connect(login=True, log_errors=False)
            info = await client.device_info()
            version = client.api_version
            voice = version is not None and bool(info.voice_assistant_feature_flags_compat(version))
            name, area = info.friendly_name or info.name, info.area.name or info.suggested_area
            return Described(address, name, area or None, is_satellite=voice)
    except RequiresEncryptionAPIError:
        return Described(address, address.host, None, is_satellite=True, needs_key=True)
    except APIConnectionError as error:
        raise OSError(str(error)) from error
    finally:
        with suppress(APIConnectionError, TimeoutError):
            async with asyncio.timeout(1.0):
                await client.disconnect()


def _described(address: Address, info: dict[str, Any]) -> Described:
    satellite = info.get("satellite")
    services = tuple(each for each in _SERVICES if isinstance(info.get(each), list) and info[each])
    if not isinstance(satellite, dict):
        return Described(address, "", None, is_satellite=False, services=services)
    name, area = satellite.get("name"), satellite.get("area")
    return Described(
        address,
        name if isinstance(name, str) else "",
        area if isinstance(area, str) and area else None,
        is_satellite=True,
        services=services,
    )


@asynccontextmanager
async def found(
    interfaces: list[str] | None = None, services: tuple[str, ...] = (SERVICE,)
) -> AsyncIterator[AsyncIterator[Address]]:
    """Yield the addresses of Wyoming services as they announce themselves, without end; of ESPHome devices,
    too, if they are among `services`.

    `interfaces` are addresses of this machine to look at; None: all. Raises `OSError` without a network.
    """
    from zeroconf import InterfaceChoice
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

    names: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def changed(
        zeroconf: "Zeroconf", service_type: str, name: str, state_change: "ServiceStateChange"
    ) -> None:
        del zeroconf
        if state_change.name != "Removed":
            names.put_nowait((service_type, name))

    zeroconf = AsyncZeroconf(interfaces=interfaces or InterfaceChoice.All)
    try:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, list(services), handlers=[changed])

        async def addresses() -> AsyncIterator[Address]:
            while True:
                kind, name = await names.get()
                info = await zeroconf.async_get_service_info(kind, name)
                if info is not None and info.port and (hosts := info.parsed_addresses()):
                    yield Address(hosts[0], info.port, "esphome" if kind == ESPHOME_SERVICE else "tcp")

        yield addresses()
        await browser.async_cancel()
    finally:
        await zeroconf.async_close()


async def find(seconds: float, interfaces: list[str] | None = None) -> list[Described]:
    """Return what announces itself within so many seconds and answers. Raises `OSError`."""
    seen: dict[Address, None] = {}
    with suppress(TimeoutError):
        async with (
            found(interfaces, (SERVICE, ESPHOME_SERVICE)) as addresses,
            asyncio.timeout(seconds),
        ):
            async for address in addresses:
                seen[address] = None
    answers = await asyncio.gather(*map(describe, seen), return_exceptions=True)
    return [each for each in answers if isinstance(each, Described)]
