"""How much a limit on LAeq over some minutes still allows, and when it is reached. Pure.

The minutes slide: they are kept as pieces, each as if it had been equally loud from its beginning
to its end. A second that is not judged is taken for as loud as the others of its piece; a piece
without any, and the time before the start, for silence: what nobody heard is held against nobody.
"""

from array import array

from tamer.record.reading import MISSING, is_judged

_PIECES = 30
_LATELY = 30  # s in which "this level" follows the square
_ANEW = 5  # s; to reckon when it is reached takes as long as all else of a second


class SoundBudget:
    """A limit in 0.1 dB on LAeq over so many minutes. `used`: how much of it is, 1: all."""

    def __init__(self, limit, minutes):
        self.limit, self.minutes = limit, minutes
        # Energies are multiples of the limit's: of a piece, the mean.
        self._pieces = array("f", [0.0] * _PIECES)
        self._length = 60 * minutes // _PIECES
        self._left = None
        self._oldest = self._passed = self._heard = 0
        self._energy = self._whole = self._lately = self.used = 0.0

    def add(self, second):
        """The next second, heard or not."""
        if is_judged(second) and second.LAeq != MISSING:
            energy = 10 ** ((second.LAeq - self.limit) / 100)
            self._lately += (energy - self._lately) / _LATELY
            self._energy += energy
            self._heard += 1
        self._passed += 1
        if self._passed == self._length:
            self._pieces[self._oldest] = self._mean()
            self._oldest = (self._oldest + 1) % _PIECES
            self._passed = self._heard = 0
            self._energy = 0.0
            # Summed anew: no error adds up.
            self._whole = sum(self._pieces)
        part = self._passed / self._length
        left = self._whole + part * (self._mean() - self._pieces[self._oldest])
        self.used = max(0.0, left / _PIECES)

    def left(self):
        """In how many s the limit is reached, if it stays as loud as lately; None: it is not."""
        if self.used >= 1:
            return 0
        if self.used + self._lately < 1:
            return None
        energy, at, seconds = self.used * _PIECES, self._oldest, 0
        of_piece = self._length - self._passed
        for _ in range(_PIECES):
            change = (self._lately - self._pieces[at]) / self._length
            if energy + change * of_piece >= _PIECES:
                return seconds + int((_PIECES - energy) / change) + 1
            energy += change * of_piece
            seconds += of_piece
            of_piece = self._length
            at = (at + 1) % _PIECES
        return None

    def told(self):
        """[limit, minutes, per cent used] and, if it is reached at this level, in how many s: as
        of the last seconds."""
        if self._passed % _ANEW == 0:
            self._left = self.left()
        found = [self.limit, self.minutes, min(999, int(100 * self.used))]
        return found if self._left is None else found + [self._left]

    def _mean(self):
        return self._energy / self._heard if self._heard else 0.0
