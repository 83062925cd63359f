"""The weather of a town by the hour, as a station tells it. Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from noisetamer.demo.year.town import Year

DANCED_BELOW_WIND = 9.0
DANCED_BELOW_RAIN = 0.4

# Of each month: mean temperature, C; share of days with rain.
_WARM = (4, 6, 10, 16, 21, 25, 29, 28, 24, 18, 12, 6)
_WET = (0.2, 0.25, 0.3, 0.35, 0.35, 0.45, 0.4, 0.35, 0.3, 0.2, 0.2, 0.2)


@dataclass(frozen=True)
class Weather:
    """Shape (24 x days,) each, by the hour of the squares' clock: wind, m/s; rain, mm; C."""

    wind: npt.NDArray[np.float64]
    rain: npt.NDArray[np.float64]
    temperature: npt.NDArray[np.float64]

    @property
    def wet(self) -> npt.NDArray[np.bool_]:
        """Whether nobody dances."""
        return (self.rain >= DANCED_BELOW_RAIN) | (self.wind >= DANCED_BELOW_WIND)


def weather(year: Year) -> Weather:
    rng = np.random.default_rng((year.seed, 0, 2))
    days = year.days
    month = np.array([year.day(day).month - 1 for day in range(days)])
    hour = np.tile(np.arange(24), days)
    warm = np.repeat(np.array(_WARM)[month] + rng.normal(0, 3, days), 24)
    temperature = warm + 4 * np.sin((hour - 9) * np.pi / 12) + rng.normal(0, 0.5, 24 * days)
    gusty = np.repeat(rng.weibull(2, days) * 3.5, 24)
    wind = gusty * (0.7 + 0.3 * np.sin((hour - 9) * np.pi / 12)) * rng.uniform(0.8, 1.2, 24 * days)
    rains = rng.random(days) < np.array(_WET)[month]
    begin, length = rng.integers(0, 24, days), rng.integers(2, 9, days)
    since = hour - np.repeat(begin, 24)
    falls = np.repeat(rains, 24) & (since >= 0) & (since < np.repeat(length, 24))
    rain = np.where(falls, rng.gamma(1.2, 1.5, 24 * days), 0.0)
    return Weather(wind.round(1), rain.round(1), temperature.round(1))
