"""The ignition goes off and on again: the process dies at once, and a new one goes on from the disk."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from skills.storage import SqliteStore
from tests.skills.clockwork import FakeTime
from tests.skills.test_timers import Kitchen

DRIVING = """
import asyncio, os, signal, sys
from pathlib import Path
from skills.storage import SqliteStore
from tests.skills.clockwork import FakeTime
from tests.skills.test_timers import Kitchen

async def main() -> None:
    car = Kitchen(FakeTime(2026, 11, 23, 18, 0), SqliteStore(Path(sys.argv[1])))
    await car.call("start", duration="10 minutes", name="parking")
    await car.call("start", duration="45 minutes", name="charging", room="driver")
    await car.call("remind", text="buy milk", when="at 6:20 pm")
    os.kill(os.getpid(), signal.SIGKILL)  # no goodbye: the key was turned

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as it is once the ignition is off."""
    folder = tmp_path_factory.mktemp("driving")
    file = folder / "timers.sqlite3"
    ended = subprocess.run([sys.executable, "-c", DRIVING, str(file)], timeout=120, check=False)
    assert ended.returncode == -9
    return folder


@pytest.fixture
def parked(off: Path, tmp_path: Path) -> Path:
    """What the disk holds then, for one test."""
    shutil.copytree(off, tmp_path / "car")
    return tmp_path / "car/timers.sqlite3"


async def test_no_timer_is_lost_when_the_ignition_goes_off_and_on(parked: Path) -> None:
    time = FakeTime(2026, 11, 23, 18, 0)
    time.pass_by(5 * 60)
    time.restarted()
    car = Kitchen(time, SqliteStore(parked))
    heard = await car.ring_until(2026, 11, 23, 19, 0)
    assert [(at.strftime("%H:%M"), text) for at, text in car.said] == [
        ("18:10", "Your parking timer is done."),
        ("18:20", "A reminder: buy milk."),
        ("18:45", "Your charging timer is done."),
    ]
    assert heard[-1].room == "driver"


async def test_what_fell_due_while_the_ignition_was_off_is_told_when_it_is_on(parked: Path) -> None:
    time = FakeTime(2026, 11, 23, 18, 0)
    time.pass_by(30 * 60)
    time.restarted()
    car = Kitchen(time, SqliteStore(parked))
    await car.ring_until(2026, 11, 23, 19, 0)
    told = " ".join(car.texts())
    assert "parking" in told
    assert "buy milk" in told
    assert car.said[-1][0].strftime("%H:%M") == "18:45"
