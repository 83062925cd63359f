"""The digits that a panel shows for a minute. Runs in both Pythons."""

import pytest

from tamer.record.seal import digits_of

pytestmark = pytest.mark.pure

KEY = "k" * 43
MINUTE = 1795431600 // 60


def test_they_are_the_same_in_every_python():
    # Reckoned with OpenSSL: HMAC-SHA256 of "patrol in minute 29923860", its first four bytes.
    assert digits_of(KEY, MINUTE) == "9143"
    assert digits_of(KEY, MINUTE + 1) == "3666"
    assert digits_of("command key", 0) == "7669"
    assert digits_of("键" * 40, MINUTE) == "0677"


def test_they_are_four_and_any_of_ten_thousand_alike():
    told = [digits_of(KEY, MINUTE + i) for i in range(300)]
    assert all(len(digits) == 4 for digits in told)
    # So many differ of 300 out of 10,000: 295.6 on average, give or take 2.1.
    assert len(set(told)) > 285
    assert 30 < sum([digits[0] < "2" for digits in told]) < 90
