"""A sheet: lines of cells, whatever holds them."""

import csv
import re
from dataclasses import dataclass

JOINT = "\x1f"
"""Between the cells of a line where the file itself has no separator."""


@dataclass
class Sheet:
    """lines: as in the file, so that lines[n] is line n + 1. delimiter: None: to be found."""

    name: str
    lines: list[str]
    delimiter: str | None = None
    encoding: str = ""
    noun: str = "line"


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


def columns(lines: list[str], delimiter: str, width: int) -> list[list[str]]:
    """Cells of the lines by column; shorter lines end in empty cells, longer ones are cut."""
    if delimiter != JOINT and any('"' in line for line in lines):
        lines = [JOINT.join(cells(line, delimiter)) for line in lines]
        delimiter = JOINT
    wanted = width - 1
    odd = [at for at, line in enumerate(lines) if line.count(delimiter) != wanted]
    if odd:
        lines = list(lines)
        for at in odd:
            parts = lines[at].split(delimiter)[:width]
            lines[at] = delimiter.join(parts + [""] * (width - len(parts)))
    if not lines:
        return [[] for _ in range(width)]
    flat = delimiter.join(lines).split(delimiter)
    return [flat[at::width] for at in range(width)]


def matches(pattern: str, lines: list[str]) -> re.Match[str] | None:
    """The first line in which the pattern is found."""
    expression = re.compile(pattern, re.IGNORECASE)
    return next((found for line in lines if (found := expression.search(line))), None)
