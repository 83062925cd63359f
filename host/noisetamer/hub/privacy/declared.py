"""Which columns are about people: `columns.toml`, read once."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("columns.toml")
NOBODY, NAME, ACCOUNT, WORDS, JSON, WITH = "-", "name", "account", "words", "json", "with"
CLASSES = (NOBODY, NAME, ACCOUNT, WORDS, JSON, WITH)


@dataclass(frozen=True)
class Table:
    """columns: {name: its class, or why it stays}; goes: a row of the person is deleted; at: its
    column of time, ""; days: after which it goes by itself, 0: never."""

    file: str
    name: str
    columns: dict[str, str]
    goes: bool
    at: str
    days: int

    @property
    def personal(self) -> dict[str, str]:
        """Those by which a person is found."""
        beside = (NOBODY, WITH)
        return {name: kind for name, kind in self.columns.items() if kind not in beside}


@cache
def tables() -> tuple[Table, ...]:
    """All of them, in the order of the file."""
    with _FILE.open("rb") as file:
        declared = tomllib.load(file)
    return tuple(
        _table(file, name, dict(columns))
        for file, of_file in declared.items()
        for name, columns in of_file.items()
    )


def _table(file: str, name: str, columns: dict[str, str | int]) -> Table:
    goes = columns.pop("_rows", "") == "go"
    at, days = str(columns.pop("_at", "")), int(columns.pop("_days", 0))
    return Table(file, name, {key: str(kind) for key, kind in columns.items()}, goes, at, days)
