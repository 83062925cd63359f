"""Memory of the integer octave bank in machine code: one array('i'), laid out here and nowhere
else.

The machine code's builders on the host, their model, the wrapper on the box and the tests all
read this. Pure: runs in both Pythons.

    HEAD, then for each level of the tree its LEVEL words and BAND words for each of its
    bands. A level that is the last one halves no more.

Full scale, of tree and sections, is as large as no sound makes a value grow out of its word
(tests/sound/design/test_octaves.py): about 2**29, 1/64 steps of the 24-bit input. A product is
the upper word of two, rounded down: `mulh(x, y) = x*y >> 32`; whole numbers over 2048 are exact:

    input     x = mulh(scale, word)
    section   s = mulh(b, d) + (mulh(a1, y1) << 1) - mulh(a2, y2);  y = s << 1
              with d = x - x1, of the last one x - x2, and a2 with its sign turned: so of three
              roundings two cancel
    halving   y = x1 + mulh(c, x - y1), with c less 1 where c is over a half
    shelf     y = x + (mulh(g, s) << g_shift);  s += mulh(k, x - s) << 1

The squares are those of the last s >> 2, 1/16 steps, in three words, lowest first.
"""

from array import array

from tamer.hear.bands.octave_bands import HALF_BAND, LEVELS, ONE_BITS, samples_at
from tamer.hear.kernel.profile import MOST_SHELVES

# Full scale over 2**29, numerator and denominator: of the tree, after each section.
TREE = (7, 8)
SECTIONS = ((8, 5), (13, 10), (2, 1))
_SCALE_BITS = 29

# Of what is squared at full scale; so the squares of a call's samples fit 64 bits.
_SQUARED_BITS = 27
MOST_SAMPLES = 600

SHELF = ("k", "g", "g_shift", "s")
# A shelf with g 0 is left out.
HEAD = (
    ("scale",)
    + tuple("shelf_%d_%s" % (i + 1, word) for i in range(MOST_SHELVES) for word in SHELF)
    + ("new_c", "old_c", "newer_c")
)
# `held`: the sample that waits for its pair, if `holds` is not zero.
LEVEL = ("bands", "halves", "holds", "held", "new", "new_1", "new_2", "old", "old_1")
BAND = (
    ("b", "a1", "a2", "d", "c1", "c2", "f", "e1", "e2")
    + ("x1", "y1", "y2", "v1", "v2", "w1", "w2")
    + ("low", "high", "top")
)

_SUMS = 3


class Layout:
    """Where everything is for a table of bands, and what its sums of squares are worth."""

    def __init__(self, bands, equaliser=(1.0, ())):
        """`equaliser`: see fpu_context.new_context. ValueError if it has over three shelves."""
        gain, shelves = equaliser
        if len(shelves) > MOST_SHELVES:
            raise ValueError("an equaliser has at most three shelves, not %d" % len(shelves))
        self.nominal = tuple(row[0] for row in bands)
        self._halvings = tuple(row[1] for row in bands)
        growth = 1.0
        for _, g in shelves:
            growth *= 1.0 + abs(g)
        self._gain = gain * growth / (1 << _SQUARED_BITS - 23)
        self._context = _head(shelves, growth)
        squares = []
        for halvings in range(LEVELS):
            here = [i for i, row in enumerate(bands) if row[1] == halvings]
            self._context += [len(here), int(halvings < LEVELS - 1)] + [0] * (len(LEVEL) - 2)
            for i in here:
                squares.append((i, len(self._context) + BAND.index("low")))
                self._context += _band(bands[i])
        self.squares = tuple(at for _, at in sorted(squares))

    def new_context(self):
        """A context at rest."""
        return array("i", self._context)

    def take(self, context, n, before):
        """Mean squares in steps of the 24-bit input, lowest band first; sums are cleared.

        `n`: samples at 48 kHz since the last call; `before`: those before that.
        """
        means = []
        for at, halvings in zip(self.squares, self._halvings):
            count = samples_at(n, before, halvings)
            energy = 0.0
            for i in range(_SUMS):
                energy += _unsigned(context[at + i]) * 4294967296.0**i
                context[at + i] = 0
            means.append(energy / count * self._gain * self._gain if count else 0.0)
        return tuple(means)


def _unsigned(word):
    return float(word) if word >= 0 else word + 4294967296.0


def _head(shelves, growth):
    # A word has full scale 2**31, and its product's upper word 2**32 less.
    words = [_word(TREE[0] / TREE[1] / growth, _SCALE_BITS + 1)]
    for i in range(MOST_SHELVES):
        k, g = shelves[i] if i < len(shelves) else (0.0, 0.0)
        bits = 0
        while abs(g) >= 1 << bits:
            bits += 1
        words += [_word(k, 31), _word(g, 31 - bits), 1 + bits, 0]
    for c in HALF_BAND:
        one = 1 << ONE_BITS
        words.append((c if 2 * c < one else c - one) << 32 - ONE_BITS)
    return words


def _word(value, bits):
    """The whole number nearest to value * 2**bits, of small floats too, that fits a word."""
    whole = int(value * (1 << 15))
    rest = value * (1 << 15) - whole
    word = (whole << bits - 15) + int(rest * (1 << bits - 15))
    return min(word, (1 << 31) - 1)


def _band(row):
    words = []
    before = TREE
    for i, (over, under) in enumerate(SECTIONS):
        b, a1, a2 = row[2 + 3 * i : 5 + 3 * i]
        scaled = (b << 31 - ONE_BITS) * over * before[1] // (under * before[0])
        words += [scaled, a1 << 30 - ONE_BITS, -a2 << 31 - ONE_BITS]
        before = (over, under)
    return words + [0] * (len(BAND) - len(words))
