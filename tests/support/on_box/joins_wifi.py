"""The box's own Wi-Fi at a station with a real one's manners, in virtual time."""

import asyncio

from network_manners import S, begin, clock

# That has put the drivers on the path.
SQUARE = {"ssid": "square", "key": "a long key"}

import network

from tamer.tell.failures import LinkError
from tamer.tell.wifi import Wifi


class Counted(network.WLAN):
    """A station that counts how often it was asked to join, and to leave."""

    def __init__(self):
        super().__init__()
        self.asked = self.left = 0

    def connect(self, ssid, key=None):
        self.asked += 1
        super().connect(ssid, key)

    def disconnect(self):
        self.left += 1
        super().disconnect()


def joined(network_of=SQUARE, until=1000):
    """(when it was in, s, or None; the reasons until then; the station)."""
    station = Counted()
    wifi = Wifi(station, network_of)

    async def join():
        reasons = []
        while clock.now < until * S:
            try:
                await wifi.joined()
                return clock.now / S, reasons, station
            except LinkError as error:
                reasons.append(error.args[0])
        return None, reasons, station

    return asyncio.run(join())


def test_an_access_point_that_is_there_is_joined_within_a_second():
    begin()
    at, reasons, station = joined()
    assert at < 1 and not reasons and station.asked == 1


def test_one_that_appears_at_any_time_is_joined_within_seconds():
    for appears in (1, 14, 16, 29, 61, 299, 301, 640):
        begin(no_access_point=[(0, appears)])
        at, reasons, _ = joined()
        assert appears <= at <= appears + 5
        assert set(reasons) <= {"no access point"}
        assert len(reasons) == int(at) // 15


def test_while_the_driver_is_at_it_it_is_not_disturbed():
    begin(no_access_point=[(0, 200)])
    _, _, station = joined()
    assert (station.asked, station.left) == (1, 0)


def test_a_driver_that_gets_nowhere_is_asked_anew_every_five_minutes():
    begin(no_access_point=[(0, 2000)])
    at, _, station = joined()
    assert at is None and station.left == 3


def test_a_driver_that_was_asked_by_somebody_else_is_waited_for():
    begin(no_access_point=[(0, 30)])
    station = Counted()
    network.WLAN.connect(station, "square", "a long key")
    clock.sleep(S)
    assert "LinkError" in asyncio.run(named(Wifi(station, SQUARE)))
    clock.sleep(20 * S)
    assert asyncio.run(named(Wifi(station, SQUARE))) == "None"


async def named(wifi):
    try:
        return str(await wifi.joined())
    except LinkError as error:
        return repr(error)


def test_a_wrong_key_is_named_and_tried_again():
    begin(wrong_key=[(0, 100)])
    at, reasons, _ = joined()
    assert 100 <= at <= 105 and set(reasons) == {"wrong key"}


def test_where_there_is_no_address_it_joins_anew_for_one():
    begin(no_address=[(0, 100)])
    at, reasons, station = joined()
    assert 100 <= at <= 120 and set(reasons) == {"no address"}
    assert station.asked == station.left + 1
