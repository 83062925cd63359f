"""A unit on a bench: its virtual board, the ledger that knows it, and burn-in of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base.keys.vault import Vault
from noisetamer.virtual.board import VirtualBoard
from noisetamer.workshop.burn_in import command, on_unit
from noisetamer.workshop.burn_in.check import Check
from noisetamer.workshop.burn_in.operator import Onlooker
from noisetamer.workshop.burn_in.result import Result
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.ports import Port

SERIAL = "SIM-2611-0001"
MAC = "24:0a:c4:00:00:01"
# The board's time stands still while it computes: two minutes of listening take seconds.
NO_PACE = 0.0


@dataclass
class Bench:
    """A unit's folder: its flash, and the ledger that knows it."""

    folder: Path

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    @property
    def vault(self) -> Vault:
        return Vault(self.folder / "ledger.key")

    @contextmanager
    def board(self, *faults: str, speed: float = NO_PACE) -> Iterator[VirtualBoard]:
        board = VirtualBoard("esp32s3", self.folder / "unit", mac=MAC, faults=faults, speed=speed)
        with board:
            yield board

    def command(self, board: VirtualBoard, **otherwise: Any) -> tuple[int, dict[str, Check]]:
        """(exit code, the checks that were made), with all its papers."""
        job, made = self._job(board, otherwise)
        port = Port("virtual", board.url)
        return command.burn_in(port, self.ledger, self.vault, self.out, job), made

    def burn_in(self, board: VirtualBoard, **otherwise: Any) -> tuple[Result, dict[str, Check]]:
        """(result, the checks that were made), without papers."""
        job, made = self._job(board, otherwise)
        with Ledger.open(self.ledger) as ledger, connected(board) as connection:
            secrets = self.vault.open_secrets(SERIAL, ledger.unit(SERIAL).secrets)
            found, _ = on_unit.burn_in(connection, SERIAL, [secrets.chain], ledger, job)
        return found, made

    def _job(
        self, board: VirtualBoard, otherwise: dict[str, Any]
    ) -> tuple[on_unit.BurnInJob, dict[str, Check]]:
        made: dict[str, Check] = {}

        def report(name: str, check: Check | None) -> None:
            command.report(name, check)
            if check is not None:
                made[name] = check

        wanted = {
            "operator": Onlooker(lambda question: "y"),
            "minutes": 0.05,
            "again": False,
            "seed": 1,
            "clock": lambda: board.seconds,
            "report": report,
        }
        return on_unit.BurnInJob(**{**wanted, **otherwise}), made

    @property
    def out(self) -> Path:
        return self.folder / "burn-in"


@contextmanager
def connected(board: VirtualBoard) -> Iterator[Connection]:
    connection = Connection(Port("virtual", board.url))
    try:
        yield connection
    finally:
        connection.close()
