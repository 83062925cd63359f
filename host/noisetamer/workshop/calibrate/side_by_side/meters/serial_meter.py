"""A reference meter that prints lines on a serial port, by a row of meters.toml."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import serial

from noisetamer.base import toml_file
from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side.series import TIME_WEIGHTINGS, TimeWeighting

SHIPPED = Path(__file__).with_name("meters.toml")

SILENCE_S = 10.0

_KEYS = {"about", "baud", "pattern", "ask", "every", "time_weighting"}


@dataclass(frozen=True)
class Driver:
    """One row: see meters.toml."""

    about: str
    baud: int
    pattern: re.Pattern[str]
    ask: str
    every: float
    time_weighting: TimeWeighting | None


def drivers(path: Path) -> dict[str, Driver]:
    """The rows of a file of meters. Raises UserError at one that cannot be used."""
    return {name: _driver(path, name, row) for name, row in toml_file.read(path).items()}


def readings(
    port: serial.Serial, driver: Driver, clock: Callable[[], float] = time.time
) -> Iterator[tuple[float, float]]:
    """(time in s by `clock`, dB(A)) as the meter tells them; `port` with a timeout.

    Lines without a level are passed over. Raises UserError after ten seconds of them.
    """
    heard = clock()
    asked = -float("inf")
    while True:
        if driver.ask and clock() - asked >= driver.every:
            asked = clock()
            port.write(driver.ask.encode())
        line = port.readline().decode("ascii", errors="replace")
        now = clock()
        match = driver.pattern.search(line)
        if match:
            heard = now
            groups = match.groupdict()
            yield now, float(groups["level"]) if "level" in groups else int(groups["tenths"]) / 10
        elif now - heard > SILENCE_S:
            raise UserError(
                f"{port.port}: the meter tells no level (last line {line.strip()[:40]!r}); start "
                "its output, check --meter and the baud rate"
            )


def _driver(path: Path, name: str, row: object) -> Driver:
    where = f"{path}: [{name}]"
    if not isinstance(row, dict):
        raise UserError(f"{where}: is no table; write [{name}] on a line of its own")
    if unknown := set(row) - _KEYS:
        raise UserError(f"{where}: {min(unknown)} means nothing; use {', '.join(sorted(_KEYS))}")
    try:
        pattern = re.compile(row["pattern"])
    except (KeyError, TypeError, re.error) as error:
        raise UserError(f"{where}: pattern is no regular expression ({error})") from None
    if not {"level", "tenths"} & set(pattern.groupindex):
        raise UserError(f"{where}: pattern needs a group (?P<level>...) or (?P<tenths>...)")
    weighting = row.get("time_weighting")
    if weighting is not None and weighting not in TIME_WEIGHTINGS:
        raise UserError(f"{where}: time_weighting must be one of {', '.join(TIME_WEIGHTINGS)}")
    baud, every = row.get("baud", 9600), row.get("every", 1.0)
    if type(baud) is not int or baud <= 0 or not isinstance(every, int | float) or every <= 0:
        raise UserError(f"{where}: baud and every must be numbers above 0")
    return Driver(
        row.get("about", name), baud, pattern, row.get("ask", ""), float(every), weighting
    )
