"""The integer octave bank's machine codes: the model's bits, what they cost, their containers."""

import numpy as np
import pytest

from noisetamer.sound.kernels import (
    container,
    emulated_octaves,
    emulator,
    octaves_model,
    octaves_rv32,
    octaves_xtensa,
)
from noisetamer.sound.kernels.emulated_octaves import RV32_INTEGERS, XTENSA_INTEGERS, Signal
from noisetamer.sound.kernels.signal import i2s_words
from noisetamer.sound.standards.signals import RATE, quantised
from tamer.hear.bands import octave_bands
from tamer.hear.bands.octaves_fixed_context import MOST_SAMPLES, Layout

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]

MACHINES = pytest.mark.parametrize(
    "bank", [RV32_INTEGERS, XTENSA_INTEGERS], ids=["rv32", "xtensa"]
)
BANDS = pytest.mark.parametrize("third_octaves", [False, True], ids=["octaves", "third-octaves"])

EQUALISER = (1.26, ((0.002069, 1.8195), (0.002069, 2.79), (0.99, -0.2084)))


def sounds():
    generator = np.random.default_rng(8)
    noise, n = generator.standard_normal(2000), 2000
    return {
        "noise rising over 100 dB": quantised(noise * np.geomspace(1e-6, 0.1, n)),
        "square at both ends": quantised(np.sign(np.sin(np.arange(n) / 20.0))),
        "signs of noise": quantised(np.sign(noise)),
        "one step": generator.integers(-1, 2, n),
    }


@MACHINES
@BANDS
@pytest.mark.parametrize("equaliser", [(1.0, ()), EQUALISER], ids=["plain", "three shelves"])
def test_the_memory_is_the_models_word_for_word(bank, third_octaves, equaliser):
    for name, samples in sounds().items():
        context = Layout(octave_bands.rows(third_octaves), equaliser).new_context()
        # Odd lengths, and the longest.
        for size, part in ((211, samples[:1000]), (MOST_SAMPLES, samples)):
            words = np.frombuffer(i2s_words(part), "<i4").tolist()
            context = Layout(octave_bands.rows(third_octaves), equaliser).new_context()
            for at in range(0, len(words), size):
                octaves_model.block(words[at : at + size], context)
            signal = Signal(part, [len(part)], size)
            (found,) = emulated_octaves.memory(signal, third_octaves, equaliser, bank)
            assert found == context, name


@MACHINES
@BANDS
def test_instructions_stay_within_their_limit(bank, third_octaves):
    counted = emulated_octaves.instructions_per_sample(third_octaves, bank=bank)
    # On silence, where Xtensa skips the carry of a sum of squares: 1 of each sample of a band.
    if bank is XTENSA_INTEGERS:
        counted += 9 if third_octaves else 3
    assert counted <= (400 if third_octaves else 150)
    assert emulated_octaves.instructions_per_block(third_octaves, bank) <= (
        2400 if third_octaves else 1130
    )


@MACHINES
def test_a_shelf_costs_at_most_11_instructions_more(bank):
    plain, shelved = (
        emulated_octaves.instructions_per_sample(False, (1.0, shelves), bank)
        for shelves in ((), ((0.002, 1.8),))
    )
    assert shelved - plain <= 11


@MACHINES
def test_the_longest_block_at_full_scale_keeps_its_sums(bank):
    """Every band driven at its mid-band by full scale: no sum of squares loses a carry."""
    for band in octave_bands.OCTAVES[-4:]:
        wave = np.sign(np.sin(2.0 * np.pi * band[0] * np.arange(RATE // 10) / RATE + 0.1))
        samples = quantised(wave)
        (found,) = emulated_octaves.memory(
            Signal(samples, [len(samples)], MOST_SAMPLES), bank=bank
        )
        layout = Layout(octave_bands.OCTAVES)
        mean = layout.take(found, len(samples), 0)[octave_bands.OCTAVES.index(band)]
        assert 10.0 * np.log10(mean / 2.0**46) == pytest.approx(-0.9, abs=0.5), band[0]


@pytest.mark.parametrize(
    ("module", "code", "architecture"),
    [
        (octaves_rv32.module, octaves_rv32.assemble, 11),
        (octaves_xtensa.module, octaves_xtensa.assemble, 10),
    ],
    ids=["rv32", "xtensa"],
)
def test_stock_firmware_finds_one_viper_function_for_the_chip(module, code, architecture):
    parsed = container.parse(module())
    assert (parsed.sub_version, parsed.architecture, parsed.small_int_bits) == (
        *(3, architecture, 31),
    )
    (function,) = parsed.module.children
    assert function.kind == "VIPER"
    assert function.code.startswith(code().code())


@MACHINES
@pytest.mark.parametrize("count", [4, 6])
def test_a_call_with_other_than_five_arguments_does_nothing(bank, count):
    image = emulator.Image(bank.machine)
    function = image.function(bank.assemble().code())
    result = image.words(0)
    told = emulator.run(
        image, [emulator.call(function, 0, count, result), emulator.dump(result, 4)]
    )
    assert int.from_bytes(told, "little") == 1  # the small int 0
