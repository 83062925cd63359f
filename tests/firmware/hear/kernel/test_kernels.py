"""Which kernel a box runs: the fastest that answers right, and what it says of the others."""

import numpy as np
import pytest
import unix_port

from noisetamer.sound.kernels.emulated_fixed import contexts
from noisetamer.sound.kernels.emulator import available
from noisetamer.sound.kernels.machines import RV32
from tamer.hear.kernel import fixed_context, self_test

pytestmark = pytest.mark.device

# A box of that chip; its machine codes are ones that leave what they are told, a call after the
# other, or nothing.
BOX = """
import sys
from tamer.hear.kernel import kernels, self_test
kernels.chip = lambda: {chip!r}
answers = iter({answers!r})
class Code:
    def block(samples, context, n):
        for i, word in enumerate(next(answers, ())):
            context[i] = word
for name in {loads!r}:
    sys.modules["tamer.hear.kernel." + name] = Code
kernel, verdict = kernels.best(8)
print(kernel.name)
print(verdict)
print("tamer.hear.kernel.kernel_int" in sys.modules)
"""


def on_a_box(chip, loads=(), answers=()):
    script = BOX.format(chip=chip, loads=tuple(loads), answers=tuple(answers))
    return tuple(unix_port.said(script).splitlines())


@pytest.fixture(scope="module")
def right():
    """What the machine code for RISC-V leaves of the self-test: each equaliser, twice each."""
    if not available(RV32):
        pytest.skip("qemu-riscv32 (Debian's qemu-user) is not installed")
    words = np.array(self_test.vector()) >> 8
    return [
        list(context)
        for equaliser in self_test.EQUALISERS
        for context in contexts([words, words], "rv32imc", equaliser)
    ]


def test_the_fixed_point_code_passes_and_vipers_is_not_even_loaded(right):
    assert on_a_box("ESP32C3", ["fixed_block"], right) == ("fixed", "passed", "False")


@pytest.mark.parametrize("word", ("A_high", "fast_max", "slow_min"))
@pytest.mark.parametrize("call", (1, 3))
def test_a_wrong_answer_of_the_fixed_point_code_falls_back_to_viper(right, word, call):
    """call: without an equaliser or with one."""
    wrong = [list(context) for context in right]
    at = len(fixed_context.WORDS) + fixed_context.FOUND_AT[word]
    wrong[call][at] = wrong[call][at] * 103 // 100 + 1
    said = "the fixed-point kernel answers wrong; integer kernel"
    assert on_a_box("ESP32C3", ["fixed_block"], wrong) == ("int", said, "True")


def test_a_wrong_answer_of_the_fpu_falls_back_to_fixed_point(right):
    name, verdict, _ = on_a_box("ESP32S3", ["fixed_block"], right)
    assert name == "fixed"
    assert verdict.startswith("the FPU kernel does not load: ")
    assert verdict.endswith("; fixed-point kernel")


def test_code_that_does_not_load_is_said_and_viper_runs():
    name, verdict, _ = on_a_box("ESP32C6")
    assert name == "int"
    assert verdict.startswith("the fixed-point kernel does not load: ")
    assert verdict.endswith("; integer kernel")


def test_a_block_allocates_nothing_and_one_too_many_or_too_long_is_refused():
    script = """
import sys
from array import array
import micropython

@micropython.viper
def block(samples, context, n):
    pass

class Code:
    pass

Code.block = block
sys.modules["tamer.hear.kernel.fixed_block"] = Code
from tamer.hear.kernel.kernel_fixed import Kernel
kernel = Kernel(20)
samples = array("i", bytes(4 * 2400))

def second():
    micropython.heap_lock()
    for _ in range(20):
        kernel.run(samples, 2400)
    micropython.heap_unlock()

second()
for n in (2400, 2401):
    try:
        kernel.run(samples, n)
    except (IndexError, ValueError) as refusal:
        print(type(refusal).__name__)
print(kernel.take().n, kernel.take().n)
"""
    assert unix_port.said(script).split() == ["IndexError", "ValueError", "48000", "0"]


def test_a_computer_runs_viper_and_that_is_as_it_should_be():
    assert on_a_box("") == ("int", "passed", "True")
