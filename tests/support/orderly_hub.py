"""Orders to a real box over its hub's broker, in the hub's name; parts as they are wanted."""

import asyncio
import hashlib
import json
import re
import sqlite3
import threading
import time
from contextlib import closing
from typing import Any

from hub_process import HubProcess, until
from ordered_box import signed
from waiting import DEADLINE

from noisetamer.hub.bus.nats_client import Client, Msg
from tamer.record import orders

# A box that has an order says so at once; what comes twice would be refused, and told.
_AGAIN_S = 30.0


class OrderlyHub:
    """The broker's user `hub`, besides the hub itself. `wants`: what the unit asked for."""

    def __init__(self, hub: HubProcess, unit: str = "SIM-0001") -> None:
        self._store = hub.data / "hub.sqlite"
        self._unit = unit
        self._key = hub.unit(unit)["command"]
        self._parts: dict[int, bytes] = {}
        self.wants: list[tuple[int, int]] = []
        text = next(hub.data.rglob("nats.conf")).read_text()
        port = re.search(r'listen: "127.0.0.1:(\d+)"', text)
        secret = re.search(r'user: hub, password: "([^"]+)"', text)
        assert port and secret
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._client = Client()
        self._do(self._connect(int(port[1]), secret[1]))

    def give(self, n: int, verb: str, by: int, body: bytes = b"", **fields: Any) -> bytes:
        """Sign and send an order that holds until `by`, and what belongs to it. for_: `for`."""
        if body:
            self._parts[n] = body
            fields |= {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        message = signed(n, verb, until=by, unit=self._unit, key=self._key, **fields)
        self.send(message)
        return message

    def send(self, message: bytes, verb: str = "order") -> None:
        """The broker has it then."""
        self._do(self._client.publish(f"cmd.{self._unit}.{verb}", message))
        self._do(self._client.flush(int(DEADLINE)))

    def told(self) -> list[dict[str, Any]]:
        """The events `order` that the hub has stored."""
        with closing(sqlite3.connect(self._store)) as store:
            query = "SELECT fields FROM event WHERE kind='order' ORDER BY boot, seq"
            return [json.loads(fields) for (fields,) in store.execute(query)]

    def wait_for(self, n: int, result: str, message: bytes = b"") -> None:
        """Until the hub has that event. message: the order, sent again while nothing is known of
        it, for a box whose link broke just then has not got it."""
        asked = time.monotonic()

        def has(*results: str) -> bool:
            return any(e.get("n") == n and e["result"] in results for e in self.told())

        def answered() -> bool:
            nonlocal asked
            unheard = message and not has("taken", "begun", "done", "refused")
            if unheard and time.monotonic() > asked + _AGAIN_S:
                asked = time.monotonic()
                self.send(message)
            return has(result)

        until(answered, result)

    def close(self) -> None:
        self._do(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self, port: int, secret: str) -> None:
        await self._client.connect(f"nats://127.0.0.1:{port}", user="hub", password=secret)
        await self._client.subscribe(f"dev.{self._unit}.want", cb=self._wanted)

    async def _wanted(self, message: Msg) -> None:
        want = json.loads(message.data)
        n, part = want["n"], want["part"]
        sent = {index for asked, at in self.wants if asked == n for index in _window(at)}
        again = self.wants[-1:] == [(n, part)]
        self.wants.append((n, part))
        for index in _window(part):
            if index < orders.parts_of(len(self._parts[n])) and (again or index not in sent):
                await self._client.publish(
                    f"cmd.{self._unit}.part", orders.part(n, index, self._parts[n])
                )

    def _do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE)


def _window(part: int) -> range:
    return range(part, part + orders.WINDOW)
