"""The levels tier: what the box's meter would find, and no samples.

Seconds are the story's. The answers are packed as virtual/pipe.py has them.
"""

import struct

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.fault import FaultKind
from noisetamer.square.levels import Levels, decibels
from noisetamer.square.levels_side_channel import LevelsSideChannel
from noisetamer.square.microphone_faults import MicrophoneFaults
from noisetamer.square.own_voice import OwnVoice
from noisetamer.square.world import World
from noisetamer.virtual import pipe

_FAULTS = {
    None: pipe.HEALTHY,
    FaultKind.STUCK: pipe.STUCK,
    FaultKind.DEAD: pipe.DEAD,
    FaultKind.DULL: pipe.DULL,
    FaultKind.OVERLOAD: pipe.OVERLOAD,
}


class LevelsTier:
    """The square and the box's own voice, at one microphone; seconds in ascending order."""

    def __init__(
        self,
        world: World,
        own_voice: OwnVoice,
        self_noise_dB: NDArray[np.float64],
        faults: MicrophoneFaults,
        side_channel: LevelsSideChannel,
    ):
        """`self_noise_dB`: the microphone's LAeq, LAFmax, LCeq and LCpeak in silence."""
        self._world = world
        self._own_voice = own_voice
        self._self_noise = self_noise_dB
        self._faults = faults
        self._side_channel = side_channel
        self._square = Levels(0.0, 0.0, 0.0, 0.0)  # in the second last asked for

    def levels(self, second: int, most: int) -> bytes:
        """The answer to LEVELS: of a second, and of at most `most` that are certain already.

        While the box can be heard only the first is.
        """
        own = self._own_voice.levels(second)
        if own is None:
            ahead = self._world.levels_ahead(second, most)
            self._square, levels = ahead[0], np.array(ahead)
        else:
            self._square = self._world.levels(second)
            levels = _sum(np.array([self._square]), np.array(own))
        levels = self._faults.levels(_sum(levels, self._self_noise), second)
        return bytes((len(levels),)) + _packed(levels)

    def blocks(self) -> bytes:
        """The answer to BLOCKS: of the same second, in which the square is steady."""
        square = 10 ** (np.array([self._square.LAeq, self._square.LAFmax]) / 10)
        return _packed(decibels(square + np.array(self._own_voice.blocks)))

    def side_channel(self, second: int, power_on: int) -> bytes:
        """The answer to SIDE_CHANNEL; the box counts from `power_on`, a second of the story."""
        found = self._side_channel.at(second)
        return struct.pack(
            pipe.SIDE_CHANNEL_ANSWER,
            pipe.FOR_EVER if found.until is None else found.until - power_on,
            round(10 * found.rumble_dB),
            round(10 * found.span_dB),
            _FAULTS[found.fault],
        )


def _sum(one_dB: NDArray[np.float64], other_dB: NDArray[np.float64]) -> NDArray[np.float64]:
    return decibels(10 ** (one_dB / 10) + 10 ** (other_dB / 10))


def _packed(levels_dB: NDArray[np.float64]) -> bytes:
    return np.rint(10 * levels_dB).astype("<i2").tobytes()
