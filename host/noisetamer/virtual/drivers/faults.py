"""What is wrong with this box's surroundings, and when: set at power-on."""

import virtual_clock as clock

# By kind, as square/fault.py spells it: [begin, end) in us since power-on.
spans = {}


def on(*kinds):
    """Whether any of these faults is there now."""
    for kind in kinds:
        for begin, end in spans.get(kind, ()):
            if begin <= clock.now < end:
                return True
    return False
