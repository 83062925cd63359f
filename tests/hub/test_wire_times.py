"""A time that cannot be is refused: kept and acknowledged, and nothing is dated by it."""

import pytest

from noisetamer.hub.wire import RefusedError, read_report
from tamer.record import encoding
from tamer.record.reading import VALID, Second

T = 1795431600  # 2026-11-23 19:00 in China
Y2090 = 3_786_912_000
Y2024 = 1_710_000_000


def report(code: int, t: int, payload: bytes | bytearray) -> object:
    record = encoding.record(code, 3, 7, t, bytes(payload))
    return read_report("dev.NT1-2611-0001.record", encoding.enveloped(6, record))


@pytest.mark.parametrize(("boot_at", "said"), [(Y2090, "2090-01-01"), (Y2024, "2024-03-09")])
def test_a_box_that_was_told_an_absurd_time_dates_nothing(boot_at: int, said: str):
    told = {"boot_at": boot_at, "source": "ntp"}
    with pytest.raises(RefusedError, match=f"boot_at is {said}: that cannot be the time"):
        report(encoding.EVENT, 12, encoding.of_event("clock", told))


def test_a_record_of_such_a_time_is_refused_too():
    with pytest.raises(RefusedError, match="t is 2090-01-01: that cannot be the time"):
        report(encoding.EVENT, Y2090, encoding.of_event("relapse", {"after": 3}))
    code, payload = encoding.shortest([Second(Y2090, 600, 600, 600, 600, VALID)])
    with pytest.raises(RefusedError, match="that cannot be the time"):
        report(code, Y2090, payload)


def test_the_time_and_none_at_all_are_taken():
    assert report(encoding.EVENT, 12, encoding.of_event("relapse", {"after": 3}))
    told = {"boot_at": T, "source": "hub"}
    assert report(encoding.EVENT, T, encoding.of_event("clock", told))
