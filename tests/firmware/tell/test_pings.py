"""A box asks whether its broker is there only where nothing else would show it."""

import pytest
from unix_port import said

pytestmark = pytest.mark.device

# Ten minutes, looked at every 5 s as the link does; something is published every so many s.
SESSION = """
import asyncio
from tamer.tell import mqtt

class Clock:
    now = 0

    def ticks_ms(self):
        return self.now

    def ticks_diff(self, later, earlier):
        return later - earlier

class Stream:
    def __init__(self):
        self.kinds = []

    def write(self, packet):
        self.kinds.append(packet[0])

    async def drain(self):
        pass

async def session(every, qos):
    clock = mqtt.time = Clock()
    stream = Stream()
    client = mqtt.Client(stream, keepalive=30)
    for second in range(0, 600, 5):
        clock.now = 1000 * second
        if every and second %% every == 0:
            await client.publish("topic", "told", qos)
        await client.keep_alive()
    print(stream.kinds.count(0xC0))

asyncio.run(session(%d, %d))
"""


@pytest.mark.parametrize(
    ("every", "qos", "pings"),
    [
        pytest.param(0, 0, 39, id="nothing is told"),
        pytest.param(10, 1, 0, id="records, which the broker answers"),
        pytest.param(5, 0, 39, id="live numbers, which it does not"),
        pytest.param(60, 1, 30, id="a record now and then"),
    ],
)
def test_pings_in_ten_minutes(every: int, qos: int, pings: int):
    assert int(said(SESSION % (every, qos))) == pings


ASKED = """
import asyncio
from tamer.tell import mqtt

class Stream:
    def write(self, packet):
        print(packet[0])

    async def drain(self):
        pass

asyncio.run(mqtt.Client(Stream(), keepalive=30).ping())
"""


def test_who_asks_for_a_ping_has_one():
    """As burn-in does for its round trip, straight after CONNECT."""
    assert int(said(ASKED)) == 0xC0
