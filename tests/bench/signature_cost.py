"""What it costs a box to verify a signature: `python tests/bench/signature_cost.py`.

Instructions of the chip are counted on the emulator for a digit's step of a multiplication and of
a division, in viper, and times how many such steps an algorithm has: digits of 16 bits,
schoolbook, as MicroPython's mpz has them on a chip. Its mpz is C, of which the same loops take a
sixth: an estimate. Time and heap of all of it are of the unix port: ratios.
"""

import json
import sys
from pathlib import Path

# pytest knows where it is; a program has to be told.
sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

from folders import ON_BOX
from unix_port import run

from noisetamer.sound.kernels import emulated_int, emulator

SOURCE = ON_BOX / "long_numbers.py"

# By reading py/mpz.c: loads, multiplication, carry, store, steps of two pointers and a count.
_IN_C = 10, 20
_HZ, _CYCLES = 240e6, (1.3, 2.0)

# Multiplications, each with its division, of so many bits.
EACH = {
    "RSA-2048": (17, 2048),
    "RSA-3072": (17, 3072),
    "ECDSA P-256": (256 * 8 + 192 * 11 + 2 * 384, 256),
    "Ed25519": (253 * 9 + 190 * 9 + 4 * 265, 256),
}


def main() -> None:
    multiply, divide = (step(index) for index in (0, 1))
    print(f"a digit's step: {multiply:.1f} instructions to multiply, {divide:.1f} to divide")
    measured = json.loads(run("signature_cost.py", heap="64M"))
    one, _ = measured["RSA-3072"]
    print("M instructions in viper and in C, ms of C at 240 MHz, time, kB of heap taken")
    for name, (times, bits) in EACH.items():
        steps = times * (bits // 16) ** 2
        in_c = steps * sum(_IN_C)
        ms = [1000 * in_c * cycles / _HZ for cycles in _CYCLES]
        us, heap = measured[name]
        print(
            f"{name:12} {steps * (multiply + divide) / 1e6:7.1f} {in_c / 1e6:6.1f}"
            f" {ms[0]:5.0f} to {ms[1]:3.0f} {us / one:6.1f} {heap / 1000:9.1f}"
        )


def step(index: int) -> float:
    """Instructions of the inner loop of one of the two functions."""
    few, many = (_counted(index, n) for n in (32, 64))
    return (many - few) / (64**2 - 32**2)


def _counted(index: int, n: int) -> int:
    image = emulator.Image()
    context = emulated_int.firmware_context(image)
    code = emulated_int.viper_code(SOURCE, 2)[index]
    function = image.function(code, context)
    numbers = [image.array(b"\xa5\x5a" * (2 * n + 2))[0] for _ in range(3)]
    last = 2 * n + 1
    three = (numbers[0], numbers[1], numbers[2] if index == 0 else 2 * 0x7000 + 1, last)
    arguments, result = image.words(*three), image.words(0)
    return emulator.instructions(image, [emulator.call(function, arguments, 4, result)])


if __name__ == "__main__":
    main()
