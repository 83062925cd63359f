"""The level that is always there, and what of a level is not the background's. Pure.

The background is L90 of quiet time, followed second by second: a second below the estimate pulls
it down by nine steps, one above lifts it by one. It comes to rest where one second in ten is
below, which is L90. No history, one whole number of state.
"""

# No estimate yet.
UNKNOWN = -32768

_STEP = 1  # 0.01 dB a second upwards at most: 0.6 dB a minute
_TENTHS = 10

# (least difference in dB, correction in dB) of GB 22337-2008, table 4; the same rows are in
# `noisetamer/sound/standards/gb22337_background.csv`.
CORRECTIONS = ((11, 0), (6, -1), (4, -2), (3, -3))


def learn(estimate, level):
    """The estimate after one more valid second of quiet, in 0.01 dB; `level` is in 0.1 dB."""
    level *= _TENTHS
    if estimate == UNKNOWN:
        return level
    if level > estimate:
        return estimate + _STEP
    if level < estimate:
        return max(level, estimate - 9 * _STEP)
    return estimate


def corrected(level, background, difference=30):
    """The level without the background, 0.1 dB, or None: no exceedance may be called.

    level: measured, 0.1 dB. background: as `learn` gives it, 0.01 dB; while that is UNKNOWN the
    level stays as it is. difference: the least one, rounded to whole dB, at which the level may
    still be judged, 0.1 dB; the standard's is 3 dB (GB 22337-2008, table 4).
    """
    if background == UNKNOWN:
        return level
    above = _whole(level * 10 - background)
    if above * 10 < difference:
        return None
    for least, correction in CORRECTIONS:
        if above >= least:
            return level + correction * 10
    return level + CORRECTIONS[-1][1] * 10


def _whole(hundredths):
    """Rounded to whole dB, a half to the even one (GB/T 8170)."""
    whole = (hundredths + 50) // 100
    if hundredths % 100 == 50 and whole % 2:
        whole -= 1
    return whole
