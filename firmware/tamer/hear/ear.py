"""One I2S microphone, second by second. It is the clock: N samples are N/rate of time."""

import asyncio
import time

from tamer import unload
from tamer.hear.diagnosis.quick_check import QuickCheck
from tamer.hear.kernel.block_sums import merged, with_fast_max
from tamer.hear.kernel.meter import level, levels
from tamer.hear.validity.reasons import Measured
from tamer.hear.validity.rumble import RumbleMeter

# The microphone's clock may be slower than ours by 200 parts in a million without counting as
# lost samples; those go in pieces of 256 frames, 5 ms.
_CREEP_US = 200

# What only a diagnosis needs.
_OF_SESSIONS = ("session", "diagnose", "features", "advice")


class Ear:
    """Runs the blocks of a made I2S receiver through kernel, octave bank and checks."""

    def __init__(self, microphone, kernel, bank, full_scale, equaliser=(1.0, ())):
        """`microphone`: the board's (i2s, rate, block, buffers, slack_us, profile).

        `bank`: octave bank or None. `full_scale`: level of a full-scale sine, dB. `equaliser`:
        the kernel's.
        """
        self.block_ms = 1000 * microphone.block // microphone.rate
        self._microphone = microphone
        self._i2s = microphone.i2s
        self._kernel = kernel
        self._bank = bank
        self._full_scale = full_scale
        self._apart = []
        self._buffers = microphone.buffers
        self._filling = 0
        self._arrived = asyncio.ThreadSafeFlag()
        self._due = time.ticks_us()
        self._lost_us = 0
        self._quick_check = QuickCheck()
        self._rumble = RumbleMeter(equaliser)
        self._session = None

    def start(self):
        """Begin to fill the first buffer."""
        self._i2s.irq(self._swap)
        self._due = time.ticks_us()
        self._i2s.readinto(self._buffers[0])

    def _swap(self, _):
        # Re-arm first: the driver's own buffer is all the slack there is.
        self._filling ^= 1
        self._i2s.readinto(self._buffers[self._filling])
        self._arrived.set()

    def examine(self):
        """Start a diagnosis of the next seconds; `findings` returns its result.

        Raises MemoryError; then there is none.
        """
        self._session = None
        # Loaded on demand, and unloaded: most of the time its memory serves others.
        try:
            from tamer.hear.diagnosis.session import Session

            self._session = Session(self._microphone, self._full_scale)
        except MemoryError:
            self._end_session()
            raise

    def findings(self):
        """List of Finding, once, when the diagnosis is over; else None.

        Raises MemoryError where it could not be carried on; then there is none.
        """
        try:
            if self._session is None:
                # `_take` has given it up.
                raise MemoryError
            findings = self._session.findings()
        except MemoryError:
            self._end_session()
            raise
        if findings is not None:
            self._end_session()
        return findings

    def _end_session(self):
        self._session = None
        unload("tamer.hear.diagnosis", *_OF_SESSIONS)

    async def second(self, own_voice, echo):
        """Measured, of the next second.

        own_voice(start): whether the loudspeaker has sounded since ticks_us `start`. echo: weighs
        the blocks around its speech.
        """
        gap = await self._blocks(own_voice, echo)
        self._apart.append(self._kernel.take())
        sums = merged(self._apart)
        self._apart = []
        lost, self._lost_us = divmod(self._lost_us, 1000000)
        bands = None
        if self._bank:
            bands = [level(band, self._full_scale) for band in self._bank.take()]
        return Measured(
            levels(sums, self._full_scale),
            bands,
            sums,
            self._quick_check.take(self._full_scale),
            self._rumble.take(self._full_scale),
            gap,
            lost,
        )

    async def _blocks(self, own_voice, echo):
        """Run one second of blocks through the kernel; True if samples were lost on the way."""
        microphone = self._microphone
        block_us = microphone.block * 1000000 // microphone.rate
        gap = False
        least = _CREEP_US
        for _ in range(microphone.rate // microphone.block):
            await self._arrived.wait()
            self._due = time.ticks_add(self._due, block_us)
            late = time.ticks_diff(time.ticks_us(), self._due)
            if late > microphone.slack_us:
                # More than the driver can hold back: it has thrown samples away.
                gap = True
                self._lost_us += late
                self._due = time.ticks_us()
            elif late < 0:
                # Some of what was taken for lost had only been waiting.
                self._lost_us = max(0, self._lost_us + late)
                self._due = time.ticks_us()
            else:
                least = min(least, late)
            self._take(self._buffers[self._filling ^ 1], microphone.block)
            self._weigh(time.ticks_add(self._due, -block_us), own_voice, echo)
        if not gap:
            self._due = time.ticks_add(self._due, least)
        return gap

    def _take(self, block, n):
        """Give a block to every consumer; the kernel comes last, since it overwrites it."""
        if self._session:
            try:
                self._session.listen(block, n)
            except MemoryError:
                # The box measures on; nothing that wants memory here.
                self._session = None
        self._quick_check.run(block, n)
        self._rumble.run(block, n)
        if self._bank:
            self._bank.run(block, n)
        self._kernel.run(block, n)

    def _weigh(self, began, own_voice, echo):
        """Around the box's own speech, weigh each block by itself."""
        sounding = own_voice(began)
        if sounding or echo.lingers():
            part = self._kernel.take()
            fast_max = echo.weigh(part.A / part.n, part.fast_max, sounding)
            self._apart.append(with_fast_max(part, fast_max))
