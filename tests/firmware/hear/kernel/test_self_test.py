"""The vector every kernel is asked at start, and what the answer must be."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from noisetamer.sound.design import weighting
from noisetamer.sound.kernels import emulated_fixed, emulated_fpu
from noisetamer.sound.kernels.container import RV32IMC, XTENSAWIN
from noisetamer.sound.kernels.emulator import available
from noisetamer.sound.kernels.machines import RV32
from noisetamer.sound.kernels.signal import Equaliser, Signal
from tamer.hear.kernel import self_test
from tamer.hear.kernel.block_sums import BlockSums

pytestmark = pytest.mark.device

FLAT, SHELVED = self_test.EQUALISERS
Answers = list[list[BlockSums]]
"""Of each equaliser, what is found when the vector comes the first time and the second."""


def words() -> NDArray[np.int64]:
    return np.tile(np.array(self_test.vector()), 2)


def reference(equaliser: Equaliser) -> BlockSums:
    """Of the second time, by the designed chain in double precision, at rest before the first."""
    chain = weighting.design()

    def high_pass(x, k):
        return np.asarray(lfilter([1.0, -1.0], [1.0, k - 1.0], x))

    def low_pass(x, k):
        return np.asarray(lfilter([k], [1.0, k - 1.0], x))

    gain, shelves = equaliser
    x = gain * words() / 256.0
    for k, g in shelves:
        x = x + g * np.concatenate([[0.0], low_pass(x, k)[:-1]])
    z = high_pass(x, chain.direct_current_k)
    c = high_pass(high_pass(z, chain.low_k), chain.low_k)
    c = np.asarray(lfilter([1.0, chain.b1, chain.b2], [1.0, -chain.a1, -chain.a2], c))
    a = high_pass(high_pass(c, chain.a_low_k), chain.a_high_k)
    second = slice(len(x) // 2, None)
    Z, C, A = z[second] ** 2, c[second] ** 2 * chain.C_gain, a[second] ** 2 * chain.A_gain
    fast, slow = (low_pass(a**2 * chain.A_gain, k)[second] for k in (chain.fast_k, chain.slow_k))
    held = (fast.max(), fast.min(), slow.max(), slow.min())
    return BlockSums(len(Z), Z.sum(), C.sum(), A.sum(), C.max(), *held, 0, 0, 0)


def answering(answers: Answers):
    """Stands where a kernel's class stands, and gives the answers it is told."""

    class Kernel:
        def __init__(self, blocks: int, equaliser: Equaliser) -> None:
            at = [*self_test.EQUALISERS].index(equaliser)  # pyright: ignore[reportArgumentType]
            self._answers: Iterator[BlockSums] = iter(answers[at])

        def run(self, samples: object, n: int) -> None:
            pass

        def take(self) -> BlockSums:
            return next(self._answers)

    return Kernel


def right() -> Answers:
    return [[answer, answer] for answer in map(reference, self_test.EQUALISERS)]


def test_the_stored_answers_are_the_designed_chain_in_double_precision():
    for equaliser, expected in zip(self_test.EQUALISERS, self_test._EXPECTED, strict=True):
        answer = reference(equaliser)
        told = [getattr(answer, name) for name in self_test.QUANTITIES]
        assert list(expected) == pytest.approx(told, rel=1e-5)
    assert self_test.passes(answering(right()))


@pytest.mark.parametrize("code", ("fpu", XTENSAWIN, RV32IMC))
def test_machine_code_answers_right(code: str):
    if not (available(RV32) if code == RV32IMC else available()):
        pytest.skip("qemu-xtensa, qemu-riscv32 (Debian's qemu-user) are not installed")
    twice = Signal(words() >> 8, [960, 1920], 960)
    found: Answers = []
    for equaliser in self_test.EQUALISERS:
        if code == "fpu":
            found += emulated_fpu.hear([twice], equaliser)
        else:
            found += emulated_fixed.hear([twice], code, equaliser)
    assert self_test.passes(answering(found))


@pytest.mark.parametrize("quantity", self_test.QUANTITIES)
@pytest.mark.parametrize("equaliser", (0, 1))
@pytest.mark.parametrize("wrong_by_dB", (-0.2, 0.2))
def test_an_answer_a_fifth_of_a_decibel_off_does_not_pass(
    quantity: str, equaliser: int, wrong_by_dB: float
):
    answers = right()
    last = answers[equaliser][1]
    off = getattr(last, quantity) * 10 ** (wrong_by_dB / 10)
    answers[equaliser][1] = last._replace(**{quantity: off})
    assert not self_test.passes(answering(answers))


def test_every_shelf_is_worth_more_than_what_passes():
    gain, shelves = SHELVED
    whole = reference(SHELVED)
    for left_out in range(len(shelves)):
        less = reference((gain, shelves[:left_out] + shelves[left_out + 1 :]))
        assert abs(less.A / whole.A - 1) > 0.05, left_out
