"""Wi-Fi and the hub. Everything here may fail at any time; the box goes on without it."""

import asyncio
import gc
import json
import random
import ssl
import time

from tamer import VERSION, clock
from tamer.record import messages
from tamer.record.reading import unpack
from tamer.tell import journal
from tamer.tell.mqtt import Client, Refused

_KEEPALIVE = 30  # s
_IN_FLIGHT = 16  # records sent ahead of the hub's acknowledgement
_PATIENCE = 15000  # ms without one after which they are sent again
_SOONEST, _LATEST = 1000, 60000  # ms between two attempts to connect


class Link:
    def __init__(self, wlan, settings, records, boot, examine):
        """`wlan`: a made station interface. `records`: the journal. `boot`: this boot's number.

        `examine`: called when the hub wants the signal doctor to listen.
        """
        self._examine = examine
        self._wlan = wlan
        self._wifi = settings["wifi"]
        self._hub = settings["hub"]
        self._unit = settings["unit"]
        self._records = records
        self._boot = boot
        self._live_until = None
        self._now = None
        self._news = asyncio.Event()
        self._acknowledged = {}
        self._in_flight = 0
        self._heard = 0
        self._pause = _SOONEST

    def wake(self):
        """A record has been added to the journal."""
        self._news.set()

    def watched(self):
        """Whether somebody watches, so that the live number is wanted."""
        if self._live_until is None:
            return False
        if time.ticks_diff(self._live_until, time.ticks_ms()) < 0:
            # Forgotten before the ticks wrap and it looks like the future.
            self._live_until = None
        return self._live_until is not None

    def now(self, message):
        """Send the live number, instead of one that has not gone yet."""
        self._now = message
        self._news.set()

    async def run(self):
        """Connect, serve, and begin again, for ever."""
        while True:
            # A TLS session wants long pieces of the heap; the last one's are free again.
            gc.collect()
            try:
                await self._join()
                await self._serve()
            except Refused:
                self._pause = _LATEST
            except Exception:
                # Whatever it was, a want of memory included: later it may go.
                pass
            await asyncio.sleep_ms(self._pause // 2 + random.randrange(self._pause))
            self._pause = min(2 * self._pause, _LATEST)

    async def _join(self):
        if self._wlan.isconnected():
            return
        self._wlan.active(True)
        self._wlan.connect(self._wifi["ssid"], self._wifi["key"])
        for _ in range(150):
            if self._wlan.isconnected():
                clock.synchronise()
                return
            await asyncio.sleep_ms(100)
        raise OSError("no Wi-Fi")

    async def _serve(self):
        hub = self._hub
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_REQUIRED
        with open(hub["ca"], "rb") as file:
            context.load_verify_locations(cadata=file.read())
        reader, writer = await asyncio.open_connection(
            hub["host"], hub["port"], ssl=context, server_hostname=hub["name"]
        )
        tasks = []
        try:
            client = Client(reader, writer, _KEEPALIVE)
            status = "dev/%s/status" % self._unit
            gone = messages.encode({"v": messages.VERSION, "online": False})
            await client.connect(self._unit, self._unit, hub["secret"], status, gone)
            await client.subscribe("cmd/%s/#" % self._unit)
            await client.publish(status, self._status(), retain=True)
            self._pause = _SOONEST
            broken = _FirstFailure()
            for work in (self._obey, self._send, self._keep_alive):
                tasks.append(asyncio.create_task(broken.watch(work(client))))
            await broken.wait()
        finally:
            for task in tasks:
                task.cancel()
            writer.close()

    def _status(self):
        return messages.encode(
            {
                "v": messages.VERSION,
                "online": True,
                "b": self._boot,
                "firmware": VERSION,
                "t": clock.now(),
                "lost": self._records.lost,
            }
        )

    async def _keep_alive(self, client):
        while True:
            await asyncio.sleep_ms(_KEEPALIVE * 500)
            await client.ping()

    async def _obey(self, client):
        while True:
            topic, payload = await client.received()
            try:
                command = json.loads(payload)
                verb = topic.split("/")[2]
                if verb == "ack":
                    self._acknowledge(command["b"], command["s"])
                elif verb == "examine":
                    self._examine()
                elif verb == "live":
                    seconds = min(int(command["for"]), 300)
                    self._live_until = time.ticks_add(time.ticks_ms(), 1000 * seconds)
            except (ValueError, KeyError, TypeError, IndexError):
                # Not one of ours, or not whole: nothing to do.
                pass

    def _acknowledge(self, boot, sequence):
        before = self._acknowledged.get(boot, 0)
        if sequence <= before:
            return
        self._acknowledged[boot] = sequence
        self._heard = time.ticks_ms()
        self._in_flight = max(0, self._in_flight - (sequence - before))
        self._records.acknowledge(boot, sequence)
        self._news.set()

    async def _send(self, client):
        """The live number first, then records, oldest first; again when none is acknowledged."""
        self._send_again()
        while True:
            if self._in_flight and self._waited() > _PATIENCE:
                self._send_again()
            if self._now:
                message, self._now = self._now, None
                await client.publish("dev/%s/now" % self._unit, message, quality=0)
            record = None
            if self._in_flight < _IN_FLIGHT:
                record = self._records.read(self._acknowledged)
            if record:
                if not self._in_flight:
                    self._heard = time.ticks_ms()
                self._in_flight += 1
                kind = "seconds" if record.kind == journal.SECONDS else "event"
                topic = "dev/%s/%s" % (self._unit, kind)
                await client.publish(topic, self._message(record))
                continue
            try:
                await asyncio.wait_for_ms(self._news.wait(), _PATIENCE)
                self._news.clear()
            except asyncio.TimeoutError:
                pass

    def _send_again(self):
        """What was not acknowledged may be lost: from the oldest record on."""
        self._records.rewind()
        self._in_flight = 0

    def _waited(self):
        """ms since the hub last acknowledged something new."""
        return time.ticks_diff(time.ticks_ms(), self._heard)

    def _message(self, record):
        boot, sequence, kind, body = record
        oldest = self._records.oldest(boot)
        if kind == journal.SECONDS:
            t = int.from_bytes(body[:4], "little")
            batch = unpack(t, body[4:])
            return messages.encode(messages.seconds(boot, sequence, oldest, batch))
        event = json.loads(body)
        fields = event["fields"]
        return messages.encode(
            messages.event(boot, sequence, oldest, event["t"], event["kind"], fields)
        )


class _FirstFailure:
    """Waits for whichever of several tasks breaks first, and raises what broke it."""

    def __init__(self):
        self._happened = asyncio.Event()
        self._error = None

    async def watch(self, work):
        try:
            await work
        except Exception as error:
            self._error = error
        self._happened.set()

    async def wait(self):
        await self._happened.wait()
        if self._error:
            raise self._error
