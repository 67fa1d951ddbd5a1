"""Satellites on the local network, by zeroconf (mDNS), and what one says of itself."""

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


async def describe(address: Address) -> Described:
    """Ask what is there. Raises `OSError` where nobody answers, `FrameError` where it is no Wyoming."""
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
async def found(interfaces: list[str] | None = None) -> AsyncIterator[AsyncIterator[Address]]:
    """Yield the addresses of Wyoming services as they announce themselves, without end.

    `interfaces` are addresses of this machine to look at; None: all. Raises `OSError` without a network.
    """
    from zeroconf import InterfaceChoice
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

    names: asyncio.Queue[str] = asyncio.Queue()

    def changed(
        zeroconf: "Zeroconf", service_type: str, name: str, state_change: "ServiceStateChange"
    ) -> None:
        del zeroconf, service_type
        if state_change.name != "Removed":
            names.put_nowait(name)

    zeroconf = AsyncZeroconf(interfaces=interfaces or InterfaceChoice.All)
    try:
        browser = AsyncServiceBrowser(zeroconf.zeroconf, SERVICE, handlers=[changed])

        async def addresses() -> AsyncIterator[Address]:
            while True:
                info = await zeroconf.async_get_service_info(SERVICE, await names.get())
                if info is not None and info.port and (hosts := info.parsed_addresses()):
                    yield Address(hosts[0], info.port)

        yield addresses()
        await browser.async_cancel()
    finally:
        await zeroconf.async_close()


async def find(seconds: float, interfaces: list[str] | None = None) -> list[Described]:
    """Return what announces itself within so many seconds and answers. Raises `OSError`."""
    seen: dict[Address, None] = {}
    with suppress(TimeoutError):
        async with found(interfaces) as addresses, asyncio.timeout(seconds):
            async for address in addresses:
                seen[address] = None
    answers = await asyncio.gather(*map(describe, seen), return_exceptions=True)
    return [each for each in answers if isinstance(each, Described)]
