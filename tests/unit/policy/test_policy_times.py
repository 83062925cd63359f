"""Local times of a policy's clock, with summer time as data."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisetamer.base.errors import UserError
from noisetamer.unit.policy.times import days, local, unix_time
from tamer.judge import policy
from tamer.judge.calendar import Clock

pytestmark = pytest.mark.zones

SHANGHAI = policy.read({}).clock
SPRING, AUTUMN = 1806195600, 1824944400  # 2027-03-28 and 2027-10-31, 01:00 UTC
BERLIN = Clock(3600, ((SPRING, 7200), (AUTUMN, 3600)))


def test_times_as_people_write_them():
    for text in ("2026-11-24 21:30", "2026-11-24T21:30", "2026-11-24 21:30:00"):
        assert unix_time(SHANGHAI, text) == 1795527000
    assert local(SHANGHAI, unix_time(SHANGHAI, "2026-11-24")).hour == 0
    for text in ("21:30", "", "2026-02-30", "1066-10-14"):
        with pytest.raises(UserError, match="is no time"):
            unix_time(SHANGHAI, text)


def test_an_hour_that_comes_twice_is_the_first_and_one_left_out_is_the_change():
    assert unix_time(BERLIN, "2027-10-31 02:30") == AUTUMN - 1800
    assert unix_time(BERLIN, "2027-03-28 02:30") == SPRING


def test_days_are_as_long_as_they_are():
    for first, hours in ((SPRING, 23), (AUTUMN, 25), (AUTUMN + 86400, 24)):
        begin, end = days(BERLIN, first, 1)
        assert end - begin == hours * 3600
        assert local(BERLIN, begin).time() == datetime.time()


@given(st.integers(SPRING - 10**7, AUTUMN + 10**7))
def test_there_and_back(t):
    again = unix_time(BERLIN, f"{local(BERLIN, t):%Y-%m-%d %H:%M:%S}")
    assert again == t or AUTUMN - 3600 <= again == t - 3600 < AUTUMN
