"""Programs that run as long as we do: none outlives us, not even when we are killed.

Linux: the kernel sends a child its signal when its parent dies (PR_SET_PDEATHSIG). That is asked
for after the change of user, which would end it (prctl(2)), so `setpriv` does both.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.errors import UserError

READY_SECONDS = 90.0
END_SECONDS = 20.0


@dataclass(frozen=True)
class Program:
    """What is run. user: by whom, "" for ourselves; dies_by: the signal when we are killed: one
    that starts others of its own (Patroni) has to end them."""

    name: str
    words: Sequence[str]
    user: str = ""
    dies_by: str = "KILL"
    stdin: bool = False


class Child:
    """One program, its log beside it."""

    def __init__(self, program: Program, logs: Path) -> None:
        self.program = program
        self.log = logs / f"{program.name}.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(
        self, ready: Callable[[], Awaitable[bool]], seconds: float = READY_SECONDS
    ) -> None:
        """Start it and wait until it is ready. Raises UserError if it is not."""
        words = [*_leash(self.program), *self.program.words]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *words,
                # whoever ends when its standard input closes ends with us, in order
                stdin=asyncio.subprocess.PIPE
                if self.program.stdin
                else asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # a terminal's Ctrl-C goes to the whole group: we alone say when a child ends
                process_group=0,
                cwd="/",
            )
        try:
            async with asyncio.timeout(seconds):
                while not await ready():
                    if not self.runs:
                        raise UserError(f"{self.program.name} could not start: {self._last()}")
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise UserError(
                f"{self.program.name} was not ready within {seconds:.0f} s: {self._last()}"
            ) from None

    async def stop(self) -> None:
        """End it: asked first, killed when it does not listen."""
        if self._process is None or not self.runs:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), END_SECONDS)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """As a power cut would."""
        if self._process is not None and self.runs:
            self._process.kill()
            await self._process.wait()

    def _last(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines() or ["no reason given"]
        return f"{lines[-1][:300]} (log: {self.log})."


def _leash(program: Program) -> list[str]:
    if sys.platform != "linux":
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise UserError("setpriv is not installed: it is in Debian's package util-linux.")
    words = [setpriv, "--pdeathsig", program.dies_by]
    if program.user and os.getuid() == 0:
        words += ["--reuid", program.user, "--regid", program.user, "--clear-groups"]
    # whose parent died before the kernel knew of it has none that could take it along
    return [*words, "--", "/bin/sh", "-c", 'test "$PPID" = "$0" && exec "$@"', str(os.getpid())]
