"""A unit on a virtual board's port: calibrated live, written, and started again."""

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from program import run
from real_tools import flash

from noisetamer.base.errors import UserError
from noisetamer.unit.files.partition_image import lay_out
from noisetamer.virtual.board import VirtualBoard
from noisetamer.virtual.board.acoustics import tone
from noisetamer.workshop.calibrate.calibrator import steady_tone
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.side_by_side import unit_levels
from noisetamer.workshop.calibrate.unit import live_unit, unit_settings
from noisetamer.workshop.calibrate.unit.live_unit import LiveUnit
from noisetamer.workshop.port.session import Session

pytestmark = pytest.mark.tools

CALIBRATOR = Reference("HS6020", "04417", date(2027, 5, 1), 0.2, (94.0, 114.0), 1000.0)

SETTINGS = {"unit": "NT1-2611-0001", "calibration": 0.7}

# Of the firmware, what a unit must have to listen.
NEEDED = ("board.py", "microphones/*", "tamer/*.py", "tamer/hear/**/*", "tamer/act/*.py")
NEEDED += ("tamer/record/*.py", "settings.json")

# So much faster than real time the board hears.
SPEED = 20.0


@pytest.fixture(scope="module")
def flashed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualBoard]:
    """A unit whose microphone has a calibrator on it."""
    folder = tmp_path_factory.mktemp("unit")
    content = folder / "content"
    content.mkdir()
    lay_out(content, "esp32_s3", SETTINGS)
    with VirtualBoard("esp32s3", flash(folder / "board"), speed=SPEED) as bare:
        put(bare, content)
        bare.sound = tone(1000.0, 94.0)
        yield bare


@pytest.fixture
def board(flashed: VirtualBoard) -> VirtualBoard:
    """The same, as it left the workshop."""
    with live_unit.connected(flashed.url) as live:
        live.session.put(unit_settings.SETTINGS, json.dumps(SETTINGS).encode())
        live.session.remove(unit_settings.HISTORY)
    return flashed


def put(board: VirtualBoard, content: Path) -> None:
    session = Session.open(board.url)
    session.restart()
    for path in sorted(path for pattern in NEEDED for path in content.glob(pattern)):
        if path.is_file():
            session.put(f"/{path.relative_to(content)}", path.read_bytes())
    session.close()


def read(live: LiveUnit) -> float:
    """What the unit reads too much, dB."""
    with live.listening(15) as unit:
        return steady_tone.steady_reading(unit.seconds(), unit.instrument, CALIBRATOR).deviation


def test_a_unit_is_read_adjusted_and_read_again(board: VirtualBoard):
    told = {
        "at": "2026-11-23T11:00:00Z",
        "due": "2027-11-23",
        "kind": "calibrator",
        "offset": 0.0,
        "U": 0.3,
        "deviation": 0.7,
        "equaliser": None,
        "reference": CALIBRATOR.as_json(),
        "number": "NT1-2611-0001-20261123T110000000Z-calibrator",
    }
    with live_unit.connected(board.url) as live:
        assert read(live) == pytest.approx(0.7, abs=0.05)
        unit_settings.deliver(live.session, told, "ab" * 32)
        assert read(live) == pytest.approx(0.0, abs=0.05)
        assert unit_settings.settings_of(live.session) == {
            "unit": "NT1-2611-0001",
            "calibration": 0.0,
        }
        (entry,) = json.loads(live.session.read(unit_settings.HISTORY) or b"")
    assert (entry["offset"], entry["due"]) == (0.0, "2027-11-23")


def test_the_command_asks_for_two_placements_writes_and_reads_again(
    board: VirtualBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    reference = tmp_path / "reference.toml"
    reference.write_text(
        'name = "HS6020"\nserial = "04417"\ndue = 2099-05-01\nU = 0.2\n'
        "levels = [94.5, 114.0]\nfrequency = 1000\n"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("\n\n"))
    who = ("--operator", "Wang Wei", "--place", "bench", "--out", tmp_path / "out")
    ran = run("calibrate", "calibrator", board.url, "--reference", reference, *who)
    assert ran.code == 0, ran.wrong
    assert "NT1-2611-0001: read 0.20 dB too much" in ran.out
    assert "offset +0.50 dB" in ran.out
    assert "written to the unit" in ran.out
    assert "read again: +0.00 dB" in ran.out
    assert len(list((tmp_path / "out").glob("NT1-2611-0001-*-calibrator.pdf"))) == 1


def test_listening_ends_when_enough_was_heard(board: VirtualBoard):
    with live_unit.connected(board.url, lambda: 100.0) as live:
        with live.listening(3600) as unit:
            levels = unit_levels.of_seconds([next(seconds := unit.seconds()), next(seconds)])
        assert live.session.read("/no_such_file") is None
    assert (levels.begin, levels.step, len(levels.dB)) == (102.0, 0.125, 16)
    assert levels.dB == pytest.approx(94.7, abs=0.1)


def test_a_board_that_cannot_listen_says_why(tmp_path: Path):
    with (
        VirtualBoard("esp32s3", flash(tmp_path / "empty"), speed=SPEED) as board,
        live_unit.connected(board.url) as live,
        pytest.raises(UserError, match=r"could not listen \(ImportError: .*\); flash it"),
        live.listening(5),
    ):
        pass


def test_a_port_that_is_not_there_is_named():
    with (
        pytest.raises(UserError, match="There is no port /dev/ttyNONE: is the cable in"),
        live_unit.connected("/dev/ttyNONE"),
    ):
        pass
