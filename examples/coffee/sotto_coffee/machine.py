"""A small coffee machine to try the skill on: `python -m sotto_coffee.machine`.

It takes orders as the skill sends them, brews for a few seconds, and tells its state (retained) beside its
order topic: `coffee/kitchen/order` -> `coffee/kitchen/state`, `{"state": "brewing", "drink": "latte"}`.
"""

import argparse
import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

Publish = Callable[[str, str], None]

_log = logging.getLogger("coffee machine")


class Machine:
    """One brew at a time; an order while it brews is refused. `publish` takes a topic and a payload."""

    def __init__(self, topic: str, publish: Publish, brew_s: float = 5.0) -> None:
        self._state_topic = f"{topic.rpartition('/')[0]}/state"
        self._publish = publish
        self._brew_s = brew_s
        self._brewing = threading.Lock()

    def order(self, payload: bytes | str) -> None:
        """Take an order; what is no order is answered with the state "error"."""
        try:
            order = json.loads(payload)
            drink = order["drink"]
        except (ValueError, TypeError, KeyError):
            self._tell(state="error", reason="that is no order")
            return
        if not self._brewing.acquire(blocking=False):
            self._tell(state="busy", drink=drink)
            return
        _log.info("brewing %s", payload if isinstance(payload, str) else payload.decode("utf-8", "replace"))
        self._tell(**{**order, "state": "brewing"})
        timer = threading.Timer(self._brew_s, self._finish, (drink,))
        timer.daemon = True
        timer.start()

    def _finish(self, drink: str) -> None:
        self._brewing.release()
        self._tell(state="ready", drink=drink)

    def _tell(self, **state: Any) -> None:
        self._publish(self._state_topic, json.dumps(state))


def connected(host: str, port: int, topic: str, brew_s: float = 5.0) -> Client:
    """Return a machine's connection to a broker; its loop is not running yet."""
    client = Client(CallbackAPIVersion.VERSION2)
    machine = Machine(topic, lambda where, what: _publish(client, where, what), brew_s)

    def subscribe(client: Client, *_: Any) -> None:
        client.subscribe(topic, qos=1)
        _log.info("waiting for orders on %s", topic)

    def take(_client: Client, _data: Any, message: MQTTMessage) -> None:
        machine.order(message.payload)

    client.on_connect = subscribe
    client.on_message = take
    client.connect(host, port)
    return client


def _publish(client: Client, topic: str, payload: str) -> None:
    client.publish(topic, payload, qos=1, retain=True)


def main() -> None:
    """Run until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m sotto_coffee.machine")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--topic", default="coffee/kitchen/order")
    parser.add_argument("--brew-s", type=float, default=5.0, help="how long a drink takes, in seconds")
    wanted = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    client = connected(wanted.host, wanted.port, wanted.topic, wanted.brew_s)
    with suppress(KeyboardInterrupt):
        client.loop_forever()
    client.disconnect()


if __name__ == "__main__":
    main()
