"""tamer.hear.hearing for the levels tier: the world gives the Seconds, not the sound."""

import asyncio
import struct
import time

import square
import virtual_clock

from tamer import clock
from tamer.hear import guard
from tamer.record.reading import POWER, VALID, Second

_AHEAD = 30  # s the square may tell of at once


class Hearing:
    def __init__(self, microphone, kernel, bank, full_scale, own_voice):
        self.bands = None
        self._own_voice = own_voice
        self._arrived = asyncio.ThreadSafeFlag()
        self._told = bytearray(1 + 8 * _AHEAD)
        self._told_from = 0
        self._second = 0
        self._began = 0

    def examine(self):
        """There are no samples to examine."""

    def findings(self):
        return None

    def start(self):
        self._began = virtual_clock.now

    async def second(self):
        self._second += 1
        virtual_clock.at(self._began + 1000000 * self._second, self._arrived.set)
        await self._arrived.wait()
        levels = self._levels(self._second - 1)
        why = POWER if self._second < guard.SETTLING else VALID
        spoke = self._own_voice(time.ticks_add(time.ticks_us(), -1000000))
        return Second(clock.now() - 1, *levels, guard.own_voice(spoke, why))

    def _levels(self, second):
        """What the square told ahead, until the box does something that may change it."""
        if square.stirred or second - self._told_from >= self._told[0]:
            square.stirred = False
            question = struct.pack("<IB", second, _AHEAD)
            square.ask(b"s", virtual_clock.now, question, self._told)
            self._told_from = second
        return struct.unpack_from("<hhhh", self._told, 1 + 8 * (second - self._told_from))
