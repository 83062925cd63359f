"""The level that is always there: L90 of quiet time, followed second by second. Pure.

A second below the estimate pulls it down by nine steps, one above lifts it by one: it comes to
rest where one second in ten is below, which is L90. No history, one whole number of state.
"""

# No estimate yet.
UNKNOWN = -32768

_STEP = 1  # 0.01 dB a second upwards at most: 0.6 dB a minute
_TENTHS = 10


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
