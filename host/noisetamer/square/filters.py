"""Filters of the simulated world, as second-order sections at 48 kHz.

They are scipy's, to the bit, without the half second of CPU that scipy.signal takes to load: a
short run would spend most of its time on that.
"""

from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Literal

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import ArrayLike, NDArray

from noisetamer.square.levels import RATE

Band = Literal["highpass", "lowpass"]

# As scipy.signal.butter designs them: order, corner in Hz, band.
DESIGNS: dict[tuple[int, float, Band], list[list[float]]] = {
    # the microphone's own low corner
    (1, 20.0, "highpass"): [
        [0.9986927135483012, -0.9986927135483012, 0.0, 1.0, -0.9973854270966024, 0.0],
    ],
    # a film of water on it
    (3, 600.0, "lowpass"): [
        [
            *(5.6070114946958646e-05, 0.00011214022989391729, 5.6070114946958646e-05),
            *(1.0, -0.9243904916582071, 0.0),
        ],
        [1.0, 1.0, 0.0, 1.0, -1.9185700325442732, 0.924502631888101],
    ],
    # a small loudspeaker, and the end of the band of messages at 16 kHz
    (2, 200.0, "highpass"): [
        [
            *(0.9816582684032612, -1.9633165368065224, 0.9816582684032612),
            *(1.0, -1.9629800893893397, 0.9636529842237055),
        ],
    ],
    (6, 7200.0, "lowpass"): [
        [
            *(0.0025850641842372754, 0.005170128368474551, 0.0025850641842372754),
            *(1.0, -0.6598951611537113, 0.1226807045260081),
        ],
        [1.0, 2.0, 1.0, 1.0, -0.7477891782585034, 0.27221493792500717],
        [1.0, 2.0, 1.0, 1.0, -0.9720367051425602, 0.6537276179547444],
    ],
}


def butterworth(order: int, corner_Hz: float, band: Band) -> NDArray[np.float64]:
    """Sections of a Butterworth filter, float64[n, 6]."""
    design = DESIGNS.get((order, corner_Hz, band))
    if design is None:
        return np.asarray(scipy.signal.butter(order, corner_Hz, band, output="sos", fs=RATE))
    return np.array(design)


def filtered(
    sections: NDArray[np.float64], samples: NDArray[np.floating], state: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """scipy.signal.sosfilt of float[n]: the next samples, float64[n], and the state after them.

    state: float64[sections, 2], zeros at first.
    """
    if len(sections) == 1 and not sections[0, 2::3].any():
        # First order: the same sums without what adds nothing, in three quarters of the time.
        sound, last = recursive(sections[0, :2], sections[0, 3:5], samples, state[0, :1])
        return sound, np.array([[*last, 0.0]])
    sound = np.array(samples, dtype=np.float64, ndmin=2)
    after = np.array(state, dtype=np.float64, ndmin=3)
    _compiled("_sosfilt")._sosfilt(sections, sound, after)
    return sound[0], after[0]


def recursive(
    b: ArrayLike, a: ArrayLike, samples: NDArray[np.floating], state: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """scipy.signal.lfilter of float[n]: the next samples, float64[n], and the state after them.

    state: float64[the longer of b and a, less one], zeros at first.
    """
    given = [np.asarray(one, dtype=np.float64) for one in (b, a, samples, state)]
    return _compiled("_sigtools")._linear_filter(*given[:3], -1, given[3])


def response(
    sections: NDArray[np.float64], frequency: NDArray[np.floating]
) -> NDArray[np.complex128]:
    """scipy.signal.sosfreqz at frequencies in Hz."""
    z = np.exp(-1j * (2 * np.pi * frequency / RATE))
    passed = np.ones(len(z), dtype=complex)
    for b0, b1, b2, a0, a1, a2 in sections:
        passed *= ((b2 * z + b1) * z + b0) / ((a2 * z + a1) * z + a0)
    return passed


@cache
def _compiled(name: str) -> ModuleType:
    """One of scipy.signal's inner loops: machine code by itself, whose package loads much."""
    spec = PathFinder.find_spec(name, [f"{folder}/signal" for folder in scipy.__path__])
    if spec is None or spec.loader is None:
        return getattr(scipy.signal, name)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
