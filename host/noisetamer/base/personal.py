"""What is kept about a person: how each file tells it, and lets go of it. Pure.

A person is an account's name, or what a desk, a form or a resident wrote as one. Whoever keeps
something of people has two methods, `about` and `forget` (`Personal`), and declares its columns
in `hub/privacy/columns.py`; a test fails for a column that nobody declared.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Kept:
    """Something that is kept about a person.

    file: in the data folder; where: table and row, "check_in 17"; what: plain words; at: when it
    came, Unix s, None: not known; until: when it goes by itself, Unix s, None: it stays until it
    is asked for, or as long as the account.
    """

    file: str
    where: str
    what: str
    at: float | None = None
    until: float | None = None


class Personal(Protocol):
    """Whoever keeps something of people. Blocks."""

    def about(self, person: str) -> list[Kept]:
        """All of it, by the name as it was written."""
        ...

    def forget(self, person: str) -> int:
        """Let go of all of it; of how many rows. What evidence needs stays, without the person,
        with `sealed` of the row as it was."""
        ...


def sealed(row: Sequence[object]) -> str:
    """SHA-256 of a row and of 128 random bits that nobody keeps, hex: what was kept cannot be
    guessed from it. Whoever has the row in a log or a bundle proves it there."""
    told = json.dumps([secrets.token_hex(16), *row], ensure_ascii=False, default=repr)
    return hashlib.sha256(told.encode()).hexdigest()
