"""Names and the time are asked for without blocking: in the simulated network, and over UDP."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import unix_port

from noisetamer.base.paths import FIRMWARE

pytestmark = pytest.mark.device

ASKS = "asks_servers"
UNIX = 2208988800  # s from 1900 to 1970


@pytest.mark.parametrize("name", unix_port.tests_of(ASKS))
def test_in_the_simulated_network(name: str):
    unix_port.run_test(ASKS, name)


@contextmanager
def server(answers: Callable[[bytes], list[bytes]]) -> Iterator[int]:
    """A server of datagrams on a port of its own: what it sends back for each."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    question, asker = here.recvfrom(512)
                except OSError:
                    return
                for answer in answers(question):
                    here.sendto(answer, asker)

        threading.Thread(target=serve, daemon=True).start()
        yield here.getsockname()[1]


def named(question: bytes) -> list[bytes]:
    head = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0)
    found = head + question[12:] + b"\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\7"
    # The answer to somebody else comes first, and its own twice.
    return [b"\0\0" + found[2:], found, found]


def timed(question: bytes) -> list[bytes]:
    now = time.time()
    stamp = struct.pack(">II", int(now) + UNIX, int(now % 1 * 2**32))
    return [b"\x24\2\6\xec" + bytes(20) + question[40:] + stamp + stamp]


def asked(names: int, times: int) -> list[str]:
    return unix_port.run("asks_over_udp.py", FIRMWARE, str(names), str(times)).splitlines()


def test_over_udp_a_name_and_the_time_to_some_milliseconds():
    begin = time.time()
    with server(named) as names, server(timed) as times:
        address, told = asked(names, times)
    assert address == "192.0.2.7"
    unix_ms, round_trip = (int(number) for number in told.strip("()").split(","))
    assert begin - 0.1 <= unix_ms / 1000 <= time.time() + 0.1
    assert 0 <= round_trip <= 1000 * (time.time() - begin)


def test_over_udp_a_port_at_which_nobody_listens_is_no_answer():
    with server(named) as names, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        nobody.close()
        address, told = asked(names, port)
    assert address == "192.0.2.7"
    assert "ECONNREFUSED" in told or "no answer" in told


def test_over_udp_a_late_answer_to_the_try_before_is_not_taken_for_a_quick_one():
    first: list[bytes] = []

    def late(question: bytes) -> list[bytes]:
        first.append(question)
        if len(first) == 1:
            return []
        # A minute off, as if it had come at once: to the question before.
        wrong = struct.pack(">II", int(time.time()) + UNIX - 60, 0)
        old = b"\x24\2\6\xec" + bytes(20) + first[0][40:] + wrong + wrong
        return [old] if len(first) == 2 else timed(question)

    begin = time.time()
    with server(named) as names, server(late) as times:
        _, told = asked(names, times)
    unix_ms, _ = (int(number) for number in told.strip("()").split(","))
    assert begin - 0.1 <= unix_ms / 1000 <= time.time() + 0.1
