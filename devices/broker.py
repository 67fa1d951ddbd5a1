"""The broker for a house that has none: iotcore (Rust's rumqttd), in a process of its own, on loopback only.

It speaks MQTT 3.1.1. Its process ends when ours does, however that happens.
"""

import logging
import socket
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from iotcore import Broker

logger = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
USUAL_PORT = 1883
MAX_PAYLOAD_BYTES = 16_000_000
"""iotcore's own limit of 20 KB hangs up on every real bridge; a camera's picture must not hurt either."""

CHECK_EVERY_S = 0.5

# rumqttd's own configuration: with iotcore's, a client gets the first 200 retained messages and no more.
_SETTINGS = f"""
id = 0
[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 50000
max_segment_size = 104857600
max_segment_count = 10
[v4.1]
name = "mqtt-3.1.1"
listen = "{LOOPBACK}:{{port}}"
next_connection_delay_ms = 1
[v4.1.connections]
connection_timeout_ms = 60000
max_payload_size = {MAX_PAYLOAD_BYTES}
max_inflight_count = 1000
dynamic_filters = true
"""


class BrokerError(Exception):
    """The embedded broker could not be started; one line says why and what to do."""


class EmbeddedBroker:
    """`with EmbeddedBroker() as broker:` and it listens on `broker.port`. Entering takes about 0.2 s.

    When the wished port is taken, a free one is used and said. When the broker's process dies it is started
    anew; what it had retained is gone then, and the devices announce themselves again.
    """

    def __init__(self, port: int = USUAL_PORT) -> None:
        self.port = port
        self._broker: Broker | None = None
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._keep_running, name="embedded-broker", daemon=True)

    def __enter__(self) -> Self:
        """Start it. Raises `BrokerError`."""
        wished = self.port
        if _taken(wished):
            self.port = _free_port()
            logger.warning("broker: port %d is taken; listening on %d instead", wished, self.port)
        self._folder = tempfile.TemporaryDirectory(prefix="sotto-broker-")
        self._start()
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._watch.join()
        if self._broker is not None:
            self._broker.stop()
        self._folder.cleanup()

    def _start(self) -> None:
        from iotcore import Broker

        settings = Path(self._folder.name, "rumqttd.toml")
        settings.write_text(_SETTINGS.format(port=self.port), "utf-8")
        self._broker = Broker(config_path=str(settings))
        try:
            self._broker.start()
        except (OSError, RuntimeError) as error:
            raise BrokerError(
                f"the embedded MQTT broker did not start on port {self.port} ({error}); "
                "name your own broker under [mqtt] host"
            ) from error

    def _keep_running(self) -> None:
        while not self._ending.wait(CHECK_EVERY_S):
            if self._broker is not None and not self._broker.is_running:
                logger.warning("broker: the embedded broker ended by itself; starting it anew")
                try:
                    self._start()
                except BrokerError as error:
                    logger.warning("broker: %s", error)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
