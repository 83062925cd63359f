"""The octave bank's filters in whole numbers over 2048: both banks realise exactly these.

Pure: runs in both Pythons. The numbers are those of noisetamer.sound.design.octaves at 48 kHz.
"""

ONE_BITS = 11

# Rates of the tree: 48 kHz and nine halvings of it.
LEVELS = 10
SLOWEST = 1 << (LEVELS - 1)

# All-pass coefficients of one halving of the rate: first and last on the newer sample of a
# pair, the middle one on the older.
HALF_BAND = (140, 574, 1394)

# Nominal mid-band frequency in Hz, halvings of the rate before it, then of each section
# b, a1, a2:  y[n] = b (x[n] - x[n-1]) + a1 y[n-1] + a2 y[n-2], the last with x[n-2].
OCTAVES = (
    (16, 9, 970, 1466, -918, 730, 532, -1236, 871, 2537, -1576),
    (31.5, 8, 966, 1476, -923, 730, 543, -1240, 869, 2543, -1577),
    (63, 7, 975, 1472, -914, 729, 554, -1235, 866, 2547, -1578),
    (125, 6, 970, 1483, -920, 729, 565, -1239, 864, 2553, -1579),
    (250, 5, 966, 1494, -926, 728, 575, -1243, 863, 2559, -1580),
    (500, 4, 964, 1504, -930, 728, 586, -1246, 860, 2565, -1581),
    (1000, 3, 970, 1500, -922, 729, 597, -1241, 857, 2569, -1581),
    (2000, 2, 967, 1512, -928, 727, 608, -1246, 855, 2575, -1583),
    (4000, 1, 963, 1522, -933, 728, 618, -1249, 852, 2581, -1584),
    (8000, 0, 960, 1533, -938, 727, 629, -1253, 851, 2587, -1585),
    (16000, 0, 612, -1327, -533, 1189, 60, -1271, 1288, -1751, 86),
)


def rows(third_octaves):
    """The table of bands, lowest first."""
    if third_octaves:
        from tamer.hear.bands.third_octave_bands import THIRD_OCTAVES

        return THIRD_OCTAVES
    return OCTAVES


def samples_at(n, before, halvings):
    """Samples at a level of the tree out of `n` at 48 kHz that follow `before` others."""
    return ((before + n) >> halvings) - (before >> halvings)
