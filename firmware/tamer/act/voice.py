"""Speaks a recorded message through the amplifier, while the microphone goes on listening."""

import asyncio
import os
import time

from tamer.act import wav
from tamer.act.message import ROOM, Message
from tamer.act.wav import LARGEST_BLOCK

# The echo of the square is taken to last so long until it has been heard, ms.
ECHO = 1000


class Voice:
    """One loudspeaker on a made I2S transmitter."""

    def __init__(self, speaker, folder):
        """`speaker`: the board's (i2s, rate, buffered_ms). `folder`: where the messages are."""
        self._i2s = speaker.i2s
        self._rate = speaker.rate
        self._buffered = speaker.buffered_ms
        self._folder = folder
        self._free = asyncio.ThreadSafeFlag()
        self._samples = bytearray(ROOM)
        self._block = bytearray(LARGEST_BLOCK)
        self._i2s.irq(lambda _: self._free.set())
        # Whoever has something to say holds it meanwhile: there is one loudspeaker.
        self.turn = asyncio.Lock()
        self.speaking = False
        self._sounds = False
        self._ended = None

    def length(self, message):
        """How long a message lasts, s. OSError or ValueError if it cannot be spoken.

        message: its name, or the path of a file elsewhere.
        """
        with open(self._path(message), "rb") as file:
            return wav.seconds(file, self._rate)

    def keep(self, message, path):
        """A file becomes the message of this name, at once and whole. Raises OSError."""
        os.rename(path, self._path(message))

    def marks(self, since):
        """Whether the loudspeaker may have sounded at any time since ticks_us `since`."""
        if self._sounds:
            return True
        if self._ended is None:
            return False
        if time.ticks_diff(self._ended, since) > 0:
            return True
        # Long ago: forget it, or it looks recent once the ticks wrap.
        self._ended = None
        return False

    async def say(self, message, volume=0, echo=ECHO):
        """Speak one message; returns when its last sample has left the loudspeaker. The caller
        has `turn`.

        volume: dB re full, at most 0. echo: how long the square echoes, ms. Called at the start
        of a second of the meter, it puts silence before the message so that the echo ends with
        a second: then as few seconds as possible are lost to it.
        Raises OSError or ValueError if there is no such message.
        """
        self.speaking = True
        try:
            with open(self._path(message), "rb") as file:
                words = Message(file, volume, self._block)
                if words.rate != self._rate:
                    raise ValueError("%s is not at %d Hz" % (message, self._rate))
                length = words.samples * 1000 // words.rate
                await self._silence(-(length + echo) % 1000)
                self._sounds = True
                try:
                    await self._play(words)
                finally:
                    await self._fall_silent()
        finally:
            self.speaking = False

    async def _play(self, words):
        n = words.read(self._samples)
        while n:
            await self._write(2 * n)
            n = words.read(self._samples)

    async def _fall_silent(self):
        # When the driver takes the last of this, the message has left it.
        await self._silence(self._buffered)
        self._ended = time.ticks_us()
        self._sounds = False
        # The driver repeats its buffer from now on: let that be silence.
        await self._silence(self._buffered)

    def _path(self, message):
        return message if message.startswith("/") else "%s/%s.wav" % (self._folder, message)

    async def _silence(self, ms):
        samples = self._samples
        for i in range(ROOM):
            samples[i] = 0
        left = ms * self._rate // 1000 * 2
        while left > 0:
            n = min(left, ROOM)
            await self._write(n)
            left -= n

    async def _write(self, n):
        self._i2s.write(memoryview(self._samples)[:n])
        await self._free.wait()
