"""Files of every kind give the levels and times that were measured."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from level_files import KINDS, Evening, encodings

from noisetamer.sound import level_tables

_OTHER_DAYS = {
    "a day above 12": Evening(),
    "five seconds missing": Evening(without=frozenset({3, 100, 101, 102, 200})),
    "over midnight": Evening(datetime(2027, 1, 31, 23, 58, 30), 300, seed=2),
    "a short run in July": Evening(datetime(2026, 7, 14, 8, 0, 0), 25, seed=3),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_any_kind_gives_what_was_measured(kind: str, tmp_path: Path):
    for day, evening in _OTHER_DAYS.items():
        written = KINDS[kind](evening)
        path = tmp_path / "file"
        path.write_bytes(written if isinstance(written, bytes) else written.encode())
        table = level_tables.read(path, zone="+08:00")
        assert table.format == kind.partition(", ")[0], day
        readings, t = evening.readings, evening.t
        if table.format == "Home Assistant history":
            # A level holds until the next is written.
            readings = readings[np.searchsorted(t, table.t, "right") - 1]
            t = t[0] + np.arange(evening.count)
        np.testing.assert_allclose(table.t, t, atol=0.002, err_msg=day)
        np.testing.assert_allclose(table.level, readings, atol=1e-9, err_msg=day)
        assert table.interval == 1.0


@pytest.mark.parametrize("kind", [kind for kind, write in KINDS.items()])
def test_encoding_and_line_ends_do_not_matter(kind: str, tmp_path: Path):
    written = KINDS[kind](Evening(count=40))
    if isinstance(written, bytes):
        return
    for encoding, data in encodings(written.replace("\n", "\r\n")):
        path = tmp_path / encoding
        path.write_bytes(data)
        assert len(level_tables.read(path, zone="+08:00").t) == 40, encoding
