"""What time it is, and whose word is taken for it. Runs in both Pythons."""

import pytest

from tamer import BUILT
from tamer.clock import HUB, NTP, Clock

pytestmark = pytest.mark.pure

T = 1795431600000  # 2026-11-23 19:00 in China, ms
DAY = 86400000
CHIP_2000, CHIP_2036 = 946684800000, 2085978496000


class Chip:
    """A chip's clock and its non-volatile memory; `fast`: what its crystal gains, in 1e-6."""

    def __init__(self, unix=CHIP_2000, fast=0):
        self.unix = unix
        self.values = {}
        self._fast = fast
        self._ticks = 0

    def wait(self, ms):
        ms += ms * self._fast // 1000000
        self._ticks += ms
        self.unix += ms

    def lose_power(self):
        self.unix = CHIP_2000

    def boot(self):
        return Clock(self, self)

    def ticks(self):
        return self._ticks & 0x3FFFFFFF

    def since(self, ticks):
        return (self._ticks - ticks) & 0x3FFFFFFF

    def read(self):
        return self.unix

    def set(self, unix_ms):
        self.unix = unix_ms

    def get_i32(self, key):
        if key not in self.values:
            raise OSError
        return self.values[key]

    def set_i32(self, key, value):
        assert -(2**31) <= value < 2**31
        self.values[key] = value

    def commit(self):
        pass


def test_a_chip_that_was_never_set_counts_its_own_seconds():
    for unix in (CHIP_2000, 0, CHIP_2036, 1000 * BUILT + 3650 * DAY):
        chip = Chip(unix)
        clock = chip.boot()
        chip.wait(2500)
        clock.start()
        chip.wait(12345)
        assert (clock.known(), clock.now(), clock.now_ms(), clock.news()) == (
            False,
            12,
            12345,
            None,
        )


def test_what_a_chip_has_kept_over_a_reset_is_the_time_and_no_news():
    chip = Chip(T)
    clock = chip.boot()
    chip.wait(1700)
    clock.start()
    assert (clock.known(), clock.now_ms(), clock.news()) == (True, T + 1700, None)


def test_a_clock_that_somebody_sets_at_the_console_is_taken():
    chip = Chip()
    clock = chip.boot()
    clock.start()
    chip.wait(5000)
    chip.set(T)
    assert (clock.known(), clock.now_ms(), clock.news()) == (True, T, ("chip", None, None))


def test_once_told_it_knows_and_so_does_the_chip_after_a_reset():
    chip = Chip()
    clock = chip.boot()
    chip.wait(30000)
    assert clock.told(T + 250, NTP)
    chip.wait(1000)
    assert (clock.now_ms(), clock.news(), clock.news()) == (T + 1250, ("ntp", None, None), None)
    assert chip.boot().now_ms() == T + 1250
    chip.lose_power()
    assert not chip.boot().known()


def test_an_absurd_time_is_nobodys():
    clock = Chip().boot()
    absurd = (0, CHIP_2000, CHIP_2036, 1000 * BUILT - 1, 1000 * BUILT + 3653 * DAY, 2**62)
    for unix in absurd:
        for source in (NTP, HUB):
            assert not clock.told(unix, source)
    assert not clock.known()
    assert clock.told(1000 * BUILT, NTP)


def test_a_correction_says_what_the_clock_gains_and_from_then_on_it_gains_nothing():
    chip = Chip(fast=40)
    clock = chip.boot()
    assert clock.told(T, NTP, 15)
    clock.news()
    chip.wait(DAY)
    assert clock.told(T + DAY, NTP, 15)
    assert clock.news() == ("ntp", -3456, 400)
    assert clock.now_ms() == T + DAY
    for day in range(2, 5):
        chip.wait(DAY)
        assert abs(clock.now_ms() - (T + day * DAY)) < 20
        assert clock.told(T + day * DAY, NTP, 15)
        news = clock.news()
        assert news
        _, step, drift = news
        assert step is not None and drift is not None
        assert abs(step) < 20
        assert abs(drift - 400) <= 1


def test_no_drift_is_claimed_that_the_network_may_have_made():
    for wait, unsure in ((60000, 5), (3600000, 40), (DAY, 900)):
        chip = Chip()
        clock = chip.boot()
        clock.told(T, NTP, unsure)
        chip.wait(wait)
        clock.told(T + wait + 30, NTP, unsure)
        assert clock.news() == ("ntp", 30, None)
        # Nor one that no crystal has.
    chip.wait(DAY)
    clock.told(T + 3 * DAY, NTP)
    assert clock.news() == ("ntp", DAY - 30, None)


def test_the_hub_is_no_news_while_it_says_about_the_same():
    chip = Chip()
    clock = chip.boot()
    assert clock.told(T, HUB)
    assert clock.news() == ("hub", None, None)
    chip.wait(3600000)
    assert clock.told(T + 3598500, HUB)
    assert (clock.news(), clock.now_ms()) == (None, T + 3600000)
    assert clock.told(T + 3605000, HUB)
    assert (clock.news(), clock.now_ms()) == (("hub", 5000, None), T + 3605000)


def test_a_time_server_that_contradicts_the_hub_is_not_believed_while_the_hub_is_there():
    chip = Chip()
    clock = chip.boot()
    clock.told(T, HUB)
    chip.wait(3600000)
    assert not clock.told(T + 7200000, NTP)
    assert clock.told(T + 3601000, NTP)
    chip.wait(3 * DAY)
    assert clock.told(T + 4 * DAY, NTP)


def test_of_two_contradicting_words_the_hubs_counts():
    chip = Chip()
    clock = chip.boot()
    clock.told(T + DAY, NTP)
    assert clock.told(T, HUB)
    assert clock.now_ms() == T


def test_a_chip_without_the_time_is_lent_the_earliest_date_and_never_takes_that_for_the_time():
    chip = Chip()
    clock = chip.boot()
    clock.lend()
    assert (chip.unix, clock.known(), clock.now()) == (1000 * BUILT, False, 0)
    # After a reset and a power cut as well.
    chip.wait(5000)
    clock = chip.boot()
    clock.lend()
    assert (clock.known(), chip.unix) == (False, 1000 * BUILT + 5000)
    chip.lose_power()
    clock = chip.boot()
    clock.lend()
    assert (clock.known(), chip.unix) == (False, 1000 * BUILT)
    clock.told(T, HUB)
    assert chip.boot().known()
    # The last time it knew is a later floor.
    chip.lose_power()
    chip.boot().lend()
    assert chip.unix == T


def test_what_was_lent_is_gone_with_the_power_so_a_clock_set_at_the_console_counts_again():
    chip = Chip()
    chip.boot().lend()
    chip.lose_power()
    clock = chip.boot()
    chip.set(T)
    assert (clock.known(), clock.now_ms()) == (True, T)


def test_a_chip_at_2036_is_lent_a_date_too_and_one_that_is_right_is_left_alone():
    chip = Chip(CHIP_2036)
    chip.boot().lend()
    assert chip.unix == 1000 * BUILT
    chip = Chip(T)
    chip.boot().lend()
    assert chip.unix == T


def test_ticks_that_wrap_lose_nothing():
    chip = Chip()
    clock = chip.boot()
    for _ in range(30):
        chip.wait(DAY)
        clock.now()
    assert clock.now() == 30 * 86400
