"""A diagnosis of the live microphone, which takes a few seconds."""

import time

from tamer.hear.diagnosis.diagnose import Diagnosis

_SECONDS = 3


class Session:
    """One diagnosis, from its first block to its findings."""

    def __init__(self, microphone, full_scale):
        """`microphone`: the board's. `full_scale`: level of a full-scale sine, dB."""
        profile = microphone.profile
        self._diagnosis = Diagnosis(
            rate=microphone.rate,
            full_scale=full_scale,
            floor=profile.floor,
            bits=profile.bits,
        )
        self._left = _SECONDS * microphone.rate // microphone.block
        self._began = None

    def listen(self, words, n):
        """Take in one block, before a kernel overwrites it."""
        if self._left == 0:
            return
        if self._began is None:
            # The clock starts where the first block ends.
            self._began = time.ticks_us()
            return
        self._diagnosis.listen(words, n)
        self._left -= 1
        if self._left == 0:
            self._elapsed = time.ticks_diff(time.ticks_us(), self._began) / 1e6

    def findings(self):
        """List of Finding once it is over, else None."""
        return self._diagnosis.findings(self._elapsed) if self._left == 0 else None
