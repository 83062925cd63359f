"""What a burn-in leaves on this computer: the signed JSON, the page as PNG and PDF, a line in
the ledger."""

from pathlib import Path
from typing import Any

from noisetamer.workshop.burn_in.result import Result, write


def keep(folder: Path, result: Result, signature: str) -> tuple[Path, dict[str, Any]]:
    """(the JSON file, what the ledger is to know). A file for each run: none is overwritten.

    Raises UserError when the disk does not take them.
    """
    from noisetamer.workshop.burn_in import page  # on demand: it loads matplotlib

    name = f"{result.serial}_{result.at.replace(':', '')}"
    file = folder / f"{name}.json"
    digest = write(file, result, signature)
    page.save(result, signature, folder / name)
    facts = {
        "firmware": result.about["firmware"],
        "network": result.about["network"],
        "burned_in": result.at,
        "burn_in_sha256": digest,
        "burn_in_failed": [check.name for check in result.failed],
        "burn_in_open": [check.name for check in result.open],
    }
    if result.failed:
        facts["reason"] = "; ".join(f"{check.name}: {check.verdict}" for check in result.failed)
    return file, facts
