"""SIGHUP: the configuration is read again, by the same process starting anew between two turns.

A configuration that is wrong is told and not taken. One that is right is taken by closing all parts in order
and executing ourselves again: every setting counts then, not a few of them, timers and lists are where they
were, and nobody's turn is broken off. It is deaf meanwhile, for as long as a start takes.
"""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config.errors import ConfigError
from assistant.config.load import load
from assistant.serve.systemd import notify

if TYPE_CHECKING:
    from assistant.serve.daemon import Daemon

QUIET_WITHIN_S = 60.0
"""For so long a turn is waited for; then it is begun anew whatever is being said."""
LOOK_EVERY_S = 0.1
LOADING_S = 600
"""How long systemd is asked to be patient."""


class Again:
    """Whether to start anew once everything is closed. `follow` is a part of the daemon."""

    def __init__(self, config: Path | None) -> None:
        self.wanted = False
        self._config = config
        self._asked = asyncio.Event()

    async def follow(self, daemon: "Daemon") -> None:
        """Wait for SIGHUP; then end the daemon, as SIGTERM does, with `wanted` set.

        At a terminal SIGHUP means what it always meant: the terminal is gone.
        """
        if not sys.stdin.isatty():
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await asyncio.to_thread(load, self._config)
            except ConfigError as error:
                daemon.tell(f"the configuration is not taken, the one before stays: {error}")
                continue
            daemon.tell("the configuration is read again")
            await self._quiet(daemon)
            self.wanted = True
            signal.raise_signal(signal.SIGTERM)
            return

    @staticmethod
    async def _quiet(daemon: "Daemon") -> None:
        """Return between two turns."""
        until_s = time.monotonic() + QUIET_WITHIN_S
        while daemon.busy and time.monotonic() < until_s:  # noqa: ASYNC110  # whoever speaks does not know that we wait
            await asyncio.sleep(LOOK_EVERY_S)


def start_anew() -> None:
    """Become a fresh process with the same arguments. Everything must be closed."""
    now_us = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000
    notify("RELOADING=1", f"MONOTONIC_USEC={now_us}", f"WATCHDOG_USEC={LOADING_S * 1_000_000}", "WATCHDOG=1")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it is followed again it must not end us
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  # ourselves
