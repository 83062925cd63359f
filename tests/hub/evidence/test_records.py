"""What records tell of a span, whoever reads them."""

from collections.abc import Iterable

import pytest
from told_records import TIMES, T, event, of, seconds

from noisetamer.hub.evidence import tables
from noisetamer.hub.evidence.records import Raw
from tamer.record import encoding
from tamer.record.reading import MISSING, OWN_VOICE, POWER, WIND, Second, missing

pytestmark = pytest.mark.pure


def table(pieces: Iterable[bytes]) -> list[str]:
    text = b"".join(pieces)
    assert text.startswith(tables.BOM)
    return text.removeprefix(tables.BOM).decode().splitlines()[1:]


def test_a_second_nobody_told_has_a_row_too():
    found = of([seconds(1, T + 1, 601, 602)], length=4)
    assert table(tables.seconds(found, TIMES)) == [
        f"{T},19:00:00,,,,,,not received",
        f"{T + 1},19:00:01,60.1,62.1,68.1,78.1,0,",
        f"{T + 2},19:00:02,60.2,62.2,68.2,78.2,0,",
        f"{T + 3},19:00:03,,,,,,not received",
    ]


def test_what_is_recorded_of_an_invalid_second_stays_and_has_its_reason():
    silent = missing(T + 1, POWER)
    batch = [Second(T, 900, 910, 920, 930, OWN_VOICE), silent]
    raw = encoding.record(encoding.SECONDS, 1, 1, T, encoding.of_seconds(batch))
    found = of([Raw(1, 1, raw)], length=2)
    assert table(tables.seconds(found, TIMES)) == [
        f"{T},19:00:00,90.0,91.0,92.0,93.0,{OWN_VOICE},own voice",
        f"{T + 1},19:00:01,,,,,{POWER},power",
    ]
    assert list(found.stretches()) == [(T, T + 1, "own voice"), (T + 1, T + 2, "power")]


def test_of_two_records_of_one_second_the_valid_one_counts_and_of_two_alike_the_louder():
    records = [
        seconds(1, T, 500, 700, 700),
        seconds(2, T, 900, flags=WIND),
        seconds(3, T + 1, 650, 710),
    ]
    for order in (records, records[::-1]):
        assert of(order, 3).columns[0].tolist() == [500, 700, 710]


def test_what_a_box_told_before_it_knew_the_time_has_its_place():
    undated = [
        seconds(1, 3, 611),
        event(2, 4, "clock", boot_at=T, source="hub"),
        seconds(3, 5, 622),
        event(4, 6, "clock", boot_at=T + 2, source="hub"),
        seconds(5, 6, 633),
    ]
    found = of(undated)
    level = {t: int(level) for t, level in enumerate(found.columns[0]) if level != MISSING}
    # by the last word before it; before the first, by that
    assert level == {3: 611, 5: 622, 8: 633}
    assert [one.sequence for one in found.clocks] == [2, 4]
    assert [one.t - T for one in found.events] == [4, 6]
    # of another boot nobody knows anything
    assert not of([seconds(1, 3, 611, boot=2)]).valid.any()


def test_an_event_is_told_as_it_came():
    found = of([event(7, T + 2, "boot", reset='a "cut"')])
    (row,) = table(tables.events(found, TIMES))
    assert row == (
        f"{T + 2},2026-11-23T11:00:02Z,2026-11-23 19:00:02,1,7,boot,"
        '"[""boot"",{""reset"":""a \\""cut\\""""}]"'
    )


def test_texts_are_written_as_they_are_and_numbers_as_a_browser_reads_them():
    more = {"after": 2.0, "volume": 2**53, "failed": "读不出"}
    found = of([event(1, T + 1, "spoken", message="安静", number=2, **more)])
    (row,) = table(tables.words([found], TIMES))
    assert row.endswith(",spoken,安静,2,,,,,读不出")


def test_a_clock_that_sets_nothing_is_a_row_too():
    found = of([seconds(1, T, 600), event(2, 5, "clock", boot_at=7, source="hub")])
    (row,) = table(tables.clock([found], TIMES))
    assert ",1,2,7,1970-01-01T00:00:07Z," in row
