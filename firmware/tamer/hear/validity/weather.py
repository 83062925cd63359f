"""The weather beside the box, where somebody has wired it: cups that give pulses, a rain contact.

A level counts only below 5 m/s, without rain or snow (GB 3096-2008 and GB 22337-2008, weather).
"""

from tamer.record.reading import RAIN, VALID, WIND

_CALM_BELOW = 5.0  # m/s

# Gusts are means of 3 s (WMO guide No. 8).
_GUST = 3


class Weather:
    """Handed in made: what counts the pulses, and what feels the rain."""

    def __init__(self, pulses=None, per_pulse=0.0, rain=None):
        """pulses(): running count of the cups' contact. per_pulse: m/s at one pulse a second.

        rain(): whether it rains. Either may be None.
        """
        self._pulses = pulses
        self._per_pulse = per_pulse
        self._rain = rain
        self._counts = [pulses()] * (_GUST + 1) if pulses else []
        self.wind = 0.0  # m/s, the gust up to now

    def reason(self):
        """WIND, RAIN or VALID for the second that has just ended; one call a second."""
        if self._pulses:
            self._counts = self._counts[1:] + [self._pulses()]
            self.wind = (self._counts[-1] - self._counts[0]) * self._per_pulse / _GUST
            if self.wind >= _CALM_BELOW:
                return WIND
        return RAIN if self._rain and self._rain() else VALID
