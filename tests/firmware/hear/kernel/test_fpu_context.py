"""The box's side of the FPU kernel, in both Pythons.

The machine code itself cannot run in MicroPython's unix port; what surrounds it does.
"""

from array import array

import numpy as np
import pytest
import unix_port

from noisetamer.sound.design.weighting import design
from tamer.hear.kernel import fpu_context

pytestmark = pytest.mark.device


@pytest.mark.parametrize(
    ("word", "constant"),
    [
        ("direct_current_k", "direct_current_k"),
        ("low_k", "low_k"),
        ("a_low_k", "a_low_k"),
        ("a_high_k", "a_high_k"),
        ("fast_k", "fast_k"),
        ("slow_k", "slow_k"),
        ("pole_pair_b2", "b2"),
        ("pole_pair_a1", "a1"),
        ("pole_pair_a2", "a2"),
    ],
)
def test_the_constants_on_the_box_are_the_design(word, constant):
    assert dict(fpu_context.WORDS)[word] == pytest.approx(getattr(design(), constant), rel=1e-5)


def test_the_gains_on_the_box_are_the_design():
    assert pytest.approx(design().C_gain, rel=1e-5) == fpu_context.C_GAIN
    assert pytest.approx(design().A_gain, rel=1e-5) == fpu_context.A_GAIN


def test_every_word_has_one_place():
    assert len(fpu_context.AT) == len(fpu_context.WORDS)


def test_a_fourth_shelf_is_refused():
    with pytest.raises(ValueError, match="at most three shelves, not 4"):
        fpu_context.new_context((1.0, [(0.1, 1.0)] * 4))


def test_taking_clears_what_was_found_and_keeps_the_states():
    context = array("f", np.arange(1.0, len(fpu_context.WORDS) + 1.0))
    kept = context[: fpu_context.FIRST_TAKEN]
    fpu_context.take(context, 48_000)
    assert context[: fpu_context.FIRST_TAKEN] == kept
    fresh = fpu_context.new_context()
    assert context[fpu_context.FIRST_TAKEN :] == fresh[fpu_context.FIRST_TAKEN :]


def test_both_pythons_read_the_same_from_a_context():
    words = np.random.default_rng(5).uniform(1.0, 1e6, len(fpu_context.WORDS)).astype("<f4")
    here = fpu_context.take(array("f", words), 48_000)
    there = unix_port.said(
        "from array import array\n"
        "from tamer.hear.kernel import fpu_context\n"
        f"context = array('f', bytes.fromhex('{words.tobytes().hex()}'))\n"
        "print(' '.join(repr(value) for value in fpu_context.take(context, 48000)))\n"
    )
    assert [float(value) for value in there.split()] == pytest.approx(list(here), rel=1e-6)


# Stands where the machine code is: same name, same arguments.
BLOCK = """
import sys
from array import array
import micropython

@micropython.viper
def block(samples, context, n):
    pass

class Module:
    pass

sys.modules["tamer.hear.kernel.fpu_block"] = Module
Module.block = block
from tamer.hear.kernel.kernel_fpu import Kernel
kernel = Kernel(20)
samples = array("i", bytes(4 * 2400))
"""


def test_a_block_allocates_nothing_on_the_box():
    assert unix_port.said(
        BLOCK + "def hour():\n"
        "    micropython.heap_lock()\n"
        "    for _ in range(72000):\n"
        "        kernel.run(samples, 2400)\n"
        "    micropython.heap_unlock()\n"
        "hour()\n"
        "print(kernel.take().n, kernel.take().n)\n"
    ).split() == ["172800000", "0"]


def test_a_block_longer_than_its_buffer_is_refused_on_the_box():
    assert "longer than its buffer" in unix_port.said(
        BLOCK + "try:\n"
        "    kernel.run(samples, 2401)\n"
        "except ValueError as refusal:\n"
        "    print(refusal)\n"
    )
