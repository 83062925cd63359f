"""Speaks a recorded message through the amplifier, while the microphone goes on listening."""

import asyncio
import time

from tamer.act.wav import read_header

# The square's echo of the message is taken to have died away after this, ms.
ECHO = 600

_CHUNK = 2048


class Voice:
    """One loudspeaker on a made I2S transmitter."""

    def __init__(self, speaker, folder):
        """`speaker`: the board's (i2s, rate, buffered_ms). `folder`: where the messages are."""
        self._i2s = speaker.i2s
        self._rate = speaker.rate
        self._buffered = speaker.buffered_ms
        self._folder = folder
        self._free = asyncio.ThreadSafeFlag()
        self._chunk = bytearray(_CHUNK)
        self._i2s.irq(lambda _: self._free.set())
        self.speaking = False
        self._ended = None

    def marks(self, since):
        """Whether speech or its echo could be heard at any time since ticks_us `since`."""
        if self.speaking:
            return True
        if self._ended is None:
            return False
        if time.ticks_diff(self._ended, since) > 0:
            return True
        # Long ago: forget it, before the ticks wrap and it looks recent.
        self._ended = None
        return False

    async def say(self, message):
        """Speak `message`.wav; returns when the last sample has left the loudspeaker.

        Silence goes before it, so that its echo ends with a second of the meter, which
        calls this at the start of one: then as few seconds as possible are lost to it.
        """
        self.speaking = True
        try:
            with open("%s/%s.wav" % (self._folder, message), "rb") as file:
                wav = read_header(file)
                if wav.rate != self._rate:
                    raise ValueError("%s is not at %d Hz" % (message, self._rate))
                length = wav.length * 500 // wav.rate
                await self._silence(-(length + 2 * self._buffered + ECHO) % 1000)
                left = wav.length
                while left > 0:
                    n = file.readinto(self._chunk, min(left, _CHUNK))
                    if not n:
                        break
                    left -= n
                    await self._write(memoryview(self._chunk)[:n])
                # The driver still holds what it was given last.
                await self._silence(2 * self._buffered)
        finally:
            self._ended = time.ticks_add(time.ticks_us(), ECHO * 1000)
            self.speaking = False

    async def _silence(self, ms):
        view = memoryview(self._chunk)
        for i in range(_CHUNK):
            view[i] = 0
        left = ms * self._rate // 1000 * 2
        while left > 0:
            n = min(left, _CHUNK)
            await self._write(view[:n])
            left -= n

    async def _write(self, samples):
        self._i2s.write(samples)
        await self._free.wait()
