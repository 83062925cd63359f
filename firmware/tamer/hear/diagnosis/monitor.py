"""The running check of the microphone: what every second tells of it, and when the doctor must
look again. Pure.

Two things it says itself, at once: nothing moves, or it is quieter than the microphone's own
noise can be. Anything else is only a suspicion, for the doctor to confirm or not.
"""

from collections import namedtuple

from tamer.record.reading import MISSING

# bits: those of 24 that changed. frozen: for a block or longer nothing changed at all.
# hiss: level of white noise with the same fourth difference, 0.1 dB(A): the treble that a
# microphone never lacks, as it is its own noise.
Glanced = namedtuple("Glanced", ("bits", "frozen", "hiss"))

# Findings of the doctor (remedies.py) after which a level means nothing. The others leave it
# right, or show by themselves: an offset, a noisy low byte, clipping, 16 bits, a wrong rate.
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

# Below its own noise by so much no microphone is alive, dB.
_IMPOSSIBLE = 15

# Treble so far below its own noise is suspicious, dB; the doctor says dull from there on, too.
_DULL = 8

# Mean of a second, of full scale, and a second's extremes that are suspicious.
_OFFSET = 0.03
_FULL_SCALE = 8388608

# Suspicious seconds of the last so many that call the doctor.
_SIGNS, _OF = 5, 20

# The doctor rests so long, s; twice as long each time he found nothing of what stays suspicious.
_REST = 20
_MOST_DOUBLINGS = 5


class Triage:
    """One microphone's; one call of `see` a second."""

    def __init__(self, profile):
        """`profile`: of the microphone (profile.py)."""
        self._floor = profile.floor
        # Bits of a sample that carry no sound.
        self._lowest_bit = 24 - profile.bits
        self._signs = 0
        self._rest = _REST  # s until the doctor may be asked; the box asks him itself at start
        self._in_vain = 0
        self.ill = False  # as the doctor said last

    def see(self, found, LAeq, glanced, overloaded):
        """Whether the second is of no worth, by the running check or by the doctor's last word.

        found: of the kernel. LAeq in 0.1 dB. glanced: see glance.py. overloaded: the second is.
        """
        faulty = (
            glanced.frozen
            or found.raw_max == found.raw_min
            or LAeq == MISSING
            or LAeq < 10 * (self._floor - _IMPOSSIBLE)
        )
        sign = faulty or overloaded or self._is_suspicious(found, glanced)
        self._signs = (self._signs << 1 | sign) & ((1 << _OF) - 1)
        if not self._signs:
            self._in_vain = 0
        if self.ill and self._signs & 3 == 2:
            # What was wrong has gone: he need not rest before he looks.
            self._rest = 0
        self._rest = max(0, self._rest - 1)
        return faulty or self.ill

    def wants_doctor(self):
        """Whether the doctor must look, once for each time he must."""
        if self._rest or not (self.ill or self._signs):
            return False
        if not self.ill and bin(self._signs).count("1") < _SIGNS:
            return False
        self._rest = _REST
        return True

    def told(self, codes):
        """What the doctor found: the codes of his findings."""
        self.ill = any(code in FATAL for code in codes)
        self._in_vain = 0 if self.ill else min(self._in_vain + 1, _MOST_DOUBLINGS)
        self._rest = _REST if self.ill else _REST << self._in_vain >> 1
        self._signs = 0

    def _is_suspicious(self, found, glanced):
        low_bits = (1 << (self._lowest_bit + 1)) - 1
        return (
            glanced.hiss < 10 * (self._floor - _DULL)
            or abs(found.raw_sum) > _OFFSET * _FULL_SCALE * found.n
            or (glanced.bits and not glanced.bits & low_bits)
        )
