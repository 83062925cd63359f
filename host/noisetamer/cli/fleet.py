"""The command line of the fleet: `noisetamer fleet calibration` and `self-check`."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.base.output import spare
from noisetamer.hub.reports import self_check_trend
from noisetamer.hub.store.queries import Queries
from noisetamer.workshop.calibrate.drift import course, drift_chart
from noisetamer.workshop.calibrate.drift.course import Course
from noisetamer.workshop.calibrate.drift.verdict import LARGEST_DRIFT
from noisetamer.workshop.ledger.ledger import Ledger

# A year of nights among everything else that a unit tells.
_EVENTS = 1_000_000


def add_options(parser: argparse.ArgumentParser) -> None:
    views = parser.add_subparsers(dest="view", required=True, metavar="VIEW")
    what = "drift of every unit over its calibrations, as a chart"
    calibration = views.add_parser("calibration", help=what, description=what)
    calibration.add_argument("--ledger", type=Path, required=True, metavar="FILE")
    calibration.add_argument("--out", type=Path, required=True, metavar="PNG")
    what = "the nightly self-checks of one unit, as a chart"
    check = views.add_parser("self-check", help=what, description=what)
    check.add_argument("unit", metavar="SERIAL")
    check.add_argument("--data", type=Path, required=True, metavar="DIR", help="the hub's")
    check.add_argument("--out", type=Path, required=True, metavar="PNG")


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where a unit has drifted, is overdue or was never calibrated, or a check failed."""
    if arguments.view == "calibration":
        return _calibration(arguments.ledger, arguments.out)
    return _self_check(arguments.unit, arguments.data, arguments.out)


def _calibration(path: Path, out: Path) -> int:
    spare([path], out)
    with Ledger.read(path) as ledger:
        in_use = [one for one in ledger.serials() if not ledger.successor(one)]
        courses = [course.course(one, ledger.history(one)) for one in in_use]
    if not any(one.points for one in courses):
        raise UserError(f"{path}: holds no calibration yet; see noisetamer calibrate --help")
    today = datetime.now(UTC).date()
    drift_chart.draw(courses, today, out)
    for one in courses:
        print(
            f"{one.serial}  {'! ' if _needs_care(one, today) else '  '}{say(_state(one, today))}"
        )
    print(say(f"chart {out}"))
    return int(any(_needs_care(one, today) for one in courses))


def _needs_care(one: Course, today: date) -> bool:
    return one.due is None or one.drifted or one.overdue(today)


def _state(one: Course, today: date) -> str:
    if one.due is None:
        return "never calibrated"
    last = one.points[-1]
    text = f"{last.drift:+.2f} dB since the first calibration, due {one.due}"
    if one.drifted:
        return f"{text}; off by {last.left:+.2f} dB, calibrate"
    return f"{text}, overdue" if one.overdue(today) else text


def _self_check(unit: str, data: Path, out: Path) -> int:
    store = data / "hub.sqlite"
    if not database.exists(store):
        raise UserError(f"{data}: is no data folder of a hub; give the one of noisetamer hub")
    spare([store], out)
    checks = self_check_trend.nights(Queries(store).events(unit, _EVENTS))
    if not checks:
        raise UserError(
            f"{data}: holds no self-check of {unit} with a reference; the first night only "
            "takes the reference"
        )
    self_check_trend.draw(unit, checks, LARGEST_DRIFT, out)
    print(f"{unit}: {checks[-1].verdict} in the last of {len(checks)} nights")
    print(say(f"chart {out}"))
    return int(checks[-1].verdict != "good")
