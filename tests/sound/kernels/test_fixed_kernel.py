"""The fixed-point kernel's machine codes: the model's bits on both, blocks, and what they cost."""

from array import array

import numpy as np
import pytest

from noisetamer.sound.design.weighting import design
from noisetamer.sound.kernels import (
    container,
    emulated_fixed,
    emulator,
    fixed_kernel,
    fixed_model,
    fixed_rv32,
    fixed_xtensa,
    high_products,
)
from noisetamer.sound.kernels.machines import XTENSA
from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.kernels.xtensa import A, Assembler
from noisetamer.sound.standards.signals import RATE, quantised, sine
from tamer.hear.kernel import fixed_context
from tamer.hear.kernel.fixed_context import AT, FOUND, FOUND_AT, WORDS
from tamer.hear.kernel.profile import MOST_SHELVES

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]

RISC_V, XTENSAWIN = container.RV32IMC, container.XTENSAWIN
ARCHITECTURES = pytest.mark.parametrize("architecture", (RISC_V, XTENSAWIN))
MICROPHONE = (1.26215, ((0.002069, 1.8195), (0.002069, 1.8197), (0.99, -0.2084)))


def noise(n, peak, seed=1):
    return np.random.default_rng(seed).integers(-peak, peak, n, endpoint=True)


