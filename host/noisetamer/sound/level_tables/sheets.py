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
    """text: lines of cells. delimiter: None: to be found. noun: what a line is called."""

    name: str
    text: str
    delimiter: str | None = None
    noun: str = "line"

    @cached_property
    def lines(self) -> list[str]:
        """The first ones, as in the file: lines[n] is line n + 1."""
        return self.text.split("\n", HEAD_LINES)[:HEAD_LINES]

    def below(self, begins: int) -> str:
        """The text from that line on, without empty lines at its end."""
        at = sum(len(line) + 1 for line in self.lines[:begins])
        return self.text[at:].rstrip("\n ")


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


def columns(text: str, delimiter: str, width: int) -> list[Column]:
    """Cells of its lines by column; shorter lines end in empty cells, longer ones are cut."""
    count = text.count("\n") + 1
    if '"' in text and delimiter != JOINT:
        text = "\n".join([JOINT.join(cells(line, delimiter)) for line in text.split("\n")])
        delimiter = JOINT
    found = cut(text, delimiter, width, count)
    if found is None:
        lines = [_filled(line.split(delimiter)[:width], width) for line in text.split("\n")]
        found = cut("\n".join([JOINT.join(parts) for parts in lines]), JOINT, width, count)
    return found or []


def _filled(parts: list[str], width: int) -> list[str]:
    return parts if len(parts) == width else parts + [""] * (width - len(parts))


def matches(pattern: str, lines: list[str]) -> re.Match[str] | None:
    """The first line in which the pattern is found."""
    expression = re.compile(pattern, re.IGNORECASE)
    return next((found for line in lines if (found := expression.search(line))), None)
