"""What a calibrator's tone says of the time before, in words."""

import pytest

from noisetamer.workshop.calibrate.drift.verdict import Verdict


@pytest.mark.parametrize(
    ("deviation", "drift", "said"),
    [
        (-0.001, None, "read the tone right to 0.01 dB: the calibration holds"),
        (-0.3, None, "read 0.30 dB too little: the calibration holds"),
        (0.7, None, "read 0.70 dB too much: the calibration does not hold; calibrate"),
        (0.0, -0.001, "since noon it drifted by +0.00 dB, within 0.5 dB: what it measured since"),
    ],
)
def test_nothing_has_no_sign_and_is_neither_too_much_nor_too_little(deviation, drift, said):
    assert Verdict(deviation, drift, "noon").sentence(adjusted=False).startswith(said)
