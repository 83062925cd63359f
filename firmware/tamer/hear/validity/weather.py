"""Weather instruments, where they are wired: an anemometer that gives pulses, a rain contact.

A level counts only below 5 m/s, without rain or snow (GB 3096-2008 and GB 22337-2008, weather).
"""

from tamer.record.reading import RAIN, VALID, WIND

_CALM_BELOW = 5.0  # m/s

# Gusts are means of 3 s (WMO guide No. 8).
_GUST = 3


class Weather:
    """Wind and rain from made instruments: a counter of pulses, a contact."""

    def __init__(self, pulses=None, per_pulse=0.0, rain=None):
        """pulses(): running count of the anemometer's contact. per_pulse: m/s at one a second.

        rain(): whether it rains. Either may be None.
        """
        self._pulses = pulses
        self._per_pulse = per_pulse
        self._rain = rain
        self._counts = [pulses()] * (_GUST + 1) if pulses else []
        self.wind = 0.0  # m/s, the last gust

    def reason(self):
        """WIND, RAIN or VALID for the second that has just ended; one call a second."""
        if self._pulses:
            self._counts = self._counts[1:] + [self._pulses()]
            self.wind = (self._counts[-1] - self._counts[0]) * self._per_pulse / _GUST
            if self.wind >= _CALM_BELOW:
                return WIND
        return RAIN if self._rain and self._rain() else VALID
