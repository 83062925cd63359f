"""What sound takes of a core: one formula, its counts, and what the README says of it."""

import pytest

from noisetamer.base.paths import FIRMWARE
from noisetamer.sound.kernels import emulated_fpu, emulated_octaves
from noisetamer.sound.kernels.emulated_octaves import FPU, RV32_INTEGERS, XTENSA_INTEGERS
from tamer.hear import load

pytestmark = pytest.mark.device

README = FIRMWARE / "tamer/hear/README.md"
KINDS = (("fpu", "FPU"), ("fixed", "fixed point"), ("int", "viper"))


def test_a_share_is_instructions_times_rate_times_cycles_over_the_clock():
    assert load.share("int", 1000, 160_000_000) == pytest.approx((0.3, 0.42))
    assert load.together("octaves", "fpu", "fpu", 240_000_000) == pytest.approx(
        [112 * 48000 * cycles / 240e6 for cycles in (3.1, 3.9)]
    )


def test_the_readme_says_what_formula_and_counts_give():
    text = README.read_text(encoding="utf-8")
    for name, title in KINDS:
        for what, counts in (("kernel", load.KERNELS), *load.BANKS.items()):
            shares = (
                load.share(name, counts[name], clock) for clock in (160_000_000, 240_000_000)
            )
            told = " | ".join(f"{100 * a:.1f} to {100 * b:.1f} %" for a, b in shares)
            assert f"| {what}, {title} | {counts[name]} | {told} |" in text


@pytest.mark.usefixtures("qemu")
@pytest.mark.parametrize("bands", ["octaves", "third-octaves"])
def test_the_counts_are_what_is_counted(bands):
    third_octaves = bands == "third-octaves"
    counts = load.BANKS[bands]
    of_fpu = emulated_octaves.instructions_per_sample(third_octaves, bank=FPU)
    assert counts["fpu"] - 1 < of_fpu <= counts["fpu"]
    # With the carries that silence does not have, of one band-sample each.
    carries = 9 if third_octaves else 3
    of_fixed = emulated_octaves.instructions_per_sample(third_octaves, bank=XTENSA_INTEGERS)
    assert counts["fixed"] - 1 < of_fixed + carries <= counts["fixed"]
    of_risc_v = emulated_octaves.instructions_per_sample(third_octaves, bank=RV32_INTEGERS)
    assert of_risc_v <= counts["fixed"]
    assert load.KERNELS["fpu"] >= emulated_fpu.instructions_per_sample()


@pytest.mark.parametrize(
    ("bands", "kernel_", "bank", "fits"),
    [
        ("third-octaves", "fpu", "fpu", True),
        ("third-octaves", "fixed", "fixed", True),
        ("octaves", "int", "fixed", True),
        ("octaves", "int", "int", False),
        ("third-octaves", "fpu", "int", False),
    ],
)
def test_bands_are_refused_where_sound_would_take_over_60_percent(bands, kernel_, bank, fits):
    refusal = load.refusal(bands, kernel_, bank)
    assert (load.together(bands, kernel_, bank)[1] <= 0.6) == fits == (not refusal)


def test_the_sentence_says_what_is_asked_what_it_costs_what_there_is_and_what_to_do():
    assert load.refusal("third-octaves", "fixed", "int") == (
        '"bands": "third-octaves" takes 3692 instructions a sample with the kernel,'
        " 111 to 155 % of a core at 160 MHz, and 60 % are there:"
        " set it to null, or take a board with an ESP32-S3"
    )


def test_shelves_of_the_equaliser_count():
    assert load.instructions("octaves", "fixed", "fixed", 3) == (78 + 3 * 14, 150 + 3 * 11)
    assert load.refusal("octaves", "int", "fixed", shelves=3) == ""
    assert "takes 2978 instructions" in load.refusal("octaves", "int", "int", shelves=3)


def test_the_firmwares_readme_says_the_counts_and_shares_of_the_kernels():
    text = (FIRMWARE / "README.md").read_text(encoding="utf-8")
    told = []
    for name, _ in KINDS:
        least, most = load.share(name, load.KERNELS[name])
        told.append(f"{100 * least:.1f} to {100 * most:.1f} %")
    assert f"| of a core at 160 MHz, an estimate by `hear/load.py` | {' | '.join(told)} |" in text
    shelves = [str(load.SHELF_OF_KERNEL[name]) for name, _ in KINDS]
    assert f"| each shelf of the equaliser more, at most | {' | '.join(shelves)} |" in text
    counts = [str(load.KERNELS[name]) for name, _ in KINDS]
    assert f"| instructions a sample, at most | {' | '.join(counts)} |" in text
