"""A file of any kind calibrates: other dates, lengths and holes, the unit 1.30 dB lower."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from level_files import KINDS, Evening

from noisetamer.workshop.calibrate.side_by_side import clock_search, compare, series
from noisetamer.workshop.calibrate.side_by_side.meters import exported_file
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries, Readings

_EVENINGS = (
    Evening(),
    Evening(datetime(2026, 12, 31, 23, 57, 0), 400, seed=5, without=frozenset(range(90, 101))),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "evening", _EVENINGS, ids=["a day above 12", "over New Year, with a hole"]
)
def test_the_offset_is_found_by_a_file_of_any_kind(kind: str, evening: Evening, tmp_path: Path):
    path = tmp_path / "file"
    written = KINDS[kind](evening)
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    noise = np.random.default_rng(9).normal(0.0, 0.2, evening.count)
    heard = np.round(evening.level - 1.3 + noise, 1)
    if kind == "Home Assistant history":
        # What a hole holds was never heard.
        heard[sorted(evening.without)] = np.nan
    begin = evening.begin.replace(tzinfo=evening.zone).timestamp()
    levels = LevelSeries(begin, 1.0, heard)
    table, readings = exported_file.read(path, "1s", levels.begin, zone="+08:00")
    shift = clock_search.rough_shift(series.as_shown(levels, "1s"), readings, table.offset)
    readings = Readings(readings.times + shift, readings.dB)
    found = compare.compare_as_stated(levels, readings, "1s", 30.0)
    assert found.change == pytest.approx(1.3, abs=0.05)
    assert found.clock == pytest.approx(0.0, abs=0.1)
