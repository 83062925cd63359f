"""Name and time servers of the simulated network, asked as a box does; nothing waits for them."""

import asyncio

from network_manners import S, begin, clock

# That has put the drivers on the path.
NAMED, NEARBY = "hub.example", "192.0.2.1"

import time

import esp32
import network

from tamer.tell import failures, servers
from tamer.tell.servers import Servers


class Memory:
    """A partition of NVS that is not in a file."""

    def __init__(self):
        self._text = "{}"

    def seek(self, at, whence=0):
        pass

    def tell(self):
        return len(self._text)

    def read(self):
        return self._text

    def write(self, text):
        self._text = text


def made():
    """Servers of a station that is in its network; the chip's memory stays what it was."""
    wlan = network.WLAN()
    wlan.connect("square", "")
    return Servers(wlan, esp32.NVS("tamer"))


def begins(**spans):
    begin(**spans)
    esp32.partition = Memory()


def run(work):
    """Its answer, or what it raises; meanwhile everything else is on time to the millisecond."""

    async def both():
        late = []

        async def beat():
            while True:
                due = clock.now + 50000
                await asyncio.sleep_ms(50)
                late.append(clock.now - due)

        beating = asyncio.create_task(beat())
        try:
            return await work
        except (OSError, MemoryError) as error:
            return error
        finally:
            beating.cancel()
            assert max(late or [0]) <= 1000

    return asyncio.run(both())


def test_a_name_is_looked_up_once_and_held_as_long_as_its_answer():
    begins()
    asked = made()
    assert run(asked.address(NAMED)) == "127.0.0.1"
    began = clock.now
    assert run(asked.address(NAMED)) == "127.0.0.1"
    assert clock.now == began
    clock.now += 300 * S
    run(asked.address(NAMED))
    assert clock.now > began + 300 * S


def test_an_address_costs_no_question():
    begins(dns_silent=[(0, 100)])
    assert run(made().address(NEARBY)) == NEARBY
    assert clock.now == 0


def test_silent_name_servers_keep_nothing_waiting():
    begins(dns_silent=[(0, 100)])
    error = run(made().address(NAMED))
    assert isinstance(error, failures.NotFound)
    assert 7 * S <= clock.now < 8 * S


def test_a_name_that_nobody_has():
    begins()
    error = run(made().address("hub.invalid"))
    assert failures.told(error, False, True)[0] == "name not found"
    assert clock.now < S


def test_where_no_server_answers_the_address_of_before_will_do():
    begins(dns_silent=[(400, 1000)])
    asked = made()
    run(asked.address(NAMED))
    clock.now = 500 * S
    assert run(asked.address(NAMED)) == "127.0.0.1"


def test_where_there_is_no_memory_to_ask_the_address_of_before_will_do():
    begins()
    asked = made()
    run(asked.address(NAMED))
    clock.now = 90000 * S

    async def in_pieces(name):
        raise MemoryError

    asked._look_up = in_pieces
    assert run(asked.address(NAMED)) == "127.0.0.1"
    assert isinstance(run(asked.address("other.example")), MemoryError)


def test_an_address_at_which_somebody_was_outlasts_a_restart():
    begins(dns_silent=[(100, 1000)])
    asked = made()
    run(asked.address(NAMED))
    asked.keep(NAMED)
    clock.now = 100 * S
    again = made()
    assert run(again.address(NAMED)) == "127.0.0.1"
    assert isinstance(run(again.address("other.example")), failures.NotFound)


def test_the_time_is_right_to_some_milliseconds():
    begins()
    unix_ms, round_trip = run(made().time("ntp.example"))
    right = time.true_us() // 1000 + 946684800000
    assert abs(unix_ms - right) <= 2 and round_trip == 30


def test_a_time_server_that_says_nothing_or_nothing_of_use():
    begins(ntp_lost=[(0, 100)], ntp_zero=[(100, 200)])
    asked = made()
    assert "no answer" in str(run(asked.time(NEARBY)))
    assert clock.now < 8 * S
    clock.now = 100 * S
    assert "kiss of death RATE" in str(run(asked.time(NEARBY)))


def test_what_reads_messages_is_not_held_in_memory():
    import sys

    begins()
    run(made().time("ntp.example"))
    assert not [name for name in sys.modules if name.endswith("_message")]
    assert not hasattr(servers, "time_message")
