"""Files that pages asked for, bundles of evidence and reports of months: made one after the other
in processes beside the hub, kept for a while."""

import asyncio
import json
import logging
import secrets
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

KEPT_SECONDS = 24 * 3600
MOST = 20
_LONGEST_SECONDS = 600
_LINE_BYTES = 1 << 20

_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Kind:
    """What is made. folder: within the hub's; module: that makes it, as `hub.evidence.making`;
    ending: of its files."""

    folder: str
    module: str
    ending: str


EVIDENCE = Kind("evidence", "noisetamer.hub.evidence.making", ".zip")
MONTH_REPORT = Kind("month-reports", "noisetamer.hub.month_report.making", ".pdf")


@dataclass
class Run:
    """One file. subject: an incident's number, or a square; step: as the module tells it; made:
    bytes and SHA-256 once it is there; refused: a sentence; named: what whoever asked calls it."""

    key: str
    subject: int | str
    begun: float
    file: Path
    step: str = "waiting"
    done: int = 0
    of: int = 1
    made: tuple[int, str] | None = None
    refused: str = ""
    named: str = ""

    @property
    def ended(self) -> bool:
        return self.made is not None or bool(self.refused)


class Runs:
    """Of one hub and kind. data: the hub's folder; clock: Unix s. log_key: as of `Options`."""

    def __init__(self, data: Path, kind: Kind, clock: Callable[[], float] = time.time) -> None:
        self.log_key = ""
        self._data = data
        self._kind = kind
        self._clock = clock
        self._runs: dict[str, Run] = {}
        self._one_at_a_time = asyncio.Semaphore(1)
        self._tasks: set[asyncio.Task[None]] = set()

    def one(self, key: str, subject: int | str) -> Run | None:
        """None where there is none any more, or it is of something else."""
        run = self._runs.get(key)
        return run if run and run.subject == subject else None

    def begin(
        self, subject: int | str, asked: "DataclassInstance", language: str = ""
    ) -> Run | None:
        """None where too many wait already. asked: as the module wants it; language: of the file,
        where it has one."""
        if sum(not run.ended for run in self._runs.values()) >= MOST:
            return None
        self._tidy()
        key = secrets.token_urlsafe(12)
        file = self._data / self._kind.folder / f"{key}{self._kind.ending}"
        run = self._runs[key] = Run(key, subject, self._clock(), file)
        told = {
            "data": str(self._data),
            "out": str(file),
            "log_key": self.log_key,
            "language": language,
            "asked": asdict(asked),
        }
        task = asyncio.get_running_loop().create_task(self._make(run, told))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run

    async def ended(self) -> None:
        """Until nothing is being made."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _make(self, run: Run, told: dict[str, Any]) -> None:
        try:
            async with self._one_at_a_time, asyncio.timeout(_LONGEST_SECONDS):
                await self._beside(run, told)
        except TimeoutError:
            run.refused = "it took too long: ask for a part of the time"
        except OSError as error:
            run.refused = str(error)
        if not run.ended:
            run.refused = "it could not be made; the hub's log says why"

    async def _beside(self, run: Run, told: dict[str, Any]) -> None:
        run.file.parent.mkdir(mode=0o700, exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._kind.module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
        )
        try:
            assert process.stdin and process.stdout and process.stderr
            complaint = asyncio.get_running_loop().create_task(process.stderr.read())
            process.stdin.write(json.dumps(told, default=str).encode())
            process.stdin.close()
            async for line in process.stdout:
                self._take(run, json.loads(line))
            if await process.wait() and (said := (await complaint).decode(errors="replace")):
                _log.error("%s of %s: %s", self._kind.folder, run.subject, said.strip())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _take(self, run: Run, said: dict) -> None:
        if "made" in said:
            run.made = said["made"]["bytes"], said["made"]["sha256"]
        elif "refused" in said:
            run.refused = said["refused"]
        else:
            run.step, run.done, run.of = said["step"], said["done"], said["of"]

    def _tidy(self) -> None:
        """What is old, and what an earlier hub left."""
        now = self._clock()
        old = sorted((run for run in self._runs.values() if run.ended), key=lambda run: run.begun)
        for number, run in enumerate(old):
            if now - run.begun > KEPT_SECONDS or number < len(old) - MOST:
                del self._runs[run.key]
        for path in (self._data / self._kind.folder).glob("*"):
            if path.is_dir():
                # of one that was killed; what is under way is younger
                if now - path.stat().st_mtime > 2 * _LONGEST_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
            elif path.name.partition(".")[0] not in self._runs:
                path.unlink(missing_ok=True)
