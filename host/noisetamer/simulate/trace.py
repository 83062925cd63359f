"""trace.jsonl: every Second, event and world truth of a run, one JSON object a line."""

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from json.encoder import encode_basestring
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
# What nearly all values are, at half the encoder's cost.
_TEXT: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    float: float.__repr__,
}


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
        keys, row = _form(tuple(line))
        values = [line[key] for key in keys]
        text = row % tuple([_TEXT.get(type(value), _encode)(value) for value in values])
        if "nan" in text or "inf" in text:
            # JSON has no such numbers; but a message may have these letters.
            text = _encode(dict(zip(keys, values, strict=True))) + "\n"
        try:
            self._file.write(text)
        except OSError:
            with writing(self.path):
                raise

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
    try:
        with path.open(encoding="utf-8") as rows:
            for number, row in enumerate(rows, 1):
                yield _line(row, number, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not a trace (not UTF-8 text)") from None


def merge(paths: Sequence[Path], into: Path) -> None:
    """Merge traces that have just been written by time, the lines' text as it is.

    Raises UserError where the disk does not take it.
    """
    with writing(into), ExitStack() as files, into.open("wb") as file:
        parts = [files.enter_context(path.open("rb")) for path in paths]
        file.writelines(heapq.merge(*parts, key=_time))


def _time(row: bytes) -> int:
    """Of a row of a trace, in which "t" stands second."""
    return int(row.split(b",", 2)[1][4:])


def _line(row: str, number: int, path: Path) -> dict[str, Any]:
    try:
        line = json_text.loads(row)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise UserError(f"{path}: line {number} is not a JSON object; was the run cut short?")
    return line


@cache
def _form(keys: tuple[str, ...]) -> tuple[list[str], str]:
    """These keys in order, and a row with a %s for the value of each."""
    ordered = sorted(keys, key=lambda key: _RANK.get(key, len(KEY_ORDER)))
    fields = ",".join(_encode(key).replace("%", "%%") + ":%s" for key in ordered)
    return ordered, f"{{{fields}}}\n"
