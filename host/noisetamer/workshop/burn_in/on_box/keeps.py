"""Runs on the box: what its flash keeps, and what memory is left."""

import gc
import hashlib
import os
import time

import esp32

from __main__ import feed

_FILE = "/burn_in.tmp"
_PIECE = 4096
# Regions of the chip itself; the others are PSRAM.
_LARGEST_INSIDE = 1 << 20


def _pattern(seed, number):
    """A piece unlike any other of this run."""
    return hashlib.sha256("%d %d" % (seed, number)).digest() * (_PIECE // 32)


def keep_and_read(pieces, seed):
    """Write a file, read it back, remove it. wrong: pieces that came back otherwise."""
    facts = os.statvfs("/")
    room = facts[0] * facts[3]
    if room < (pieces + 4) * _PIECE:
        return {"room": room}
    wrong = 0
    try:
        began = time.ticks_ms()
        with open(_FILE, "wb") as file:
            for number in range(pieces):
                file.write(_pattern(seed, number))
                feed()
        written = time.ticks_ms()
        with open(_FILE, "rb") as file:
            for number in range(pieces):
                wrong += file.read(_PIECE) != _pattern(seed, number)
                feed()
        read = time.ticks_ms()
    finally:
        os.remove(_FILE)
    return {
        "room": room,
        "bytes": pieces * _PIECE,
        "wrong": wrong,
        "write_ms": time.ticks_diff(written, began),
        "read_ms": time.ticks_diff(read, written),
    }


def memory():
    """Bytes left with all of the firmware loaded: of MicroPython's heap and of the system's own,
    its longest piece and the least it ever had; None where the chip does not tell."""
    from tamer import unit  # noqa: F401 (loads everything)

    gc.collect()
    heap = {"free": gc.mem_free(), "used": gc.mem_alloc(), "inside": None}
    try:
        regions = esp32.idf_heap_info(esp32.HEAP_DATA)
    except AttributeError:
        return heap
    inside = [region for region in regions if region[0] < _LARGEST_INSIDE]
    heap["inside"] = {
        "free": sum([region[1] for region in inside]),
        "longest": max([region[2] for region in inside]),
        "least": sum([region[3] for region in inside]),
    }
    return heap
