"""The ear of the levels tier: the square gives the levels of each second, and no words.

Around the box's own speech it gives the levels of the blocks too, and beside the levels what the
samples would have shown of wind and of the microphone. The firmware's own rules say what is
marked.
"""

import asyncio
import math
import struct
import time

import host_pipe
import pipe
import virtual_clock
from micropython import const

from tamer.hear.diagnosis.monitor import Glanced
from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.validity.validity import Measured
from tamer.hear.validity.wind import Rumbled

_AHEAD = const(120)  # s the square may tell of at once
_BLOCKS = const(8)  # a second
_BLOCK_US = const(125000)

_RATE = 48000

# What the doctor calls the faults of the microphone.
_CODES = (None, "stuck data", "dead microphone", "dull microphone", "clipping")

# An examination begins with the next block and takes 3 s of whole ones.
_EXAMINATION = 4


class Ear:
    """As tamer.hear.ear; kernel, bank, level of full scale and equaliser have nothing to do."""

    block_ms = _BLOCK_US // 1000

    def __init__(self, microphone, kernel, bank, full_scale, equaliser):
        self._arrived = asyncio.ThreadSafeFlag()
        self._ahead = bytearray(1)  # how many seconds were told
        self._told = memoryview(bytearray(8 * _AHEAD))
        self._told_from = 0
        self._blocks = bytearray(4 * _BLOCKS)
        self._signs = bytearray(struct.calcsize(pipe.SIDE_CHANNEL_ANSWER))
        self._signs_until = 0
        self._slack_us = microphone.slack_us
        self._floor = microphone.profile.floor
        self._fault = 0
        self._left = 0  # s of the examination under way
        self._second = 0
        self._began = 0

    def start(self):
        self._began = virtual_clock.now

    def examine(self):
        self._left = _EXAMINATION

    def findings(self):
        """The doctor's, without samples: after so many seconds he knows what there is."""
        if self._left > 0:
            return None
        code = _CODES[self._fault]
        return [(code, "", "")] if code else []

    async def second(self, own_voice, echo):
        lost = 0
        while True:
            due = self._began + 1000000 * (self._second + 1)
            sounding = None
            # While nobody does anything the box cannot begin to speak.
            if echo.lingers() or not virtual_clock.pass_alone(due):
                sounding = await self._listen(own_voice, echo)
            late = virtual_clock.now - due
            if late < 1000000:
                break
            self._second += 1
            lost += 1
        LAeq, LAFmax, LCeq, LCpeak = self._levels(self._second)
        if sounding:
            LAFmax = self._weigh(sounding, echo, LAeq, LAFmax)
        if self._second >= self._signs_until:
            self._ask_for_signs(self._second)
        self._second += 1
        self._left -= 1
        # What follows seconds unheard begins in the midst of one.
        gap = lost or late > self._slack_us
        levels = (LAeq, LAFmax, LCeq, LCpeak)
        return Measured(levels, None, self._sums, self._glanced, self._rumbled, gap, lost)

    def _ask_for_signs(self, second):
        """They hold until the square says."""
        query = struct.pack(pipe.SIDE_CHANNEL_QUERY, second)
        host_pipe.ask(pipe.SIDE_CHANNEL, virtual_clock.now, query, self._signs)
        self._signs_until, *rumble, self._fault = struct.unpack(
            pipe.SIDE_CHANNEL_ANSWER, self._signs
        )
        highest = {pipe.STUCK: 0, pipe.OVERLOAD: 8388607}.get(self._fault, 100000)
        hiss = self._floor - (16 if self._fault == pipe.DULL else 0)
        self._sums = BlockSums(_RATE, 0, 0, 0, 0, 0, 0, 0, 0, -highest, highest, 0)
        self._glanced = Glanced(0xFFFFFF, self._fault == pipe.STUCK, 10 * hiss)
        self._rumbled = Rumbled(*rumble)

    async def _listen(self, own_voice, echo):
        """Wait for the second's end. Where the own voice may be heard in it: whether it sounded,
        block by block."""
        if echo.lingers():
            sounding = []
            for i in range(_BLOCKS):
                await self._until(i + 1)
                sounding.append(own_voice(_ago(1)))
            return sounding
        await self._until(_BLOCKS)
        if own_voice(_ago(_BLOCKS)):
            # It has begun to speak; when exactly makes no difference.
            return [True] * _BLOCKS
        return None

    async def _until(self, blocks):
        due = self._began + 1000000 * self._second + _BLOCK_US * blocks
        virtual_clock.at(due, self._arrived.set)
        await self._arrived.wait()

    def _levels(self, second):
        """What the square told ahead, until the box does something that may change it."""
        if host_pipe.answers_stale or second - self._told_from >= self._ahead[0]:
            host_pipe.answers_stale = False
            query = struct.pack(pipe.LEVELS_QUERY, second, _AHEAD)
            host_pipe.ask(pipe.LEVELS, virtual_clock.now, query, self._ahead)
            host_pipe.read_on(self._told[: 8 * self._ahead[0]])
            self._told_from = second
        return struct.unpack_from(pipe.LEVELS_ANSWER, self._told, 8 * (second - self._told_from))

    def _weigh(self, sounding, echo, LAeq, LAFmax):
        """The Fast maximum that may be told of the second."""
        blocks = (LAeq, LAFmax) * _BLOCKS
        if self._ahead[0] == 1:  # it does not tell ahead while the box can be heard
            host_pipe.ask(pipe.BLOCKS, virtual_clock.now, b"", self._blocks)
            blocks = struct.unpack(pipe.BLOCKS_ANSWER, self._blocks)
        told = 0
        for i in range(_BLOCKS):
            energy, fastest = 10 ** (blocks[2 * i] / 100), 10 ** (blocks[2 * i + 1] / 100)
            told = max(told, echo.weigh(energy, fastest, sounding[i]))
        return round(100 * math.log10(told))


def _ago(blocks):
    return time.ticks_add(time.ticks_us(), -_BLOCK_US * blocks)
