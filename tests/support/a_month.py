"""A hub's folder with a month, written as rows at once: what was put in is known to the second."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from noisetamer.hub.incidents import escalation
from noisetamer.hub.incidents.book import Book
from noisetamer.hub.incidents.incident import Incident
from noisetamer.hub.orders import policies
from noisetamer.hub.registry import Units
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store import minutes
from noisetamer.hub.store.writer import Store
from tamer.record.reading import MISSING

_READ = policies.read(policies.shipped()["square"], date.max)
POLICY, LIMIT = _READ.hash, 680
"""What the boxes of a month say they decide by, and its limit at 19 h, 0.1 dB."""
SQUARE, UNIT = "东门广场", "SIM-0001"
DAY, HOUR = 86_400, 3600


@dataclass
class MonthFolder:
    """Seconds and events in whole minutes of UTC; `close` writes the incidents too."""

    folder: Path
    square: str = SQUARE
    events: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.units = Units(self.folder / "units.sqlite")
        Squares(self.folder / "squares.sqlite")
        Store(self.folder / "hub.sqlite").close()
        self.book = Book(self.folder / "incidents.sqlite")

    def enrol(self, unit: str = UNIT, name: str = "东", square: str | None = None) -> None:
        self.units.enrol(unit, name=name, square=square or self.square)

    def seconds(self, t: int, LAeq: np.ndarray, flags: np.ndarray, unit: str = UNIT) -> None:
        """t: a full minute, Unix s; LAeq: 0.1 dB; flags: NOT_RECEIVED where nothing came."""
        assert t % 60 == 0 and len(LAeq) % 60 == 0
        heard = (flags & 0x0F) == 0
        level = np.where(heard, LAeq, MISSING)
        columns = np.stack([level, np.where(heard, LAeq + 30, MISSING), level, level, flags])
        rows = [
            (unit, t // 60 + n, *minutes.blobs(columns[:, 60 * n : 60 * n + 60]))
            for n in range(len(LAeq) // 60)
            if (flags[60 * n : 60 * n + 60] != minutes.NOT_RECEIVED).any()
        ]
        hours = {(unit, minute // 60 * HOUR) for _, minute, *_ in rows}
        with self._store() as store:
            store.execute("BEGIN")
            store.executemany("INSERT INTO minute VALUES(?,?,?,?,?,?,?)", rows)
            store.executemany("INSERT OR IGNORE INTO hour_touched VALUES(?,?,1,0)", sorted(hours))
            store.execute("COMMIT")

    def tell(self, t: int, kind: str, unit: str = UNIT, **fields: Any) -> None:
        self.events += 1
        with self._store() as store:
            store.execute(
                "INSERT INTO event VALUES(?,1,?,?,?,?)",
                (unit, self.events, t, kind, json.dumps(fields)),
            )

    def warned(
        self, t: int, after: int, effective: bool, unit: str = UNIT, message: str = "polite_zh"
    ) -> None:
        """A spell of one warning: red at t, warned at once, released or not after so long."""
        stage = {"limit": 650, "level": 700, "policy": POLICY}
        words = {"message": message, "number": 1}
        self.tell(t, "stage", unit, **{"from": "green", "to": "polite"}, **stage)
        self.tell(t, "warning", unit, stage="polite", **words)
        self.tell(
            t + after, "outcome", unit, stage="polite", effective=effective, after=after, **words
        )
        self.tell(
            t + after, "stage", unit, **{"from": "polite", "to": "green"}, **stage | {"level": 550}
        )

    def incident(self, begin: int, end: int | None, level: int = 700, unit: str = UNIT) -> int:
        """Its number."""
        case = self.book.new(
            Incident(
                *(0, self.square, "noise", "resolved", (unit,), float(begin)),
                resolved=end,
                begin=begin,
                end=end,
                level=level,
                limit=650,
                stage="polite",
            ),
            escalation.State(),
        )
        self.book.put(case, None)
        return case.incident.id

    def _store(self) -> closing[sqlite3.Connection]:
        store = sqlite3.connect(self.folder / "hub.sqlite", isolation_level=None)
        # a folder of a test need not outlive a power cut
        store.execute("PRAGMA synchronous=OFF")
        return closing(store)
