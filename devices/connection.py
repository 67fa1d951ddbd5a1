"""One TCP connection to a broker, from CONNECT to its end. The only file that imports paho.

paho's client is driven by the event loop, without a thread, and is used once: whatever it had queued dies
with the connection, so that no order can leave late.
"""

import asyncio
import contextlib
import logging
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from devices.message import BrokerAway, BrokerRefused, Message, MqttSettings, Traffic

if TYPE_CHECKING:
    from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

logger = logging.getLogger(__name__)

MQTT_5, MQTT_3 = 5, 4
KEEPALIVE_S = 15
CONNECT_TIMEOUT_S = 5.0

MAX_PACKET_BYTES = 64_000_000
"""Told to an MQTT 5 broker, which then does not even send what is larger."""

UNSUPPORTED_VERSION = 0x84


class ConnectFailed(Exception):  # noqa: N818 - a state of the world that the caller expects
    """No connection came about. `handshake` is true when something answered, but not in this version."""

    def __init__(self, message: str, *, handshake: bool = False) -> None:
        super().__init__(message)
        self.handshake = handshake


class Connection:
    """`open`, then `publish`, `subscribe`, `unsubscribe` until `lost` tells why it ended."""

    def __init__(
        self,
        settings: MqttSettings,
        version: int,
        will: Message | None,
        on_traffic: Callable[[Traffic], None],
    ) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

        self._settings = settings
        self._version = version
        self._on_traffic = on_traffic
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        self._accepted: asyncio.Future[None] = self._loop.create_future()
        self._unacknowledged: dict[int, asyncio.Future[None]] = {}
        self._minder: asyncio.Task[None] | None = None
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings.client_id,
            protocol=MQTTProtocolVersion(version),
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = CONNECT_TIMEOUT_S
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        if settings.username is not None:
            self._client.username_pw_set(settings.username, settings.password)
        if will is not None:
            self._client.will_set(will.topic, will.payload, will.qos, will.retain)

    async def open(self) -> None:
        """Connect and shake hands. Raises `ConnectFailed`."""
        try:
            await asyncio.to_thread(_dial, self._client, self._settings, self._version)
        except (OSError, ValueError) as error:  # the resolver's errors and TLS's are OSErrors too
            raise ConnectFailed(str(error)) from error
        sock = self._client.socket()
        if sock is None:
            raise ConnectFailed("the connection ended at once", handshake=True)
        with contextlib.suppress(OSError):  # small messages must not wait for each other
            _real(sock).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.add_reader(sock, self._read, sock)
        self._client.on_socket_register_write = self._want_write
        self._client.on_socket_unregister_write = self._write_no_more
        self._client.on_socket_close = self._on_socket_close
        if self._client.want_write():
            self._want_write(None, None, sock)
        self._minder = asyncio.create_task(self._mind())
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._accepted
        except TimeoutError:
            raise ConnectFailed("something listens there, but does not answer as a broker") from None

    def subscribe(self, filter_: str, qos: int) -> None:
        """Ask for messages; they reach `on_traffic`."""
        self._client.subscribe(filter_, qos)

    def unsubscribe(self, filter_: str) -> None:
        """Ask for no more of them."""
        self._client.unsubscribe(filter_)

    async def publish(self, message: Message) -> None:
        """Hand over one message and wait for its acknowledgement (QoS 0: until it is written).

        Raises `BrokerAway`, `BrokerRefused`.
        """
        if self.lost.done():
            raise BrokerAway("the connection to the MQTT broker is gone")
        info = self._client.publish(
            message.topic, message.payload, message.qos, message.retain, self._expiry(message)
        )
        if info.rc != 0:
            raise BrokerAway("the connection to the MQTT broker is gone")
        acknowledged: asyncio.Future[None] = self._loop.create_future()
        self._unacknowledged[info.mid] = acknowledged
        try:
            async with asyncio.timeout(self._settings.expiry_s):
                await acknowledged
        except TimeoutError:
            # A broker that is silent for so long is not one to hold orders: what lies unsent dies here.
            why = f"the MQTT broker did not acknowledge within {self._settings.expiry_s:g} s"
            self.abort(why)
            raise BrokerAway(why, may_have_left=True) from None
        finally:
            self._unacknowledged.pop(info.mid, None)

    async def close(self) -> None:
        """Say goodbye, so that no will is sent, and be gone within a second."""
        self._client.disconnect()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await asyncio.shield(self.lost)
        self.abort("closed")

    def abort(self, reason: str) -> None:
        """Drop the connection with everything in it. Safe to call at any time."""
        if self._minder is not None:
            self._minder.cancel()
        sock = self._client.socket()
        if sock is not None:
            self._on_socket_close(None, None, sock)
            self._client.on_socket_close = None
            self._client.on_socket_register_write = None
            self._client.on_socket_unregister_write = None
            with contextlib.suppress(OSError):  # linger 0: the kernel forgets unsent bytes too
                _real(sock).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
        self._lose(reason)

    def _expiry(self, message: Message) -> "Properties | None":
        if self._version != MQTT_5 or message.retain:  # an announcement holds until it is replaced
            return None
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's gap
        properties.MessageExpiryInterval = max(1, round(self._settings.expiry_s))
        return properties

    def _lose(self, reason: str) -> None:
        if not self._accepted.done():
            self._accepted.set_exception(ConnectFailed(reason, handshake=True))
            self._accepted.exception()  # seen: nobody may be waiting for it any more
        for waiting in self._unacknowledged.values():
            if not waiting.done():
                why = "the MQTT broker went away before it acknowledged the message"
                waiting.set_exception(BrokerAway(why, may_have_left=True))
        if not self.lost.done():
            self.lost.set_result(reason)

    async def _mind(self) -> None:
        """Keep the pings going."""
        while not self.lost.done():
            await asyncio.sleep(1.0)
            self._step(self._client.loop_misc)

    def _read(self, sock: Any) -> None:
        self._step(self._client.loop_read)
        # TLS may hold decrypted bytes back that the selector cannot see.
        if self._client.socket() is sock and getattr(sock, "pending", int)():
            self._loop.call_soon(self._read, sock)

    def _write(self) -> None:
        self._step(self._client.loop_write)

    def _step(self, step: Callable[[], Any]) -> None:
        try:
            step()
        except Exception as error:  # a supervised boundary: paho raises whatever a malformed packet provokes
            logger.warning("mqtt: the broker sent what is not MQTT (%r); hanging up", error)
            self.abort("the broker sent what is not MQTT")

    # paho's callbacks, in its own signatures; all run on the event loop

    def _want_write(self, _client: Any, _userdata: Any, sock: Any) -> None:
        self._loop.add_writer(sock, self._write)

    def _write_no_more(self, _client: Any, _userdata: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _on_socket_close(self, _client: Any, _userdata: Any, sock: Any) -> None:
        with contextlib.suppress(ValueError, OSError):  # it may be closed already
            self._loop.remove_reader(sock)
            self._loop.remove_writer(sock)

    def _on_connect(
        self, _client: "Client", _userdata: Any, _flags: "ConnectFlags", reason: "ReasonCode", _p: Any
    ) -> None:
        if self._accepted.done():
            return
        if reason.is_failure:
            version = reason.value == UNSUPPORTED_VERSION
            self._accepted.set_exception(ConnectFailed(f"the broker says: {reason}", handshake=version))
        else:
            self._accepted.set_result(None)

    def _on_disconnect(
        self, _client: "Client", _userdata: Any, _flags: "DisconnectFlags", reason: "ReasonCode", _p: Any
    ) -> None:
        self._lose(f"the connection ended ({reason})")

    def _on_publish(self, _client: "Client", _userdata: Any, mid: int, reason: "ReasonCode", _p: Any) -> None:
        waiting = self._unacknowledged.get(mid)
        if waiting is None or waiting.done():
            return
        if reason.is_failure:
            waiting.set_exception(BrokerRefused(f"the MQTT broker refused the message: {reason}"))
        else:
            waiting.set_result(None)

    def _on_message(self, _client: "Client", _userdata: Any, message: "MQTTMessage") -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            logger.warning("mqtt: dropped a message whose topic is not UTF-8")
            return
        limit = self._settings.max_payload_bytes
        if len(message.payload) > limit:
            logger.warning(
                "mqtt: dropped a message of %d bytes on %r: the largest allowed is %d",
                len(message.payload),
                topic[:120],
                limit,
            )
            return
        self._on_traffic(Traffic("in", topic, bytes(message.payload), message.qos, message.retain))


def _dial(client: "Client", settings: MqttSettings, version: int) -> None:
    """Resolve, connect, shake TLS hands and send CONNECT; blocks, so it runs in a thread."""
    if settings.tls:
        if settings.ca_file is not None and not settings.ca_file.is_file():
            raise OSError(f"there is no file {settings.ca_file} to trust (ca_file)")
        client.tls_set(ca_certs=None if settings.ca_file is None else str(settings.ca_file))
    properties = None
    if version == MQTT_5:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's gap
        properties.MaximumPacketSize = MAX_PACKET_BYTES
    client.connect(settings.host, settings.port, KEEPALIVE_S, properties=properties)


def _real(sock: Any) -> socket.socket:
    """What paho calls a SocketLike is a real socket here, since we use neither websockets nor proxies."""
    assert isinstance(sock, socket.socket)
    return sock
