"""What is kept about a person, and how a name is taken out of what stays. Pure.

A person is an account's name, or what a desk, a form or a resident wrote as one. Which columns of
which file are about people stands in `hub/privacy/columns.toml`; a store whose file is more than
columns has a method `forget`.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

GONE = "…"
"""Stands where a name was."""

PERSONAL_KEYS = frozenset(
    (
        *("by", "who", "name", "names", "people", "person", "acknowledged_by", "display"),
        *("note", "text", "reason", "title", "message", "lines", "body", "detail", "target"),
    )
)
"""Of JSON: under these a person may be named; what stands under others is the program's own."""


@dataclass(frozen=True)
class Kept:
    """Something that is kept about a person.

    file: in the data folder; where: table and row, "check_in 17"; what: the columns; at: when it
    came, Unix s, None: not known; until: when it goes by itself, Unix s, None: it stays; stays:
    why it is not deleted on request, "" where it is.
    """

    file: str
    where: str
    what: str
    at: float | None = None
    until: float | None = None
    stays: str = ""


def sealed(row: Sequence[object]) -> str:
    """SHA-256 of a row and of 128 random bits that nobody keeps, hex: what was kept cannot be
    guessed from it. Whoever has the row in a log or a bundle proves it there."""
    told = json.dumps([secrets.token_hex(16), *row], ensure_ascii=False, default=repr)
    return hashlib.sha256(told.encode()).hexdigest()


def without(text: str, names: Iterable[str]) -> str:
    """Every name in a text is GONE. 'li' is no name in 'police', and one character is none in any
    text but that of the name alone."""
    for name in names:
        if text == name and name:
            return GONE
        if len(name) > 1:
            before = r"(?<![0-9A-Za-z_])" if name[0].isascii() else ""
            after = r"(?![0-9A-Za-z_])" if name[-1].isascii() else ""
            text = re.sub(before + re.escape(name) + after, GONE, text)
    return text


def without_in(told: Any, names: Sequence[str], personal: bool = False) -> Any:
    """The same in what JSON told, under PERSONAL_KEYS."""
    match told:
        case str():
            return without(told, names) if personal else told
        case list():
            return [without_in(each, names, personal) for each in told]
        case dict():
            return {
                key: without_in(value, names, personal or key in PERSONAL_KEYS)
                for key, value in told.items()
            }
    return told
