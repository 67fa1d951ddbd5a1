"""Waits for one device's own word on one order. The table of what it means is that of `outbox.py`."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

from devices.commands import DeviceCommand, Outcome, Result
from devices.discovery.keeper import Keeper, Watch
from devices.home import Device, Home
from devices.progress import MOVERS, jammed, on_its_way

SILENT_S = 0.4
"""How long a device that was as asked may take to say so again. Many never do, and the person waits."""

PROGRESS_S = 0.8
"""After this, what already moved the right way before the order counts as obeying it."""

FOLLOW_S = 180.0
"""How long the slowest blind, door or robot may be on its way."""

_Told = tuple[Result, str]


class Confirmation:
    """Made before the order leaves, so that no word of the device is missed. `watch` is to be set by whoever
    made it, to a watch of the device.
    """

    def __init__(self, home: Home, keeper: Keeper, command: DeviceCommand, *, confirm_s: float) -> None:
        device = home.get(command.device_id)
        assert device is not None
        self.command = command
        self.device: Device = device
        """How it was before the order."""
        self.watch = Watch()
        self._home = home
        self._keeper = keeper
        self._confirm_s = confirm_s
        self._was_so = keeper.satisfied(command)
        self._replaced = False

    @property
    def name(self) -> str:
        """The device's name for people."""
        return self.device.name

    def replace(self) -> None:
        """A later order takes the place of this one."""
        self._replaced = True
        self.watch.heard(report=False)

    async def outcome(self, sent: Outcome, now: Callable[[], float]) -> Outcome:
        """Complete the outcome of an order that has left. `now` is the turn's clock."""
        if not self._keeper.reports(self.command):
            return replace(sent, detail="it never says what it did")
        if self._was_so and self._keeper.live(self.command.device_id):
            told = await self._within(SILENT_S, while_so=True)
            if told is None and self._was_so:
                return replace(sent, result=Result.ALREADY, detail="it was so, and did not contradict")
        else:
            told = None
        result, detail = told or await self._in_time()
        confirmed_s = now() if result.good else None
        return replace(sent, result=result, detail=detail, confirmed_s=confirmed_s)

    async def ended(self) -> Result:
        """Wait for the end of what was told to be in progress; no_answer when it never came."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FOLLOW_S):
                while True:
                    told = self._told()
                    if told is not None and told[0] is not Result.IN_PROGRESS:
                        return told[0]
                    await self.watch.news()
        return Result.NO_ANSWER

    async def _in_time(self) -> _Told:
        first_s = min(PROGRESS_S, self._confirm_s)
        told = await self._within(first_s)
        if told is None and not (self.command.ability in MOVERS and self._moves()):
            told = await self._within(self._confirm_s - first_s)
        if told is None and self._moves():
            told = Result.IN_PROGRESS, ""
        return told or (Result.NO_ANSWER, f"it did not confirm within {self._confirm_s:g} s")

    async def _within(self, seconds: float, *, while_so: bool = False) -> _Told | None:
        """What the device says within that time; None for nothing, or once it is no longer so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (told := self._told()) is None and (self._was_so or not while_so):
                    await self.watch.news()
                return told
        return None

    def _told(self) -> _Told | None:
        """What the device has said so far; None when that decides nothing."""
        device = self._home.get(self.command.device_id)
        if device is None:
            return Result.UNKNOWN_DEVICE, "it was taken away meanwhile"
        if not device.available:
            return Result.OFFLINE, "it became unreachable"
        if self.watch.refusal:
            return Result.REFUSED, self.watch.refusal
        if self.watch.reports and jammed(self.command, device.state):
            return Result.REFUSED, "it is jammed"
        so = self._keeper.satisfied(self.command)
        if not so and self.watch.reports and self.command.ability in MOVERS and self._moves():
            return Result.IN_PROGRESS, ""
        if so and (self.watch.reports or not self._was_so):
            return (Result.ALREADY if self._was_so else Result.DONE), ""
        if self._replaced:
            return Result.UNVERIFIED, "a later order took its place"
        if not so:
            self._was_so = False
        return None

    def _moves(self) -> bool:
        device = self._home.get(self.command.device_id)
        return device is not None and on_its_way(self.command, self.device.state, device.state)
