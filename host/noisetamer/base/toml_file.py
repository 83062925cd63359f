"""TOML files that people write, and one sentence for each that is none."""

import re
import tomllib
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
# What input methods and word processors put where TOML has another character.
_WRITTEN = "“”„＂‘’＝，［］【】｛｝。＃"
_MEANT = '""""\'\'=,[][]{}.#'

MOST_LEVELS = 100
"""Of tables and lists in each other."""


class TomlError(Exception):
    """Why a text is no TOML. `line`: from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def read(path: Path, name: str = "") -> dict[str, Any]:
    """The table of a file that messages call `name`. Raises UserError with one sentence."""
    try:
        return parse(text(path, name))
    except TomlError as why:
        raise UserError(f"{name or path}: is not valid TOML: {why} (at line {why.line})") from None


def text(path: Path, name: str = "") -> str:
    """Of a file in UTF-8, with a byte order mark or without. Raises UserError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{name or path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UserError(f"{name or path}: is not UTF-8 text; save it as UTF-8") from None


def parse(content: str) -> dict[str, Any]:
    """Raises TomlError."""
    try:
        table = tomllib.loads(content)
    except RecursionError:
        raise TomlError(1, "its brackets are nested too deep") from None
    except ValueError as error:  # a number of 5000 digits is no TOMLDecodeError
        said = str(error)
        place = _PLACE.search(said)
        lines = content.splitlines() or [""]
        line = int(place[1]) if place and place[1] else content.count("\n") + 1
        what = _PLACE.sub("", said)
        meant = _meant(lines[min(line, len(lines)) - 1], what)
        raise TomlError(line, f"{what[:1].lower()}{what[1:]}{meant}") from None
    if _is_deeper(table, MOST_LEVELS):
        # a.b.c = 1 nests without a bracket, and whoever reads on would go as deep
        dots = [line.count(".") for line in content.splitlines()]
        raise TomlError(1 + dots.index(max(dots)), "its keys are nested too deep")
    return table


def _is_deeper(table: dict[str, Any], levels: int) -> bool:
    inner: list[Any] = [table]
    for _ in range(levels):
        inner = [
            found
            for one in inner
            for found in (one.values() if isinstance(one, dict) else one)
            if isinstance(found, (dict, list))
        ]
    return bool(inner)


def _meant(line: str, what: str) -> str:
    """What the line should have been, where that is plain."""
    if what == "Cannot overwrite a value":
        return "; the key is there twice, keep one"
    code = re.sub(r'"[^"\\]*"|\'[^\']*\'', "", line)
    for found in code:
        if found in _WRITTEN:
            return f"; write {_MEANT[_WRITTEN.index(found)]} in place of {found}"
    pair = re.fullmatch(r"\s*([\w.-]+)\s*=\s*([^\d\s\"'\[{+-][^\"#]*?)\s*(#.*)?", line)
    if pair and what.startswith(("Invalid value", "Expected newline")):
        return f'; text needs quotes: {pair[1]} = "{pair[2]}"'
    return ""
