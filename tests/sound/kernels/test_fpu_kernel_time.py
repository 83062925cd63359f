"""The FPU kernel's machine code: Fast and Slow, bursts, decay, C-peak.

References: IEC 61672-1:2013, 5.8 to 5.13.
"""

import numpy as np
import pytest

from noisetamer.sound.kernels.emulated_fpu import hear
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.iec61672 import tonebursts
from noisetamer.sound.standards.signals import RATE, TONEBURST_HZ, burst, level, sine

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]

LEVEL = -10.0


@pytest.fixture(scope="module")
def steady(qemu):
    ((_, found),) = hear([Signal(sine(TONEBURST_HZ, LEVEL, 3.0), [RATE, 3 * RATE])])
    return level(found.A / found.n)


@pytest.fixture(scope="module")
def bursts(qemu, steady):
    """LAFmax, LASmax and LAE of each duration, relative to the steady level."""
    durations = sorted({row.milliseconds for row in tonebursts()})
    signals = []
    for milliseconds in durations:
        samples = burst(TONEBURST_HZ, LEVEL, milliseconds * TONEBURST_HZ / 1000, 1.5)
        signals.append(Signal(samples, [len(samples)]))
    return {
        milliseconds: {
            "LAFmax-LA": level(found.fast_max) - steady,
            "LASmax-LA": level(found.slow_max) - steady,
            "LAE-LA": level(found.A / RATE) - steady,
        }
        for milliseconds, (found,) in zip(durations, hear(signals), strict=True)
    }


@pytest.mark.parametrize("row", tonebursts(), ids=lambda r: f"{r.quantity}-{r.milliseconds:g}ms")
def test_tonebursts_read_their_reference_within_0_2_db(bursts, row):
    assert bursts[row.milliseconds][row.quantity] == pytest.approx(row.reference, abs=0.2)


def test_fast_slow_and_equivalent_level_agree_on_a_steady_tone():
    ((*_, found),) = hear([Signal(sine(1000.0, LEVEL, 12.0), [10 * RATE, 12 * RATE])])
    equivalent = level(found.A / found.n)
    for quantity in (found.fast_max, found.fast_min, found.slow_max, found.slow_min):
        assert level(quantity) == pytest.approx(equivalent, abs=0.05)


@pytest.mark.parametrize(
    ("quantity", "settle", "rate"), [("fast_min", 2, 34.74), ("slow_min", 10, 4.343)]
)
def test_decay_has_its_nominal_rate(quantity, settle, rate):
    silence = np.zeros(2 * RATE, np.int32)
    samples = np.concatenate((sine(TONEBURST_HZ, LEVEL, settle), silence))
    stop = settle * RATE
    takes = [stop, stop + RATE // 10, *(stop + n * RATE for n in (1, 2))]
    (_, early, middle, late) = hear([Signal(samples, takes)])[0]
    decay = [level(getattr(found, quantity)) for found in (early, middle, late)]
    assert (decay[0] - decay[1]) / 0.9 == pytest.approx(rate, rel=0.005)
    assert decay[1] - decay[2] == pytest.approx(rate, rel=0.005)


# Reference LCpeak - LC and class 1 limit: IEC 61672-1:2013, Table 5.
@pytest.mark.parametrize(
    ("hertz", "cycles", "reference", "limit"),
    [(31.5, 1, 2.5, 2.0), (500.0, 1, 3.5, 1.0), (8000.0, 1, 3.4, 2.0), (500.0, 0.5, 2.4, 1.0)],
)
def test_c_peak_of_a_cycle_reads_its_reference_within_half_the_class_1_limit(
    hertz, cycles, reference, limit
):
    samples = burst(hertz, LEVEL, cycles, 0.5)
    steady, up, down = (
        founds[-1]
        for founds in hear(
            [
                Signal(sine(hertz, LEVEL, 2.0), [RATE, 2 * RATE]),
                Signal(samples, [len(samples)]),
                Signal(-samples, [len(samples)]),
            ]
        )
    )
    continuous = level(steady.C / steady.n)
    for found in (up, down):
        assert level(found.C_peak) - continuous == pytest.approx(reference, abs=limit / 2)
    assert level(up.C_peak) == pytest.approx(level(down.C_peak), abs=0.01)
