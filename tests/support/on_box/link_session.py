"""The box's link with a hub, until the hub has all its records or has failed.

Arguments: the firmware's folder, a folder for the journal, and as JSON the settings of the unit,
how many records it has, and what is otherwise than usual: {"wifi": [status, whether it is in]},
{"time": false}, {"fault": words} raised in the midst of it, {"seconds": s} to go on for by a
virtual clock, of which {"pace": s} pass in a real one, {"unreadable": [first, last]} of its
records, {"boot": number} of this life, {"later": s} than others, {"timed": true}: it
tells each attempt too, {"answers_within": real ms} of a peer, {"in_flight": records},
{"waits": true} for a real hub, so that no virtual time passes while it works at what it was
sent, {"stops": true} after its first failure, in real time, until there is journal.goes-on,
{"in_pieces": true}: once the link is made, no free piece of the memory is longer than 2 kB,
{"command": key} of the hub's acknowledgements,
{"rssi": [dBm or null for none, minute by minute]}, {"room": bytes} of the journal.
Prints a JSON line for each change of the link, for each time it was told, and at the end its
status, and the journal's records in hex. Beside the journal are files of what the hub refused and,
at once, of each change.
"""

import asyncio
import gc
import json
import os
import sys

firmware, folder, settings, count, odd = sys.argv[1:6]
sys.path.insert(1, firmware)
odd = json.loads(odd)

import utime
import virtual_time

from tamer.record import encoding
from tamer.record.reading import Second
from tamer.tell import link, refused
from tamer.tell.journal import Journal
from tamer.tell.sector_files import SectorFiles
from tamer.tell.servers import Servers

T = 1795431600
boot = odd.get("boot", 7)
virtual_time.clock.start(odd.get("pace", 0.0))
# Of many that fall silent none is waited for as long in real time as one.
virtual_time.clock._ANSWER_MS = odd.get("answers_within", virtual_time.clock._ANSWER_MS)
link._IN_FLIGHT = odd.get("in_flight", link._IN_FLIGHT)
refused.FILE = folder + ".refused"


class Station:
    """A station of the host's own network, or one that does not get in."""

    def __init__(self):
        self._status, self._is_in = odd.get("wifi", (1010, True))

    def isconnected(self):
        return self._status == 1010

    def active(self, on):
        pass

    def connect(self, ssid, key):
        pass

    def disconnect(self):
        pass

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

    def status(self, what=None):
        if what != "rssi":
            return self._status
        if not self._is_in:
            raise OSError("Wifi Not Connected")
        by_minute = odd.get("rssi", [-60])
        rssi = by_minute[min(virtual_time.clock.now // 60000000, len(by_minute) - 1)]
        if rssi is None:
            raise ValueError("unknown status param")
        return rssi


class Memory:
    """A chip's, with nothing in it that stays."""

    def get_blob(self, key, value):
        raise OSError(-0x1102)

    def set_blob(self, key, value):
        pass

    def commit(self):
        pass


class Time:
    """A clock that is right, or one that nobody has set."""

    def known(self):
        return odd.get("time", True)

    def now(self):
        return T

    def lend(self):
        pass

    def told(self, unix_ms, source):
        print(json.dumps(["time", unix_ms, source]))


class Faulty(Journal):
    done = 0

    def acknowledge(self, boot, sequence):
        done = super().acknowledge(boot, sequence)
        self.done += done
        return done

    def read(self):
        if odd.get("fault") == "no memory":
            return bytearray(1 << 60)
        if odd.get("fault"):
            raise NameError(odd["fault"])
        return super().read()


class Timed(link.Link):
    """Says of each attempt to reach the hub when it began and ended, ms."""

    is_unheard = False  # records are on their way of which the hub has said nothing yet

    async def _send_record(self, client, record):
        self.is_unheard = True
        await super()._send_record(client, record)

    def _acknowledge(self, boot, sequence):
        super()._acknowledge(boot, sequence)
        self.is_unheard = self._in_flight > 0

    def _count_forged(self):
        super()._count_forged()
        self.is_unheard = False

    async def _serve(self):
        began = virtual_time.clock.now
        try:
            await super()._serve()
        finally:
            if odd.get("timed"):
                print(json.dumps(["attempt", began // 1000, virtual_time.clock.now // 1000]))


pieces, longer = [], []


def fill_memory():
    """Pieces, every other of which is free again."""
    pieces.extend([None] * 10000)
    gc.collect()
    try:
        for i in range(len(pieces)):
            pieces[i] = bytearray(1900)
    except MemoryError:
        pass
    for i in range(0, len(pieces), 2):
        pieces[i] = None
    gc.collect()
    try:
        # Some of these lay side by side.
        while True:
            longer.append(bytearray(2000))
    except MemoryError:
        gc.collect()


def changed(*change):
    print(json.dumps(change))
    with open(folder + ".changes", "a") as told:
        told.write(json.dumps(change) + "\n")
    if odd.pop("stops", False):
        wait_for_file(folder + ".goes-on")


def wait_for_file(path):
    while True:
        try:
            os.stat(path)
            return
        except OSError:
            utime.sleep_ms(10)


def wait_for_hub(one):
    """However slow the machine is: until it has answered, as long as the connection stands."""
    left = virtual_time.clock._real_ms_left

    def more_left():
        return left() or (20 if one.is_unheard or not one._up else 0)

    virtual_time.clock._real_ms_left = more_left


async def main():
    journal = Faulty(SectorFiles(folder), boot)
    for n in range(int(count)):
        first, last = odd.get("unreadable", (0, 0))
        flags = 15 if first <= n + 1 <= last else 0
        second = Second(T + odd.get("later", 0) + n, 500 + n, 520, 580, 680, flags)
        journal.append(encoding.SECONDS, second.t, encoding.of_seconds([second]))
    journal.room = odd.get("room", journal.room)
    fault, records = odd.pop("fault", None), []
    while True:
        record = journal.read()
        if record is None:
            break
        records.append("".join(["%02x" % byte for byte in record.body]))
    journal.rewind()
    odd["fault"] = fault
    station = Station()
    servers = Servers(station, Memory())
    settled = json.loads(settings)
    settled["hub"]["command"] = odd.get("command", "")
    one = Timed(station, servers, settled, journal, Time(), boot, changed, None)
    if odd.get("waits"):
        wait_for_hub(one)
    if odd.get("in_pieces"):
        fill_memory()
    task = asyncio.create_task(one.run())
    step = 1000 if "timed" in odd else 100
    for _ in range(0, int(1000 * odd.get("seconds", 60)), step):
        await asyncio.sleep_ms(step)
        if journal.done == int(count):
            break
        if one._reason and "seconds" not in odd:
            break
    task.cancel()
    print(one._status())
    print(json.dumps(records))


asyncio.run(main())
