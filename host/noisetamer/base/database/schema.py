"""One kind of store: what it is called, its number, and its tables step by step."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from noisetamer.base.errors import UserError


@dataclass(frozen=True)
class ByDay:
    """A table that has a partition a day on a server (days.py).

    column: of it, which tells the day; each: how many of the column's numbers a day has. added:
    the table has this column on a server only, 0 in rows that belong to no day.
    """

    column: str
    each: int = 1
    added: bool = False


@dataclass(frozen=True)
class Schema:
    """One kind of file.

    name: in sentences, "ledger"; application: its application_id, 32 bits; option: with which the
    user names such a file, or its folder; steps: statements, steps[n] leads from version n to
    n + 1; from_before: tables of files that were made before they carried an id (step 0 must
    leave what is there); error: raised for what the user can mend; by_day: tables that grow with
    time, and are let go of by days.
    """

    name: str
    application: int
    option: str
    steps: tuple[tuple[str, ...], ...]
    from_before: frozenset[str] = frozenset()
    error: type[UserError] = UserError
    by_day: Mapping[str, ByDay] = field(default_factory=dict, hash=False)

    @property
    def version(self) -> int:
        return len(self.steps)
