"""A connection to an MQTT broker of others: kept while it holds, every message waited for.

paho-mqtt has a thread of its own for each connection; what it tells comes back into the loop.
"""

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noisetamer.hub.forward.format import Key, Unreachable

if TYPE_CHECKING:
    from paho.mqtt.client import Client

KEYS: Mapping[str, Key] = {
    "host": Key("text", least=1, most=255, what="of the broker"),
    "port": Key("whole", 0, least=0, most=65535, what="8883 with TLS, 1883 without"),
    "tls": Key("yes", True, what="false: whoever is on the way reads and changes it"),
    "ca_file": Key("text", "", what="PEM that vouches for the broker; the system's without it"),
    "user": Key("text", "", most=200, what="name at the broker"),
    "password_file": Key("secret", ""),
    "client_id": Key("text", "", most=128, what="PREFIX-NAME without it"),
    "version": Key("text", "3.1.1", among=("3.1.1", "5"), what="5: a broker says what it refuses"),
    "prefix": Key(
        "text", "noisetamer", least=1, most=100, what="of all topics; another for each hub"
    ),
}
"""Of every destination that is reached by MQTT."""

CONNECT_SECONDS = 10.0
KEEP_ALIVE = 30
BACK_SECONDS = 3.0
ONLINE, OFFLINE = "online", "offline"

OnMessage = Callable[[str, bytes, bool], None]
"""(topic, payload, whether it is a retained one)."""


@dataclass(frozen=True)
class Message:
    topic: str
    payload: str
    qos: int = 1
    retain: bool = False


def topic_level(text: str) -> str:
    """Any text as one level of a topic: MQTT 3.1.1, 4.7 keeps / + # and U+0000 for itself, and
    some brokers (NATS) take no space."""
    kept = "".join(
        "_" if one in "/+#" or one.isspace() or not one.isprintable() else one for one in text
    )
    return kept or "_"


