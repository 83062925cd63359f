"""What the unit itself runs while it is calibrated, in the virtual box, and what is made of it."""

from collections.abc import Iterator
from datetime import date

import pytest
from stand import Ran, Stand

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.calibrator import steady_tone
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.unit import console_unit, live_unit
from noisetamer.workshop.calibrate.unit.console_unit import ConsoleUnit

pytestmark = pytest.mark.device

CALIBRATOR = Reference("HS6020", "04417", date(2027, 5, 1), 0.2, (94.0, 114.0), 1000.0)
SECONDS = 13


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The snippet on the reference board, a tone of 94 dB at its microphone."""
    folder = tmp_path_factory.mktemp("unit")
    script = folder / "main_listen.py"
    script.write_text(f"{live_unit.LISTEN.file.read_text()}\nlisten({SECONDS})\n")
    stand = Stand(folder, script, unit="NT-26A-0007", calibration=-1.5)
    return stand.run(SECONDS + 5, tone_dB=94.0)


def test_the_unit_says_what_it_is(ran: Ran):
    instrument = ConsoleUnit(ran.lines).instrument
    assert (instrument.serial, instrument.microphone) == ("NT-26A-0007", "INMP441")
    assert (instrument.full_scale, instrument.calibration) == (120.0, -1.5)
    assert (instrument.tolerance, instrument.overload) == (3.0, pytest.approx(120.0))


def test_a_live_unit_reads_the_calibrator_by_its_own_kernel(ran: Ran):
    unit = ConsoleUnit(ran.lines, begins=100.0)
    seconds = list(unit.seconds())
    assert [second.at for second in seconds][:10] == [102.0 + n for n in range(10)]
    found = steady_tone.steady_reading(seconds, unit.instrument, CALIBRATOR)
    assert found.deviation == pytest.approx(-1.5, abs=0.02)
    assert found.frequency == pytest.approx(1000.0, abs=0.1)


def test_not_a_sample_is_lost_between_its_lines(ran: Ran):
    assert ran.samples_lost() == 0


def test_its_lines_take_less_time_than_a_block_at_115200_baud(ran: Ran):
    assert max(len(line) for line in ran.lines[1:]) * 10 / 115_200 < 0.1


def spoilt(lines: list[str]) -> Iterator[str]:
    yield from lines[:30]
    yield '{"v":1,"t":1795431600,"LAeq":612}'


def test_another_program_on_its_port_is_named(ran: Ran):
    with pytest.raises(UserError, match="close other programs that use its port"):
        list(ConsoleUnit(spoilt(ran.lines)).seconds())


@pytest.mark.parametrize("first", ["", "MicroPython v1.29", '{"unit":"NT-1"}'])
def test_a_unit_of_another_version_is_named(first: str):
    with pytest.raises(UserError, match=r"flash it with this version"):
        ConsoleUnit([first])


def test_a_mistake_of_ours_is_not_the_units(ran: Ran, monkeypatch: pytest.MonkeyPatch):
    def mistaken(*_):
        raise TypeError("from_profile() takes another argument")

    monkeypatch.setattr(console_unit, "from_profile", mistaken)
    with pytest.raises(TypeError, match="another argument"):
        ConsoleUnit(ran.lines)
