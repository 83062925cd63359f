"""Which kernels are tested, and that each is the one that is shipped."""

import numpy as np
import pytest

from noisetamer.base.errors import UserError
from noisetamer.sound.design.weighting import analytic
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.signals import RATE, quantised, sine
from noisetamer.sound.verify import kernels, reference
from noisetamer.sound.verify.kernels import INTEGER_EMULATED, INTEGER_IN_UNIX_PORT

pytestmark = pytest.mark.device


@pytest.mark.usefixtures("qemu")
def test_all_is_every_kernel_and_int_is_both_ways_to_run_it():
    every = ["fpu", "fixed-rv32", "fixed-xtensa", "int", "int-xtensa"]
    assert [kernel.name for kernel in kernels.chosen("all")[0]] == every
    assert [kernel.name for kernel in kernels.chosen("fixed")[0]] == ["fixed-rv32", "fixed-xtensa"]
    assert [kernel.name for kernel in kernels.chosen("int")[0]] == ["int", "int-xtensa"]
    assert [kernel.name for kernel in kernels.chosen("fpu")[0]] == ["fpu"]


@pytest.fixture
def without_qemu(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("without_qemu")
def test_without_qemu_what_was_not_run_is_named():
    there, not_run = kernels.chosen("all")
    assert [kernel.name for kernel in there] == ["int"]
    assert len(not_run) == 4
    assert "FPU kernel" in not_run[0] and "qemu-user" in not_run[0]
    assert "fixed-point kernel" in not_run[1] and "qemu-riscv32" in not_run[1]
    assert "integer kernel: compiled by mpy-cross" in not_run[3]


@pytest.mark.usefixtures("without_qemu")
@pytest.mark.parametrize("choice", ["fpu", "fixed"])
def test_without_qemu_machine_code_alone_cannot_be_tested(choice):
    with pytest.raises(UserError, match="install Debian's package qemu-user"):
        kernels.chosen(choice)


@pytest.mark.usefixtures("qemu")
def test_the_integer_kernel_finds_the_same_on_xtensa_as_in_the_unix_port():
    noise = quantised(0.1 * np.random.default_rng(9).standard_normal(RATE))
    signals = [
        Signal(noise, [9600, 30_000, RATE], 2400),
        Signal(sine(1000.0, -60.0, 0.5), None, 7000),
    ]
    ported, emulated = (
        kernel.hear(signals) for kernel in (INTEGER_IN_UNIX_PORT, INTEGER_EMULATED)
    )
    for one, other in zip(ported, emulated, strict=True):
        assert np.array(one) == pytest.approx(np.array(other), rel=1e-6)


@pytest.mark.parametrize("hertz", [31.5, 1000.0, 12_500.0])
def test_the_reference_reads_a_tone_at_the_standards_curve(hertz):
    found = reference.reference(sine(hertz, -20.0, 4.0, fade=0.1))
    long = 10.0 * np.log10(3.95 / 4.0) - 0.04  # the tone fades in
    assert found.LAeq == pytest.approx(-20.0 + analytic("A", hertz) + long, abs=0.06)
    assert found.LCeq == pytest.approx(-20.0 + analytic("C", hertz) + long, abs=0.06)
    # Fast follows each half period of a deep tone a little.
    assert found.LAFmax == pytest.approx(-20.0 + analytic("A", hertz), abs=0.1)
