"""Many ports at once, each in a thread of its own: they mostly wait for their lines."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from noisetamer.base.keys.vault import Vault
from noisetamer.workshop.flash.job import FlashJob, FlashOutcome, Progress, RunContext
from noisetamer.workshop.flash.one_port import flash
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.steps import Ask


class _Stop(BaseException):
    """Ends the work on a port in its middle, as a pulled cable does."""


def flash_all(
    ports: Sequence[Port],
    job: FlashJob,
    ledger: Ledger,
    vault: Vault,
    jobs: int,
    report: Callable[[Progress], None],
    ask: Ask | None = None,
) -> Iterator[FlashOutcome]:
    """Outcomes as they come, `jobs` ports at a time. `report` and `ask` are called in the ports'
    threads.

    Raises UserError when the ledger fails; then, as at Ctrl-C, every port stops where it is.
    """
    stopping = threading.Event()
    turn = threading.Lock()
    macs: set[str] = set()

    def claim_mac(mac: str) -> bool:
        with turn:
            if mac in macs:
                return False
            macs.add(mac)
            return True

    def reported_or_stopped(progress: Progress) -> None:
        if stopping.is_set():
            raise _Stop
        report(progress)

    context = RunContext(ledger, vault, claim_mac, reported_or_stopped, ask)
    with ThreadPoolExecutor(jobs, thread_name_prefix="port") as threads:
        working = [threads.submit(flash, port, job, context) for port in ports]
        try:
            for done in as_completed(working):
                yield done.result()
        except BaseException:
            stopping.set()
            threads.shutdown(cancel_futures=True)
            raise
