"""The small parts of the daemon: who watches, who is muted, what systemd is told."""

import asyncio
import os
import socket

import pytest

from assistant.report import TurnReport
from assistant.serve.mutes import Mutes
from assistant.serve.systemd import keep_alive, notify, watchdog_s
from assistant.serve.watch import Watch, Where
from assistant.understanding.plan import Tier
from tests.fakes import Watcher

HALL = Where("hall", "Hall")


def test_a_watcher_that_fails_silences_no_other():
    watch, seen, printer = Watch(), [], Watcher()

    def breaks(_where, _seen):
        raise RuntimeError

    watch.join(breaks)
    leave = watch.join(lambda where, what: seen.append((where, what)))
    place = watch.at(HALL, printer)
    report = TurnReport("1", "turn it on", "en", Tier.FAST)
    place.report(report)
    assert seen == [(HALL, report)]
    assert printer.reports == [report]
    leave()
    place.report(report)
    assert len(seen) == 1


def test_a_muted_place_is_muted_after_a_restart(tmp_path):
    kept = tmp_path / "data" / "muted.json"
    mutes = Mutes(kept)
    mutes.set("microphone", True)
    mutes.set("厨房", True)
    assert Mutes(kept).has("microphone")
    mutes.set("microphone", False)
    assert not Mutes(kept).has("microphone")
    assert Mutes(kept).has("厨房")


@pytest.mark.parametrize("damage", ["", "{", '{"a": 1}', "[1, 2]", "\udcff"])
def test_a_broken_list_of_the_muted_stops_nothing(tmp_path, damage):
    kept = tmp_path / "muted.json"
    kept.write_bytes(damage.encode("utf-8", "surrogateescape"))
    mutes = Mutes(kept)
    mutes.set("hall", True)
    assert Mutes(kept).has("hall")


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listener


async def test_systemd_is_told_that_we_are_ready_and_live(systemd, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    alive = asyncio.create_task(keep_alive())
    told = [(await asyncio.to_thread(systemd.recv, 1000)).decode() for _ in range(3)]
    alive.cancel()
    await asyncio.wait([alive])
    assert told[0].startswith("READY=1")
    assert told[1:3] == ["WATCHDOG=1", "WATCHDOG=1"]


def test_without_systemd_nothing_is_told(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    assert not notify("READY=1")


@pytest.mark.parametrize(("usec", "pid"), [("", None), ("0", None), ("x", None), ("1000", "1")])
def test_a_watchdog_that_is_not_ours_wants_nothing(monkeypatch, usec, pid):
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", pid)
    assert watchdog_s() is None
