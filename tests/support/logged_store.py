"""A store and the log of its records, without a hub."""

from contextlib import closing
from pathlib import Path
from typing import Any

from growing_log import signer
from scripted_unit import START, seconds

from noisetamer.hub.log import batches
from noisetamer.hub.log.log import Log
from noisetamer.hub.store import past_days
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import read_report

KEY = signer("hub/noisetamer/0")
UNIT = "SIM-0001"


class LoggedStore:
    """A store and its log."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "hub.sqlite")
        self.log = Log(folder / "log", folder / "log.sqlite", KEY, lambda: START + 5000)

    def tell(self, *messages: bytes, unit: str = UNIT, received: float = START + 10.7) -> None:
        reports = [read_report(f"dev.{unit}.record", message) for message in messages]
        self.store.append(received, reports)  # pyright: ignore[reportArgumentType]

    def take(self) -> None:
        boots = batches.open_boots(self.log, self.store.file)
        while boots:
            boots = sorted(batches.take(self.log, self.store.file, boots))
        batches.take(self.log, self.store.file, [])

    def leaves(self, **fields: Any) -> list[dict[str, Any]]:
        return [one.fields for one in self.log.find("batch", **fields)]

    def spans(self) -> list[tuple[int, int, int]]:
        return [(one["first"], one["last"], one["count"]) for one in self.leaves()]

    def bodies(self, unit: str = UNIT, boot: int = 1) -> list[bytes]:
        with closing(self.store.reader()) as connection:
            return [one.body for one in past_days.records(connection, unit, boot)]

    def close(self) -> None:
        self.store.close()
        self.log.close()


def told(*numbers: int, boot: int = 1, oldest: int = 1) -> list[bytes]:
    return [
        seconds(n, START + 10 * n, [500 + n % 90] * 10, boot=boot, oldest=oldest) for n in numbers
    ]
