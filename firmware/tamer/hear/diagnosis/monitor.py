"""The running check of the microphone, every second. Pure.

Two faults it decides by itself, at once: nothing moves, or the level is below what the
microphone's own noise allows. Anything else only makes a second suspicious; enough suspicious
seconds ask for a diagnosis, with a back-off that doubles while diagnoses find nothing.
"""

from collections import namedtuple

from tamer.record.reading import MISSING

# bits: those of 24 that changed. frozen: for a block or longer nothing changed at all.
# hiss: level of white noise with the same fourth difference, 0.1 dB(A): the treble that a
# microphone never lacks, as it is its own noise.
QuickFeatures = namedtuple("QuickFeatures", ("bits", "frozen", "hiss"))

# Codes (advice.py) after which a level means nothing. The others leave it right, or show by
# themselves: an offset, a noisy low byte, clipping, 16 bits, a wrong rate.
FATAL = (
    "no data",
    "channels swapped",
    "floating channel",
    "all zeros",
    "all ones",
    "stuck data",
    "each sample twice",
    "shifted left",
    "shifted right",
    "loose wire",
    "dead microphone",
    "dull microphone",
    "noise floor",
)

# So far below its own noise, dB, no working microphone reads.
_IMPOSSIBLE = 15

# Treble so far below its own noise, dB, is suspicious; a diagnosis says dull from there on, too.
_DULL = 8

# A mean of so much of full scale is suspicious.
_OFFSET = 0.03
_FULL_SCALE = 8388608

# So many suspicious seconds of the last so many ask for a diagnosis.
_SUSPICIOUS, _OF = 5, 20

# Back-off after a diagnosis, s; doubled each time it found nothing of what stays suspicious.
_BACK_OFF = 20
_MOST_DOUBLINGS = 5


class Monitor:
    """One microphone's; one call of `update` a second."""

    def __init__(self, profile):
        """`profile`: of the microphone (profile.py)."""
        self._floor = profile.floor
        # Bits of a sample that carry no sound.
        self._lowest_bit = 24 - profile.bits
        self._signs = 0  # a bit a second, the newest lowest: it was suspicious
        self._wait = _BACK_OFF  # s until a diagnosis may be wanted; one at the start is requested
        self._in_vain = 0
        self.faulty = False  # by the last diagnosis

    def update(self, sums, LAeq, quick, overloaded):
        """Whether the second's levels mean nothing, by this check or by the last diagnosis.

        sums: BlockSums. LAeq: 0.1 dB. quick: QuickFeatures. overloaded: the second is.
        """
        faulty = (
            quick.frozen
            or sums.raw_max == sums.raw_min
            or LAeq == MISSING
            or LAeq < 10 * (self._floor - _IMPOSSIBLE)
        )
        sign = faulty or overloaded or self._is_suspicious(sums, quick)
        self._signs = (self._signs << 1 | sign) & ((1 << _OF) - 1)
        if not self._signs:
            self._in_vain = 0
        if self.faulty and self._signs & 3 == 2:
            # The fault has just gone: skip the back-off.
            self._wait = 0
        self._wait = max(0, self._wait - 1)
        return faulty or self.faulty

    def wants_diagnosis(self):
        """Whether a diagnosis is due; True once for each."""
        if self._wait or not (self.faulty or self._signs):
            return False
        if not self.faulty and bin(self._signs).count("1") < _SUSPICIOUS:
            return False
        self._wait = _BACK_OFF
        return True

    def diagnosed(self, codes):
        """Take in the codes of a diagnosis, requested or due."""
        self.faulty = any(code in FATAL for code in codes)
        self._in_vain = 0 if self.faulty else min(self._in_vain + 1, _MOST_DOUBLINGS)
        self._wait = _BACK_OFF if self.faulty else _BACK_OFF << self._in_vain >> 1
        self._signs = 0

    def _is_suspicious(self, sums, quick):
        low_bits = (1 << (self._lowest_bit + 1)) - 1
        return (
            quick.hiss < 10 * (self._floor - _DULL)
            or abs(sums.raw_sum) > _OFFSET * _FULL_SCALE * sums.n
            or (quick.bits and not quick.bits & low_bits)
        )
