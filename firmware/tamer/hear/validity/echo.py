"""How much of a second may be the box's own voice: its speech, and the square's echo of it. Pure.

The echo is not measured but bounded: it is never more than what is heard, and from block to block
it falls at least as fast as the longest reverberation assumed. In a quiet square the bound
follows the echo down; in a loud one it sinks below the level, and the square is heard through.
A bound that is too high goes on falling, so nothing is marked for ever. Time weighting F, which
holds the voice longer, has a bound of the same kind.
"""

import math

# dB a second, of a reverberation of 3.2 s; the longest assumed is 3 s.
_SLOWEST = 18.5

# Time constant of time weighting F (IEC 61672-1), s.
_FAST_S = 0.125

# Echoes of house fronts up to 40 m away are the voice's, whatever the levels say, s.
_NEAREST_S = 0.25

# How long most squares echo, s: the learned echo is never shorter.
_USUAL_S = 1.0

# After this the sound is the square's again, whatever the levels say, s.
_LONGEST_S = 5.0

# Own energy of more than a tenth raises a level by 0.5 dB, half the usual guard band.
_TENTH = 10

# A second that begins with the bound 4 dB below what is heard has about a tenth of it.
_SETTLED = 2.5


class Echo:
    """Weighs the blocks around a message; `end_second` says whether the second is the voice's."""

    def __init__(self, block_ms):
        self._block_ms = block_ms
        self._falls = 10 ** (-_SLOWEST * block_ms / 10000)
        self._forgets = math.exp(-block_ms / 1000 / _FAST_S)
        self._nearest = round(1000 * _NEAREST_S / block_ms)
        self._longest = round(1000 * _LONGEST_S / block_ms)
        self._silent = self._longest  # blocks since the loudspeaker fell silent
        self._bound = 0.0  # energy of the own voice in the last block, at most
        self._fast = 0.0  # what the Fast detector may still hold of it
        self._own = self._all = 0.0  # of this second
        self._surely = False
        self._usual = round(1000 * _USUAL_S / block_ms)
        self._settled_after = 0
        self._settling = False

    def lingers(self):
        """Whether blocks must still be weighed, one by one."""
        return self._silent < self._longest

    def lasts_ms(self):
        """How long the square echoed the last messages, and a block more, ms."""
        return max(self._usual, self._settled_after + 1) * self._block_ms

    def weigh(self, energy, fastest, sounding):
        """Take in one block; returns the Fast maximum to report for it.

        energy, fastest: the block's A-weighted mean square and Fast maximum, in any one unit.
        sounding: whether the loudspeaker may have sounded in it. Where the detector still holds
        the voice, the mean square replaces its maximum: a block is one of its time constants.
        """
        if sounding:
            self._silent = 0
            self._settling = True
            self._surely = True
            self._bound, self._fast = energy, fastest
            return fastest
        self._silent += 1
        self._surely = self._surely or self._silent <= self._nearest
        self._bound = min(energy, self._bound * self._falls)
        self._own += self._bound
        self._all += energy
        held = max(self._fast, self._bound)
        after = self._fast * self._forgets + self._bound * (1 - self._forgets)
        self._fast = min(fastest, after)
        self._learn(energy)
        return fastest if held * _TENTH <= fastest else min(fastest, energy)

    def end_second(self):
        """Whether the own voice may have raised the second that ends by more than 0.5 dB."""
        own = self._surely or self._own * _TENTH > self._all
        self._own = self._all = 0.0
        self._surely = False
        return own

    def _learn(self, energy):
        """Learn after how many blocks the square was heard again; unlearn a longer echo slowly."""
        if not self._settling or self._silent <= self._nearest:
            return
        if self._bound * _SETTLED <= energy or not self.lingers():
            self._settling = False
            self._settled_after = max(self._silent, self._settled_after - 1)
