"""Wi-Fi and the hub. Everything here may fail at any time; the box goes on without it."""

import asyncio
import gc
import json
import random
import ssl
import time

from tamer import VERSION
from tamer.clock import HUB
from tamer.record import encoding, messages
from tamer.tell import failures
from tamer.tell.mqtt import Client

_KEEPALIVE = 30  # s
_IN_FLIGHT = 16  # records sent ahead of the hub's acknowledgement
_PATIENCE = 15000  # ms without one after which they are sent again
_SOONEST, _LATEST = 1000, 60000  # ms between two attempts to connect
_JOIN = 15000  # ms for the Wi-Fi, its address included
_ANSWER = 30  # s for the hub to take a connection, and again for the broker to answer

# Until somebody has mended it, a frequent retry is of no use.
_HOPELESS = ("secret refused", "broker refused")


class Link:
    """Brings the journal's records to the hub, obeys its commands, and says why it cannot."""

    def __init__(self, wlan, settings, records, clock, boot, examine, changed):
        """`wlan`: a made station interface. `records`: the journal. `clock`, `boot`: this boot's,
        its number.

        `examine`: called when the hub wants the signal doctor to listen. `changed(up, reason,
        detail)`: called when the link breaks for another reason than before, and when it stands
        again; reason and detail are None then.
        """
        self._examine = examine
        self._changed = changed
        self._reason = None  # why it does not stand; None before the first failure
        self._up = False
        self._wlan = wlan
        self._wifi = settings["wifi"]
        self._hub = settings["hub"]
        self._unit = settings["unit"]
        self._records = records
        self._clock = clock
        self._boot = boot
        self._live_until = None
        self._now = None
        self._news = asyncio.Event()
        self._acknowledged = {}
        self._refused = 0
        self._last_refused = (0, 0)
        self._before = (0, 0)  # boot and sequence of the record sent last, since the oldest
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

    def now(self, second, stage, limit, speaking, bands):
        """Send the live number, instead of one that has not gone yet."""
        self._now = messages.encode(messages.now(second, stage, limit, speaking, bands))
        self._news.set()

    async def run(self):
        """Connect, serve, and begin again, for ever."""
        while True:
            # A TLS session wants long pieces of the heap; the last one's are free again.
            gc.collect()
            try:
                await self._join()
                await (self._serve() if self._hub else self._stay())
            except Exception as error:
                # Any failure, MemoryError included, may be transient: retry.
                self._failed(error)
            await asyncio.sleep_ms(self._pause // 2 + random.randrange(self._pause))
            self._pause = min(2 * self._pause, _LATEST)

    def _failed(self, error):
        reason, detail = failures.told(error, self._up, self._clock.known())
        self._up = False
        if reason in _HOPELESS:
            self._pause = _LATEST
        if reason != self._reason:
            self._say(False, reason, detail)

    def _stands(self):
        self._up = True
        self._pause = _SOONEST
        if self._reason:
            self._say(True, None, None)

    def _say(self, up, reason, detail):
        try:
            self._changed(up, reason, detail)
            self._reason = reason
        except MemoryError:
            # Then the next attempt tells it.
            pass

    async def _join(self):
        wlan = self._wlan
        if not wlan.isconnected():
            wlan.active(True)
            wlan.connect(self._wifi["ssid"], self._wifi["key"])
            await self._joined(wlan)

    async def _joined(self, wlan):
        status = None
        for _ in range(0, _JOIN, 100):
            if wlan.isconnected():
                return
            # While the driver retries, a failure shows only now and then.
            last = wlan.status()
            status = last if last < 1000 else status
            await asyncio.sleep_ms(100)
        try:
            wlan.status("rssi")
            has_joined = True
        except OSError:
            has_joined = False
        try:
            # The driver's own retries would be in the way of ours.
            wlan.disconnect()
        except OSError:
            pass
        raise failures.of_wifi(status, has_joined)

    async def _stay(self):
        """Without a hub the network is there for the time."""
        self._stands()
        while self._wlan.isconnected():
            await asyncio.sleep(1)

    async def _serve(self):
        hub = self._hub
        self._clock.lend()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_REQUIRED
        with open(hub["ca"], "rb") as file:
            context.load_verify_locations(cadata=file.read())
        connection = asyncio.open_connection(
            hub["host"], hub["port"], ssl=context, server_hostname=hub["name"]
        )
        reader, writer = await _in_time(connection, "timed out")
        tasks = []
        try:
            client = Client(reader, writer, _KEEPALIVE)
            status = messages.STATUS % self._unit
            gone = messages.encode(messages.status(False))
            session = client.connect(self._unit, self._unit, hub["secret"], status, gone)
            await _in_time(session, "broker silent")
            await client.subscribe(messages.COMMANDS_OF % self._unit)
            await client.publish(status, self._status(), retain=True)
            self._stands()
            broken = _FirstFailure()
            for work in (self._obey, self._send, self._keep_alive):
                tasks.append(asyncio.create_task(broken.watch(work(client))))
            await broken.wait()
        finally:
            for task in tasks:
                task.cancel()
            writer.close()

    def _status(self):
        told = self._boot, VERSION, self._clock.now(), self._records.lost, self._refused
        return messages.encode(messages.status(True, *told))

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
                elif verb == "refused":
                    self._set_aside(command["b"], command["s"], command["why"])
                elif verb == "time":
                    self._clock.told(1000 * int(command["t"]), HUB)
                elif verb == "examine":
                    self._examine()
                elif verb == "live":
                    seconds = min(int(command["for"]), 300)
                    self._live_until = time.ticks_add(time.ticks_ms(), 1000 * seconds)
            except (ValueError, KeyError, TypeError, IndexError):
                # Not one of ours, or incomplete: ignore it.
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

    def _set_aside(self, boot, sequence, why):
        """The hub cannot take this record. Told again for each time it was sent."""
        if (boot, sequence) <= self._last_refused:
            return
        self._last_refused = boot, sequence
        self._refused += 1
        # Hardly any box ever needs it: only then does it take memory.
        from tamer.tell import refused

        if refused.keep(self._records, boot, sequence, why):
            self._send_again()

    async def _send(self, client):
        """The live number first, then records, oldest first; again when none is acknowledged."""
        self._send_again()
        while True:
            if self._in_flight and self._waited() > _PATIENCE:
                self._send_again()
            if self._now:
                message, self._now = self._now, None
                await client.publish(messages.NOW % self._unit, message, qos=0)
            record = None
            if self._in_flight < _IN_FLIGHT:
                record = self._records.read(self._acknowledged)
            if record:
                if not self._in_flight:
                    self._heard = time.ticks_ms()
                self._in_flight += 1
                boot, previous = self._before
                self._before = (record.boot, record.sequence)
                if boot != record.boot:
                    previous = 0
                message = encoding.enveloped(previous, record.body)
                await client.publish(messages.RECORD % self._unit, message)
                continue
            try:
                await asyncio.wait_for_ms(self._news.wait(), _PATIENCE)
                self._news.clear()
            except asyncio.TimeoutError:
                pass

    def _send_again(self):
        """What was not acknowledged may be lost: from the oldest record on."""
        self._records.rewind()
        self._before = (0, 0)
        self._in_flight = 0

    def _waited(self):
        """ms since the hub last acknowledged something new."""
        return time.ticks_diff(time.ticks_ms(), self._heard)


async def _in_time(work, reason):
    try:
        return await asyncio.wait_for(work, _ANSWER)
    except asyncio.TimeoutError:
        raise failures.LinkError(reason, "%d s" % _ANSWER) from None


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
