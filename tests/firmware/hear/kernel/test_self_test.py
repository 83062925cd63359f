"""The vector every kernel is asked at start, and what the answer must be."""

from collections import namedtuple

import numpy as np
import pytest
from scipy.signal import lfilter

from noisetamer.sound.design import weighting
from noisetamer.sound.kernels.emulated_fpu import hear
from noisetamer.sound.kernels.emulator import available
from noisetamer.sound.kernels.signal import Signal
from tamer.hear.kernel import self_test

pytestmark = pytest.mark.device

Answer = namedtuple("Answer", ("Z", "C", "A", "C_peak"))


def reference() -> Answer:
    """The designed chain in double precision, at rest before the vector."""
    chain = weighting.design()

    def high_pass(x, k):
        return np.asarray(lfilter([1.0, -1.0], [1.0, k - 1.0], x))

    z = high_pass(np.array(self_test.vector()) / 256.0, chain.direct_current_k)
    c = high_pass(high_pass(z, chain.low_k), chain.low_k)
    c = np.asarray(lfilter([1.0, chain.b1, chain.b2], [1.0, -chain.a1, -chain.a2], c))
    a = high_pass(high_pass(c, chain.a_low_k), chain.a_high_k)
    return Answer(
        np.sum(z**2),
        np.sum(c**2) * chain.C_gain,
        np.sum(a**2) * chain.A_gain,
        np.max(c**2) * chain.C_gain,
    )


class AnsweringKernel:
    """Stands where a chip's kernel stands and gives the answer it is told."""

    def __init__(self, answer):
        self._answer = answer

    def run(self, samples, n):
        pass

    def take(self):
        return self._answer


def test_the_stored_answer_is_the_designed_chain_in_double_precision():
    assert tuple(self_test._EXPECTED) == pytest.approx(reference(), rel=1e-5)


def test_the_fpu_kernels_machine_code_answers_right():
    if not available():
        pytest.skip("qemu-xtensa (Debian's qemu-user) is not installed")
    found = hear([Signal(np.array(self_test.vector()) >> 8)])[0][0]
    assert self_test.passes(AnsweringKernel(found))


@pytest.mark.parametrize("quantity", Answer._fields)
@pytest.mark.parametrize("wrong_by_dB", (-0.2, 0.2))
def test_an_answer_a_fifth_of_a_decibel_off_does_not_pass(quantity, wrong_by_dB):
    right = reference()
    wrong = right._replace(**{quantity: getattr(right, quantity) * 10 ** (wrong_by_dB / 10)})
    assert not self_test.passes(AnsweringKernel(wrong))
