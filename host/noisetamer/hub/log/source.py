"""What the feeder's sources share: reading beside a writer, a watermark that moves once."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

from noisetamer.base import database

AT_ONCE = 500


class MovedError(Exception):
    """Somebody else has read the source meanwhile: nothing is written, read it again."""


def moved(source: str, before: int, after: int) -> Callable[[database.Connection], None]:
    """Move a watermark together with leaves. What it does raises MovedError where it is another
    than `before`: then there are no leaves either."""

    def write(connection: database.Connection) -> None:
        connection.execute(
            "INSERT INTO watermark VALUES(?, 0) ON CONFLICT(source) DO NOTHING", (source,)
        )
        done = connection.execute(
            "UPDATE watermark SET at=? WHERE source=? AND at=?", (after, source, before)
        )
        if not done.rowcount:
            raise MovedError(source)

    return write


def reading(file: Path) -> AbstractContextManager[database.Connection]:
    """To be closed; all that is read is of one moment."""
    connection = database.reader(file)
    connection.execute("BEGIN")
    return closing(connection)


def storable(value: Any) -> Any:
    """As the log can hold it: what strict JSON has no form for is told as text. A person wrote it,
    or a box: it must not keep the rest from the log."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return json.dumps(value)
    return value
