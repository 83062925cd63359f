"""Runs on the box: kernel, microphone, and the tone that the loudspeaker plays to it."""

import math
import struct
import time
from array import array
from binascii import b2a_base64

from __main__ import equaliser, feed, made, own, rest
from tamer.hear.bands import banks
from tamer.hear.diagnosis.session import Session
from tamer.hear.kernel import kernels

# Blocks from a tone's first sample to a steady tone: what the amplifier's buffer holds, the way,
# the echo.
_SETTLES = 6
_MEASURED = 8

# Blocks until the weighting has forgotten its start, and of background.
_FILTERS_SETTLE = 8
_BACKGROUND = 24


def _heard_block():
    words = made.microphone.buffers[0]
    made.microphone.i2s.readinto(words)
    feed()
    return words


def kernel_times(blocks):
    """What the kernel's self-test says, and how long each of so many blocks took it, us."""
    microphone = made.microphone
    a_second = microphone.rate // microphone.block
    kernel, verdict = kernels.best(a_second, equaliser())
    bank, _, _ = banks.bank(own["bands"], equaliser(), kernel.name)
    took = []
    for number in range(blocks):
        words = _heard_block()
        began = time.ticks_us()
        if bank:
            bank.run(words, microphone.block)
        kernel.run(words, microphone.block)
        if number % a_second == a_second - 1:
            kernel.take()
            if bank:
                bank.take()
        took.append(time.ticks_diff(time.ticks_us(), began))
    return {"kernel": kernel.name, "self_test": verdict, "us": took}


def examine():
    """The signal doctor's findings."""
    microphone = made.microphone
    # What came while nobody read, and the microphone's own start.
    rest(1)
    session = Session(microphone, microphone.profile.full_scale + own["calibration"])
    while session.findings() is None:
        session.listen(_heard_block(), microphone.block)
    return [list(finding) for finding in session.findings()]


def background():
    """Mean squares of blocks, A-weighted, in steps of 24 bits; one more stays in the second
    buffer."""
    microphone = made.microphone
    kernel, _ = kernels.best(1, equaliser())

    def heard():
        kernel.run(_heard_block(), microphone.block)
        found = kernel.take()
        return found.A / found.n

    for _ in range(_FILTERS_SETTLE):
        heard()
    squares = [heard() for _ in range(_BACKGROUND)]
    microphone.i2s.readinto(microphone.buffers[1])
    feed()
    return squares


def play(frequency, amplitude):
    """Mean squares of blocks before a tone and during it, A-weighted, in steps of 24 bits.

    The last block stays in the second buffer. frequency: a whole number of periods a block.
    """
    speaker, microphone = made.speaker, made.microphone
    n = speaker.rate * microphone.block // microphone.rate
    silence = bytes(2 * n)
    turn = 2 * math.pi * frequency / speaker.rate
    sine = bytearray(2 * n)
    for i in range(n):
        struct.pack_into("<h", sine, 2 * i, round(32767 * amplitude * math.sin(turn * i)))
    kernel, _ = kernels.best(1, equaliser())

    def heard(sounding):
        words = _heard_block()
        # As much as has just been played: the amplifier's buffer stays full, nobody waits.
        speaker.i2s.write(sine if sounding else silence)
        kernel.run(words, microphone.block)
        found = kernel.take()
        return found.A / found.n

    for _ in range(speaker.buffered_ms * microphone.rate // (1000 * microphone.block)):
        speaker.i2s.write(silence)
    for _ in range(microphone.rate // microphone.block):
        heard(False)
    before = [heard(False) for _ in range(_MEASURED)]
    for _ in range(_SETTLES):
        heard(True)
    during = [heard(True) for _ in range(_MEASURED)]
    microphone.i2s.readinto(microphone.buffers[1])
    for _ in range(2 * _SETTLES):
        heard(False)
    return {"before": before, "during": during}


def piece(at, n, shift):
    """Samples of the kept block, 16 bits of each, in base64."""
    words = made.microphone.buffers[1]
    part = array("h", [words[at + i] >> shift for i in range(n)])
    return b2a_base64(part).decode().strip()


def shift(n):
    """By how much the kept samples must be shifted to fit 16 bits."""
    words = made.microphone.buffers[1]
    largest = 0
    for i in range(n):
        largest = max(largest, abs(words[i]))
    bits = 8
    while largest >> bits > 32767:
        bits += 1
    return bits
