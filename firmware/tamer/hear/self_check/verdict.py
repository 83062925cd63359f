"""What the nightly tones mean: still as they were, or has microphone or loudspeaker changed? Pure.

The tones alone cannot tell the two apart. A second fact can: a dull microphone hears the
night's background as much too low as the tones, a dull loudspeaker leaves the background as it
was. Backgrounds differ from night to night, so this takes many nights before and after. Or the
diagnosis names the microphone. Without such a fact the verdict is "unknown".
"""

from collections import namedtuple

from tamer.hear.self_check.self_check import ABOVE
from tamer.record.events import named
from tamer.record.reading import MISSING

# 0.1 dB: action is due beyond 0.5 dB (DB36/T 2151-2025).
LIMIT = 5

# Nights remembered before and since the tones deviate; as few say something.
NIGHTS = 28
FEWEST = 7

# reference: levels of the tones, or None. good, off: (background, deviation) of the last nights
# that were good, and of those since, all 0.1 dB.
Memory = namedtuple("Memory", ("reference", "good", "off"))

NEW = Memory(None, (), ())

REFERENCE, GOOD = "reference", "good"
MICROPHONE, LOUDSPEAKER, UNKNOWN = "microphone", "loudspeaker", "unknown"
TOO_LOUD = "too loud"

_OF_MICROPHONE = ("dead microphone", "dull microphone")

# 0.1 dB: two medians of backgrounds are not known better, however alike the nights.
_LEAST_SCATTER = 3

# Twice the standard error of a difference of medians, squared, is 14 times the square of the
# median absolute deviation over n (normal noise).
_TWICE_ERROR = 14


def judged(memory, heard, tones, findings=()):
    """(memory, fields of the event) after a night's `self_check.Heard`.

    tones: Hz, of the plan. findings: codes of the last diagnosis.
    """
    background, levels = heard
    said = list(tones), list(levels), background
    if memory.reference is None or len(memory.reference) != len(levels):
        # A tone that was never heard is no reference.
        if MISSING in levels:
            return memory, named("self-check", UNKNOWN, *said)
        return Memory(tuple(levels), (), ()), named("self-check", REFERENCE, *said)
    # A tone that was not heard is known to be no louder than what it would have had to be.
    heard = [background + ABOVE if level == MISSING else level for level in levels]
    deviations = [level - reference for level, reference in zip(heard, memory.reference)]
    if all(abs(deviation) <= LIMIT for deviation in deviations):
        night = (background, _median(deviations))
        good = (memory.good + (night,))[-NIGHTS:]
        return Memory(memory.reference, good, ()), named("self-check", GOOD, *said, deviations)
    off = (memory.off + ((background, _median(deviations)),))[-NIGHTS:]
    memory = Memory(memory.reference, memory.good, off)
    which = _which(memory, findings)
    return memory, named("self-check", which, *said, deviations, len(off))


def postponed(loudest):
    """The fields of the event after a night's `self_check.Postponed`."""
    return named("self-check", TOO_LOUD, None, None, None, None, None, loudest)


def to_list(memory):
    """The memory as JSON can carry it."""
    return [memory.reference, memory.good, memory.off]


def from_list(values):
    """The memory that `to_list` made a list of; a new one where it is none."""
    try:
        reference, good, off = values
        return Memory(
            tuple(reference) if reference else None,
            tuple((background, deviation) for background, deviation in good),
            tuple((background, deviation) for background, deviation in off),
        )
    except (TypeError, ValueError):
        return NEW


def _which(memory, findings):
    if any(code in _OF_MICROPHONE for code in findings):
        return MICROPHONE
    good, off = memory.good, memory.off
    if len(good) < FEWEST or len(off) < FEWEST:
        return UNKNOWN
    as_before = _same([b for b, _ in good], [b for b, _ in off])
    fell_with_the_tones = _same([b - d for b, d in good], [b - d for b, d in off])
    if fell_with_the_tones and not as_before:
        return MICROPHONE
    if as_before and not fell_with_the_tones:
        return LOUDSPEAKER
    return UNKNOWN


def _same(before, since):
    """Whether two medians agree within twice their standard error."""
    middle_before, middle_since = _median(before), _median(since)
    scatter = max(
        _LEAST_SCATTER,
        _median([abs(x - middle_before) for x in before] + [abs(x - middle_since) for x in since]),
    )
    n, m = len(before), len(since)
    difference = middle_before - middle_since
    return difference * difference * n * m <= _TWICE_ERROR * scatter * scatter * (n + m)


def _median(values):
    return sorted(values)[len(values) // 2]
