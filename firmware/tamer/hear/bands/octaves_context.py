"""The FPU octave bank's memory: one array('f'), laid out here and nowhere else.

The machine code's builder on the host, its wrapper on the box and the tests all read this.
Pure: runs in both Pythons.

    HEAD, then for each level of the tree its LEVEL words and BAND words for each of its
    bands. A level that is the last one halves no more.
"""

from array import array

from tamer.hear.bands.octave_bands import HALF_BAND, LEVELS, ONE_BITS, samples_at

SHELVES = 3

# Words by name. A shelf is `y = x + g*s; s += k*(x - s)`; one whose g is 0 is left out.
HEAD = (
    ("shelf_1_k", "shelf_1_g", "shelf_1_s")
    + ("shelf_2_k", "shelf_2_g", "shelf_2_s")
    + ("shelf_3_k", "shelf_3_g", "shelf_3_s")
    # An all-pass is  x -= c*s; s += c*x  with s as output and x as next state.
    + ("new_c", "newer_c", "old_c", "new_minus_c", "newer_minus_c", "old_minus_c")
)
# `held`: the sample that waits for its pair, if `holds` is not zero.
LEVEL = ("bands", "halves", "holds", "held", "new_s", "newer_s", "old_s")
BAND = (
    ("a1", "a2", "b1", "b2", "c1", "c2")
    + ("a1_s", "a2_s", "b1_s", "b2_s", "c1_s", "c2_s")
    + ("squares",)
)


class Layout:
    """Where everything is for a table of bands, and what its sums of squares are worth."""

    def __init__(self, bands, equaliser=(1.0, ())):
        """`equaliser`: see fpu_context.new_context. ValueError if it has over three shelves."""
        gain, shelves = equaliser
        if len(shelves) > SHELVES:
            raise ValueError("an equaliser has at most three shelves, not %d" % len(shelves))
        self.nominal = tuple(row[0] for row in bands)
        self._halvings = tuple(row[1] for row in bands)
        self._context = _head(shelves)
        squares = []
        self._gains = array("f", bytes(4 * len(bands)))
        for halvings in range(LEVELS):
            here = [i for i, row in enumerate(bands) if row[1] == halvings]
            level = dict.fromkeys(LEVEL, 0.0)
            level["bands"] = float(len(here))
            level["halves"] = float(halvings < LEVELS - 1)
            self._context += [level[word] for word in LEVEL]
            for i in here:
                squares.append((i, len(self._context) + BAND.index("squares")))
                self._context += _band(bands[i])
                # A halving's output is the sum of its two chains, twice their mean.
                self._gains[i] = gain * _scale(bands[i]) / (1 << halvings)
        self.squares = tuple(at for _, at in sorted(squares))

    def new_context(self):
        """A context at rest."""
        return array("f", self._context)

    def take(self, context, n, before):
        """Mean squares in steps of the 24-bit input, lowest band first; sums are cleared.

        `n`: samples at 48 kHz since the last call; `before`: those before that.
        """
        means = []
        for at, halvings, gain in zip(self.squares, self._halvings, self._gains):
            count = samples_at(n, before, halvings)
            means.append(context[at] / count * gain * gain if count else 0.0)
            context[at] = 0.0
        return tuple(means)


def _head(shelves):
    one = 1 << ONE_BITS
    words = []
    for i in range(SHELVES):
        k, g = shelves[i] if i < len(shelves) else (0.0, 0.0)
        words += [k, g, 0.0]
    new, old, newer = (c / one for c in HALF_BAND)
    return words + [new, newer, old, -new, -newer, -old]


def _band(row):
    one = 1 << ONE_BITS
    _, _, _, a1, a2, _, b1, b2, _, c1, c2 = row
    return [value / one for value in (a1, a2, b1, b2, c1, c2)] + [0.0] * 7


def _scale(row):
    """The sections' own scales, which the machine code leaves out."""
    return row[2] * row[5] * row[8] / (1 << 3 * ONE_BITS)
