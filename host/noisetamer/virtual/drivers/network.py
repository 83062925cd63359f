"""network: a Wi-Fi station whose air is the host's own network."""

import virtual_clock as clock

STA_IF = 0
AP_IF = 1


class WLAN:
    IF_STA = 0
    IF_AP = 1
    PM_NONE = 0

    def __init__(self, interface=STA_IF):
        self._joined_at = None

    def active(self, on=None):
        return True

    def connect(self, ssid, key=None):
        self._joined_at = clock.now + 300000

    def disconnect(self):
        self._joined_at = None

    def isconnected(self):
        return self._joined_at is not None and clock.now >= self._joined_at

    def status(self, what=None):
        if what == "rssi":
            return -60
        return 1010 if self.isconnected() else 1000

    def config(self, *names, **values):
        return None

    def ifconfig(self):
        return ("127.0.0.1", "255.0.0.0", "127.0.0.1", "127.0.0.1")
