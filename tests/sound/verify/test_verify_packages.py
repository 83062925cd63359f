"""The kernels against other calculations of LAeq, LCeq and LAFmax.

Ours in double precision from the standard's poles, and the packages acoustic-toolbox and
pyoctaveband; on made sounds and on recordings.
"""

from functools import cache

import pytest
from folders import RECORDINGS

from noisetamer.sound.recording.microphone import as_microphone_words, at_48k
from noisetamer.sound.recording.recording import read
from noisetamer.sound.verify import packages
from noisetamer.sound.verify.comparison import comparison, expected, expected_of_made
from noisetamer.sound.verify.kernels import KERNELS
from noisetamer.sound.verify.reference import reference

NAMES = (
    "iso532_05_pinknoise60.wav",
    "iso532_15_vehicle.wav",
    "iso532_18_hammer.wav",
    "iso532_21_jackhammer.wav",
    "music_beat.wav",
    "warning_zh_espeak.wav",
)

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]


def recording(name):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{name} is not here: recordings are not in the repository")
    words, _ = as_microphone_words(at_48k(read(path, channel=1)))
    return words >> 8


@pytest.mark.parametrize("package", ["acoustic-toolbox", "pyoctaveband"])
def test_the_package_agrees_with_our_reference_on_music(package):
    if package in packages.missing():
        pytest.skip(f"{package} is not installed")
    beats = expected_of_made()["beats"]
    ours, theirs = reference(beats.sound), beats.levels[package]
    for quantity in ("LAeq", "LCeq", "LAFmax"):
        assert getattr(theirs, quantity) == pytest.approx(getattr(ours, quantity), abs=0.01)


@pytest.fixture(scope="module", params=NAMES)
def heard(request, qemu):
    """A recording and its levels by every other calculation."""
    return expected({request.param: recording(request.param)})


@pytest.fixture(scope="module")
def compared(heard):
    """What a kernel makes of the recording, against those; each kernel hears it once."""
    return cache(lambda kernel: comparison(kernel, heard).checks)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_every_recording_reads_the_same_by_every_calculation(compared, kernel):
    """LAeq, LCeq and LAFmax within 0.1 dB, the integer kernel 0.15 dB."""
    checks = compared(kernel)
    assert len(checks) == 3 * (1 + len(packages.installed()))
    assert kernel.limits.compared == (0.15 if kernel.name.startswith("int") else 0.1)
    assert [check.name for check in checks if not check.passed] == []


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_made_sounds_read_the_same_by_every_calculation(kernel):
    checks = comparison(kernel).checks
    assert [check.name for check in checks if not check.passed] == []
    against_the_poles = [check for check in checks if "poles" in check.name]
    for check in against_the_poles:
        assert abs(check.strictest.deviation(check.reading)) < 0.02, check.name


def test_the_kernels_agree_with_each_other_within_0_02_db(compared):
    first, *others = map(compared, KERNELS)
    for checks in others:
        for one, other in zip(first, checks, strict=True):
            assert one.reading == pytest.approx(other.reading, abs=0.02), one.name
