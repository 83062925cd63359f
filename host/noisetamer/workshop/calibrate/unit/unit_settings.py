"""A calibration goes to the unit: into its settings, and into a history that only grows."""

import json
from pathlib import Path
from typing import Any, Protocol

from noisetamer.base.errors import UserError

SETTINGS, HISTORY = "/settings.json", "/calibration.json"

SELF_CHECK = "/self_check.json"
"""The reference of the nightly self-check, which holds for the calibration before."""


class Files(Protocol):
    """A unit's flash, paths from its root. A port's session is one."""

    def read(self, path: str) -> bytes | None:
        """A file's content, or None where there is no such file."""
        ...

    def put(self, path: str, content: bytes) -> None:
        """Write a file whole: a power cut leaves the old one or the new one."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        ...


class FolderFiles:
    """A unit's flash as a folder on this computer."""

    def __init__(self, folder: Path):
        """Raises UserError where there is no such folder."""
        if not folder.is_dir():
            raise UserError(f"{folder}: is no folder; give the one that holds settings.json")
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        try:
            return self._at(path).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, path: str, content: bytes) -> None:
        new = self._at(path + ".new")
        new.write_bytes(content)
        new.replace(self._at(path))

    def remove(self, path: str) -> None:
        self._at(path).unlink(missing_ok=True)

    def _at(self, path: str) -> Path:
        return self._folder / path.lstrip("/")


def settings_of(files: Files) -> dict[str, Any]:
    """Raises UserError where the unit has no settings that can be read."""
    found = _json(files.read(SETTINGS))
    if not isinstance(found, dict):
        raise UserError("the unit has no settings.json; provision it first (./flash.sh)")
    return found


def deliver(files: Files, told: dict[str, Any], digest: str) -> None:
    """Write a certificate's result to its unit.

    told: the certificate; digest: SHA-256 of its file. The history is written first: if the power
    goes in between, the unit measures on with the calibration it had.
    """
    history = _json(files.read(HISTORY))
    entry = {
        "at": told["at"],
        "due": told["due"],
        "method": told["kind"],
        "offset": told["offset"],
        "U": told["U"],
        "deviation": told["deviation"],
        "equaliser": told["equaliser"],
        "reference": f"{told['reference']['name']} {told['reference']['serial']}",
        "certificate": told["number"],
        "sha256": digest,
    }
    history = [*(history if isinstance(history, list) else []), entry]
    files.put(HISTORY, json.dumps(history, ensure_ascii=False).encode())
    settings = settings_of(files)
    if told["offset"] is not None:
        settings["calibration"] = told["offset"]
    if told["equaliser"] is not None:
        settings["equaliser"] = told["equaliser"]
    if told["offset"] is not None or told["equaliser"] is not None:
        files.put(SETTINGS, json.dumps(settings, ensure_ascii=False).encode())
        files.remove(SELF_CHECK)


def facts(told: dict[str, Any], digest: str, void: bool | None = None) -> dict[str, Any]:
    """What the ledger keeps of a certificate.

    `deviation` is what the unit reads too much from then on: nothing, once it was adjusted.
    """
    kept = {key: told[key] for key in ("method", "offset", "U", "due", "operator", "place")}
    adjusted = told["offset"] is not None
    if told["deviation"] is not None or adjusted:
        kept["as_found"] = told["deviation"]
        kept["deviation"] = 0.0 if adjusted else told["deviation"]
    if void is not None:
        kept["void"] = void
    reference = told["reference"]
    kept["reference"] = f"{reference['name']} {reference['serial']}"
    return kept | {"certificate": told["number"], "sha256": digest}


def _json(content: bytes | None) -> Any:
    try:
        return json.loads(content or b"")
    except ValueError:
        return None
