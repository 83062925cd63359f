"""The station's own network. The driver does the trying, and again whenever it was lost."""

import asyncio
import time

from tamer.tell import failures

_PATIENCE = 15000  # ms until it is told why there is no network
_POLL = 250  # ms

# A driver that has not got in for so long is asked anew: it may be caught in a state of its own.
_STUCK = 300000  # ms


class Wifi:
    def __init__(self, wlan, network):
        """`wlan`: a made station interface. `network`: its ssid and key, by these names."""
        self._wlan = wlan
        self._network = network
        self._asked = None  # ticks_ms

    async def joined(self):
        """Returns once the station has an address.

        Raises LinkError after a while without, and goes on trying: to be called again.
        """
        status = None
        for _ in range(0, _PATIENCE, _POLL):
            if self._wlan.isconnected():
                self._asked = time.ticks_ms()
                return
            self._ask()
            # While the driver retries, a failure shows only now and then.
            last = self._wlan.status()
            status = last if last < 1000 else status
            await asyncio.sleep_ms(_POLL)
        has_joined = self._has_joined()
        if has_joined or self._stuck():
            self._leave()
        raise failures.of_wifi(status, has_joined)

    async def left(self):
        """Returns once it has none any more."""
        while self._wlan.isconnected():
            await asyncio.sleep(1)

    def rssi(self):
        """dBm; None where the port does not tell it."""
        try:
            rssi = self._wlan.status("rssi")
        except (OSError, ValueError, TypeError):
            return None
        # Some drivers have a number for "unknown", which the hub would refuse.
        return rssi if -128 <= rssi < 0 else None

    def _ask(self):
        if self._asked is not None:
            return
        self._asked = time.ticks_ms()
        self._wlan.active(True)
        try:
            self._wlan.connect(self._network["ssid"], self._network["key"])
        except OSError:
            # It is at it already.
            pass

    def _has_joined(self):
        try:
            self._wlan.status("rssi")
        except OSError:
            return False
        return True

    def _stuck(self):
        return self._asked is not None and (time.ticks_diff(time.ticks_ms(), self._asked) > _STUCK)

    def _leave(self):
        self._asked = None
        try:
            self._wlan.disconnect()
        except OSError:
            pass
