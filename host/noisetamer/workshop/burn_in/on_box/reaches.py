"""Runs on the box: Wi-Fi, the hub, and the microphone while TLS keeps the chip busy."""

import asyncio
import gc
import json
import ssl
import time

from __main__ import equaliser, feed, made, own
from tamer.clock import ChipClock, Clock
from tamer.hear.bands import banks
from tamer.hear.hearing import Hearing, ear_of
from tamer.hear.kernel import kernels
from tamer.record import messages
from tamer.record.reading import GAP, MISSING
from tamer.tell import failures
from tamer.tell.failures import Refused
from tamer.tell.mqtt import Client, client_id

_JOIN_S = 15
_ANSWER_S = 20
_BETWEEN_MS = 500  # two handshakes
_REASON = 15  # of a second's flags

# Whatever else is raised is a mistake of this file or of the firmware.
_NO_SESSION = (OSError, ValueError, EOFError, MemoryError, asyncio.TimeoutError, Refused)


def _ask(wlan):
    try:
        wlan.active(True)
        wlan.connect(own["wifi"]["ssid"], own["wifi"]["key"])
    except OSError:
        # It is at it already.
        pass


def _has_joined(wlan):
    try:
        wlan.status("rssi")
    except OSError:
        return False
    return True


def join():
    """(True, the signal in dBm) in the Wi-Fi, else (False, why not, as the firmware says it)."""
    wlan = made.wlan
    if not wlan.isconnected():
        _ask(wlan)
    status = None
    for _ in range(10 * _JOIN_S):
        if wlan.isconnected():
            return True, wlan.status("rssi")
        # While the driver retries, a failure shows only now and then.
        last = wlan.status()
        status = last if last < 1000 else status
        time.sleep_ms(100)
        feed()
    return False, failures.of_wifi(status, _has_joined(wlan)).args[0]


async def _session():
    """One TLS session with the hub; ms until it has let the unit in, and of one round trip."""
    hub = own["hub"]
    secret = hub["secret"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    with open(hub["ca"], "rb") as file:
        context.load_verify_locations(cadata=file.read())
    began = time.ticks_ms()
    reader, writer = await asyncio.open_connection(
        hub["host"], hub["port"], ssl=context, server_hostname=hub["name"]
    )
    try:
        client = Client(writer, 30)
        status = "dev/%s/status" % own["unit"]
        gone = messages.encode({"v": messages.VERSION, "online": False})
        await client.connect(client_id(secret), own["unit"], secret, status, gone)
        welcome = time.ticks_ms()
        await client.ping()
        await reader.readexactly(2)
        answer = time.ticks_ms()
        await client.disconnect()
    finally:
        writer.close()
    return time.ticks_diff(welcome, began), time.ticks_diff(answer, welcome)


async def _in_time():
    return await asyncio.wait_for(_session(), _ANSWER_S)


def reach():
    """(ms until let in, ms of a round trip), or (why not, as the firmware says it, details)."""
    try:
        return asyncio.run(_in_time())
    except asyncio.TimeoutError:
        return "timed out", "%d s" % _ANSWER_S
    except _NO_SESSION as wrong:
        return failures.told(wrong, False, True)


async def _keep_busy(count):
    while True:
        # As the link does before it connects.
        gc.collect()
        try:
            await _in_time()
            count[0] += 1
        except _NO_SESSION:
            count[1] += 1
        await asyncio.sleep_ms(_BETWEEN_MS)


async def _watch(seconds, busy):
    microphone = made.microphone
    kernel, _ = kernels.best(microphone.rate // microphone.block, equaliser())
    bank, _, _ = banks.bank(own["bands"], equaliser(), kernel.name)
    full_scale = microphone.profile.full_scale + own["calibration"]
    ear = ear_of(microphone, kernel, bank, full_scale, equaliser())
    clock = Clock(ChipClock(made.rtc), made.memory)
    hearing = Hearing(ear, microphone.profile, lambda since: False, clock)
    hearing.start()
    for _ in range(2):
        await hearing.second()
        feed()
    count = [0, 0]
    work = asyncio.create_task(_keep_busy(count)) if busy else None
    due = time.ticks_us()
    for _ in range(seconds):
        second = await hearing.second()
        feed()
        gap = second.flags & _REASON == GAP
        late = 0
        if second.LAeq != MISSING:
            due = time.ticks_add(due, 1000000)
            late = time.ticks_diff(time.ticks_us(), due)
        if gap:
            due = time.ticks_us()
        print(json.dumps([gap, 1000 if second.LAeq == MISSING else late // 1000, count]))
    if work:
        work.cancel()
    microphone.i2s.irq(None)


def watch(seconds, busy):
    """Print a line a second: samples lost, by how much it came late (ms), sessions done and
    failed. busy: one TLS session with the hub after the other meanwhile."""
    asyncio.run(_watch(seconds, busy))
