"""A unit that is set to bands tells LZ of each with every second."""

import math
from pathlib import Path

import pytest
from stand import TONE_DB, Stand

pytestmark = pytest.mark.device


@pytest.mark.parametrize(
    ("wanted", "count", "at_1_kHz"), [("octaves", 11, 6), ("third-octaves", 33, 19)]
)
def test_a_tone_of_1_kHz_is_in_its_band_and_in_no_other(
    tmp_path: Path, wanted: str, count: int, at_1_kHz: int
):
    ran = Stand(tmp_path, bands=wanted).run(6)
    bands = ran.records()[-1]["LZ"]
    assert len(bands) == count
    assert bands[at_1_kHz] / 10 == pytest.approx(TONE_DB, abs=0.2)
    others = sum(10 ** (level / 100) for i, level in enumerate(bands) if i != at_1_kHz)
    assert 10 * math.log10(others) < TONE_DB - 15


def test_a_unit_that_is_not_tells_none(tmp_path: Path):
    assert "LZ" not in Stand(tmp_path).run(3).records()[-1]
