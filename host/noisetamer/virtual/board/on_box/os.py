"""os, as the ESP32's port has it: with `uname`."""

from collections import namedtuple

from uos import *  # noqa: F403

_Uname = namedtuple("Uname", ("sysname", "nodename", "release", "version", "machine"))

# Set at power-on.
firmware = None
date = None
machine = None


def uname():
    """As the stock image has it."""
    release = firmware[1:] if firmware[:1] == "v" else firmware
    version = "%s on %s" % (firmware, date)
    return _Uname("esp32", "esp32", release, version, machine)
