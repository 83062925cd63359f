"""The reference instrument, as its own certificate states it: a TOML file written once.

name = "HS6020"
serial = "04417"
due = 2027-05-01
U = 0.15                 # dB, k = 2, from its certificate
levels = [94.02, 114.01] # a calibrator: of its certificate
frequency = 1000         # a calibrator: 1000 or 250
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from noisetamer.base import toml_file
from noisetamer.base.errors import UserError

_KNOWN = {"name", "serial", "due", "U", "levels", "frequency"}


@dataclass(frozen=True)
class Reference:
    """U: expanded uncertainty (k = 2) of its levels, dB. levels (dB) and frequency (Hz) are a
    calibrator's."""

    name: str
    serial: str
    due: date
    U: float
    levels: tuple[float, ...] = ()
    frequency: float | None = None

    def as_json(self) -> dict[str, Any]:
        """For the certificate; levels (dB) and frequency (Hz) of a calibrator only."""
        table = {
            "name": self.name,
            "serial": self.serial,
            "due": self.due.isoformat(),
            "U": self.U,
        }
        if self.levels:
            table |= {"levels": list(self.levels), "frequency": self.frequency}
        return table


def read(path: Path, today: date) -> Reference:
    """Raises UserError where the file states no reference that may be used today."""
    table = toml_file.read(path)
    if unknown := set(table) - _KNOWN:
        raise UserError(f"{path}: {min(unknown)} means nothing; it may be one of {_keys()}")
    reference = Reference(
        name=_text(path, table, "name"),
        serial=_text(path, table, "serial"),
        due=_date(path, table),
        U=_number(path, table.get("U"), "U", 0.0, 5.0),
        levels=_levels(path, table.get("levels", [])),
        frequency=_frequency(path, table.get("frequency")),
    )
    if reference.due < today:
        raise UserError(
            f"{path}: {reference.name} {reference.serial} was due for its own calibration on "
            f"{reference.due}; have it calibrated or use another"
        )
    return reference


def as_calibrator(reference: Reference, path: Path) -> Reference:
    """The same; raises UserError if it states no tone."""
    if not reference.levels or reference.frequency is None:
        raise UserError(f"{path}: states no levels and frequency, so it is no calibrator")
    return reference


def _keys() -> str:
    return ", ".join(sorted(_KNOWN))


def _text(path: Path, table: dict[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UserError(f'{path}: {key} is missing; write {key} = "..."')
    return value


def _date(path: Path, table: dict[str, Any]) -> date:
    value = table.get("due")
    if isinstance(value, datetime) or not isinstance(value, date):
        raise UserError(f"{path}: due is no day; write due = 2027-05-01, without quotes")
    return value


def _number(path: Path, value: object, key: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least < value <= most:
        raise UserError(f"{path}: {key} must be a number above {least:g} and up to {most:g}")
    return float(value)


def _levels(path: Path, value: object) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise UserError(f"{path}: levels must be a list, such as levels = [94.0, 114.0]")
    return tuple(_number(path, level, "each of levels", 60.0, 130.0) for level in value)


def _frequency(path: Path, value: object) -> float | None:
    if value is None:
        return None
    if value not in (250, 1000):
        raise UserError(f"{path}: frequency must be 1000 or 250; give the nominal one")
    return float(value)  # pyright: ignore[reportArgumentType]
