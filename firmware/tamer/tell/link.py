"""Wi-Fi and the hub. Everything here may fail at any time; the box goes on without it."""

import asyncio
import gc
import json
import random
import time

from tamer import VERSION
from tamer.clock import HUB
from tamer.record import encoding, messages
from tamer.record.seal import Seal
from tamer.tell import connection, failures
from tamer.tell.backoff import Backoff
from tamer.tell.mqtt import Client, client_id
from tamer.tell.wifi import Wifi

_KEEPALIVE = 30  # s
_IN_FLIGHT = 16  # records sent ahead of the hub's acknowledgement
_PATIENCE = 15000  # ms without one after which they are sent again; then twice as long
_HUB_SILENT = 75000  # ms without one after which the link is given up
_LOOK = 5000  # ms between two looks at either
_FULL_AGAIN = 600000  # ms after which a hub without room is asked again
_WIFI_AGAIN = 1000  # ms
_FRESH = 4000  # ms after our status: the hub tells the time at the turn of a second
_ASK_AGAIN = 30000  # ms
# The status is told again hourly, and where it has changed by so much, at most each minute.
_STATUS_HOURLY = 3600000  # ms
_STATUS_AGAIN = 60000  # ms
_RSSI_CHANGE = 10  # dB
_HELD_CHANGE = 8  # of the journal's room an eighth
_ANSWER = 30  # s for the hub to take a connection, and again for the broker to let us in

# The link stands, and yet nothing can be told: until something is acknowledged again.
_HUB_FULL = "hub full"
_FORGED = "ack forged"
_NOT_TAKEN = (_HUB_FULL, _FORGED)

# Sent before the first of all.
_NONE = (0, 0, b"")

# Until somebody has mended it, a frequent retry is of no use.
_HOPELESS = ("secret refused", "broker refused")


