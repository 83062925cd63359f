"""A sheet: lines of cells, whatever holds them."""

import csv
import re
from dataclasses import dataclass
from functools import cached_property

from noisetamer.sound.level_tables.cells import Column, cut

JOINT = "\x1f"
"""Between the cells of a line where the file itself has no separator."""


HEAD_LINES = 1000
"""Within which a heading is looked for."""


@dataclass
class Sheet:
    """body: lines of cells; bytes where all are ASCII, since a long file need not be decoded.
    delimiter: None: to be found. noun: what a line is called."""

    name: str
    body: str | bytes
    delimiter: str | None = None
    noun: str = "line"

    @cached_property
    def lines(self) -> list[str]:
        """The first ones, as in the file: lines[n] is line n + 1."""
        at = -1
        for _ in range(HEAD_LINES):
            if (at := _find(self.body, "\n", at + 1)) < 0:
                return text(self.body).split("\n")
        return text(self.body[:at]).split("\n")

    def holds(self, sign: str) -> bool:
        """Whether this character is anywhere in it."""
        return _find(self.body, sign) >= 0

    def below(self, begins: int) -> str | memoryview:
        """What stands from that line on, without empty lines at its end."""
        at = sum(len(line) + 1 for line in self.lines[:begins])
        end = len(self.body)
        while end > at and self.body[end - 1 : end] in ("\n", " ", b"\n", b" "):
            end -= 1
        return self.body[at:end] if isinstance(self.body, str) else memoryview(self.body)[at:end]


def text(body: str | bytes | memoryview) -> str:
    """Of a sheet's body, or of a part of it."""
    return body if isinstance(body, str) else bytes(body).decode("ascii")


def _find(body: str | bytes, sign: str, start: int = 0) -> int:
    if isinstance(body, str):
        return body.find(sign, start)
    return body.find(sign.encode("ascii"), start)


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line, without blanks around them."""
    if '"' in line and delimiter != JOINT:
        try:
            parts = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            parts = line.split(delimiter)
    else:
        parts = line.split(delimiter)
    return [part.strip().strip("\0\ufeff") for part in parts]


def columns(body: str | memoryview, delimiter: str, width: int, quoted: bool) -> list[Column]:
    """Cells of its lines by column; shorter lines end in empty cells, longer ones are cut."""
    if quoted and delimiter != JOINT:
        lines = [JOINT.join(cells(line, delimiter)) for line in text(body).split("\n")]
        body, delimiter = "\n".join(lines), JOINT
    found = cut(body, delimiter, width)
    if found is None:
        lines = [
            JOINT.join(_filled(line.split(delimiter)[:width], width))
            for line in text(body).split("\n")
        ]
        found = cut("\n".join(lines), JOINT, width)
    return found or []


def _filled(parts: list[str], width: int) -> list[str]:
    return parts if len(parts) == width else parts + [""] * (width - len(parts))


def matches(pattern: str, lines: list[str]) -> re.Match[str] | None:
    """The first line in which the pattern is found."""
    expression = re.compile(pattern, re.IGNORECASE)
    return next((found for line in lines if (found := expression.search(line))), None)
