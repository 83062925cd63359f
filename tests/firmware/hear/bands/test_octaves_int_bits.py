"""The integer octave bank gives the same bits on Xtensa as in MicroPython's unix port.

So whatever is proven of it in the unix port holds on the chip.
"""

import subprocess

import numpy as np
import pytest

from noisetamer.base.paths import FIRMWARE, micropython
from noisetamer.sound.kernels import emulated_octaves_int
from noisetamer.sound.kernels.emulated_octaves_int import Level
from noisetamer.sound.kernels.signal import i2s_words
from noisetamer.sound.standards.signals import RATE, quantised, sine

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]

BLOCK = 997

SCRIPT = """
import sys
from array import array
from tamer.hear.bands.octaves_int import Bank
bank = Bank({third_octaves})
def tell():
    for bands, halving in bank._tree:
        print(*[bytes(words).hex() for words in bands + [halving]])
tell()
with open(sys.argv[1], "rb") as file:
    while data := file.read(4 * {block}):
        samples = array("i", data)
        bank.run(samples, len(samples))
tell()
"""


@pytest.fixture
def unix_port(tmp_path):
    """The bank's memory at rest and after samples."""

    def hear(samples, third_octaves):
        sound, script = tmp_path / "sound", tmp_path / "hear.py"
        sound.write_bytes(i2s_words(samples))
        script.write_text(SCRIPT.format(block=BLOCK, third_octaves=third_octaves))
        lines = subprocess.run(
            [*micropython(), script, sound],
            env={"MICROPYPATH": f"{FIRMWARE}:.frozen"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        words = [[bytes.fromhex(field) for field in line.split()] for line in lines]
        levels = [Level(tuple(bands), halving) for *bands, halving in words]
        return levels[: len(levels) // 2], levels[len(levels) // 2 :]

    return hear


def sounds():
    noise = np.random.default_rng(8).standard_normal(RATE)
    return {
        "full scale": sine(1000.0, 0.0, 1.0),
        "noise rising over 100 dB": quantised(noise * np.geomspace(1e-6, 0.1, RATE)),
        "noise falling over 100 dB": quantised(noise * np.geomspace(0.1, 1e-6, RATE)),
        "square at both ends": quantised(np.sign(np.sin(np.arange(RATE) / 20.0))),
        "signs of noise": quantised(np.sign(noise)),
        "silence": np.zeros(RATE, np.int32),
    }


@pytest.mark.parametrize("third_octaves", [False, True], ids=["octaves", "third-octaves"])
@pytest.mark.parametrize("name", sounds())
def test_xtensa_and_the_unix_port_leave_the_same_words(unix_port, name, third_octaves):
    samples = sounds()[name]
    rest, end = unix_port(samples, third_octaves)
    assert emulated_octaves_int.words(samples, BLOCK, rest) == end


@pytest.mark.parametrize(("third_octaves", "limit"), [(False, 1400), (True, 3650)])
def test_instructions_per_sample_stay_within_their_limit(unix_port, third_octaves, limit):
    samples = sine(1000.0, -20.0, (64 + 512) / RATE)
    rest, _ = unix_port(samples, third_octaves)
    assert emulated_octaves_int.instructions_per_sample(samples, rest) <= limit
