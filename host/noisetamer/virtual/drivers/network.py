"""network: a Wi-Fi station whose air is the host's own network.

Every network is there and takes any key, but "absent" (no such access point), "locked" (takes no
key) and "full" (has no address left).
"""

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


class WLAN:
    """As on the ESP32; there is one station, and it is always on."""

    IF_STA = 0
    IF_AP = 1
    PM_NONE = 0

    def __init__(self, interface=STA_IF):
        self._ssid = None
        self._since = 0

    def active(self, on=None):
        """It cannot be switched off."""
        return True

    def connect(self, ssid, key=None):
        """Begin to join, in virtual time."""
        self._ssid = ssid
        self._since = clock.now

    def disconnect(self):
        """Leave at once."""
        self._ssid = None

    def isconnected(self):
        """Whether it has an address."""
        return self._is_in() and self._ssid != "full"

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
            if self._ssid == "absent":
                return STAT_NO_AP_FOUND
            if self._ssid == "locked" and clock.now // 1000000 % 2:
                return STAT_WRONG_PASSWORD
        return STAT_CONNECTING

    def config(self, *names, **values):
        """Takes what it is given, and does nothing with it."""

    def ifconfig(self):
        """Address, mask, gateway, DNS: the host's own."""
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")

    def _is_in(self):
        if self._ssid in (None, "absent", "locked"):
            return False
        return clock.now - self._since >= _JOINS_IN
