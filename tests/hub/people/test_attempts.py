"""How often a password may be tried: in virtual time, thousands of times."""

from noisetamer.hub.people.attempts import (
    FIRST_LOCK,
    LONGEST_LOCK,
    OF_ACCOUNT,
    OF_ADDRESS,
    REMEMBERED,
    Attempts,
)

DAY = 86_400.0


def test_the_fifth_wrong_password_locks_and_the_lock_ends():
    attempts = Attempts()
    for _ in range(OF_ACCOUNT):
        assert attempts.take("li", "192.0.2.1", "", 0.0) == 0
    assert attempts.take("li", "192.0.2.2", "", 1.0) == FIRST_LOCK - 1
    assert attempts.take("li", "192.0.2.2", "", FIRST_LOCK) == 0
    assert attempts.take("li", "192.0.2.2", "", FIRST_LOCK) == 2 * FIRST_LOCK


def test_ten_thousand_tries_a_day_are_a_hundred_and_the_lock_never_grows_beyond_its_longest():
    attempts = Attempts()
    tried, longest = 0, 0.0
    for n in range(10_000):
        now = n * DAY / 10_000
        wait = attempts.take("li", f"192.0.{n % 200}.{n // 200}", "", now)
        tried += wait == 0
        longest = max(longest, wait)
    assert tried < 110
    assert longest <= LONGEST_LOCK
    assert attempts.take("li", "192.0.2.1", "", DAY + LONGEST_LOCK) == 0  # and never for ever


def test_who_has_logged_in_from_this_device_before_is_not_locked_out_by_strangers():
    attempts = Attempts()
    for n in range(1000):
        attempts.take("li", "192.0.2.1", "", n)
    assert attempts.wait("li", "192.0.2.1", "", 1000) > 0
    assert attempts.take("li", "192.0.2.1", "the phone", 1000) == 0
    attempts.right("li", "192.0.2.1", "the phone")
    # what the owner does gives strangers no more tries
    assert attempts.wait("li", "192.0.2.1", "", 1000) > 0


def test_one_account_under_attack_costs_its_neighbours_behind_one_address_nothing():
    attempts = Attempts()
    for n in range(10_000):
        attempts.take("li", "192.0.2.1", "", n / 10)  # 1000 s
        assert attempts.wait("wu", "192.0.2.1", "", n / 10) == 0


def test_an_address_that_tries_many_names_is_locked_and_another_is_not():
    attempts = Attempts()
    tried = sum(attempts.take(f"name {n}", "192.0.2.1", "", 0.0) == 0 for n in range(1000))
    assert tried == OF_ADDRESS
    assert attempts.wait("wu", "192.0.2.1", "", 0.0) == FIRST_LOCK
    assert attempts.wait("wu", "192.0.2.2", "", 0.0) == 0


def test_of_ipv6_one_host_has_a_whole_network():
    attempts = Attempts()
    for n in range(OF_ADDRESS):
        attempts.take(f"name {n}", f"2001:db8:1:2:{n:x}::1", "", 0.0)
    assert attempts.wait("wu", "2001:db8:1:2:ffff::1", "", 0.0) > 0
    assert attempts.wait("wu", "2001:db8:1:3::1", "", 0.0) == 0


def test_of_ipv6_a_network_that_is_written_shorter_is_one_too():
    attempts = Attempts()
    for n in range(OF_ADDRESS):
        attempts.take(f"name {n}", f"2001:db8::{n + 1:x}:0:1:1", "", 0.0)
    assert attempts.wait("wu", "2001:db8::ffff:0:0:1", "", 0.0) > 0
    assert attempts.wait("wu", "2001:db8:0:1::1", "", 0.0) == 0
    assert attempts.wait("wu", "::ffff:192.0.2.1", "", 0.0) == 0


def test_a_right_password_begins_the_account_anew_but_washes_no_address():
    attempts = Attempts()
    for n in range(OF_ADDRESS - 1):
        attempts.take(f"name {n}", "192.0.2.1", "", 0.0)
    assert attempts.take("wu", "192.0.2.1", "", 0.0) == 0
    attempts.right("wu", "192.0.2.1", "")
    assert attempts.take("wu", "192.0.2.1", "", 0.0) == 0  # the thirtieth
    assert attempts.take("wu", "192.0.2.1", "", 0.0) == FIRST_LOCK


def test_a_clock_that_is_set_back_locks_no_longer():
    attempts = Attempts()
    for _ in range(OF_ACCOUNT):
        attempts.take("li", "192.0.2.1", "", 10 * DAY)
    assert attempts.wait("li", "192.0.2.1", "", 0.0) <= LONGEST_LOCK


def test_a_million_names_do_not_fill_the_memory():
    attempts = Attempts()
    for n in range(3 * REMEMBERED):
        attempts.take(f"name {n}", f"192.0.{n % 250}.{n // 250 % 250}", "", n)
    assert len(attempts._tallies) <= REMEMBERED