class Link:
    """One connection of one destination. keys: of KEYS, complete."""

    def __init__(self, name: str, keys: Mapping[str, Any], data: Path) -> None:
        """name: the destination's; data: the hub's folder. `hub_topic` says whether this hub is
        connected."""
        self._keys = keys
        self._trusted = str(data / keys["ca_file"]) if keys["ca_file"] else None
        self._id = keys["client_id"] or f"{keys['prefix']}-{name}"
        self.hub_topic = f"{keys['prefix']}/hub"
        self._client: Client | None = None
        self._lock = asyncio.Lock()
        # for what of paho blocks: name resolution, TCP and TLS handshakes, the end of its thread
        self._thread = ThreadPoolExecutor(1, f"mqtt {name}")
        self._waiting: dict[int, asyncio.Future[str]] = {}
        self._subscribed: dict[str, OnMessage] = {self.hub_topic: self._told_of_us}
        self._leaving = False

    @property
    def place(self) -> str:
        port = self._keys["port"] or (8883 if self._keys["tls"] else 1883)
        return f"{self._keys['host']}:{port}"

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected()

    async def connect(self) -> None:
        """Where it is not. Raises Unreachable."""
        async with self._lock:
            if self.connected:
                return
            await self._drop()
            await self._connect()

    async def publish(self, messages: Sequence[Message]) -> None:
        """Until the broker has all of them. Raises Unreachable."""
        await self.connect()
        client = self._client
        assert client
        sent: list[int] = []
        for one in messages:
            info = client.publish(one.topic, one.payload.encode(), one.qos, one.retain)
            if info.rc:
                raise Unreachable(f"{self.place}: the connection was lost")
            if one.qos:
                # what is told of it comes by the loop, so not before this
                self._waiting[info.mid] = asyncio.get_running_loop().create_future()
                sent.append(info.mid)
        try:
            for mid in sent:
                if refused := await self._waiting[mid]:
                    raise Unreachable(f"{self.place} refuses what is published: {refused}")
        finally:
            for mid in sent:
                self._waiting.pop(mid, None)

    async def subscribe(self, topic: str, on_message: OnMessage) -> None:
        """From now on, and again after a new connection. Raises Unreachable."""
        self._subscribed[topic] = on_message
        if self.connected:
            assert self._client
            self._client.subscribe(topic, 1)
        else:
            await self.connect()

    async def check(self) -> str:
        """What the broker says, a sentence. By MQTT 3.1.1 it acknowledges what a user may not
        publish, too: so it is asked for what was. Raises Unreachable."""
        if not self.connected and not self._keys["client_id"]:
            # a hub that is connected meanwhile stays so: a broker has one of a name
            self._id += "-check"
        await self.connect()
        user = self._keys["user"]
        answers = f"{self.place} answers to {user}" if user else f"{self.place} answers"
        came = asyncio.Event()

        def back(topic: str, payload: bytes, retained: bool) -> None:
            self._told_of_us(topic, payload, retained)
            came.set()

        await self.subscribe(self.hub_topic, back)
        await self.publish([Message(self.hub_topic, ONLINE, retain=True)])
        try:
            async with asyncio.timeout(BACK_SECONDS):
                await came.wait()
        except TimeoutError:
            return (
                f"{answers}, but {self.hub_topic} did not come back within "
                f"{BACK_SECONDS:g} s: it may not be published, or not be read"
            )
        return f"{answers}, and has {self.hub_topic}"

    async def lost(self) -> None:
        """Until the connection is. Raises Unreachable."""
        while self.connected:
            await asyncio.sleep(1)
        raise Unreachable(f"{self.place}: the connection was lost")

    async def close(self) -> None:
        """Say that this hub is away, and go."""
        self._leaving = True
        async with self._lock:
            if self.connected:
                assert self._client
                said = self._client.publish(self.hub_topic, OFFLINE, 1, True)
                with suppress(RuntimeError):  # the connection was lost meanwhile
                    for _ in range(20):
                        if said.is_published():
                            break
                        await asyncio.sleep(0.05)
            await self._drop()

    async def _connect(self) -> None:
        from paho.mqtt import client as paho

        keys, loop = self._keys, asyncio.get_running_loop()
        version = paho.MQTTv5 if keys["version"] == "5" else paho.MQTTv311
        client = paho.Client(
            paho.CallbackAPIVersion.VERSION2,  # pyright: ignore[reportPrivateImportUsage]
            self._id,
            protocol=version,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_SECONDS
        client.will_set(self.hub_topic, OFFLINE, 1, True)
        if keys["user"]:
            client.username_pw_set(keys["user"], keys["password_file"] or None)
        answered: asyncio.Future[str] = loop.create_future()

        def told(future: "asyncio.Future[str] | None", what: str) -> None:
            if future and not future.done():
                future.set_result(what)

        def on_connect(_c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            what = str(reason) if reason.is_failure else ""
            loop.call_soon_threadsafe(told, answered, what)

        def on_publish(_c: Any, _u: Any, mid: int, reason: Any, _p: Any) -> None:
            what = str(reason) if reason is not None and reason.is_failure else ""
            loop.call_soon_threadsafe(lambda: told(self._waiting.get(mid), what))

        def on_disconnect(_c: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
            loop.call_soon_threadsafe(self._broke, client, str(reason))

        def on_message(_c: Any, _u: Any, message: Any) -> None:
            loop.call_soon_threadsafe(
                self._came, message.topic, message.payload, bool(message.retain)
            )

        client.on_connect, client.on_publish = on_connect, on_publish
        client.on_disconnect, client.on_message = on_disconnect, on_message
        host, _, port = self.place.rpartition(":")
        try:
            if keys["tls"]:
                context = await loop.run_in_executor(self._thread, self._trusts)
                client.tls_set_context(context)
            await loop.run_in_executor(self._thread, client.connect, host, int(port), KEEP_ALIVE)
            client.loop_start()
            self._client = client
            async with asyncio.timeout(CONNECT_SECONDS):
                refused = await answered
        except TimeoutError:
            await self._drop()
            raise Unreachable(f"{self.place}: no answer within {CONNECT_SECONDS:g} s") from None
        except (OSError, ValueError) as error:
            await self._drop()
            raise Unreachable(f"{self.place}: {error}") from None
        if refused:
            await self._drop()
            raise Unreachable(f"{self.place} refuses the connection: {refused}")
        client.publish(self.hub_topic, ONLINE, 1, True)
        for topic in self._subscribed:
            client.subscribe(topic, 1)

    def _trusts(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._trusted)

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client:
            client.disconnect()
            await asyncio.get_running_loop().run_in_executor(self._thread, client.loop_stop)
        self._fail("the connection was lost")

    def _broke(self, client: "Client", reason: str) -> None:
        if client is self._client:
            self._fail(f"the connection was lost ({reason})")

    def _fail(self, why: str) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Unreachable(f"{self.place}: {why}"))
                # nobody may wait for it any more
                future.exception()

    def _told_of_us(self, topic: str, payload: bytes, retained: bool) -> None:
        """Whoever says that we are away is wrong: the will of a connection of ours that the broker
        gives up only after the next has come (MQTT 3.1.1, 3.1.4-2, leaves open which is told
        first), or `forward check` beside us."""
        if payload == OFFLINE.encode() and self.connected and not self._leaving:
            assert self._client
            self._client.publish(self.hub_topic, ONLINE, 1, True)

    def _came(self, topic: str, payload: bytes, retained: bool) -> None:
        for wanted, on_message in self._subscribed.items():
            if matches(wanted, topic):
                on_message(topic, payload, retained)


def matches(wanted: str, topic: str) -> bool:
    """Whether a topic is one of a subscription with + for one level."""
    one, other = wanted.split("/"), topic.split("/")
    return len(one) == len(other) and all(
        level in ("+", found) for level, found in zip(one, other, strict=True)
    )
