"""The integer kernel gives the same bits on Xtensa as in MicroPython's unix port.

So whatever is proven of it in the unix port holds on the chip.
"""

import subprocess

import numpy as np
import pytest

from noisetamer.base.paths import micropython
from noisetamer.sound.kernels import emulated_int
from noisetamer.sound.kernels.signal import i2s_words
from noisetamer.sound.standards.signals import RATE, quantised, sine

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]

FIRMWARE = emulated_int.SOURCE.parents[3]
BLOCK = 2400

# Words of a negative value arrive as they stand in memory.
SCRIPT = """
import sys
from array import array
from tamer.hear.kernel.kernel_int import Kernel
size = len(Kernel(1)._results)
kernel = Kernel(1, {equaliser})
print(size, bytes(kernel._state).hex(), *[bytes(shelf).hex() for shelf in kernel._shelves])
with open(sys.argv[1], "rb") as file:
    while data := file.read(4 * {block}):
        samples = array("i", data)
        kernel.run(samples, len(samples))
        print(bytes(kernel._results).hex(), bytes(kernel._state).hex())
        kernel._count = 0
"""


@pytest.fixture
def unix_port(tmp_path):
    """Words per block, state at start and the shelves', what each block leaves, state at end."""

    def hear(samples, equaliser=(1.0, ())):
        sound, script = tmp_path / "sound", tmp_path / "hear.py"
        sound.write_bytes(i2s_words(samples))
        script.write_text(SCRIPT.format(block=BLOCK, equaliser=equaliser), encoding="utf-8")
        lines = subprocess.run(
            [*micropython(), script, sound],
            env={"MICROPYPATH": f"{FIRMWARE}:.frozen"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        size, *starts = lines[0].split()
        rows = [[bytes.fromhex(field) for field in line.split()] for line in lines[1:]]
        found = np.array([np.frombuffer(found, "<i4") for found, _ in rows])
        start, *shelves = (bytes.fromhex(words) for words in starts)
        return int(size), start, shelves, found, np.frombuffer(rows[-1][1], "<i4")

    return hear


def sounds():
    noise = np.random.default_rng(8).standard_normal(RATE)
    return {
        "full scale": sine(1000.0, 0.0, 1.0),
        "quiet tone on direct current": sine(1000.0, -90.0, 1.0) + 84_000,
        "deep tone": sine(20.0, -3.0, 1.0),
        "noise rising over 100 dB": quantised(noise * np.geomspace(1e-6, 0.1, RATE)),
        "noise falling over 100 dB": quantised(noise * np.geomspace(0.1, 1e-6, RATE)),
        "square at both ends": quantised(np.sign(np.sin(np.arange(RATE) / 20.0))),
        "silence": np.zeros(RATE, np.int32),
        "a last short block": sine(440.0, -20.0, 0.123),
    }


@pytest.mark.parametrize("name", sounds())
def test_xtensa_and_the_unix_port_leave_the_same_words(unix_port, name):
    samples = sounds()[name]
    size, start, _, found, end = unix_port(samples)
    there, there_end = emulated_int.words(samples, BLOCK, start, size)
    assert np.array_equal(there, found)
    assert np.array_equal(there_end, end)


@pytest.mark.parametrize("name", sounds())
def test_shelves_leave_the_same_words_too(unix_port, name):
    samples = sounds()[name]
    size, start, shelves, found, end = unix_port(samples, (1.0, ((0.002, 1.8), (0.99, -0.2))))
    there, there_end = emulated_int.words(samples, BLOCK, start, size, shelves)
    assert np.array_equal(there, found)
    assert np.array_equal(there_end, end)


def test_a_sample_costs_at_most_820_instructions(unix_port):
    samples = sine(1000.0, -20.0, 0.1)
    size, start, *_ = unix_port(samples)
    assert emulated_int.instructions_per_sample(samples[:2000], start, size) <= 820


def test_a_shelf_costs_at_most_130_instructions_more(unix_port):
    samples = sine(1000.0, -20.0, 0.1)
    size, start, shelves, *_ = unix_port(samples, (1.0, ((0.002, 1.8),)))
    without, with_shelf = (
        emulated_int.instructions_per_sample(samples[:2000], start, size, some)
        for some in ((), shelves)
    )
    assert with_shelf - without <= 130
