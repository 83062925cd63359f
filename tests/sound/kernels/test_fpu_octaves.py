"""The FPU octave bank's machine code: what it costs, its container, its wrapper on the box.

After an intended change, look at the difference and write the listing anew:
    python -c "from noisetamer.sound.kernels import fpu_octaves, listing; \\
        print(listing.listing(fpu_octaves.assemble()), end='')" \\
        > tests/sound/kernels/fpu_octaves.lst
"""

from array import array
from pathlib import Path

import numpy as np
import pytest
import unix_port

from noisetamer.sound.kernels import container, emulator, fpu_octaves
from noisetamer.sound.kernels.emulated_octaves import (
    instructions_per_block,
    instructions_per_sample,
)
from noisetamer.sound.kernels.listing import listing
from noisetamer.sound.kernels.signal import i2s_words
from tamer.hear.bands import octave_bands
from tamer.hear.bands.octaves_context import Layout

pytestmark = pytest.mark.device

GOLDEN = Path(__file__).with_name("fpu_octaves.lst")


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize(("third_octaves", "limit"), [(False, 62), (True, 152)])
def test_instructions_per_sample_stay_within_their_limit(third_octaves, limit):
    assert instructions_per_sample(third_octaves) <= limit


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize(("third_octaves", "limit"), [(False, 720), (True, 1360)])
def test_instructions_per_block_stay_within_their_limit(third_octaves, limit):
    assert instructions_per_block(third_octaves) <= limit


def test_the_machine_code_is_the_approved_listing():
    assert listing(fpu_octaves.assemble()) == GOLDEN.read_text(encoding="utf-8")


def test_stock_firmware_finds_one_viper_function_for_xtensawin():
    module = fpu_octaves.module()
    parsed = container.parse(module)
    assert (parsed.sub_version, parsed.architecture, parsed.small_int_bits) == (3, 10, 31)
    (function,) = parsed.module.children
    assert function.kind == "VIPER"
    assert function.code.startswith(fpu_octaves.assemble().code())
    assert len(module) < 600


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize("count", [4, 6])
def test_a_call_with_other_than_five_arguments_does_nothing(count):
    layout = Layout(octave_bands.OCTAVES)
    image = emulator.Image()
    (code,) = container.parse(fpu_octaves.module()).module.children
    function = image.function(code.code)
    samples, _ = image.array(i2s_words(np.arange(480)))
    scratch, _ = image.array(bytes(4 * 482))
    context, items = image.array(layout.new_context().tobytes())
    arguments = image.words(samples, 1, scratch, context, 480 * 2 + 1, 0)
    result = image.words(0)
    size = 4 * len(layout.new_context())
    told = emulator.run(
        image,
        [
            emulator.call(function, arguments, count, result),
            emulator.dump(result, 4),
            emulator.dump(items, size),
        ],
    )
    assert int.from_bytes(told[:4], "little") == 1  # the small int 0
    assert array("f", told[4:]) == layout.new_context()


def test_a_fourth_shelf_is_refused():
    with pytest.raises(ValueError, match="at most three shelves, not 4"):
        Layout(octave_bands.OCTAVES, (1.0, [(0.1, 1.0)] * 4))


# Stands where the machine code is: same name, same arguments; it counts what it is given.
BLOCK = """
import sys
from array import array
import micropython

given = [0, 0]

def block(samples, start, scratch, context, n):
    given[0] += 1
    given[1] = start

class Module:
    pass

sys.modules["tamer.hear.bands.octaves_block"] = Module
Module.block = block
from tamer.hear.bands.octaves_fpu import Bank
bank = Bank({})
samples = array("i", bytes(4 * 2400))
"""


def test_a_block_goes_through_the_tree_in_pieces():
    counted = "bank.run(samples, 2399)\nprint(*given)\n"
    assert unix_port.said(BLOCK.format("") + counted).split() == ["2", "1200"]


HOUR = """
def hour():
    micropython.heap_lock()
    for _ in range({blocks}):
        bank.run(samples, 2400)
    micropython.heap_unlock()
hour()
print(len(bank.take()), bank.nominal[0], bank.nominal[-1])
"""


@pytest.mark.parametrize(
    ("third_octaves", "bands"), [("False", "11 16 16000"), ("True", "33 12.5 20000")]
)
def test_a_block_allocates_nothing_on_the_box(third_octaves, bands):
    script = BLOCK.format(third_octaves) + HOUR.format(blocks=72_000)
    assert unix_port.said(script).strip() == bands


@pytest.mark.parametrize(
    ("third_octaves", "bands"), [("False", "11 16 16000"), ("True", "33 12.5 20000")]
)
def test_a_block_allocates_nothing_in_the_integer_bank_either(third_octaves, bands):
    script = (
        "from array import array\nimport micropython\n"
        "from tamer.hear.bands.octaves_int import Bank\n"
        f"bank = Bank({third_octaves}, (1.0, ((0.002, 1.8),)))\n"
        "samples = array('i', bytes(4 * 2400))\n" + HOUR.format(blocks=200)
    )
    assert unix_port.said(script).strip() == bands


def test_a_block_longer_than_its_buffer_is_refused_on_the_box():
    script = BLOCK.format("") + (
        "try:\n    bank.run(samples, 2401)\nexcept ValueError as refusal:\n    print(refusal)\n"
    )
    assert "longer than its buffer" in unix_port.said(script)
