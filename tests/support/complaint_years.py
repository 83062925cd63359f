"""Complaints of a street, day by day: season, weekends, weather that lasts, days like no other."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np


@dataclass(frozen=True)
class Street:
    """each: complaints a day, on average; season: of its logarithm, the summer's height; peak: how
    much sharper than a wave the summer is; varied: variance of a day's mean over its square,
    beyond chance; weather: spread of what lasts from day to day, by `lasting` (correlation of two
    days).
    """

    each: float = 0.5
    season: float = 0.6
    peak: float = 0.2
    varied: float = 0.5
    weather: float = 0.2
    lasting: float = 0.5


_WEEK = np.log([0.8, 0.75, 0.75, 0.8, 1.1, 1.5, 1.3])  # Monday first


def counts(
    street: Street,
    begins: date,
    before: int,
    after: int,
    effect: float,
    seed: int | list[int],
    squares: tuple[float, ...] = (1.0,),
) -> list[tuple[list[int], list[int]]]:
    """(days before, days after) of each square, whose means are so many times the street's; the
    effect is the first one's, weather and season are all of theirs.
    """
    rng = np.random.default_rng(seed)
    days = [begins + timedelta(k) for k in range(-before, after)]
    angle = np.array([d.timetuple().tm_yday - 200 for d in days]) * 2 * math.pi / 365.25
    mean = street.season * np.cos(angle) + street.peak * np.cos(2 * angle)
    mean += _WEEK[[d.weekday() for d in days]]
    weather = np.zeros(len(days))
    chance = rng.normal(0, street.weather, len(days)) * math.sqrt(1 - street.lasting**2)
    weather[0] = rng.normal(0, street.weather)
    for k in range(1, len(days)):
        weather[k] = street.lasting * weather[k - 1] + chance[k]
    found = []
    for n, times in enumerate(squares):
        mu = street.each * times * np.exp(mean + weather)
        if not n:
            mu[before:] *= effect
        if street.varied:
            mu = mu * rng.gamma(1 / street.varied, street.varied, len(days))
        each = rng.poisson(mu).tolist()
        found.append((each[:before], each[before:]))
    return found
