"""Uncertainty of an offset, as the GUM (JCGM 100:2008) adds it up."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, sqrt

import scipy  # loads a part of itself when it is first used

K = 2.0
COVERAGE = erf(K / sqrt(2.0))


@dataclass(frozen=True)
class Component:
    """One contribution: `standard` is its standard uncertainty in dB, `basis` where it is from."""

    what: str
    standard: float
    basis: str


def rectangular(half_width: float) -> float:
    """Standard uncertainty of what lies anywhere within ± half_width."""
    return half_width / sqrt(3.0)


def expanded(stated: float) -> float:
    """Standard uncertainty of what is stated as U with k = 2."""
    return stated / K


def of_mean(standard_error: float, freedom: int) -> float:
    """A standard error of few values, widened so that k = 2 covers as much as for many.

    freedom: degrees of freedom, at least 1.
    """
    return standard_error * float(scipy.stats.t.ppf((1.0 + COVERAGE) / 2.0, freedom)) / K


def combined(budget: Sequence[Component]) -> float:
    """U (k = 2) in dB of independent contributions."""
    return K * sqrt(sum(component.standard**2 for component in budget))
