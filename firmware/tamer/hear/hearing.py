"""From the microphone to Seconds. The microphone is the clock: N samples are N/rate of time."""

import asyncio
import time

from tamer import clock
from tamer.hear.diagnosis.quick_check import Glance
from tamer.hear.diagnosis.scheduler import Rounds
from tamer.hear.kernel.block_sums import together, with_fast_max
from tamer.hear.kernel.meter import level, levels
from tamer.hear.validity import validity
from tamer.hear.validity.echo import Echo
from tamer.hear.validity.rumble import Rumble
from tamer.record.reading import GAP, Second, missing

# The microphone's clock may be slower than ours by 200 parts in a million without counting as
# lost samples; those go in pieces of 256 frames, 5 ms.
_CREEP_US = 200


class Hearing:
    """Turns a made I2S receiver into one Second a second."""

    def __init__(
        self,
        microphone,
        kernel,
        bank,
        full_scale,
        own_voice,
        weather=None,
        equaliser=(1.0, ()),
    ):
        """`microphone`: the board's (i2s, rate, block, buffers, slack_us, profile).

        `bank`: octave bank or None. `full_scale`: level of a full-scale sine, dB.
        `own_voice(start)`: whether the loudspeaker has sounded since ticks_us `start`.
        `weather`: the board's instruments or None. `equaliser`: the kernel's.
        """
        self._microphone = microphone
        self._i2s = microphone.i2s
        self._kernel = kernel
        self._bank = bank
        self._full_scale = full_scale
        self._own_voice = own_voice
        self._echo = Echo(1000 * microphone.block // microphone.rate)
        self._apart = []
        self._buffers = microphone.buffers
        self._filling = 0
        self._arrived = asyncio.ThreadSafeFlag()
        self._due = time.ticks_us()
        self._glance = Glance()
        self._rumble = Rumble(equaliser)
        self._guard = validity.Guard(microphone.profile, weather)
        self._lost_us = 0
        self._t = None
        self._waiting = []
        # LZ of each band in the last second, 0.1 dB; None without a bank.
        self.bands = None
        self._rounds = Rounds(self._guard, self._examination)

    def examine(self):
        """Let the signal doctor listen to the next seconds; `findings` tells when it is done."""
        self._rounds.ask()

    def findings(self):
        """What the doctor found, once: [(code, wrong, fix)], or None while there is nothing."""
        return self._rounds.findings()

    def _examination(self):
        # Loaded when it is wanted: most of the time its memory serves others.
        from tamer.hear.diagnosis.session import Examination

        return Examination(self._microphone, self._full_scale)

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

    def echo_ms(self):
        """How long the square goes on answering when the box has spoken, as it last did."""
        return self._echo.lasts_ms()

    async def second(self):
        """The next Second. Seconds nothing was heard of come first, each as a gap."""
        if not self._waiting:
            await self._listen()
        return self._waiting.pop(0)

    async def _listen(self):
        gap = await self._blocks()
        self._apart.append(self._kernel.take())
        found = together(self._apart)
        self._apart = []
        heard = levels(found, self._full_scale)
        if self._bank:
            self.bands = [level(band, self._full_scale) for band in self._bank.take()]
        why = self._guard.reason(
            found,
            heard,
            self._glance.take(self._full_scale),
            self._rumble.take(self._full_scale),
            gap,
            self._echo.end_second(),
            clock.known(),
        )
        self._rounds.look()
        self._date()
        self._waiting.append(Second(self._t, *heard, why))

    async def _blocks(self):
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
            block = self._buffers[self._filling ^ 1]
            self._rounds.listen(block, microphone.block)
            self._glance.run(block, microphone.block)
            self._rumble.run(block, microphone.block)
            if self._bank:
                self._bank.run(block, microphone.block)
            self._kernel.run(block, microphone.block)
            self._weigh_own_voice(time.ticks_add(self._due, -block_us))
        if not gap:
            self._due = time.ticks_add(self._due, least)
        return gap

    def _weigh_own_voice(self, began):
        """Around the box's own speech, each block is taken for itself."""
        sounding = self._own_voice(began)
        if sounding or self._echo.lingers():
            part = self._kernel.take()
            told = self._echo.weigh(part.A / part.n, part.fast_max, sounding)
            self._apart.append(with_fast_max(part, told))

    def _date(self):
        """Give the second its time; the ones that went by unheard become gaps."""
        began = clock.now() - 1
        if self._t is None:
            self._t = began
            return
        self._t += 1
        while self._lost_us >= 1000000:
            self._lost_us -= 1000000
            self._waiting.append(missing(self._t, GAP))
            self._t += 1
        if abs(began - self._t) > 1:
            self._t = began
