"""A store of many units and days, written as rows at once: what a hub finds at its start.

All days are the same one: what is inside a record says another name and time than its row.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import street

from noisetamer.hub.store import day_packing
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import read_report
from tamer.record import encoding

EVENTS_A_DAY = 100
OF_DAY = 20_780
_EVENT = {"from": "green", "to": "amber", "limit": 650, "level": 671}


def unit(number: int) -> str:
    return f"SIM-{number:04}"


def fill(file: Path, units: int, days: int, last: int, part: int = DAY) -> None:
    """The last two of `days` as rows, the others packed; a boot each. last: the day that runs,
    since 1970; part: of each day so many seconds."""
    Store(file).close()
    whole = _one_day(file.with_name("one.sqlite"), part)
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        store.execute("PRAGMA synchronous=OFF")
        store.execute("ATTACH ? AS one", (str(whole),))
        for number in range(1, units + 1):
            store.execute("BEGIN")
            for day in range(days):
                _day(store, unit(number), day, last - days + 1 + day, day >= days - 2, part)
            store.execute("INSERT INTO acked VALUES(?,1,?)", (unit(number), days * DAY))
            status = json.dumps({"v": 1, "online": True, "b": 1})
            store.execute("INSERT INTO status VALUES(?,0,0,?)", (unit(number), status))
            store.execute("COMMIT")
    whole.unlink()


def _one_day(file: Path, part: int) -> Path:
    """As rows, and packed."""
    store = Store(file)
    reports = [read_report("dev.A.record", one) for one in street.messages(OF_DAY * DAY, part)]
    store.append(1.5, reports)  # pyright: ignore[reportArgumentType]
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("CREATE TABLE minute_rows AS SELECT * FROM minute")
        reader.execute("CREATE TABLE record_rows AS SELECT * FROM record")
        for packed in day_packing.to_pack(reader, (OF_DAY + 1) * DAY):
            assert store.pack(packed)
    store.close()
    return file


def _day(
    store: sqlite3.Connection, name: str, index: int, day: int, as_rows: bool, part: int
) -> None:
    # A boot's numbers go on from day to day.
    first, t = index * DAY, (day - OF_DAY) * DAY
    if as_rows:
        store.execute(
            "INSERT INTO record(unit, boot, seq, t, received, body)"
            " SELECT ?, 1, seq+?, t+?, received, body FROM one.record_rows",
            (name, first, t),
        )
        store.execute(
            "INSERT INTO minute SELECT ?, minute+?, LAeq, LAFmax, LCeq, LCpeak, flags"
            " FROM one.minute_rows",
            (name, t // 60),
        )
    else:
        store.execute(
            "INSERT INTO past_minutes SELECT ?, ?, columns FROM one.past_minutes", (name, day)
        )
        store.execute(
            "INSERT INTO past_records(unit, boot, first, last, day, digest, records)"
            " SELECT ?, 1, first+?, last+?, ?, digest, records FROM one.past_records",
            (name, first, first, day),
        )
    told = encoding.of_event("stage", _EVENT)
    events = []
    for n in range(EVENTS_A_DAY):
        at = day * DAY + n * part // EVENTS_A_DAY
        seq = first + DAY // 2 + n
        events.append((name, 1, seq, at, encoding.record(encoding.EVENT, 1, seq, at, told)))
    store.executemany(
        "INSERT INTO record(unit, boot, seq, t, received, body) VALUES(?,?,?,?,0,?)",
        [(u, b, s, at, raw) for u, b, s, at, raw in events],
    )
    store.executemany(
        "INSERT INTO event VALUES(?,?,?,?,'stage',?)",
        [(u, b, s, at, json.dumps(_EVENT)) for u, b, s, at, _ in events],
    )
    store.executemany(
        "INSERT INTO feed(received, unit, boot, seq) VALUES(0,?,?,?)",
        [(u, b, s) for u, b, s, _, _ in events],
    )
