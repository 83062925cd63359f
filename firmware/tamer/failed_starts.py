"""How often this box has started in vain, one time after the other: a box that dies of something
it reads must not read it for ever."""

import asyncio

# What a start that was no good one counts, by its boot record's word; the hub counts so, too. A
# reset may have been a crash, or somebody's wish.
COUNTS = {"watchdog": 2, "reset": 1}

# So much, and it goes on with less: from MANY without policy and extras, from MOST without hub.
MANY, MOST = 4, 8

# A box that lives for so long has fed its watchdog, and that is done by seconds measured.
_PROVEN = 15  # s

_KEY = "failed"


def count(memory, reset):
    """What the starts before this one count that were no good ones, up to the last that was.

    `memory`: the chip's own. `reset`: why it started, in words (tamer.hardware). Power that comes
    and goes is no failure of ours.
    """
    try:
        before = memory.get_i32(_KEY)
    except OSError:
        before = 0
    failed = 0 if reset == "power on" else before + COUNTS.get(reset, 0)
    if failed != before:
        _write(memory, failed)
    return failed


async def prove(memory):
    """This start counts as good once it has lived for a while."""
    await asyncio.sleep(_PROVEN)
    _write(memory, 0)


def _write(memory, failed):
    try:
        memory.set_i32(_KEY, failed)
        memory.commit()
    except OSError:
        # Then nothing is learned of it, and nothing lost.
        pass
