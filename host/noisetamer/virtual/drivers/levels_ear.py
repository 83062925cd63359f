"""The ear of the levels tier: the host gives the levels of each second, and no samples.

Around the box's own speech it gives the levels of the blocks too, and beside the levels, in the
side channel, what samples would have shown of wind and of the microphone. The firmware's own
rules say what is invalid.
"""

import asyncio
import math
import struct
import time

import host_pipe
import pipe
import virtual_clock
from micropython import const

from tamer.hear.diagnosis.monitor import QuickFeatures
from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.validity.reasons import Measured
from tamer.hear.validity.wind import Rumble

_AHEAD = const(120)  # seconds per look-ahead answer
_BLOCKS = const(8)  # a second
_BLOCK_US = const(125000)

_RATE = 48000

# The codes of a diagnosis, by the number of the microphone's fault.
_CODES = (None, "stuck data", "dead microphone", "dull microphone", "clipping")

# A diagnosis begins with the next block and takes 3 s of whole ones.
_DIAGNOSIS = 4


class Ear:
    """In place of tamer.hear.ear; kernel, bank, full scale and equaliser are not used."""

    block_ms = _BLOCK_US // 1000

    def __init__(self, microphone, kernel, bank, full_scale, equaliser):
        self._arrived = asyncio.ThreadSafeFlag()
        self._ahead = bytearray(1)  # seconds in the last answer
        self._answer = memoryview(bytearray(8 * _AHEAD))
        self._answer_from = 0
        self._blocks = bytearray(4 * _BLOCKS)
        self._side = bytearray(struct.calcsize(pipe.SIDE_CHANNEL_ANSWER))
        self._side_until = 0
        self._slack_us = microphone.slack_us
        self._floor = microphone.profile.floor
        self._fault = 0
        self._left = 0  # s of the diagnosis under way
        self._second = 0  # counted from power-on, as the host counts them
        self._began = 0

    def start(self):
        """The first second begins now; the start may have taken some."""
        self._second, self._began = divmod(virtual_clock.now, 1000000)

    def examine(self):
        """Begin a diagnosis of the microphone."""
        self._left = _DIAGNOSIS

    def findings(self):
        """Of the diagnosis, None while it lasts; the host has said what is wrong."""
        if self._left > 0:
            return None
        code = _CODES[self._fault]
        return [(code, "", "")] if code else []

    async def second(self, own_voice, echo):
        """Wait for the next second that was heard; what was measured in it."""
        lost = 0
        while True:
            due = self._began + 1000000 * (self._second + 1)
            sounding = None
            # Where nothing else happens meanwhile the box cannot begin to speak.
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
        if self._second >= self._side_until:
            self._ask_side_channel(self._second)
        self._second += 1
        self._left -= 1
        # What follows seconds unheard begins in the midst of one.
        gap = lost or late > self._slack_us
        levels = (LAeq, LAFmax, LCeq, LCpeak)
        return Measured(levels, None, self._sums, self._quick, self._rumble, gap, lost)

    def _ask_side_channel(self, second):
        """Valid until the second the host says."""
        query = struct.pack(pipe.SIDE_CHANNEL_QUERY, second)
        host_pipe.ask(pipe.SIDE_CHANNEL, virtual_clock.now, query, self._side)
        self._side_until, *rumble, self._fault = struct.unpack(
            pipe.SIDE_CHANNEL_ANSWER, self._side
        )
        highest = {pipe.STUCK: 0, pipe.OVERLOAD: 8388607}.get(self._fault, 100000)
        hiss = self._floor - (16 if self._fault == pipe.DULL else 0)
        self._sums = BlockSums(_RATE, 0, 0, 0, 0, 0, 0, 0, 0, -highest, highest, 0)
        self._quick = QuickFeatures(0xFFFFFF, self._fault == pipe.STUCK, 10 * hiss)
        self._rumble = Rumble(*rumble)

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
        """From the look-ahead answer, unless the box has since done something that changes it."""
        if host_pipe.answers_stale or second - self._answer_from >= self._ahead[0]:
            host_pipe.answers_stale = False
            query = struct.pack(pipe.LEVELS_QUERY, second, _AHEAD)
            host_pipe.ask(pipe.LEVELS, virtual_clock.now, query, self._ahead)
            host_pipe.read_on(self._answer[: 8 * self._ahead[0]])
            self._answer_from = second
        return struct.unpack_from(
            pipe.LEVELS_ANSWER, self._answer, 8 * (second - self._answer_from)
        )

    def _weigh(self, sounding, echo, LAeq, LAFmax):
        """The second's Fast maximum without what the box itself said."""
        blocks = (LAeq, LAFmax) * _BLOCKS
        if self._ahead[0] == 1:  # there is no look-ahead while the box can be heard
            host_pipe.ask(pipe.BLOCKS, virtual_clock.now, b"", self._blocks)
            blocks = struct.unpack(pipe.BLOCKS_ANSWER, self._blocks)
        loudest = 0
        for i in range(_BLOCKS):
            energy, fastest = 10 ** (blocks[2 * i] / 100), 10 ** (blocks[2 * i + 1] / 100)
            loudest = max(loudest, echo.weigh(energy, fastest, sounding[i]))
        return round(100 * math.log10(loudest))


def _ago(blocks):
    return time.ticks_add(time.ticks_us(), -_BLOCK_US * blocks)
