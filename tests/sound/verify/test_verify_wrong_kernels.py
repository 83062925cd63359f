"""A kernel that is wrong fails, on the lines where it is wrong."""

from dataclasses import replace

import pytest

from noisetamer.sound.verify import catalogue, outcome
from noisetamer.sound.verify.kernels import FPU_EMULATED, INTEGER_IN_UNIX_PORT
from tamer.hear.kernel import fpu_context

pytestmark = pytest.mark.device

DECIBEL = 10.0**0.1
ENERGIES = ("Z", "C", "A", "C_peak", "fast_max", "fast_min", "slow_max", "slow_min")


def verified(kernel, *only):
    return outcome.verify([kernel], only=only, drift_seconds=60)


def altered(change):
    """The integer kernel with `change` made to everything it finds."""

    def hear(signals):
        return [
            [change(found) for found in founds] for founds in INTEGER_IN_UNIX_PORT.hear(signals)
        ]

    return replace(INTEGER_IN_UNIX_PORT, hear=hear)


def failed(found):
    return [failure.check.name for failure in found.failures]


def detuned(monkeypatch, name, factor):
    words = tuple((n, v * factor if n == name else v) for n, v in fpu_context.WORDS)
    monkeypatch.setattr(fpu_context, "WORDS", words)


def louder(found):
    return found._replace(**{name: getattr(found, name) * DECIBEL for name in ENERGIES})


def test_1_db_too_loud_fails_every_frequency_of_every_weighting():
    found = verified(altered(louder), "response")
    names = failed(found)
    assert len(names) == 3 * 34
    assert not found.within_class1
    assert "A at 1000 Hz" in names


def test_1_db_in_a_alone_fails_a_alone():
    found = verified(altered(lambda f: f._replace(A=f.A * DECIBEL)), "response")
    assert {name[0] for name in failed(found) if " at " in name and "less" not in name} == {"A"}
    assert "C less A at 1000 Hz" in failed(found)


@pytest.mark.usefixtures("qemu")
def test_a_pole_2_percent_too_high_fails_at_its_frequencies(monkeypatch):
    detuned(monkeypatch, "low_k", 1.02)
    found = verified(FPU_EMULATED, "response")
    names = failed(found)
    assert {"A at 20 Hz", "C at 20 Hz"} <= set(names)
    assert not any(name.startswith("Z") or name.endswith("8000 Hz") for name in names)
    assert found.within_class1  # 0.2 dB is still within class 1, but not ours


@pytest.mark.usefixtures("qemu")
def test_a_fast_detector_of_twice_the_speed_fails_decay_and_bursts(monkeypatch):
    detuned(monkeypatch, "fast_k", 2.0)
    found = verified(FPU_EMULATED, "decay", "bursts")
    names = failed(found)
    assert "F, decay rate" in names and "S, decay rate" not in names
    assert any(name.startswith("LAFmax-LA, 10 ms") for name in names)
    assert not any(name.startswith(("LASmax", "LAE")) for name in names)
    assert not found.within_class1


def test_a_kernel_that_hides_clipping_fails_overload():
    hidden = altered(lambda f: f._replace(raw_max=min(f.raw_max, 8_000_000)))
    names = failed(verified(hidden, "overload"))
    assert "one half cycle above full scale flagged, either polarity" in names


def test_a_kernel_that_forgets_quiet_sound_fails_linearity():
    def gate(found):
        mean_square = found.A / found.n
        return found._replace(A=0.0) if mean_square < 1e4 else found

    found = verified(altered(gate), "linearity")
    assert not found.within_class1
    assert "LA, 1 kHz at -105 dB" in failed(found)
    assert "LA, 1 kHz at -50 dB" not in failed(found)


@pytest.mark.usefixtures("qemu")
def test_a_kernel_that_creeps_fails_drift():
    def hear(signals):
        (founds,) = FPU_EMULATED.hear(signals)
        return [[f._replace(A=f.A * 1.0001**i) for i, f in enumerate(founds)]]

    found = verified(replace(FPU_EMULATED, hear=hear), "drift")
    assert failed(found) == ["LAeq, largest change in 1 min"]


def test_a_failure_says_what_was_read_and_what_is_allowed():
    first = str(verified(altered(louder), "response").failures[20])
    assert first == "int: response: A at 1000 Hz: 1 dB, allowed -0.06 to 0.06"


def test_every_test_of_the_catalogue_has_a_name_of_its_own():
    assert len(set(catalogue.KEYS)) == len(catalogue.KEYS) == 12
