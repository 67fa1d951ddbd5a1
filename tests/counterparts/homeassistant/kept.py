"""A home that a bridge fills, as small as it can be."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from devices.discovery.convention import Appeared, Bridge, Change, Reachable, Reported, Vanished
from devices.home import Device, Home


class Kept:
    """Applies changes to a `Home`, and remembers them."""

    def __init__(self) -> None:
        self.home = Home()
        self.changes: list[Change] = []

    def take(self, changes: Sequence[Change]) -> None:
        for change in changes:
            self.changes.append(change)
            match change:
                case Appeared(device, _):
                    before = self.home.get(device.id)
                    self.home.put(
                        device
                        if before is None
                        else replace(device, state=before.state, available=before.available)
                    )
                case Vanished(device_id):
                    self.home.remove(device_id)
                case Reported(device_id, state):
                    self.home.report(device_id, state)
                case Reachable(device_id, available):
                    self.home.set_available(device_id, available)

    def device(self, entity_id: str) -> Device:
        found = self.home.get(f"homeassistant_api.{entity_id}")
        assert found is not None, f"{entity_id} is not in the home"
        return found

    def has(self, entity_id: str) -> bool:
        return self.home.get(f"homeassistant_api.{entity_id}") is not None


@contextlib.asynccontextmanager
async def running(bridge: Bridge) -> AsyncIterator[Kept]:
    """The bridge at work, and the home that it fills."""
    kept = Kept()
    task = asyncio.create_task(bridge.run(kept.take))
    try:
        yield kept
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
