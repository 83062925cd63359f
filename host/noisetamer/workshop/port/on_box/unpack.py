"""Runs on the box: its firmware out of the factory tree, as it would mend itself at a start."""

import sys


def unpack():
    """Write what differs; say of each file what was wrong and what became of it, of a few."""
    sys.modules.pop("factory", None)
    import factory

    return factory.mend(lambda: None)