class Link:
    """Brings the journal's records to the hub, obeys its commands, and says why it cannot."""

    def __init__(self, wlan, servers, settings, records, clock, boot, changed, ordered):
        """`wlan`: a made station interface. `servers`: who knows the address of a name.
        `records`: the journal. `clock`, `boot`: this boot's, its number.

        `changed(up, reason, detail)`: called when the link breaks for another reason than before,
        and when it stands again; reason and detail are None then. `ordered(is_part, message)`:
        called with each order, or part of what belongs to one, as it came.
        """
        self._changed = changed
        self._ordered = ordered
        self._reason = None  # why it does not stand; None before the first failure
        self._up = False
        self._wifi = Wifi(wlan, settings["wifi"])
        self._servers = servers
        self._hub = settings["hub"]
        self._trust = None  # of `connection`, once made
        if self._hub:
            try:
                # Before a journal that is full, what is examined and a first message have their
                # places among the memory's pieces: later it may find none for hours.
                self._trusts()
            except Exception:
                # That is told when it is needed.
                pass
        # By which its acknowledgements are known; without a key anybody's are taken.
        key = self._hub and self._hub.get("command")
        self._seal = Seal(key) if key else None
        self._forged = 0  # acknowledgements that are not the hub's
        self._unit = settings["unit"]
        self._records = records
        self._clock = clock
        self._boot = boot
        self._live_until = None
        self._now = None
        self._wanted = None
        self._news = asyncio.Event()
        self._refused = 0
        self._told_refused = 0  # of these, what the hub was told
        self._told_held = 0  # and of the journal, and of the Wi-Fi
        self._told_rssi = None
        self._last_refused = (0, 0)
        self._hub_full = False  # it has no room for what it was sent
        # Boot, sequence and link of the record sent last, since the oldest.
        self._before = _NONE
        self._in_flight = 0
        self._sent_at = 0  # ticks_ms: when what is in flight began to be sent
        self._heard_at = 0  # when something new was acknowledged, or could have been first
        self._patience = _PATIENCE
        self._asked_at = 0  # ticks_ms: when the status went to the hub
        self._stands_since = 0
        self._stood_for = 0  # ms from there to the last acknowledgement
        self._backoff = Backoff(random.randrange)
        # Whether the hub has acknowledged anything since the start.
        self.is_reached = False

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

    def now(self, *told):
        """Send the live number, as `messages.now` has it, instead of one not gone yet."""
        self._now = messages.encode(messages.now(*told))
        self._news.set()

    def want(self, n, part):
        """Ask the hub for the parts of order `n`, from this one on."""
        self._wanted = messages.encode(messages.want(n, part))
        self._news.set()

    async def run(self):
        """Connect, serve, and begin again, for ever."""
        # Where the power comes back, it comes back to many boxes.
        await asyncio.sleep_ms(self._backoff.start())
        while True:
            # A TLS session wants long pieces of the heap; the last one's are free again.
            gc.collect()
            in_network = False
            try:
                await self._wifi.joined()
                in_network = True
                await (self._serve() if self._hub else self._stay())
            except Exception as error:
                # Any failure, MemoryError included, may be transient: retry.
                self._failed(error)
            self._up = False
            # The Wi-Fi is waited for as it is: no hub sees that.
            await asyncio.sleep_ms(self._backoff.pause() if in_network else _WIFI_AGAIN)

    def _failed(self, error):
        reason, detail = failures.told(error, self._up, self._clock.known())
        self._up = False
        self._backoff.stood(self._stood_for)
        self._stood_for = 0
        if reason in _HOPELESS:
            self._backoff.hopeless()
        if reason != self._reason:
            self._say(False, reason, detail)

    def _stands(self):
        self._up = True
        self._stands_since = time.ticks_ms()
        if self._reason and self._reason not in _NOT_TAKEN:
            self._say(True, None, None)

    def _say(self, up, reason, detail):
        try:
            self._changed(up, reason, detail)
            self._reason = reason
        except MemoryError:
            # Then the next attempt tells it.
            pass

    async def _stay(self):
        """Without a hub the network is there for the time."""
        self._stands()
        await self._wifi.left()

    async def _serve(self):
        hub = self._hub
        self._clock.lend()
        stream = await self._connected(hub)
        tasks = []
        try:
            client = Client(stream, _KEEPALIVE)
            await _in_time(self._let_in(client, hub), "broker silent")
            self._servers.keep(hub["host"])
            self._stands()
            broken = _FirstFailure()
            for work in (self._obey, self._send, self._keep_alive):
                tasks.append(asyncio.create_task(broken.watch(work(client))))
            await broken.wait()
        finally:
            for task in tasks:
                task.cancel()
            # `close` alone does nothing in MicroPython.
            await stream.wait_closed()

    def _trusts(self):
        if self._trust is None:
            self._trust = connection.trust(self._hub["ca"])
        return self._trust

    async def _connected(self, hub):
        address = await self._servers.address(hub["host"])
        try:
            opened = connection.opened(address, hub["port"], self._trusts(), hub["name"])
            return await _in_time(opened, "timed out")
        except Exception:
            self._servers.doubt(hub["host"])
            raise

    async def _let_in(self, client, hub):
        status = messages.STATUS % self._unit
        gone = messages.encode(messages.status(False))
        secret = hub["secret"]
        await client.connect(client_id(secret), self._unit, secret, status, gone)
        await client.subscribe(messages.COMMANDS_OF % self._unit)
        await self._tell_status(client)

    async def _tell_status(self, client):
        """The hub answers it with the time."""
        self._asked_at = time.ticks_ms()
        self._told_refused = self._refused
        self._told_held = self._records.held()
        self._told_rssi = self._wifi.rssi()
        await client.publish(messages.STATUS % self._unit, self._status(), retain=True)

    def _status(self):
        records, rssi = self._records, self._told_rssi
        told = self._boot, VERSION, self._clock.now(), records.lost, self._refused
        told += self._told_held, records.room, rssi, self._forged or None
        return messages.encode(messages.status(True, *told))

    def _status_is_old(self):
        """Whether the hub is to be told anew how the box is."""
        if self._told_refused != self._refused:
            return True
        age = _since(self._asked_at)
        if age < _STATUS_AGAIN:
            return False
        if age >= _STATUS_HOURLY:
            return True
        change = abs(self._records.held() - self._told_held)
        if change * _HELD_CHANGE >= self._records.room:
            return True
        rssi, before = self._wifi.rssi(), self._told_rssi
        if rssi is None or before is None:
            return rssi != before
        return abs(rssi - before) >= _RSSI_CHANGE

    async def _keep_alive(self, client):
        while True:
            await asyncio.sleep_ms(_LOOK)
            client.check()
            if self._status_is_old():
                await self._tell_status(client)
            if self._impatient():
                self._news.set()
            waits = self._in_flight and not self._hub_full
            if waits and _since(self._heard_at) > _HUB_SILENT:
                why = _FORGED if self._reason == _FORGED else "hub silent"
                raise failures.LinkError(why, "%d s" % (_HUB_SILENT // 1000))
            await client.keep_alive()

    async def _obey(self, client):
        while True:
            topic, payload = await client.received()
            try:
                verb = topic.split("/")[2]
                if verb in ("order", "part"):
                    self._ordered(verb == "part", payload)
                    continue
                if verb == "ack" and self._seal:
                    payload = self._seal.proved("ack", self._unit, bytes(payload))
                    if payload is None:
                        self._count_forged()
                        continue
                command = json.loads(payload)
                if verb == "ack":
                    self._acknowledge(command["b"], command["s"])
                elif verb == "refused":
                    self._set_aside(command["b"], command["s"], command["why"])
                elif verb == "full":
                    self._hold(command["b"], command["s"])
                elif verb == "time":
                    await self._told_time(client, 1000 * int(command["t"]))
                elif verb == "live":
                    seconds = min(int(command["for"]), 300)
                    self._live_until = time.ticks_add(time.ticks_ms(), 1000 * seconds)
            except (ValueError, KeyError, TypeError, IndexError, OverflowError):
                # Not one of ours, or incomplete: ignore it.
                pass

    async def _told_time(self, client, unix_ms):
        """A connection may stand still for a while, and what comes then is of before: only what
        follows our status at once is taken, and for what comes unasked the hub is asked."""
        if _since(self._asked_at) <= _FRESH:
            self._clock.told(unix_ms, HUB)
        elif _since(self._asked_at) > _ASK_AGAIN:
            await self._tell_status(client)

    def _acknowledge(self, boot, sequence):
        done = self._records.acknowledge(boot, sequence)
        if not done:
            return
        self.is_reached = True
        self._heard_at = self._sent_at = time.ticks_ms()
        self._stood_for = time.ticks_diff(self._heard_at, self._stands_since)
        self._patience = _PATIENCE
        self._in_flight = max(0, self._in_flight - done)
        self._hub_full = False
        if self._reason in _NOT_TAKEN:
            self._say(True, None, None)
        self._news.set()

    def _count_forged(self):
        """Somebody says what only the hub may: told once, for it may come again and again."""
        self._forged += 1
        if self._forged == 1:
            self._say(False, _FORGED, None)

    def _hold(self, boot, sequence):
        """The hub has no room for this record: no fault of the link, which stays as it is."""
        if self._records.was_read(boot, sequence):
            self._hub_full = True
            if self._reason != _HUB_FULL:
                self._say(False, _HUB_FULL, None)

    def _set_aside(self, boot, sequence, why):
        """The hub cannot take this record. Told again for each time it was sent."""
        if (boot, sequence) <= self._last_refused or not self._records.was_read(boot, sequence):
            return
        self._last_refused = boot, sequence
        self._refused += 1
        # Hardly any box ever needs it: only then does it take memory.
        from tamer.tell import refused

        refused.keep(self._records, boot, sequence, why)

    async def _send(self, client):
        """The live number first, then records, oldest first; again when none is acknowledged."""
        self._send_again()
        self._patience = _PATIENCE
        self._hub_full = False
        while True:
            if self._impatient():
                self._patience *= 2
                self._send_again()
            if self._now:
                message, self._now = self._now, None
                await client.publish(messages.NOW % self._unit, message, qos=0)
            if self._wanted:
                message, self._wanted = self._wanted, None
                await client.publish(messages.WANT % self._unit, message, qos=0)
            record = None
            if self._in_flight < _IN_FLIGHT:
                record = self._records.read()
            if record:
                await self._send_record(client, record)
                continue
            await self._news.wait()
            self._news.clear()

    def _impatient(self):
        """Whether what is in flight is to be sent again."""
        patience = _FULL_AGAIN if self._hub_full else self._patience
        return self._in_flight and _since(self._sent_at) > patience

    async def _send_record(self, client, record):
        if not self._in_flight:
            self._sent_at = time.ticks_ms()
            if self._patience == _PATIENCE:
                # Not for a second time.
                self._heard_at = self._sent_at
        self._in_flight += 1
        follows, link = self._records.links()
        before, self._before = self._before, (record.boot, record.sequence, link)
        message = encoding.following(before, record.body, follows, link)
        await client.publish(messages.RECORD % self._unit, message)

    def _send_again(self):
        """What was not acknowledged may be lost: from the oldest record on."""
        self._records.rewind()
        self._before = _NONE
        self._in_flight = 0


def _since(ticks):
    return time.ticks_diff(time.ticks_ms(), ticks)


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
