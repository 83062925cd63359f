"""A DT-8852 on a pty, read by the unmodified package dt8852."""

from itertools import islice

import numpy as np
import pytest
import serial
from square_beside_meter import OFFSET, HandMeter, square
from virtual_dt8852 import VirtualDt8852, mode, plugged_in
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side import compare
from noisetamer.workshop.calibrate.side_by_side.meters.dt8852_meter import BAUD, Dt8852Meter
from noisetamer.workshop.calibrate.side_by_side.series import Readings

SOME = Readings(np.arange(20.0), np.linspace(60.0, 69.5, 20))


def opened(meter: VirtualDt8852, timeout: float) -> serial.Serial:
    return serial.Serial(meter.port, BAUD, timeout=timeout)


def told(settings: bytes, readings: Readings = SOME) -> tuple[Readings, str | None]:
    """(what was read, the time weighting) until the meter has told everything."""
    with plugged_in(readings, settings) as meter, opened(meter, DEADLINE) as port:
        reader = Dt8852Meter(port, meter.clock)
        meter.start()
        found = list(islice(reader.readings(), len(readings.dB)))
    times, levels = np.array(found).T
    return Readings(times, levels), reader.weighting


def test_every_number_of_its_display_is_read_and_the_bar_graph_is_not():
    found, weighting = told(mode())
    assert found.dB == pytest.approx(np.round(SOME.dB, 1))
    assert found.times == pytest.approx(SOME.times)
    assert weighting == "slow"


def test_it_tells_its_own_time_weighting():
    assert told(mode(slow=False))[1] == "fast"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (mode(dB_C=True), r"set it to dB\(A\)"),
        (mode(hold=True), "holds its least or highest reading"),
        (mode(low=True), "battery is low"),
    ],
)
def test_a_meter_that_is_set_wrongly_is_refused(settings: bytes, says: str):
    with pytest.raises(UserError, match=says):
        told(settings)


def test_a_silent_meter_is_told_to_press_setup():
    with plugged_in(SOME, mode()) as meter, opened(meter, 0.05) as port:
        reader = Dt8852Meter(port, meter.clock)
        with pytest.raises(UserError, match="press SETUP once"):
            next(reader.readings())


def test_ten_minutes_beside_the_square_give_the_offset_within_a_tenth():
    """0.3 dB of noise, a clock 2 s ahead, Slow, and one slip in fifty."""
    unit = square(7)
    found, weighting = told(mode(), HandMeter().readings(unit, 7))
    assert weighting == "slow"
    compared = compare.compare(unit, found, weighting, floor=33.0)
    assert compared.change == pytest.approx(OFFSET, abs=0.1)
    assert compared.clock == pytest.approx(-2.0, abs=0.1)
