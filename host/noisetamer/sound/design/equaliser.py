"""A microphone's equaliser, fitted to its data sheet's response.

    python -m noisetamer.sound.design.equaliser CSV

prints what a profile in boards/microphones/ holds: a gain and up to three shelves
`y = x + g*s; s += k*(x - s)`, k per sample of 48 kHz. Each has its pole and its zero within
the unit circle (minimum phase). Together with the microphone they read 0 dB at 1 kHz.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import ArrayLike, NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.design.weighting import RATE, Decibels, leak, shelf_response

Shelf = tuple[float, float]

MOST_SHELVES = 3
LARGEST_LIFT = 18.0
"""dB at 0 Hz over 1 kHz. More would raise wind and rumble that no weighting needs, and would
take the integer kernel's bits from what is heard."""

ENOUGH = 0.05
"""dB: a shelf that improves the worst residual by less is left out."""

REFERENCE_HZ = 1000.0


@dataclass(frozen=True)
class Response:
    """A microphone's response in dB at frequencies in Hz, rising; 0 dB at 1 kHz."""

    frequencies: NDArray[np.float64]
    levels: Decibels


@dataclass(frozen=True)
class Equaliser:
    """`residual`: worst distance from 0 dB of microphone and equaliser together, at `worst_Hz`."""

    gain: float
    shelves: tuple[Shelf, ...]
    residual: float
    worst_Hz: float


def read(path: Path) -> Response:
    """The response in a CSV of frequency_Hz,response_dB; lines that begin with # are words.

    Raises UserError if the file does not hold one.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}): name a CSV of a response") from None
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(lines))
    if not rows or rows[0] != ["frequency_Hz", "response_dB"]:
        raise UserError(f"{path}: the first line must be frequency_Hz,response_dB")
    try:
        points = np.array([[float(value) for value in row] for row in rows[1:]]).reshape(-1, 2)
    except ValueError:
        raise UserError(f"{path}: every line must hold two numbers, Hz and dB") from None
    frequencies, levels = points.T
    if len(points) < 2 or not np.all(np.isfinite(points)) or np.any(np.diff(frequencies) <= 0):
        raise UserError(f"{path}: give two frequencies or more, in rising order")
    if not 0 < frequencies[0] <= REFERENCE_HZ <= frequencies[-1] < 24_000:
        raise UserError(f"{path}: frequencies must lie below 24 kHz and on both sides of 1 kHz")
    at_reference = np.interp(np.log(REFERENCE_HZ), np.log(frequencies), levels)
    return Response(frequencies, levels - at_reference)


def fit(response: Response) -> Equaliser:
    """As few shelves as reach within 0.05 dB of what one more would; none for a flat response."""
    best = _equaliser(response, ())
    for kinds in ((_LOW,), (_HIGH,), (_LOW, _LOW), (_LOW, _HIGH), (_LOW, _LOW, _HIGH)):
        trial = _fitted(response, kinds)
        if trial.residual < best.residual - ENOUGH:
            best = trial
    return best


def total_response(gain: float, shelves: Sequence[Shelf], frequencies: ArrayLike) -> Decibels:
    """Response in dB of an equaliser, in the shape of `frequencies` (Hz)."""
    flat = np.full(np.shape(frequencies), 20.0 * np.log10(gain))
    return flat + sum(shelf_response(k, g, frequencies) for k, g in shelves)


def _equaliser(response: Response, shelves: Sequence[Shelf]) -> Equaliser:
    """Rounded as in a profile: the residual is of what ships."""
    rounded = tuple((round(k, 6), round(g, 4)) for k, g in shelves)
    gain = round(float(10.0 ** (-total_response(1.0, rounded, REFERENCE_HZ) / 20.0)), 5)
    rest = response.levels + total_response(gain, rounded, response.frequencies)
    worst = int(np.argmax(np.abs(rest)))
    return Equaliser(gain, rounded, float(np.abs(rest[worst])), float(response.frequencies[worst]))


@dataclass(frozen=True)
class _Kind:
    """Where a shelf's pole and zero may lie: least, first and most of 1 - pole and 1 - zero."""

    pole: tuple[float, float, float]
    zero: tuple[float, float, float]


def _leaks(least: float, first: float, most: float) -> tuple[float, float, float]:
    return leak(least, RATE), leak(first, RATE), leak(most, RATE)


_LOW = _Kind(pole=_leaks(5.0, 15.0, 100.0), zero=_leaks(5.0, 50.0, 500.0))
_HIGH = _Kind(pole=(0.3, 0.7, 0.99), zero=(0.1, 0.7, 1.6))


def _fitted(response: Response, kinds: Sequence[_Kind]) -> Equaliser:
    """Least squares in dB over the logarithms of 1 - pole and 1 - zero."""

    def shelves(searched: NDArray[np.float64]) -> list[Shelf]:
        return [(float(k), float(zero / k - 1.0)) for k, zero in np.exp(searched.reshape(-1, 2))]

    def error(searched: NDArray[np.float64]) -> NDArray[np.float64]:
        trial = shelves(searched)
        at_reference = total_response(1.0, trial, REFERENCE_HZ)
        rest = response.levels + total_response(1.0, trial, response.frequencies) - at_reference
        excess = float(total_response(1.0, trial, 0.0) - at_reference) - LARGEST_LIFT
        return np.append(rest, 100.0 * max(0.0, excess))

    least, first, most = np.log([(kind.pole, kind.zero) for kind in kinds]).transpose(2, 0, 1)
    # Two shelves of a kind with equal starts have equal gradients and would stay equal.
    first = first + 0.02 * np.arange(len(kinds))[:, None]
    found = scipy.optimize.least_squares(
        error, first.ravel(), bounds=(least.ravel(), most.ravel()), xtol=1e-12
    )
    return _equaliser(response, shelves(found.x))


def main(arguments: Sequence[str]) -> int:
    """The command line above; returns the exit code, 2 for a file that holds no response."""
    if len(arguments) != 1:
        print("usage: python -m noisetamer.sound.design.equaliser CSV", file=sys.stderr)
        return 2
    try:
        found = fit(read(Path(arguments[0])))
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"equaliser=({found.gain}, {found.shelves}),")
    print(f"worst residual {found.residual:.2f} dB, at {found.worst_Hz:g} Hz")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
