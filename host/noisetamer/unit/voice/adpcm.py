"""IMA ADPCM for the box: the encoder, and the WAV file around it (format tag 0x11)."""

import struct

import numpy as np
from numpy.typing import NDArray

from tamer.act.adpcm_steps import STEPS

# Bytes of a block: the box takes no larger ones.
BLOCK = 512
SAMPLES_PER_BLOCK = 2 * BLOCK - 7

_STEPS = np.array(STEPS, np.int32)
_INDEX_CHANGE = np.array([-1, -1, -1, -1, 2, 4, 6, 8], np.int32)

# First steps to try: a codec adapts within a few samples, so every fourth is enough.
_FIRST = np.arange(0, len(STEPS), 4, dtype=np.int32)

# Blocks tried at once, for the memory's sake.
_AT_ONCE = 256


def wav(samples: NDArray[np.int16], rate: int) -> bytes:
    """The WAV of `samples` (int16[n], mono) at a rate in Hz; silence pads the last block."""
    a_second = rate * BLOCK // SAMPLES_PER_BLOCK
    head = struct.pack("<HHIIHHHH", 0x11, 1, rate, a_second, BLOCK, 4, 2, SAMPLES_PER_BLOCK)
    chunks = (
        _chunk(b"fmt ", head)
        + _chunk(b"fact", struct.pack("<I", len(samples)))
        + _chunk(b"data", encode(samples))
    )
    return _chunk(b"RIFF", b"WAVE" + chunks)


def encode(samples: NDArray[np.int16]) -> bytes:
    """Blocks of BLOCK bytes from int16[n]. Each starts with the step of least error."""
    count = -(-len(samples) // SAMPLES_PER_BLOCK)
    blocks = np.zeros((count, SAMPLES_PER_BLOCK), np.int32)
    blocks.reshape(-1)[: len(samples)] = samples
    return b"".join(
        _encoded(blocks[at : at + _AT_ONCE]).tobytes() for at in range(0, count, _AT_ONCE)
    )


def _encoded(blocks: NDArray[np.int32]) -> NDArray[np.uint8]:
    """uint8[blocks, BLOCK] from int32[blocks, SAMPLES_PER_BLOCK]."""
    count, choices = len(blocks), len(_FIRST)
    index = np.tile(_FIRST, (count, 1))
    value = np.repeat(blocks[:, :1], choices, axis=1)
    error = np.zeros((count, choices))
    codes = np.empty((SAMPLES_PER_BLOCK - 1, count, choices), np.uint8)
    for number, wanted in enumerate(blocks[:, 1:].T[:, :, None]):
        code, change = _quantised(np.abs(wanted - value), _STEPS[index])
        down = wanted < value
        value = np.clip(np.where(down, value - change, value + change), -32768, 32767)
        index = np.clip(index + _INDEX_CHANGE[code], 0, len(STEPS) - 1)
        error += np.square((wanted - value).astype(np.float64))
        codes[number] = code | down << 3
    best = np.argmin(error, axis=1)
    chosen = codes[:, np.arange(count), best].T
    packed = np.empty((count, BLOCK), np.uint8)
    packed[:, :2] = blocks[:, :1].astype("<i2").view(np.uint8)
    packed[:, 2] = _FIRST[best]
    packed[:, 3] = 0
    packed[:, 4:] = chosen[:, 0::2] | chosen[:, 1::2] << 4
    return packed


def _quantised(
    size: NDArray[np.int32], step: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Three bits of each size of a change, and the change that the decoder makes of them."""
    code, change = np.zeros_like(step), step >> 3
    for bit, part in ((4, step), (2, step >> 1), (1, step >> 2)):
        taken = size >= part
        size = size - taken * part
        change = change + taken * part
        code |= taken * np.int32(bit)
    return code, change


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) & 1)
