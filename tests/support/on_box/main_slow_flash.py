"""The firmware with a flash that keeps it for `slow_ms` with every piece of a message."""

import virtual_clock

from tamer import settings
from tamer.act.message import Message

_MS = settings.load()[0]["slow_ms"]
_read = Message.read


def slow_read(self, samples):
    virtual_clock.spend(1000 * _MS)
    return _read(self, samples)


Message.read = slow_read

import firmware_main  # noqa: F401 (runs for ever)
