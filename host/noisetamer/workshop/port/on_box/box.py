"""Runs on the box, first of all: it stays up while we work, and says what it is."""

import gc
import sys

import machine

# The firmware's watchdog outlives the firmware, and nobody feeds it now: give it ten minutes.
# The chip allows it (ports/esp32/machine_wdt.c sets the one it has anew); a reset ends it.
machine.WDT(timeout=600000)


def mpy():
    """Which .mpy files it takes: version in the low byte, architecture from bit 10."""
    return sys.implementation._mpy


def free_heap():
    gc.collect()
    return gc.mem_free()
