"""What a hub stored, as other programs read it."""

import csv
import sqlite3
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from stored_square import EVENING, UNIT, as_hub, seconds

from noisetamer import cli
from noisetamer.hub.export import files
from noisetamer.hub.export.local_time import LocalTime, zone
from noisetamer.hub.export.rows import COLUMNS, Asked, rows
from noisetamer.hub.registry import Units
from noisetamer.hub.store.queries import Queries
from noisetamer.sound import level_tables
from tamer.record.reading import GAP, OWN_VOICE, missing
from tamer.record.statistics import Period

ENDINGS = (".csv", ".xlsx", ".parquet")
# Two minutes, a gap, its own voice, a hole that nobody reported, another hour.
HEARD = [
    *seconds((75, 605), (5, 720)),
    missing(EVENING + 80, GAP),
    *(s._replace(flags=OWN_VOICE) for s in seconds((9, 950), t=EVENING + 81)),
    *seconds((40, -12), t=EVENING + 3590),
]
CHINA = LocalTime(zone("+08:00"))
ALWAYS = 0, 1 << 40


def exported(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.run(["export", *map(str, words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def read(path: Path) -> list[list[Any]]:
    """Rows as each kind of file has them: texts, cells, values.

    What reads them takes long to load, and all workers load this file.
    """
    import openpyxl
    from pyarrow import parquet

    if path.suffix == ".csv":
        return list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path, read_only=True)["levels"]
        heading, *others = map(list, sheet.iter_rows(values_only=True))
        return [heading, *(row + [None] * (len(heading) - len(row)) for row in others)]
    table = parquet.read_table(path)
    return [table.column_names, *map(list, zip(*table.to_pydict().values(), strict=True))]


@pytest.mark.parametrize(
    ("ending", "every", "zone_name"),
    [
        (".csv", 1, "-03:30"),
        (".xlsx", 1, "+08:00"),
        (".csv", 60, "+08:00"),
        (".xlsx", 3600, "UTC"),
    ],
)
def test_what_was_exported_is_read_again_at_its_own_times(
    capsys, tmp_path, ending, every, zone_name
):
    heard = [
        one
        for hour in range(3)
        for at in range(0, 150, 7)
        for one in seconds((1, 600 + (at * 37 + hour * 53) % 90), t=EVENING + 3600 * hour + at)
    ]
    file = tmp_path / f"levels{ending}"
    rows_of = {1: "1s", 60: "1min", 3600: "1h"}[every]
    asked = "--data", as_hub(tmp_path / "hub", heard), "--every", rows_of, "--zone", zone_name
    assert exported(capsys, file, *asked)[0] == 0
    # Whatever zone a policy has: each stamp names its own.
    table = level_tables.read(file, else_zone=("Europe/Berlin", "the policy's"))
    assert table.format == "Noise Tamer export"
    assert table.t.tolist() == sorted({one.t - one.t % every for one in heard})


@pytest.mark.parametrize("ending", ENDINGS)
def test_each_second_is_a_row_and_what_does_not_count_has_no_level(capsys, tmp_path, ending):
    folder = as_hub(tmp_path / "hub", HEARD)
    file = tmp_path / f"levels{ending}"
    code, out, err = exported(capsys, file, "--data", folder)
    assert (code, err) == (0, "")
    assert out == (
        f"{file}: 3,630 rows of 1s, {UNIT}, 2026-11-24 19:00:00 +08:00 to "
        "2026-11-24 20:00:30 +08:00; 120 with levels\n"
    )
    heading, *found = read(file)
    assert tuple(heading) == COLUMNS["1s"]
    first = datetime(2026, 11, 24, 19)
    none, no, yes = {
        ".csv": ("", "FALSE", "TRUE"),
        ".xlsx": (None, False, True),
        ".parquet": (None, False, True),
    }[ending]
    text = (lambda value: str(value)) if ending == ".csv" else (lambda value: value)
    empty = none if ending == ".xlsx" else ""
    levels = [text(level) for level in (60.5, 62.5, 66.5, 75.5)]
    assert found[0] == [text(first), "+08:00", UNIT, *levels, yes, empty]
    for second, why in ((80, "gap"), (85, "own voice"), (90, "not received")):
        assert found[second][3:] == [none] * 4 + [no, why]
    assert found[-1][0] == text(datetime(2026, 11, 24, 20, 0, 29))
    assert found[-1][3] == text(-1.2)
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def periods(folder: Path, every: str, since: int, until: int, local=CHINA) -> list[dict[str, Any]]:
    asked = Asked(since, until, every, local)
    found = rows(Queries(folder / "hub.sqlite"), UNIT, asked)
    return [dict(zip(COLUMNS[every], row, strict=True)) for row in found]


def test_a_minute_says_how_many_of_its_seconds_count(tmp_path):
    folder = as_hub(tmp_path / "hub", HEARD)
    first, second, third, *_, last = periods(folder, "1min", *ALWAYS)
    assert (first["valid_seconds"], first["coverage"], first["reason"]) == (60, 1.0, "")
    assert (second["valid_seconds"], second["seconds"], second["coverage"]) == (20, 60, 0.3333)
    assert second["reason"] == "not received"
    assert (third["valid_seconds"], third["LAeq"], third["L10"]) == (0, None, None)
    assert (last["time"], last["valid_seconds"]) == (datetime(2026, 11, 24, 20), 30)


def test_the_sums_are_those_of_the_box(tmp_path):
    folder = as_hub(tmp_path / "hub", HEARD)
    hour, _ = periods(folder, "1h", *ALWAYS)
    box = Period(EVENING, 3600)
    for second in HEARD:
        if second.t < EVENING + 3600:
            box.add(second)
    own = box.statistics()
    for name in ("LAeq", "LCeq", "LAFmax", "LAmin", "LCpeak", "L5", "L10", "L50", "L90", "L95"):
        assert hour[name] == getattr(own, name) / 10
    assert (hour["valid_seconds"], hour["seconds"]) == (90, 3600)
    assert hour["summed_up_by"] == "hub"


def test_periods_are_whole_ones_that_begin_within_what_is_asked(tmp_path):
    folder = as_hub(tmp_path / "hub", seconds((7200, 600)))
    found = periods(folder, "1h", EVENING + 60, EVENING + 3700)
    assert [(row["time"].hour, row["valid_seconds"]) for row in found] == [(20, 3600)]
    found = periods(folder, "1min", EVENING + 1, EVENING + 61)
    assert [row["time"] for row in found] == [datetime(2026, 11, 24, 19, 1)]


# 2026-10-25 in Berlin: 01:00 UTC is 03:00, and then 02:00 again.
AUTUMN = 1792890000
# 2027-03-28: 01:00 UTC is 02:00, and then 03:00.
SPRING = 1806195600
# 2026-04-05 on Lord Howe Island: half an hour back, 2026-04-04 15:00 UTC.
HALF = 1775314800


@pytest.mark.parametrize(
    ("name", "at", "hours"),
    [
        ("Europe/Berlin", AUTUMN, [(1, "+02:00"), (2, "+02:00"), (2, "+01:00"), (3, "+01:00")]),
        ("Europe/Berlin", SPRING, [(0, "+01:00"), (1, "+01:00"), (3, "+02:00"), (4, "+02:00")]),
    ],
)
def test_an_hour_that_the_clock_repeats_or_leaves_out(tmp_path, name, at, hours):
    folder = as_hub(tmp_path / "hub", seconds((4 * 3600, 600), t=at - 7200))
    found = periods(folder, "1h", *ALWAYS, LocalTime(zone(name)))
    assert [(row["time"].hour, row["utc_offset"]) for row in found] == hours
    assert {(row["valid_seconds"], row["seconds"]) for row in found} == {(3600, 3600)}


def test_a_clock_that_changes_by_half_an_hour(tmp_path):
    folder = as_hub(tmp_path / "hub", seconds((3 * 3600, 600), t=HALF - 3600))
    found = periods(folder, "1h", *ALWAYS, LocalTime(zone("Australia/Lord_Howe")))
    begins = [(str(row["time"].time()), row["utc_offset"], row["seconds"]) for row in found]
    assert begins == [
        ("01:00:00", "+11:00", 3600),
        ("01:30:00", "+10:30", 1800),
        ("02:00:00", "+10:30", 3600),
        ("03:00:00", "+10:30", 3600),
    ]
    assert sum(row["valid_seconds"] for row in found) == 3 * 3600


def test_local_hours_of_a_zone_between_the_hours(tmp_path):
    folder = as_hub(tmp_path / "hub", seconds((7200, 600)))
    found = periods(folder, "1h", *ALWAYS, LocalTime(zone("Asia/Kolkata")))
    assert [str(row["time"].time()) for row in found] == ["16:00:00", "17:00:00", "18:00:00"]
    assert [row["valid_seconds"] for row in found] == [1800, 3600, 1800]


def test_days_follow_each_other_without_a_seam(tmp_path):
    heard = seconds((200, 500), t=EVENING - 100) + seconds((200, 510), t=EVENING + 2 * 86400)
    folder = as_hub(tmp_path / "hub", heard)
    asked = Asked(*ALWAYS, "1s", CHINA)
    times = [row[0] for row in rows(Queries(folder / "hub.sqlite"), UNIT, asked)]
    assert len(times) == 2 * 86400 + 300
    steps = {later - earlier for earlier, later in pairwise(times)}
    assert [step.total_seconds() for step in steps] == [1]
    minutes = periods(folder, "1min", *ALWAYS)
    assert sum(row["valid_seconds"] for row in minutes) == 400


def test_pandas_reads_it_as_it_is(capsys, tmp_path):
    import pandas as pd

    folder = as_hub(tmp_path / "hub", HEARD)
    file = tmp_path / "levels.csv"
    exported(capsys, file, "--data", folder)
    table: Any = pd.read_csv(file, parse_dates=["time"])
    assert table.columns[0] == "time"
    assert table["valid"].dtype == bool
    assert str(table["time"].dtype).startswith("datetime64")
    utc: Any = pd.to_datetime(table["time"].astype(str) + table["utc_offset"], utc=True)
    assert utc[0].timestamp() == EVENING
    assert table[table["valid"]]["LAeq"].notna().all()
    assert table[~table["valid"]]["LAeq"].isna().all()


@pytest.mark.parametrize("ending", (".csv", ".xlsx"))
def test_noisemonitor_reads_it_as_it_is(capsys, tmp_path, ending):
    import noisemonitor
    import pandas as pd

    folder = as_hub(tmp_path / "hub", HEARD)
    file = tmp_path / f"levels{ending}"
    exported(capsys, file, "--data", folder)
    levels = noisemonitor.load(
        str(file), datetimeindex="time", valueindexes="LAeq", use_chunks=False
    )
    assert (levels.index[0], levels.index[-1]) == (
        pd.Timestamp("2026-11-24 19:00:00"),
        pd.Timestamp("2026-11-24 20:00:29"),
    )
    LAeq = levels.iloc[:, 0]
    assert LAeq.count() == 120
    assert LAeq.iloc[0] == 60.5


def test_the_units_of_a_square(capsys, tmp_path):
    folder = as_hub(tmp_path / "hub", HEARD, "A-1")
    as_hub(folder, HEARD[:60], "B-1")
    as_hub(folder, HEARD[:30], "B-2")
    units = Units(folder / "units.sqlite")
    units.enrol("A-1", square="Dam")
    units.enrol("B-1", square="人民广场")
    units.enrol("B-2", square="人民广场")
    file = tmp_path / "square.csv"
    _, out, _ = exported(capsys, file, "--data", folder, "--square", "人民广场")
    assert {row[2] for row in read(file)[1:]} == {"B-1", "B-2"}
    assert "90 rows of 1s, B-1, B-2, " in out
    exported(capsys, file, "--data", folder, "--unit", "A-1", "--unit", "B-2", "--every", "1min")
    assert [row[2] for row in read(file)[1:]] == [*["A-1"] * 61, "B-2"]
    code, _, err = exported(capsys, file, "--data", folder, "--square", "Nowhere")
    assert (code, "its squares are: Dam, 人民广场" in err) == (2, True)


def test_what_the_user_can_mend_is_one_sentence(capsys, tmp_path):
    folder = as_hub(tmp_path / "hub", HEARD)
    before = sorted(path.name for path in folder.iterdir())
    file, data = tmp_path / "levels.csv", ("--data", folder)
    for words, said in (
        ((tmp_path / "levels.xls", *data), "give it an ending that is known"),
        ((file, "--data", tmp_path), "is no data folder of a hub"),
        ((file, *data, "--unit", "SIM-9"), f"holds no seconds of it; of these it does: {UNIT}"),
        ((file, *data, "--since", "soon"), '"soon" is no time'),
        ((file, *data, "--zone", "China/Here"), "is no time zone known here"),
        ((file, *data, "--zone", "+99:00"), "is no time zone known here"),
        ((file, *data, "--since", "2027-01-01"), "it has 2026-11-24 19:00:00 +08:00 to 2026-11"),
        ((file, *data, "--since", "2026-11-25", "--until", "2026-11-24"), "is not after --since"),
        ((tmp_path / "nowhere" / "x.csv", *data), "cannot be written: No such file"),
        ((file, *data, "--square", "Dam"), "its squares are: none"),
    ):
        code, out, err = exported(capsys, *words)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err
    assert not file.exists()
    # A hub's folder is only read.
    assert sorted(path.name for path in folder.iterdir()) == before


def test_it_works_while_the_hub_writes(capsys, tmp_path):
    folder = as_hub(tmp_path / "hub", HEARD)
    with closing(sqlite3.connect(folder / "hub.sqlite", isolation_level=None)) as hub:
        hub.execute("BEGIN IMMEDIATE")
        hub.execute("DELETE FROM minute")
        code, out, _ = exported(capsys, tmp_path / "levels.csv", "--data", folder)
        assert (code, "; 120 with levels" in out) == (0, True)
        hub.execute("COMMIT")


def test_more_rows_than_a_sheet_holds_are_refused_before_any_is_written(capsys, tmp_path):
    days = 13
    heard = seconds((60, 600)) + seconds((60, 600), t=EVENING + days * 86400)
    folder = as_hub(tmp_path / "hub", heard)
    file = tmp_path / "levels.xlsx"
    code, _, err = exported(capsys, file, "--data", folder)
    assert code == 2
    assert "would have 1,123,260 rows and a sheet of Excel holds 1,048,576" in err
    assert "--every 1min" in err
    assert not file.exists()
    assert exported(capsys, file, "--data", folder, "--every", "1h")[0] == 0


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_breaks_on_the_way_leaves_the_file_that_was_there(tmp_path, ending):
    file = tmp_path / f"levels{ending}"
    file.write_text("of yesterday")

    def broken():
        yield (datetime(2026, 1, 1), "+08:00", UNIT, 1.0, 1.0, 1.0, 1.0, True, "")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.write(file, COLUMNS["1s"], broken())
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert file.read_text() == "of yesterday"
