"""The simulated network, clock and flash have the manners of real ones, in virtual time."""

import asyncio
import struct

from virtual_time import clock

# It has put the drivers on the path.
S = 1000000

import socket
import time

import faults
import flash_faults
import network

RIGHT = 848000000  # s since 2000: in November 2026
time.right = RIGHT


def begin(**spans):
    """The power comes, and these faults with it; - is _, and times are s."""
    clock.now = 0
    clock._events.clear()
    faults.begin(
        {
            kind.replace("_", "-"): [(begin * S, end * S) for begin, end in given]
            for kind, given in spans.items()
        }
    )
    time.set_us(time.true_us())


def asked(server, port, message, wait_ms=2000):
    """What a server answers, or None."""

    async def ask():
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setblocking(False)
        one.connect(socket.getaddrinfo(server, port)[0][-1])
        stream = asyncio.StreamReader(one)
        one.write(message)
        try:
            return await asyncio.wait_for_ms(stream.read(512), wait_ms)
        except asyncio.TimeoutError:
            return None

    return asyncio.run(ask())


def raised(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return error
    raise AssertionError("nothing was raised")


def test_a_station_joins_and_is_let_in():
    begin()
    wlan = network.WLAN()
    assert not wlan.isconnected()
    wlan.connect("square", "key")
    assert not wlan.isconnected()
    clock.sleep(S)
    assert wlan.isconnected()


def test_the_driver_goes_on_by_itself_and_is_not_to_be_asked_again_meanwhile():
    begin(no_access_point=[(0, 60), (100, 130)])
    wlan = network.WLAN()
    wlan.connect("square", "key")
    clock.sleep(10 * S)
    assert "Wifi Internal State Error" in str(raised(wlan.connect, "square", "key"))
    assert wlan.status() == network.STAT_NO_AP_FOUND
    joined = []
    for second in range(10, 140):
        if wlan.isconnected():
            joined.append(second)
        clock.sleep(S)
    assert joined[0] in range(60, 65)
    out = [second for second in range(joined[0], 140) if second not in joined]
    assert out[0] == 100 and out[-1] in range(129, 134)


def test_a_wrong_key_shows_now_and_then():
    begin(wrong_key=[(0, 20)])
    wlan = network.WLAN()
    wlan.connect("square", "key")
    seen = set()
    for _ in range(15):
        clock.sleep(S)
        seen.add(wlan.status())
    assert seen == {network.STAT_CONNECTING, network.STAT_WRONG_PASSWORD}


def test_a_silent_name_server_holds_the_whole_program_for_seven_seconds():
    begin(dns_silent=[(0, 20)])
    raised(socket.getaddrinfo, "hub.example", 1)
    assert clock.now == 7 * S
    assert socket.getaddrinfo("192.0.2.1", 1)[0][-1] == ("192.0.2.1", 1)
    assert clock.now == 7 * S
    clock.now = 20 * S
    assert socket.getaddrinfo("hub.example", 1)[0][-1] == ("127.0.0.1", 1)


def test_names_are_asked_for_in_datagrams():
    begin(dns_silent=[(10, 20)])
    query = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\3hub\7example\0\0\1\0\1"
    answer = asked("127.0.0.1", 53, query)
    assert answer[:2] == query[:2] and answer[-4:] == b"\x7f\0\0\1"
    nobody = asked("127.0.0.1", 53, query.replace(b"example", b"invalid"))
    assert nobody[3] & 15 == 3
    clock.now = 10 * S
    assert asked("127.0.0.1", 53, query) is None
    assert 12 * S <= clock.now < 13 * S


def test_a_time_server_is_right_lost_zero_or_wrong():
    begin(ntp_lost=[(10, 20)], ntp_zero=[(20, 30)], ntp_wrong=[(30, 40)])
    query = b"\x23" + bytes(39) + b"original"
    answer = asked("127.0.0.1", 123, query)
    assert answer[24:32] == b"original"
    seconds, fraction = struct.unpack(">II", answer[40:48])
    assert seconds - 3155673600 == RIGHT
    assert abs(fraction / (1 << 32) - 0.015) < 0.001
    clock.now = 10 * S
    assert asked("127.0.0.1", 123, query) is None
    clock.now = 20 * S
    assert asked("127.0.0.1", 123, query)[1] == 0
    clock.now = 30 * S
    (wrong,) = struct.unpack(">I", asked("127.0.0.1", 123, query)[40:44])
    # Twenty years on is in NTP's second era.
    assert wrong - seconds + (1 << 32) > 6e8 > wrong


def test_a_fast_crystal_gains_3_5_seconds_a_day():
    begin(fast_crystal=[(0, 86400)])
    clock.now = 86400 * S
    assert time.time_ns() // 1000 - time.true_us() == 3456000


def test_the_clock_is_read_and_set_by_the_calendar_in_any_zone():
    begin()
    for fields in (
        (2000, 2, 29, 23, 59, 59),
        (2000, 1, 1, 0, 0, 0),
        (2026, 11, 28, 12, 0, 0),
        (2028, 3, 1, 1, 2, 3),
        (2100, 12, 31, 0, 0, 1),
    ):
        assert time.gmtime(time.mktime(fields))[:6] == fields
    import machine

    clock.now = 3 * S
    machine.RTC().datetime((2027, 1, 2, 0, 3, 4, 5, 600000))
    clock.now += 500000
    assert machine.RTC().datetime() == (2027, 1, 2, 5, 3, 4, 6, 100000)


def test_it_is_calm_until_the_next_fault_begins():
    begin(hub_silent=[(10, 20), (50, 60)], no_address=[(20, 30)], dns_silent=[(40, 45)])
    assert faults.calm_until(*faults.OF_STREAMS) == 10 * S
    clock.sleep(10 * S)
    assert faults.calm_until(*faults.OF_STREAMS) is None
    clock.sleep(15 * S)
    assert faults.calm_until(*faults.OF_STREAMS) is None
    clock.sleep(10 * S)
    assert faults.calm_until(*faults.OF_STREAMS) == 50 * S
    clock.sleep(30 * S)
    assert faults.calm_until(*faults.OF_STREAMS) > 1000000 * S


class Disk:
    """In place of open() and os, of a box that has no memory for a file the first times."""

    def __init__(self, refused):
        self.refused, self.files, self.tries = refused, [], []

    def open(self, path, mode):
        self.tries.append(clock.now // S)
        if len(self.tries) <= self.refused:
            raise MemoryError
        self.files.append(path[1:])
        return self

    def write(self, piece):
        raise OSError(28)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def listdir(self, path):
        return self.files

    def remove(self, path):
        self.files.remove(path[1:])


def test_a_flash_fills_up_as_soon_as_the_box_has_memory_for_that():
    begin(flash_full=[(10, 20), (50, 60), (70, 71)])
    disk = flash_faults.os = Disk(refused=2)
    flash_faults.open = disk.open
    disk.files.append("filler")
    flash_faults.begin(None, None)
    full = []
    while clock.now < 80 * S:
        if disk.files:
            full.append(clock.now // S)
        clock.sleep(S)
    assert disk.tries == [10, 11, 12, 50, 70], disk.tries
    assert full == list(range(12, 20)) + list(range(50, 60)) + [70], full
