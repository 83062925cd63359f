"""Files of every kind give the levels and times that were measured."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from level_files import KINDS, Evening, encodings, xl2_report

from noisetamer.base.errors import UserError
from noisetamer.sound import level_tables
from noisetamer.sound.level_tables import stamps

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
        np.testing.assert_allclose(table.t, t, rtol=0.0, atol=0.002, err_msg=day)
        np.testing.assert_allclose(table.level, readings, rtol=0.0, atol=1e-9, err_msg=day)
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


CITIES = {
    "Barcelona, hourly": (
        "Any,Mes,Dia,Hora,Id_Instal,Nivell_LAeq_1h\n"
        "2026,6,23,05:00,9,60.0\n2026,6,23,06:00,9,61.0\n2026,6,24,07:00,9,62.0\n",
        "2026-06-23T05:00:00+02:00",
        3600.0,
        [60.0, 61.0, 62.0],
    ),
    "Barcelona, minutes": (
        "Timestamp_local,Id_Instal,Nivell_LAeq_1min\n"
        "2026-10-25T02:59:18+02:00,9,60.4\n2026-10-25T02:00:18+01:00,9,61.4\n",
        "2026-10-25T02:59:18+02:00",
        60.0,
        [60.4, 61.4],
    ),
    "Dublin Sonitus": (
        '{"dates": ["05/11/2026", "05/11/2026"], "times": ["19:00:00", "19:05:00"],'
        ' "aleq": ["61.31", "62.10"]}',
        "2026-11-05T19:00:00+01:00",
        300.0,
        [61.31, 62.1],
    ),
    "Madrid, days": (
        "NMT;año;mes;día;tipo;LAEQ;LAS01\n9;2026;11;1;D;61,3;70,1\n9;2026;11;1;T;60,3;70,1\n"
        "9;2026;11;2;N;51,3;70,1\n9;2026;11;2;T;59,3;70,1\n",
        "2026-11-01T00:00:00+01:00",
        86_400.0,
        [60.3, 59.3],
    ),
    "DNMS archive": (
        "sensor_id;timestamp;noise_LAeq;noise_LA_min;noise_LA_max\n"
        "9;2026-11-23T11:02:30;65.98;60.98;74.98\n9;2026-11-23T11:05:00;66.5;61.5;75.5\n",
        "2026-11-23T11:00:00+00:00",
        150.0,
        [65.98, 66.5],
    ),
    "DNMS archive, API": (
        json.dumps(
            [
                {
                    "id": 2 - n,
                    "timestamp": f"2026-11-23 11:0{2 + 3 * n}:{30 - 30 * n:02d}",
                    "sampling_rate": None,
                    "location": {"id": 7, "latitude": "48.8", "longitude": "9.2", "country": "DE"},
                    "sensor": {
                        "id": 9,
                        "pin": "15",
                        "sensor_type": {"id": 30, "name": "DNMS (Laerm)"},
                    },
                    "sensordatavalues": [
                        {"id": 100 + n, "value": value, "value_type": f"noise_{kind}"}
                        for kind, value in (
                            ("LAeq", level),
                            ("LA_min", "60.98"),
                            ("LA_max", "74.98"),
                        )
                    ],
                }
                for n, level in ((1, "66.5"), (0, "65.98"))
            ]
        ),
        "2026-11-23T11:00:00+00:00",
        150.0,
        [65.98, 66.5],
    ),
}


@pytest.mark.parametrize("city", CITIES)
def test_what_offices_publish_has_its_own_intervals_and_days(city: str, tmp_path: Path):
    content, begin, interval, levels = CITIES[city]
    path = tmp_path / "file"
    path.write_text(content)
    table = level_tables.read(path, zone=None if "DNMS" in city else "Europe/Madrid")
    assert table.format == city.partition(", API")[0]
    assert (table.interval, table.level.tolist()) == (interval, levels)
    assert table.t[0] == datetime.fromisoformat(begin).timestamp()
    assert set(np.diff(table.t)) == {interval}


@pytest.mark.parametrize(
    ("stamp", "options"),
    [
        ("%Y-%m-%d %H:%M:%S", {}),
        ("%Y-%m-%dT%H:%M:%S+08:00", {}),
        ("%d/%m/%Y %I:%M:%S %p", {"date_order": "dmy"}),
        ("%H:%M:%S", {"near": 1_793_491_200.0}),
    ],
)
def test_minutes_understood_once_give_what_each_line_by_itself_would(
    stamp: str, options: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    chance = np.random.default_rng(4)
    # Over the end of summer time, with holes and one step back.
    begin = datetime(2026, 10, 25, 0, 50)
    after = np.cumsum(chance.choice([1, 1, 1, 1, 2, 90], 6000))
    after[4000:] -= 1800
    lines = [
        f"{begin + timedelta(seconds=int(s)):{stamp}},{level:.1f}"
        for s, level in zip(after, chance.uniform(35, 105, len(after)), strict=True)
    ]
    path = tmp_path / "file.csv"
    path.write_text("time,LAeq\n" + "\n".join(lines) + "\n")
    options = {"zone": "Europe/Berlin", **options}
    quick = level_tables.read(path, **options)
    with monkeypatch.context() as slow:
        slow.setattr(stamps, "_LEAST_FOR_MINUTES", len(lines) + 1)
        each = level_tables.read(path, **options)
    np.testing.assert_array_equal(quick.t, each.t)
    np.testing.assert_array_equal(quick.level, each.level)
    assert (quick.taken, quick.left_out) == (each.taken, each.left_out)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("20261123235959", "20261124000000"),
        ("26-11-23 23:59:59", "26-11-24 00:00:00"),
        ("23-11-26 23:59:59", "24-11-26 00:00:00"),
    ],
)
def test_stamps_without_signs_and_years_of_two_digits(first: str, second: str, tmp_path: Path):
    (path := tmp_path / "file.csv").write_text(f"time,LAeq\n{first},61.5\n{second},62.5\n")
    table = level_tables.read(path, zone="UTC")
    begin = datetime.fromisoformat("2026-11-23T23:59:58+00:00").timestamp()
    assert table.t.tolist() == [begin, begin + 1]


def test_an_overload_a_pause_and_an_invalid_second_do_not_count(tmp_path: Path):
    path = tmp_path / "file.csv"
    path.write_text(
        "Record #,Record Type,Date,Time,LAeq,OVLD,valid\n"
        + "".join(
            f"{n},{'Pause' if n == 3 else ''},2026-11-23,19:00:0{n},"
            f"{'' if n == 3 else 61 + n / 10},{'Yes' if n == 4 else 'No'},{0 if n == 5 else 1}\n"
            for n in range(9)
        )
    )
    table = level_tables.read(path)
    assert table.left_out == {"overload": 1, "not valid": 1, "no level": 1}
    assert len(table.t) == 6
    assert "left out: 1 with overload, 1 with not valid, 1 with no level" in table.taken


def test_a_running_average_without_its_name_is_recognised_and_a_level_is_not(tmp_path: Path):
    path = tmp_path / "file.csv"
    for seed in range(20):
        evening = Evening(count=60, seed=seed)
        for levels, runs in ((evening.running, True), (evening.level, False)):
            rows = zip(evening.rows, levels, strict=True)
            path.write_text("time,LAeq\n" + "".join(f"{at},{v:.1f}\n" for (at, _, _), v in rows))
            if runs:
                with pytest.raises(UserError, match="LAeq is a running average"):
                    level_tables.read(path)
            else:
                assert len(level_tables.read(path).t) == 60


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        ("Australia/Lord_Howe", "2026-04-05T01:10:00+11:00"),  # half an hour
        ("America/St_Johns", "2010-11-06T23:30:00-02:30"),  # from 00:01 to the day before
    ],
)
def test_the_hour_that_comes_twice_is_told_apart(zone: str, first: str, tmp_path: Path):
    path = tmp_path / "file.csv"
    begin = datetime.fromisoformat(first).timestamp()
    times = [datetime.fromtimestamp(begin + 60 * n, ZoneInfo(zone)) for n in range(120)]
    rows = [f"{at:%d.%m.%Y %H:%M};{60 + n % 7}" for n, at in enumerate(times)]
    path.write_text("Zeit;LAeq\n" + "\n".join(rows))
    table = level_tables.read(path, zone=zone)
    assert len(table.t) == 120
    assert set(np.diff(table.t)) == {60.0}


@pytest.mark.parametrize("append", [False, True])
def test_a_measurement_lasts_from_its_start_to_its_stop(append: bool, tmp_path: Path):
    """The first of a repeated timer is cut short; between others nobody measured."""
    path = tmp_path / "file.txt"
    begin = datetime(2026, 11, 23, 19, 0, 0)
    rows = [(begin, begin + timedelta(seconds=160), 80.0)]
    rows += [
        (at, at + timedelta(seconds=300 + n % 2), 60.0 + n)
        for n in range(5)
        for at in [begin + timedelta(seconds=160 + 1200 * n)]
    ]
    path.write_text(xl2_report(rows, append=append))
    table = level_tables.read(path)
    assert (table.format, table.interval) == ("NTi XL2 report", 300.0)
    assert table.level.tolist() == [60.0, 61.0, 62.0, 63.0, 64.0]
    assert table.t[0] == datetime.fromisoformat("2026-11-23T19:02:40+08:00").timestamp()
    assert set(np.diff(table.t)) == {1200.0}
    assert table.left_out["another length"] == 1
    assert "5 readings of 300 s" in table.taken
    path.write_text(xl2_report(rows[:1], append=append))
    assert (level_tables.read(path).interval, level_tables.read(path).level) == (160.0, [80.0])


def test_rows_of_every_length_are_no_intervals(tmp_path: Path):
    path = tmp_path / "file.txt"
    begin = datetime(2026, 11, 23, 23, 50, 0)
    rows = [(begin, begin + timedelta(seconds=60 + 20 * n**2), 60.0) for n in range(6)]
    path.write_text(xl2_report(rows))
    with pytest.raises(UserError, match="its rows are of 60 to 560 s, no interval that is"):
        level_tables.read(path)


def test_a_column_of_ends_tells_the_length(tmp_path: Path):
    path = tmp_path / "file.csv"
    path.write_text(
        "Date,Start,End,LAeq\n2026-11-23,22:45:00,23:00:00,61.0\n"
        "2026-11-23,23:50:00,00:05:00,62.0\n2026-11-24,03:00:00,03:15:00,63.0\n"
    )
    table = level_tables.read(path, zone="UTC")
    assert (table.interval, len(table.t)) == (900.0, 3)
    assert table.t[1] - table.t[0] == 3900.0


@pytest.mark.parametrize(
    ("zone", "stamp", "hour", "says"),
    [
        (None, "2026-11-23 19:00", 11, "zone +08:00, the policy's, as nothing says another"),
        ("+02:00", "2026-11-23 19:00", 17, "zone +02:00, as --zone says"),
        (None, "2026-11-23T19:00:00Z", 19, "zone of the stamps"),
    ],
)
def test_whose_word_the_zone_is(
    zone: str | None, stamp: str, hour: int, says: str, tmp_path: Path
):
    path = tmp_path / "file.csv"
    path.write_text(f"begin,LAeq\n{stamp},61.0\n{stamp.replace(':00', ':30', 1)},62.0\n")
    table = level_tables.read(path, zone=zone, else_zone=("+08:00", "the policy's"))
    assert table.t[0] == datetime.fromisoformat(f"2026-11-23T{hour}:00:00Z").timestamp()
    assert says in table.taken


def test_the_zone_of_the_format_goes_before_the_policys(tmp_path: Path):
    path = tmp_path / "file.csv"
    path.write_text(CITIES["DNMS archive"][0])
    table = level_tables.read(path, else_zone=("+08:00", "the policy's"))
    assert table.t[0] == datetime.fromisoformat("2026-11-23T11:00:00Z").timestamp()
    assert "UTC, as this format writes" in table.taken
