"""The host's end of the pipe: what a box says and asks, as pipe.py has it."""

import os
import struct
from collections.abc import Iterator
from io import BufferedIOBase
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisetamer.virtual import pipe

_HEAD = struct.Struct(pipe.HEAD)
_SAMPLES_QUERY = struct.Struct(pipe.SAMPLES_QUERY)
_RATE = struct.Struct(pipe.RATE)
_PIECE = 1 << 16


class Speech(NamedTuple):
    """Samples for the amplifier, int16[n], and their rate in Hz."""

    rate: int
    samples: NDArray[np.int16]


class BoxMessage(NamedTuple):
    """One message: a kind of pipe.py, microseconds since power-on, the body."""

    kind: int
    us: int
    body: bytes

    def samples_wanted(self) -> tuple[int, int]:
        """Of SAMPLES: the first frame since the receiver started, and how many a block."""
        return _SAMPLES_QUERY.unpack(self.body)

    def speech(self) -> Speech:
        """Of SPEECH."""
        (rate,) = _RATE.unpack_from(self.body)
        return Speech(rate, np.frombuffer(self.body, "<i2", offset=_RATE.size))

    def pin(self) -> tuple[int, int]:
        """Of PIN: the GPIO and its level, 0 or 1."""
        return self.body[0], self.body[1]


def read_messages(stream: BufferedIOBase) -> Iterator[BoxMessage]:
    """Every message until the box ends; blocks until there is one. What a box that dies in the
    midst of one has said of it is nothing."""
    come = b""
    # All that is there at once: it tells some twenty between two questions.
    while more := stream.read1(_PIECE):
        come += more
        at = 0
        while (body := at + _HEAD.size) <= len(come):
            kind, us, length = _HEAD.unpack_from(come, at)
            if body + length > len(come):
                break
            at = body + length
            yield BoxMessage(kind, us, come[body:at])
        come = come[at:]


def write_answer(stream: BinaryIO, *pieces: bytes | memoryview) -> None:
    """All of an answer into a pipe. Raises BrokenPipeError when the box has ended."""
    left = [memoryview(piece).cast("B") for piece in pieces]
    while left:
        # At once, or the box would wake for each piece.
        written = os.writev(stream.fileno(), left)
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if left:
            left[0] = left[0][written:]
