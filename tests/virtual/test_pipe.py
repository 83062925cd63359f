"""The pipe between a box and its host: one file, and both ends mean the same by it."""

import io
import json
import os
import struct
import subprocess
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import DEADLINE

from noisetamer.base.paths import DRIVERS, micropython
from noisetamer.virtual import pipe
from noisetamer.virtual.box_message import BoxMessage, read_messages, write_answer

KINDS = [
    *(pipe.SAMPLES, pipe.LEVELS, pipe.BLOCKS, pipe.SIDE_CHANNEL, pipe.TIME),
    *(pipe.RESET, pipe.WATCHDOG, pipe.CONSOLE, pipe.SPEECH, pipe.PIN, pipe.PIXELS),
    *(pipe.CLOCK_SET, pipe.CHIP_UP, pipe.POWER_CUT),
]

# Its end of the pipe as the drivers use it: notices that wait, one longer than there is room for,
# and a question with an answer that comes in two pieces.
BOX = """
import sys
drivers, requests, answers = sys.argv[1:4]
sys.path[0] = drivers + "/.."
import pipe
sys.path[0] = drivers
import host_pipe, json, struct
host_pipe.connect(open(int(requests), "wb"), open(int(answers), "rb"))
names = {name: value for name, value in pipe.__dict__.items() if name.upper() == name}
host_pipe.send(pipe.CONSOLE, 1, json.dumps(names).encode())
host_pipe.send(pipe.PIN, 2, bytes((7, 1)))
host_pipe.send(pipe.SPEECH, 3, bytes(20000), struct.pack(pipe.RATE, 16000))
answer = bytearray(3)
query = struct.pack(pipe.LEVELS_QUERY, 5, 120)
host_pipe.ask(pipe.LEVELS, 4, query, answer)
rest = bytearray(2)
host_pipe.read_on(rest)
host_pipe.send(pipe.CONSOLE, 5, bytes(answer) + bytes(rest))
host_pipe.flush()
"""


def said_by_a_box(tmp_path, answer: bytes) -> list[BoxMessage]:
    script = tmp_path / "box.py"
    script.write_text(BOX)
    to_box, from_box = tmp_path / "answers", tmp_path / "requests"
    to_box.write_bytes(answer)
    with to_box.open("rb") as answers, from_box.open("wb") as requests:
        subprocess.run(
            [*micropython(), script, DRIVERS, str(requests.fileno()), str(answers.fileno())],
            pass_fds=(requests.fileno(), answers.fileno()),
            check=True,
            timeout=DEADLINE,
        )
    return list(read_messages(io.BytesIO(from_box.read_bytes())))


@pytest.mark.device
def test_box_and_host_read_the_same_messages_off_one_file(tmp_path):
    names, pin, speech, question, answered = said_by_a_box(tmp_path, b"12345")
    public = {name: value for name, value in vars(pipe).items() if name.isupper()}
    assert (names.kind, json.loads(names.body)) == (pipe.CONSOLE, public)
    assert (pin.kind, pin.us, pin.pin()) == (pipe.PIN, 2, (7, 1))
    assert speech.kind == pipe.SPEECH
    rate, samples = speech.speech()
    assert (rate, len(samples)) == (16000, 10000)
    assert question.kind == pipe.LEVELS
    assert struct.unpack(pipe.LEVELS_QUERY, question.body) == (5, 120)
    assert answered.body == b"12345"


def test_no_two_kinds_of_message_look_alike():
    assert len(set(KINDS)) == len(KINDS) == 14


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 2**64 - 1), st.binary())))
def test_messages_are_read_as_they_were_sent(sent: list[tuple[int, int, bytes]]):
    stream = b"".join(
        struct.pack(pipe.HEAD, kind, us, len(body)) + body for kind, us, body in sent
    )
    assert list(read_messages(io.BytesIO(stream))) == [BoxMessage(*one) for one in sent]


def test_messages_come_in_pieces_and_of_a_box_that_dies_in_the_midst_of_one_the_whole_ones_count():
    sent = [(pipe.PIN, 1, b"\7\1"), (pipe.SPEECH, 2, bytes(range(256))), (pipe.CHIP_UP, 3, b"")]
    parts = [struct.pack(pipe.HEAD, kind, us, len(body)) + body for kind, us, body in sent]
    stream = b"".join([*parts, parts[1][:-1]])
    read: list[BoxMessage] = []
    after: list[int] = []

    class ByteByByte(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            after.append(len(read))
            return self.read(1)

    for message in read_messages(ByteByByte(stream)):
        read.append(message)
    assert read == [BoxMessage(*one) for one in sent]
    # each as soon as it is whole
    ends = [sum(map(len, parts[: n + 1])) for n in range(3)]
    assert [after.index(n + 1) for n in range(3)] == ends


def test_an_answer_goes_out_whole_through_a_pipe_that_takes_a_little_at_a_time(monkeypatch):
    def narrow(pipe, pieces):
        return os.write(pipe, b"".join(pieces)[:3])

    monkeypatch.setattr(os, "writev", narrow)
    reader, writer = map(open, os.pipe(), ("rb", "wb"))
    words = array("i", range(5))
    with reader:
        with writer:
            write_answer(writer, b"\2", memoryview(words), b"", memoryview(words))
        assert reader.read() == b"\2" + 2 * words.tobytes()
