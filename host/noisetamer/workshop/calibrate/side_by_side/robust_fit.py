"""Location and slope of differences, which a slip now and then does not move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

# Tukey's biweight, 95 % efficient for normal noise; MAD to standard deviation.
_REACH = 4.685
_MAD = 1.4826
_ROUNDS = 30


@dataclass(frozen=True)
class Fit:
    """differences = offset + slope * (at - centre). weights: 0 (left out) to 1, of each.

    scale: standard deviation of what the fit leaves, slips aside.
    """

    offset: float
    slope: float
    centre: float
    scale: float
    weights: Values

    def residuals(self, at: Values, differences: Values) -> Values:
        """What the fit leaves of differences at these places; float64[n] each."""
        return differences - self.offset - self.slope * (at - self.centre)


def fit(at: Values, differences: Values, sloped: bool) -> Fit:
    """Iteratively reweighted least squares from the median on; slope 0 unless `sloped`."""
    centre = float(np.mean(at))
    columns = np.stack([np.ones_like(at), at - centre], 1)[:, : 1 + sloped]
    coefficients = np.zeros(columns.shape[1])
    coefficients[0] = np.median(differences)
    weights, scale = np.ones_like(differences), 0.0
    for _ in range(_ROUNDS):
        rest = differences - columns @ coefficients
        # Levels come in steps of 0.1 dB: most differences may be the same.
        scale = max(float(_MAD * np.median(np.abs(rest - np.median(rest)))), 0.03)
        weights = np.clip(1.0 - (rest / (_REACH * scale)) ** 2, 0.0, None) ** 2
        root = np.sqrt(weights)
        again = np.linalg.lstsq(columns * root[:, None], differences * root)[0]
        moved, coefficients = float(np.max(np.abs(again - coefficients))), again
        if moved < 1e-9:
            break
    slope = float(coefficients[1]) if sloped else 0.0
    return Fit(float(coefficients[0]), slope, centre, scale, weights)


def standard_error(values: Values, weights: Values, batches: int) -> tuple[float, int]:
    """(standard error of the weighted mean, degrees of freedom), from means of batches.

    Neighbours resemble each other, batches of many hardly do: so the error is not that of as
    many independent values as there are.
    """
    means = [
        np.average(part, weights=weight)
        for part, weight in zip(
            np.array_split(values, batches), np.array_split(weights, batches), strict=True
        )
        if np.sum(weight) > 0
    ]
    return float(np.std(means, ddof=1) / np.sqrt(len(means))), len(means) - 1
