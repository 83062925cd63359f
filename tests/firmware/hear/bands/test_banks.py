"""Which octave bank a box runs: one that answers right and that its chip has time for."""

import numpy as np
import pytest
import unix_port

from noisetamer.sound.kernels import emulated_octaves, ported_octaves
from noisetamer.sound.kernels.emulated_octaves import FPU, RV32_INTEGERS, XTENSA_INTEGERS, Signal
from tamer.hear.bands import banks
from tamer.hear.kernel import self_test

pytestmark = pytest.mark.device

# A box of that chip whose machine code, if it has some, does nothing.
BOX = """
import sys
from tamer.hear.kernel import kernels
kernels.chip = lambda: {chip!r}
class Silent:
    def block(*arguments):
        pass
if {loads}:
    sys.modules["tamer.hear.bands.octaves_fixed_block"] = Silent
from tamer.hear.bands import banks
bank, wrong, refusal = banks.bank({wanted!r}, (1.0, ()), {kernel!r})
print(bank and bank.name)
print(wrong)
print(refusal)
"""


def on_a_box(wanted, chip="", loads=False, kernel="int"):
    script = BOX.format(wanted=wanted, chip=chip, loads=loads, kernel=kernel)
    return tuple(unix_port.said(script).split("\n")[:3])


def test_a_computer_runs_vipers_bank():
    assert on_a_box("third-octaves") == ("int", "", "")


def test_a_bank_that_answers_wrong_is_said_and_where_there_is_time_vipers_runs(monkeypatch):
    wrong = "the fixed-point octave bank answers wrong; integer octave bank"
    bank, said, refusal = on_a_box("octaves", "ESP32C3", loads=True)
    assert (bank, said) == ("None", wrong)
    assert refusal.startswith('"bands": "octaves" takes ')
    monkeypatch.setitem(globals(), "BOX", "from tamer.hear import load; load.MOST = 1\n" + BOX)
    assert on_a_box("octaves", "ESP32C3", loads=True) == ("int", wrong, "")


@pytest.mark.parametrize("third_octaves", [False, True])
def test_the_answers_a_box_compares_with_are_those_of_vipers_bank(third_octaves):
    vector = Signal(np.array(self_test.vector()) >> 8, [960])
    ((reference,),) = ported_octaves.hear([vector], third_octaves)
    answers = [float(answer) for answer in banks.ANSWERS[third_octaves].split()]
    assert answers == pytest.approx(reference, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize(
    ("wanted", "kernel", "instead"), [("octaves", "int", "null"), ("third-octaves", "fpu", "null")]
)
def test_a_chip_without_the_time_measures_without_bands_and_says_why(wanted, kernel, instead):
    bank, wrong, refusal = on_a_box(wanted, "ESP32C3", kernel=kernel)
    assert bank == "None"
    assert wrong.startswith("the f") and wrong.endswith("integer octave bank")
    assert refusal.startswith(f'"bands": "{wanted}" takes ')
    assert f"of a core at 160 MHz, and 60 % are there: set it to {instead}, or" in refusal


def test_who_wants_none_has_none():
    assert on_a_box(None, "ESP32C3") == ("None", "", "")


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize(
    "bank", [FPU, RV32_INTEGERS, XTENSA_INTEGERS], ids=["fpu", "rv32", "xtensa"]
)
@pytest.mark.parametrize("third_octaves", [False, True])
def test_each_machine_code_passes_the_test_at_start(bank, third_octaves):
    vector = Signal(np.array(self_test.vector()) >> 8, [960])
    ((found,),) = emulated_octaves.hear([vector], third_octaves, bank=bank)
    ((reference,),) = ported_octaves.hear([vector], third_octaves)
    assert found == pytest.approx(reference, rel=0.01, abs=0.25)