def square(n, period):
    return np.where(np.arange(n) // period % 2, 2**23 - 1, -(2**23))


SOUNDS = {
    "every length of a last group": [noise(n, 2**20) for n in (1, 2, 3, 4, 5, 6, 7, 480)],
    "full scale, then silence": [square(1000, 24), np.zeros(501, int), noise(700, 40)],
    "noise rising over 100 dB": [
        quantised(0.1 * 10.0**-power * np.random.default_rng(8).standard_normal(300))
        for power in (5, 4, 3, 2, 1, 0)
    ],
    "signs at full scale": [np.random.default_rng(3).choice([-(2**23), 2**23 - 1], 2000)],
    "direct current that turns": [square(2000, 700)],
}


def modelled(blocks, equaliser):
    context = fixed_context.new_context(equaliser)
    fixed_context.point_to(context, 0)
    after = []
    for block in blocks:
        fixed_model.block(np.left_shift(block, 8).tolist(), context)
        after.append(array("i", context))
    return after


@pytest.mark.parametrize("equaliser", [(1.0, ()), MICROPHONE], ids=["plain", "three shelves"])
@pytest.mark.parametrize("name", SOUNDS)
def test_both_machine_codes_leave_the_models_words(name, equaliser):
    expected = modelled(SOUNDS[name], equaliser)
    names = [word for word, _ in WORDS] + list(FOUND)
    for architecture in (RISC_V, XTENSAWIN):
        found = emulated_fixed.contexts(SOUNDS[name], architecture, equaliser)
        for theirs, ours in zip(found, expected, strict=True):
            assert dict(zip(names, theirs, strict=True)) == dict(zip(names, ours, strict=True))


def test_what_could_overflow_does_not():
    """The chain's greatest gain is 4.52, from 2**28: the model, in Python's integers, tells."""
    worst = fixed_context.new_context()
    fixed_context.point_to(worst, 0)
    for period in (1, 2, 3, 4, 5, 24, 300, 5000):
        for start in range(0, 8000, 2000):
            fixed_model.block((square(8000, period)[start : start + 2000] * 256).tolist(), worst)
            peak = worst[len(WORDS) + FOUND_AT["C_peak"]]
            assert peak < 2**31 - 2**16


@pytest.mark.parametrize(("architecture", "most"), [(RISC_V, 70), (XTENSAWIN, 79)])
def test_a_sample_costs_so_many_instructions(architecture, most):
    assert emulated_fixed.instructions_per_sample(architecture) <= most


@pytest.mark.parametrize(("architecture", "most"), [(RISC_V, 39.1), (XTENSAWIN, 41)])
def test_three_shelves_cost_so_many_more(architecture, most):
    with_shelves = emulated_fixed.instructions_per_sample(architecture, MICROPHONE)
    assert with_shelves - emulated_fixed.instructions_per_sample(architecture) <= most


@ARCHITECTURES
def test_a_block_costs_less_than_500_instructions_on_top(architecture):
    assert emulated_fixed.instructions_per_block(architecture) < 500


@ARCHITECTURES
def test_the_size_of_blocks_changes_a_level_by_less_than_a_hundredth_of_a_db(architecture):
    samples = noise(RATE // 2, 2**20)
    signals = [Signal(samples, [len(samples)], size) for size in (2400, 7, 481, 6000, 8192)]
    (first,), *others = emulated_fixed.hear(signals, architecture)
    for (other,) in others:
        assert (other.n, other.raw_min, other.raw_max) == (first.n, first.raw_min, first.raw_max)
        # The few single squares at a block's end are not those of four.
        assert other[1:9] == pytest.approx(first[1:9], rel=0.0025)


@ARCHITECTURES
def test_range_and_mean_of_the_raw_input_are_those_of_the_24_bit_words(architecture):
    samples = quantised(0.1 * np.random.default_rng(1).standard_normal(RATE // 10)) + 4321
    samples[7], samples[9] = -(2**23), 2**23 - 1
    for equaliser in ((1.0, ()), MICROPHONE):
        ((found,),) = emulated_fixed.hear([Signal(samples)], architecture, equaliser)
        assert (found.raw_min, found.raw_max) == (samples.min(), samples.max())
        assert found.raw_sum / found.n == pytest.approx(samples.mean(), abs=65)


def test_a_minute_of_full_scale_noise_and_silence_after_it_stay_right():
    loud = quantised(np.random.default_rng(3).choice([-1.0, 1.0], 20 * RATE))
    sound = np.concatenate((loud, np.zeros(20 * RATE, np.int32)))
    founds = emulated_fixed.hear([Signal(sound, block=6000)], RISC_V)[0]
    assert founds[19].Z / founds[19].n == pytest.approx(2.0**46, rel=1e-3)
    assert founds[-1].A / founds[-1].n < 0.1
    # Slow has fallen by 4.34 dB a second, Fast is at its end.
    assert founds[-1].slow_min / founds[19].slow_max == pytest.approx(10**-8.7, rel=0.5)


def called(architecture, count, n):
    """What the function returns and the context after a call with `count` arguments."""
    asm = fixed_kernel.ASSEMBLED[architecture]()
    code = high_products.replaced(asm) if isinstance(asm, Assembler) else asm.code()
    image = emulator.Image(emulated_fixed.MACHINES[architecture])
    function = image.function(code)
    samples, _ = image.array(bytes(4 * 480))
    context, items = image.array(fixed_context.new_context().tobytes())
    arguments = image.words(samples, context, 2 * n + 1 & 0xFFFFFFFF)
    result = image.words(0)
    size = 4 * len(fixed_context.new_context())
    told = emulator.run(
        image,
        [
            emulator.call(function, arguments, count, result),
            emulator.dump(result, 4),
            emulator.dump(items, size),
        ],
    )
    return int.from_bytes(told[:4], "little", signed=True) >> 1, array("i", told[4:])


@ARCHITECTURES
@pytest.mark.parametrize(("count", "n"), [(3, 0), (3, -1), (3, -(2**29)), (2, 480)])
def test_no_samples_or_no_three_arguments_change_nothing(architecture, count, n):
    assert called(architecture, count, n) == (n if count == 3 else 0, fixed_context.new_context())


@ARCHITECTURES
def test_stock_firmware_finds_one_viper_function_in_its_module(architecture):
    parsed = container.parse(fixed_kernel.module(architecture))
    (function,) = parsed.module.children
    assert (function.kind, parsed.architecture) == (
        "VIPER",
        {XTENSAWIN: 10, RISC_V: 11}[architecture],
    )
    assert function.code.startswith(fixed_kernel.ASSEMBLED[architecture]().code())
    assert len(function.code) <= container.LARGEST_CODE


def test_registers_that_interrupts_need_and_loops_that_the_s2_lacks_are_left_alone():
    text = [line.text for line in fixed_rv32.assemble().lines]
    assert not [line for line in text if " gp" in line or " tp" in line or "(gp)" in line]
    names = {line.text.partition(" ")[0] for line in fixed_xtensa.assemble().lines}
    assert not names & {"loop", "loopgtz", "loopnez"}
    assert not [name for name in names if name.endswith(".s")]


def test_another_disassembler_reads_the_same_instructions():
    capstone = pytest.importorskip(
        "capstone", minversion="6", reason="capstone 6 is not installed"
    )
    for kind, mode, asm in (
        (capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV32, fixed_rv32.assemble()),
        (capstone.CS_ARCH_XTENSA, capstone.CS_MODE_XTENSA_ESP32, fixed_xtensa.assemble()),
    ):
        theirs = {i.address: i.mnemonic for i in capstone.Cs(kind, mode).disasm(asm.code(), 0)}
        ours = {line.address: line.text.split()[0] for line in asm.lines if line.size}
        names = {"mov": "or", "mv": "mv"}
        assert {at: names.get(name, name) for at, name in ours.items()} == {
            at: {"beqz": "beq", "bnez": "bne", "bltz": "blt", "bgtz": "blt", "li": "addi",
                 "neg": "sub"}.get(name, name) if kind == capstone.CS_ARCH_RISCV else name
            for at, name in theirs.items()
        }  # fmt: skip


def test_the_coefficients_are_those_of_the_designed_chain():
    chain, context = design(), dict(WORDS)
    for word, value in (
        ("low_k", chain.low_k),
        ("pole_pair_b2", chain.b2),
        ("pole_pair_a1", chain.a1),
        ("pole_pair_a2", chain.a2),
        ("a_low_k", chain.a_low_k),
        ("a_high_k", chain.a_high_k),
        ("fast_k", chain.fast_k),
        ("slow_k", chain.slow_k),
        ("fast_4_k", 1 - (1 - chain.fast_k) ** 4),
        ("slow_4_k", 1 - (1 - chain.slow_k) ** 4),
    ):
        assert (context[word] - round(value * 2**32)) % 2**32 in (0, 1, 2**32 - 1), word
    assert context["dither_width"] == round(1 / chain.low_k)
    assert pytest.approx(chain.C_gain, rel=1e-6) == fixed_context.C_GAIN
    assert pytest.approx(chain.A_gain, rel=1e-6) == fixed_context.A_GAIN
    assert len(WORDS) == AT["shelf_1_k"] + 4 * MOST_SHELVES


@pytest.mark.parametrize("name", ["mulsh", "muluh"])
def test_what_stands_in_for_a_product_gives_its_high_word(name):
    generator = np.random.default_rng(5)
    values = [0, 1, -1, 2**31 - 1, -(2**31), 0xFFFF, -0x10000, 0x7FFF8000]
    values += generator.integers(-(2**31), 2**31, 24).tolist()
    for to, x, y in ((4, 5, 6), (2, 3, 2), (7, 7, 7), (12, 9, 2), (3, 13, 13)):
        asm = Assembler()
        asm.entry(high_products.FRAME)
        asm.l32i(A(14), A(5), 0)
        asm.l32i(A(15), A(5), 4)
        asm.l32i(A(x), A(14), 0)
        asm.l32i(A(y), A(14), 4)
        getattr(asm, name)(A(to), A(x), A(y))
        asm.s32i(A(to), A(15), 0)
        asm.retw()
        image = emulator.Image(XTENSA)
        function = image.function(high_products.replaced(asm))
        operands, answer = image.words(0, 0), image.words(0)
        arguments, result = image.words(operands, answer), image.words(0)
        script, expected = [], []
        for one, other in zip(values, reversed(values), strict=True):
            if x == y:
                one = other
            script.append(
                emulator.fill(operands, np.array([one, other], "<i8").astype("<i4").tobytes())
            )
            script.append(emulator.call(function, arguments, 0, result))
            script.append(emulator.dump(answer, 4))
            mask = 0xFFFFFFFF if name == "muluh" else -1
            expected.append((one & mask) * (other & mask) >> 32 & 0xFFFFFFFF)
        found = np.frombuffer(emulator.run(image, script), "<u4").tolist()
        assert found == expected, (to, x, y)


@ARCHITECTURES
def test_a_tone_of_1_khz_is_linear_within_0_1_db_over_115_db(architecture):
    levels = np.arange(0, -116, -5.0)
    tones = [sine(1000.0, dB, 2.0, fade=0.5) for dB in levels]
    founds = emulated_fixed.hear([Signal(t, [RATE, len(t)]) for t in tones], architecture)
    read = np.array([10 * np.log10(f.A / f.n / 2.0**45) for _, f in founds])
    assert np.max(np.abs(read - levels - (read[4] - levels[4]))) < 0.1
