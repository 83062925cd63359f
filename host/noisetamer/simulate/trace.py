"""trace.jsonl: every Second, event and world truth of a run, one JSON object a line."""

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from noisetamer.base import json_text
from noisetamer.base.errors import UserError
from noisetamer.base.output import writing
from tamer.record.fields import DECISIONS
from tamer.record.reading import Second

# A reader's eye and a byte comparison both want the same order whoever made the line.
KEY_ORDER = (
    *("unit", "t", "at", "event", "world", "group", "change_dB"),
    *(*Second._fields[1:-1], "valid", "reason"),
    *DECISIONS,
)
_RANK = {key: rank for rank, key in enumerate(KEY_ORDER)}
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


class Trace:
    """Appends lines to DIR/trace.jsonl in the order given, which is the order of time.

    Keys come out in KEY_ORDER, unknown ones after them in the order given; equal lines
    give equal bytes. A context manager; `flush` makes what was added visible to a reader.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / "trace.jsonl"
        with writing(self.path):
            directory.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="\n")

    def add(self, line: dict[str, Any]) -> None:
        """Append one line. Raises UserError where the disk does not take it."""
        keys = _ordered(tuple(line))
        with writing(self.path):
            self._file.write(_encode({key: line[key] for key in keys}) + "\n")

    def extend(self, lines: Iterable[dict[str, Any]]) -> None:
        """Append several lines."""
        for line in lines:
            self.add(line)

    def flush(self) -> None:
        """Write what was added into the file."""
        with writing(self.path):
            self._file.flush()

    def close(self) -> None:
        """Flush and close."""
        with writing(self.path):
            self._file.close()

    def __enter__(self) -> "Trace":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def is_second(line: dict[str, Any]) -> bool:
    """Whether a line is a Second, not an event nor a truth of the world."""
    return "event" not in line and "world" not in line


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a trace.jsonl; raises UserError as `stream` does."""
    return list(stream(path))


def stream(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a trace.jsonl one by one, for runs of weeks.

    Raises UserError for a file that cannot be read or holds a line that is not a JSON object.
    """
    for line, _ in _rows(path):
        yield line


def _rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    try:
        with path.open(encoding="utf-8") as rows:
            for number, row in enumerate(rows, 1):
                yield _line(row, number, path), row
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not a trace (not UTF-8 text)") from None


def merged(paths: Sequence[Path], into: Path) -> Iterator[dict[str, Any]]:
    """Merge traces by time as they are read, the lines' text as it is; yields each line.

    Raises UserError as `stream` does, and where the disk does not take it.
    """
    with writing(into), into.open("w", encoding="utf-8", newline="\n") as file:
        for line, row in heapq.merge(*map(_rows, paths), key=lambda found: found[0]["t"]):
            file.write(row)
            yield line


def _line(row: str, number: int, path: Path) -> dict[str, Any]:
    try:
        line = json_text.loads(row)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise UserError(f"{path}: line {number} is not a JSON object; was the run cut short?")
    return line


@cache
def _ordered(keys: tuple[str, ...]) -> list[str]:
    return sorted(keys, key=lambda key: _RANK.get(key, len(KEY_ORDER)))
