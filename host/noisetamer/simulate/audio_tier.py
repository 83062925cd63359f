"""The audio tier: what the box's microphone puts on its wire, sample by sample."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.microphone import Microphone
from noisetamer.square.microphone_faults import MicrophoneFaults
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.world import World


class AudioTier:
    """The square and the box's own voice, through one microphone; frames in ascending order."""

    def __init__(
        self,
        world: World,
        own_voice: OwnVoice,
        microphone: Microphone,
        faults: MicrophoneFaults,
    ):
        self._world = world
        self._own_voice = own_voice
        self._microphone = microphone
        self._faults = faults
        self._pressure: NDArray[np.float32] = np.empty(0, np.float32)
        self._pressure_second = -1
        self._frame = 0

    def capture(self, first: int, n: int) -> NDArray[np.int32]:
        """I2S words int32[n] of the frames from the story's frame `first` on.

        Frames the box came too late for are recorded, and lost.
        """
        if first > self._frame:
            self._record(first - self._frame)
        return self._record(n)

    def _record(self, n: int) -> NDArray[np.int32]:
        parts = []
        at, end = self._frame, self._frame + n
        while at < end:
            second, offset = divmod(at, RATE)
            if second != self._pressure_second:
                self._pressure = self._world.sound(second)
                self._pressure_second = second
            part = self._pressure[offset : offset + end - at]
            parts.append(part)
            at += len(part)
        pressure = np.concatenate(parts) if len(parts) > 1 else parts[0]
        own = self._own_voice.sound(self._frame, n)
        words = self._microphone.capture(pressure if own is None else pressure + own)
        words = self._faults.words(words, self._frame)
        self._frame = end
        return words
