"""A flash that fills up, or whose blocks go bad, as the scenario has it."""

import gc
import os

import faults
import virtual_clock as clock

_FILLER = "/filler"
# Made at the start: later the box may have no such piece of memory, and none of it is its own.
_PIECE = bytes(1024)
_LATER = 1_000_000  # us


def begin(flash, journal):
    """Whatever of it is to come, at its time, to a Flash whose file system is mounted.

    `journal`: the partition of the records, or None; blocks go bad in both.
    """
    if faults.known("flash-full"):
        # The power may have gone while it was full.
        _empty()
        clock.at(clock.now, _fill_or_empty)
    if faults.known("bad-block"):
        for device in (flash, journal):
            if device:
                device.keeps = _Bad().keeps


def _fill_or_empty():
    """As it is to be now, and again when that changes."""
    gc.collect()
    try:
        if faults.on("flash-full"):
            _fill()
        else:
            _empty()
        again = faults.changes("flash-full")
    except MemoryError:
        # Of the box's heap, in which a file of ours finds no piece now.
        again = clock.now + _LATER
    if again is not None:
        clock.at(again, _fill_or_empty)


def _fill():
    with open(_FILLER, "wb") as file:
        try:
            while True:
                file.write(_PIECE)
        except OSError:
            pass


def _empty():
    # The power may have gone meanwhile, or come back after it.
    if _FILLER[1:] in os.listdir("/"):
        os.remove(_FILLER)


class _Bad:
    """The first block that is written while the fault lasts keeps nothing as long as it does."""

    def __init__(self):
        self._block = None

    def keeps(self, block):
        """Whether a block holds what is written to it now."""
        if not faults.on("bad-block"):
            self._block = None
            return True
        if self._block is None:
            self._block = block
        return block != self._block
