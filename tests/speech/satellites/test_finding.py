"""Satellites that announce themselves: a real zeroconf service on loopback, and what answers there."""

import asyncio
import socket

import pytest
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from speech.satellites.address import Address
from speech.satellites.finding import ESPHOME_SERVICE, SERVICE, describe, found
from speech.satellites.frames import FrameError
from tests.brokers import free_port
from tests.esphome_device import KEY, device
from tests.requirements import require
from tests.satellites import PATIENT_S, satellite

LOOPBACK = "127.0.0.1"


def multicasts() -> bool:
    """Whether a group can be joined on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            group = socket.inet_aton("224.0.0.251") + socket.inet_aton(LOOPBACK)
            probe.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        except OSError:
            return False
    return True


async def test_a_satellite_that_announces_itself_is_found_where_it_is() -> None:
    require("multicast", multicasts(), "a network interface that can multicast")
    async with satellite("kitchen", "Kitchen") as there:
        zeroconf = AsyncZeroconf(interfaces=[LOOPBACK])
        service = AsyncServiceInfo(
            SERVICE, f"test-{there.port}.{SERVICE}", addresses=[socket.inet_aton(LOOPBACK)], port=there.port
        )
        await zeroconf.async_register_service(service)
        try:
            async with asyncio.timeout(PATIENT_S), found([LOOPBACK]) as addresses:
                async for address in addresses:
                    if address == there.address:  # a neighbour may announce others
                        break
        finally:
            await zeroconf.async_close()


async def test_a_satellite_says_its_name_and_area() -> None:
    async with satellite("kitchen", "Küche") as there:
        described = await describe(there.address)
    assert (described.name, described.area, described.is_satellite) == ("kitchen", "Küche", True)


async def test_nobody_there_and_no_wyoming_are_told_apart() -> None:
    with pytest.raises(OSError):  # noqa: PT011 - any of them
        await describe(Address(LOOPBACK, free_port()))

    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, LOOPBACK, 0)
    async with server:
        with pytest.raises(FrameError):
            await describe(Address(LOOPBACK, server.sockets[0].getsockname()[1]))


async def test_an_esphome_device_says_what_it_is_unless_it_has_a_key() -> None:
    async with device("voice", "Kitchen") as open_one, device(key=KEY) as closed, device(features=0) as lamp:
        told = await describe(open_one.address)
        assert (told.name, told.area, told.is_satellite, told.needs_key) == ("Voice", "Kitchen", True, False)
        assert (await describe(closed.address)).needs_key
        assert not (await describe(lamp.address)).is_satellite


async def test_an_esphome_device_that_announces_itself_is_found_where_it_is() -> None:
    require("multicast", multicasts(), "a network interface that can multicast")
    async with device("voice") as there:
        zeroconf = AsyncZeroconf(interfaces=[LOOPBACK])
        name = f"test-{there.port}.{ESPHOME_SERVICE}"
        service = AsyncServiceInfo(
            ESPHOME_SERVICE, name, addresses=[socket.inet_aton(LOOPBACK)], port=there.port
        )
        await zeroconf.async_register_service(service)
        try:
            async with (
                asyncio.timeout(PATIENT_S),
                found([LOOPBACK], (SERVICE, ESPHOME_SERVICE)) as addresses,
            ):
                async for address in addresses:
                    if address == there.address:
                        break
        finally:
            await zeroconf.async_close()
