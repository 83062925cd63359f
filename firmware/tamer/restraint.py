"""What somebody has ordered for a while: that the box says nothing, or says it more quietly.

It outlasts restarts. While the time is unknown it does not hold: no box is mute for its clock.
"""

import json

from tamer import blob
from tamer.judge.rules import Ruling

_KEY = "restraint"
_LARGEST = 64  # bytes
_QUIETEST = -60  # dB re full


class Restraint:
    """`mute_until`, `lower_until`: Unix s. `offset`: dB, at most 0."""

    def __init__(self, memory):
        """`memory`: the chip's own (esp32.NVS)."""
        self._memory = memory
        self.mute_until = self.lower_until = self.offset = 0
        try:
            kept = json.loads(blob(memory, _KEY, _LARGEST))
            self.mute_until, self.lower_until, self.offset = [int(each) for each in kept]
        except (ValueError, TypeError):
            pass

    def mute(self, until):
        """Until a Unix time, 0: no more. OSError where flash takes nothing: then it does not."""
        self._keep(until, self.lower_until, self.offset)

    def lower(self, offset, until):
        """By so much, until a Unix time; 0: no more. OSError likewise."""
        self._keep(self.mute_until, until, offset)

    def applied(self, ruling, t):
        """The ruling under it, at Unix time t."""
        if t >= self.mute_until and t >= self.lower_until:
            return ruling
        limit, sudden, night, speak, volume, *rest, since, until = ruling
        if t < self.mute_until:
            speak, until = False, min(until, self.mute_until)
        if t < self.lower_until:
            volume = max(_QUIETEST, volume + self.offset)
            until = min(until, self.lower_until)
        return Ruling(*[limit, sudden, night, speak, volume] + rest + [since, until])

    def _keep(self, *held):
        self._memory.set_blob(_KEY, json.dumps(held).encode())
        self._memory.commit()
        self.mute_until, self.lower_until, self.offset = held
