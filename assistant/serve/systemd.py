"""What systemd is told: that we are ready, that we live, that we end (sd_notify(3), the socket's protocol).

Without systemd nothing happens. The whole protocol is a datagram of `KEY=value` lines to the socket that
NOTIFY_SOCKET names, which takes no library.
"""

import asyncio
import contextlib
import os
import socket


def notify(*lines: str) -> bool:
    """Tell systemd; whether there is one that listens. Never raises."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto("\n".join(lines).encode(), address)
        return True
    return False


def watchdog_s() -> float | None:
    """How often systemd wants a sign of life, in seconds; None when it wants none of us."""
    meant = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    asked = os.environ.get("WATCHDOG_USEC", "")
    if meant != str(os.getpid()) or not asked.isdecimal() or not int(asked):
        return None
    return int(asked) / 1_000_000


async def keep_alive() -> None:
    """Tell systemd that we are ready, and then that the event loop still turns, until cancelled."""
    every_s = watchdog_s()
    if every_s is None:
        notify("READY=1", "STATUS=listening")
        await asyncio.Event().wait()
        return
    # Said anew: who starts anew (SIGHUP) has asked for more patience before.
    notify("READY=1", "STATUS=listening", f"WATCHDOG_USEC={round(every_s * 1_000_000)}")
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(every_s / 3)
