"""A meter's readings from the file it exports, whatever its format."""

from datetime import datetime
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.sound import level_tables
from noisetamer.sound.level_tables import DateOrder, LevelTable
from noisetamer.workshop.calibrate.side_by_side.series import Readings, TimeWeighting

_QUANTITIES = {"1s": "LAeq", "fast": "LAF", "slow": "LAS"}

# s. Readings of a display may be far between; averages must be those of a second.
_LONGEST_AVERAGE, _LONGEST_BETWEEN = 1.05, 60.0

_DATED = 1_000_000_000.0


def read(
    path: Path,
    weighting: TimeWeighting,
    near: float | None,
    zone: str | None = None,
    date_order: DateOrder | None = None,
    clock: str = "",
) -> tuple[LevelTable, Readings]:
    """What the meter shows with this time weighting, at the times it shows it.

    near: when the unit's run begins, Unix time in s; None where a recording does not say.
    Raises UserError, also where the file holds averages of other than a second.
    """
    table = level_tables.read(
        path,
        _QUANTITIES[weighting],
        zone=zone,
        date_order=date_order,
        clock=clock,
        near=_DATED if near is None else near,
    )
    if near is None and table.t[0] >= _DATED:
        first = datetime.fromtimestamp(table.t[0]).isoformat(timespec="seconds")
        raise UserError(
            f"{path}: tells the time of day, and the unit's recording does not say when it "
            f"begins: say --begins with date and time, such as {first}"
        )
    longest = _LONGEST_AVERAGE if weighting == "1s" else _LONGEST_BETWEEN
    if table.interval > longest:
        raise UserError(
            f"{path}: has a reading every {table.interval:g} s, nothing to calibrate with: set "
            "the meter to log LAeq of each second"
        )
    return table, Readings(table.t + table.interval, table.level)
