"""What counts as wind, by ear and by instrument. Runs in both Pythons."""

import pytest

from tamer.hear.validity.weather import Weather
from tamer.hear.validity.wind import Rumble, is_wind
from tamer.record.reading import RAIN, VALID, WIND

pytestmark = pytest.mark.pure

UNEVEN = 80


def test_wind_alone_is_wind_at_every_speed():
    # LAeq, LCeq and rumble of van den Berg's spectrum at 3, 5, 8 and 12 m/s, screen of 60 mm.
    for LAeq, LCeq, rumble in ((350, 590, 610), (500, 730, 720), (640, 850, 820), (750, 945, 905)):
        assert is_wind(LAeq, LCeq, Rumble(rumble, UNEVEN))


def test_bass_is_not_wind_however_loud():
    # Dance music with a subwoofer of 35 Hz at 95 dB: 25 dB more in C than in A.
    for LAeq, LCeq, rumble in ((750, 840, 480), (700, 950, 640), (650, 900, 640)):
        assert not is_wind(LAeq, LCeq, Rumble(rumble, UNEVEN))


def test_loud_music_is_heard_through_a_breeze_and_not_through_a_gale():
    breeze, gale = Rumble(720, UNEVEN), Rumble(900, UNEVEN)
    assert not is_wind(750, 830, breeze)
    assert is_wind(750, 940, gale)


def test_the_line_rises_by_seven_for_five_of_the_rumble():
    assert is_wind(699, 900, Rumble(800, UNEVEN))
    assert not is_wind(700, 900, Rumble(800, UNEVEN))
    assert is_wind(769, 970, Rumble(850, UNEVEN))
    assert not is_wind(770, 970, Rumble(850, UNEVEN))


def test_a_machine_that_shakes_evenly_is_no_wind():
    assert not is_wind(500, 800, Rumble(800, 29))


def test_what_does_not_show_in_C_is_no_wind():
    assert not is_wind(600, 659, Rumble(800, UNEVEN))
    assert is_wind(600, 660, Rumble(800, UNEVEN))


def test_without_a_rumble_nothing_is_wind():
    assert not is_wind(600, 900, None)


class Cups:
    """Counts pulses; one a second is 0.8 m/s."""

    def __init__(self):
        self.count = 0

    def __call__(self):
        return self.count


def test_gusts_of_5_m_per_s_and_more_are_wind():
    cups = Cups()
    weather = Weather(cups, 0.8)
    told = []
    for pulses in (2, 2, 2, 12, 12, 2, 2, 2):
        cups.count += pulses
        told.append(weather.reason())
    assert told == [VALID, VALID, VALID, VALID, WIND, WIND, VALID, VALID]
    assert abs(weather.wind - 1.6) < 1e-6


def test_rain_is_rain_and_wind_goes_before_it():
    cups, wet = Cups(), [True]
    weather = Weather(cups, 0.8, lambda: wet[0])
    assert weather.reason() == RAIN
    cups.count += 100
    assert weather.reason() == WIND
    wet[0] = False
    assert Weather(rain=lambda: wet[0]).reason() == VALID


def test_a_box_without_instruments_feels_nothing():
    assert Weather().reason() == VALID
