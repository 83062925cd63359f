"""What the broker sends is read as it lies there, in whatever pieces it comes."""

import json

import pytest
from unix_port import said

pytestmark = pytest.mark.device

# An acknowledgement of the broker's, one of the hub's, and something longer than is read at once.
SESSION = """
import asyncio, json
from tamer.tell import mqtt

def published(payload):
    body = b"\\0\\x10cmd/SIM-0001/ack" + payload
    n = len(body)
    head = bytes((0x30, n)) if n < 128 else bytes((0x30, n & 0x7F | 0x80, n >> 7))
    return head + body

SENT = b"\\x40\\x02\\0\\x01" + published(b"{}") + published(b"m" * 1000) + published(b"")

class Stream:
    def __init__(self, piece, sent=SENT):
        self.left, self.piece, self.reads = sent, piece, 0

    async def read(self, n):
        self.reads += 1
        n = min(n, self.piece)
        found, self.left = self.left[:n], self.left[n:]
        return found

    async def readexactly(self, n):
        found = b""
        while len(found) < n:
            more = await self.read(n - len(found))
            if not more:
                raise EOFError
            found += more
        return found

async def session(piece, sent=SENT):
    stream = Stream(piece, sent)
    first = 0
    client = mqtt.Client(stream, keepalive=30)
    found = []
    try:
        while True:
            topic, payload = await client.received()
            assert topic == "cmd/SIM-0001/ack"
            found.append(payload.decode())
            if len(found) == 1:
                first = stream.reads
    except EOFError:
        return found, first

async def wrong(sent):
    try:
        await mqtt.Client(Stream(4, sent), keepalive=30).received()
    except OSError as wrong:
        return str(wrong)

async def main():
    sessions = []
    for piece in (1, 2, 3, 7, 191, 192, 5000):
        sessions.append(await session(piece))
    cuts = []
    for end in range(len(SENT)):
        found, _ = await session(250, SENT[:end])
        cuts.append(len(found))
    too_long = await wrong(b"\\x30\\xff\\xff\\xff\\x7f")
    endless = await wrong(b"\\x30" + 1000 * b"\\x80")
    print(json.dumps([sessions, cuts, too_long, endless]))

asyncio.run(main())
"""


def test_packets_are_whole_in_whatever_pieces_they_come():
    sessions, cuts, too_long, endless = json.loads(said(SESSION))
    assert [found for found, _ in sessions] == 7 * [["{}", 1000 * "m", ""]]
    # Wherever it ends, what was whole is had and nothing else: 4 bytes and 22; 1021; 20.
    assert cuts == 26 * [0] + 1021 * [1] + 20 * [2]
    assert "bytes at once" in too_long
    assert "a length without an end" in endless
    # Both acknowledgements: each read is a turn of the box's event loop.
    assert sessions[-1][1] == 1
