"""What is wrong with this box's surroundings, and when: set at power-on.

Half a million seconds may hold hundreds of faults, and the heap is the box's own: so they lie in
arrays, and time, which only goes forward, is not searched from its beginning each time.
"""

from array import array

import virtual_clock as clock

# By kind, as square/fault.py spells it: begin and end of each in us since power-on, in order.
_spans = {}
_next = {}  # the place in there of the first that is not over

_NEVER = 1 << 62

_calm = 0  # until when none of OF_STREAMS begins, us; 0: to be looked up

# What ends, or holds, a stream that stands.
OF_STREAMS = ("hub-silent", "take-over", "no-access-point", "wrong-key", "no-address")
# Of these, that Wi-Fi is gone: nothing comes through to anybody.
CUT_OFF = OF_STREAMS[2:]


def begin(spans):
    """`spans`: by kind, (begin, end) of each in us since power-on."""
    global _calm
    _calm = 0
    _spans.clear()
    _next.clear()
    for kind, of_kind in spans.items():
        _spans[kind] = array("q", [us for span in sorted(of_kind) for us in span])
        _next[kind] = 0


def known(kind):
    """Whether the scenario has this fault at all, ever."""
    return kind in _spans


def spans(kind):
    """(begin, end) of each, past ones too."""
    of_kind = _spans.get(kind, ())
    return [(of_kind[i], of_kind[i + 1]) for i in range(0, len(of_kind), 2)]


def on(*kinds):
    """Whether any of these faults is there now."""
    return any([kind in _spans and _now(kind) & 1 for kind in kinds])


def ended(kind):
    """When the last of these faults was over, us; -1 where none is over yet."""
    if kind not in _spans:
        return -1
    place = _now(kind) & ~1
    return _spans[kind][place - 1] if place else -1


def changes(kind):
    """When the next of these faults begins, or the one that is there ends, us; None: never."""
    place = _now(kind)
    return _spans[kind][place] if place < len(_spans[kind]) else None


def calm_until(*kinds):
    """When the next of these faults begins, us; None while one is there."""
    until = _NEVER
    for kind in kinds:
        if kind in _spans:
            place = _now(kind)
            if place & 1:
                return None
            if place < len(_spans[kind]):
                until = min(until, _spans[kind][place])
    return until


def streams_stand():
    """Whether none of OF_STREAMS is there now: asked with each byte, so looked up once a calm."""
    global _calm
    if clock.now >= _calm:
        _calm = calm_until(*OF_STREAMS) or 0
    return clock.now < _calm


def _now(kind):
    """How many begins and ends there have been: an odd number while it is there."""
    of_kind, place = _spans[kind], _next[kind]
    while place < len(of_kind) and of_kind[place] <= clock.now:
        place += 1
    _next[kind] = place
    return place
