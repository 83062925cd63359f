"""network: a Wi-Fi station whose air is the host's own network.

It has the manners of MicroPython's ESP32 port (ports/esp32/network_wlan.c): once asked to join
it goes on trying by itself, and again whenever it has lost its access point; a `connect()` while
it is at it raises. The networks "absent", "locked" and "full" have for ever what the faults
no-access-point, wrong-key and no-address have for a while.
"""

import faults
import virtual_clock as clock

STA_IF = 0
AP_IF = 1

STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202

# Until it is in, and until it knows that it will not be, us.
_JOINS_IN = 300000
_FAILS_IN = 2000000

# So often it looks whether there is something to join, us.
_TRIES_EVERY = 3000000

_OUT = ("no-access-point", "wrong-key")


class WLAN:
    """As on the ESP32; there is one station, and it is always on."""

    IF_STA = 0
    IF_AP = 1
    PM_NONE = 0

    def __init__(self, interface=STA_IF):
        self._ssid = None
        self._since = 0  # when it began to try
        self._joined = None  # when it will be, or was, let in; None: not yet

    def active(self, on=None):
        """It cannot be switched off."""
        return True

    def connect(self, ssid, key=None):
        """Begin to join, in virtual time. Raises OSError while an earlier call still tries."""
        if self._ssid is not None and not self._is_in():
            raise OSError("Wifi Internal State Error")
        self._ssid = ssid
        self._since = clock.now
        self._joined = None

    def disconnect(self):
        """Leave at once."""
        self._ssid = None

    def isconnected(self):
        """Whether it has an address."""
        return self._is_in() and self._ssid != "full" and not faults.on("no-address")

    def status(self, what=None):
        """A STAT_..., or dBm for "rssi", which raises OSError without an access point."""
        if what == "rssi":
            if not self._is_in():
                raise OSError("Wifi Not Connected")
            return -60
        if self._ssid is None:
            return STAT_IDLE
        if self.isconnected():
            return STAT_GOT_IP
        if clock.now - self._since > _FAILS_IN:
            # Now and then: the driver goes on trying.
            if self._ssid == "absent" or faults.on("no-access-point"):
                return STAT_NO_AP_FOUND
            if self._refused() and clock.now // 1000000 % 2:
                return STAT_WRONG_PASSWORD
        return STAT_CONNECTING

    def config(self, *names, **values):
        """Takes what it is given, and does nothing with it."""

    def ifconfig(self):
        """Address, mask, gateway, DNS: the host's own."""
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

    def _refused(self):
        return self._ssid == "locked" or faults.on("wrong-key")

    def _is_in(self):
        if self._ssid in (None, "absent", "locked"):
            return False
        if faults.on(*_OUT):
            self._joined = None
            return False
        # What threw it out, and is over.
        out = max([faults.ended(kind) for kind in _OUT])
        if self._joined is None or self._joined < out:
            tries = max(0, out - self._since + _TRIES_EVERY - 1) // _TRIES_EVERY
            self._joined = self._since + tries * _TRIES_EVERY + _JOINS_IN
        return clock.now >= self._joined
