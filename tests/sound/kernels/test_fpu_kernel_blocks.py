"""The FPU kernel's machine code: blocks, takes, the raw input, and what it costs."""

from array import array

import numpy as np
import pytest

from noisetamer.sound.kernels import container, emulator
from noisetamer.sound.kernels.emulated_fpu import (
    hear,
    instructions_per_block,
    instructions_per_sample,
)
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.signals import RATE, quantised, sine
from tamer.hear.kernel import fpu_context

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]


def noise(seconds=1.0, seed=1):
    return quantised(0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE)))


def test_a_sample_costs_50_instructions():
    assert instructions_per_sample() <= 50


def test_a_block_costs_less_than_200_instructions_on_top():
    assert instructions_per_block() < 200


def test_the_size_of_blocks_does_not_change_a_single_bit():
    samples = noise()
    sizes = (1, 7, 480, 2400, 4800, len(samples))
    first, *others = hear([Signal(samples, block=size) for size in sizes])
    assert all(other == first for other in others)


def test_a_take_in_the_middle_of_a_block_loses_nothing():
    samples = noise()
    (whole,), (a, b) = hear([Signal(samples, [RATE]), Signal(samples, [20_001, RATE])])
    assert (a.n, b.n, whole.n) == (20_001, 27_999, 48_000)
    for sums in ("Z", "C", "A"):
        assert getattr(a, sums) + getattr(b, sums) == pytest.approx(getattr(whole, sums), rel=1e-4)
    for most in ("C_peak", "fast_max", "slow_max", "raw_max"):
        assert max(getattr(a, most), getattr(b, most)) == getattr(whole, most)
    for least in ("fast_min", "slow_min", "raw_min"):
        assert min(getattr(a, least), getattr(b, least)) == getattr(whole, least)


def test_a_sound_does_not_depend_on_the_one_before_another_context():
    loud, quiet = sine(1000.0, 0.0, 0.5), noise(0.5)
    (_, after), (alone,) = hear([Signal(loud), Signal(quiet)]), hear([Signal(quiet)])
    assert after == alone


def test_range_and_mean_of_the_raw_input_are_those_of_the_24_bit_words():
    samples = noise() + 4321
    ((found,),) = hear([Signal(samples)])
    assert (found.raw_min, found.raw_max) == (samples.min(), samples.max())
    assert found.raw_sum / found.n == pytest.approx(samples.mean(), abs=0.05)


def test_both_ends_of_the_24_bit_range_are_told():
    extremes = np.array([-(2**23), 2**23 - 1, 0, 5], np.int32)
    ((found,),) = hear([Signal(extremes)])
    assert (found.raw_min, found.raw_max) == (-(2**23), 2**23 - 1)


def test_digital_silence_stays_finite_and_reads_nothing():
    loud_then_silent = np.concatenate((sine(1000.0, 0.0, 1.0), np.zeros(30 * RATE, np.int32)))
    (*_, found) = hear([Signal(loud_then_silent)])[0]
    assert np.isfinite(found).all()
    assert found.A / found.n < 1e-12
    assert (found.raw_min, found.raw_max, found.raw_sum) == (0, 0, 0.0)


def test_a_minute_of_full_scale_noise_stays_finite():
    loud = quantised(np.random.default_rng(3).choice([-1.0, 1.0], 60 * RATE))
    founds = hear([Signal(loud)])[0]
    assert len(founds) == 60
    assert np.isfinite(founds).all()
    assert founds[-1].Z / founds[-1].n == pytest.approx(2.0**46, rel=1e-3)


def called(count, n):
    """What the function returns and the context after a call with `count` arguments."""
    image = emulator.Image()
    code = container.parse(container.fpu_module()).module.children[0].code
    function = image.function(code)
    samples, _ = image.array(noise(0.01).tobytes())
    context, items = image.array(fpu_context.new_context().tobytes())
    arguments = image.words(samples, context, 2 * n + 1 & 0xFFFFFFFF)
    result = image.words(0)
    size = 4 * len(fpu_context.WORDS)
    script = [
        emulator.call(function, arguments, count, result),
        emulator.dump(result, 4),
        emulator.dump(items, size),
    ]
    told = emulator.run(image, script)
    return int.from_bytes(told[:4], "little", signed=True) >> 1, array("f", told[4:])


def test_it_returns_the_number_of_samples():
    assert called(3, 480)[0] == 480


@pytest.mark.parametrize("n", [0, -1, -(2**29)])
def test_an_empty_or_negative_block_changes_nothing(n):
    assert called(3, n)[1] == fpu_context.new_context()


def test_a_call_with_other_than_three_arguments_does_nothing():
    assert called(2, 480) == (0, fpu_context.new_context())
