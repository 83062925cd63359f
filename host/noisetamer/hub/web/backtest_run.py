"""A backtest for the page: in a process of its own, so that no acknowledgement waits for it."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError

# The niceness of the process: measuring comes first.
_NICE = 15
_LONGEST_SECONDS = 600

_one_at_a_time = asyncio.Semaphore(1)


async def backtest(
    store: Path, unit: str, since: str, until: str, new: str, today: str
) -> dict[str, Any]:
    """As `noisetamer policy backtest --json` tells it, the new policy first. new, today: TOML;
    since, until: local dates. Raises UserError."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / "new.toml", Path(folder) / "today.toml"]
        for file, text in zip(files, (new, today), strict=True):
            file.write_text(text, encoding="utf-8")
        words = [
            *("-m", "noisetamer", "policy", "backtest", str(files[0]), "--against", str(files[1])),
            *("--data", str(store), "--unit", unit, "--since", since, "--until", until, "--json"),
        ]
        async with _one_at_a_time:
            process = await asyncio.create_subprocess_exec(
                *("nice", "-n", str(_NICE), sys.executable, *words),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(_LONGEST_SECONDS):
                    out, complaint = await process.communicate()
            except TimeoutError:
                raise UserError("the backtest took too long: ask for fewer days") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode:
            said = complaint.decode(errors="replace").strip().rpartition("\n")[2]
            raise UserError(said.replace(f"{folder}/", "") or "the backtest failed")
        return json.loads(out)
