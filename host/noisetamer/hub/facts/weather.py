"""The weather of the town or of a square, hour by hour: weather.sqlite."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.database import Schema, SharedFile
from noisetamer.hub.store.hour_sums import HOUR

FILE = "weather.sqlite"

SCHEMA = Schema(
    name="weather of the hub",
    application=0x4E545745,  # NTWE
    option="--data",
    steps=(
        (
            # hour: its begin, Unix s; square: '' for the town.
            """CREATE TABLE weather(
              square TEXT, hour INTEGER, wind REAL, rain REAL, temperature REAL,
              PRIMARY KEY(square, hour)) WITHOUT ROWID""",
        ),
    ),
)


@dataclass(frozen=True)
class Hour:
    """The hour from t on, Unix s. square: "" for the whole town; wind: m/s, mean; rain: mm;
    temperature: degrees C; None: not known."""

    square: str
    t: int
    wind: float | None = None
    rain: float | None = None
    temperature: float | None = None


class Weather(SharedFile):
    """May be used by several threads, one after the other. Raises database.Error."""

    def __init__(self, file: Path) -> None:
        """Open or create. Raises UserError for a file that is something else, or newer."""
        super().__init__(file, SCHEMA)

    def add(self, hours: Iterable[Hour]) -> int:
        """Keep them; what is known anew takes the place of what was; how many."""
        rows = [
            (one.square, one.t // HOUR * HOUR, one.wind, one.rain, one.temperature)
            for one in hours
        ]
        with self.transaction():
            self._connection.executemany(
                "INSERT INTO weather VALUES(?,?,?,?,?) ON CONFLICT(square, hour) DO UPDATE SET"
                " wind=excluded.wind, rain=excluded.rain, temperature=excluded.temperature",
                rows,
            )
        return len(rows)

    def between(self, since: int, until: int, square: str | None = None) -> list[Hour]:
        """Those that begin within since <= t < until, Unix s; square: of one, None: of all."""
        rows = self._rows(
            "SELECT square, hour, wind, rain, temperature FROM weather WHERE hour>=?1"
            " AND hour<?2 AND (CAST(?3 AS TEXT) IS NULL OR square=?3) ORDER BY hour, square",
            *(since, until, square),
        )
        return [Hour(*row) for row in rows]
