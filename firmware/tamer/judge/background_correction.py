"""What of a level is not the background's. GB 22337-2008, table 4. Pure."""

from tamer.judge.background import UNKNOWN

# (least difference in dB, correction in dB); the same rows are in
# `noisetamer/sound/standards/gb22337_background.csv`.
CORRECTIONS = ((11, 0), (6, -1), (4, -2), (3, -3))


def corrected(level, background, difference=30):
    """The level without the background, 0.1 dB, or None: no exceedance may be called.

    level: measured, 0.1 dB. background: as `background.learn` gives it, 0.01 dB; while that is
    UNKNOWN the level stays as it is. difference: the least one, rounded to whole dB, at which
    the level may still be judged, 0.1 dB; the standard's is 3 dB.
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
