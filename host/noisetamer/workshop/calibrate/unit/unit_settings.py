"""A calibration goes to the unit: into its settings, and into a history that only grows."""

import json
from pathlib import Path
from typing import Any, Protocol

from noisetamer.base import json_text
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
    settings = _json(files.read(SETTINGS))
    if not isinstance(settings, dict):
        raise UserError("the unit has no settings.json; provision it first (./flash.sh)")
    return settings


def deliver(files: Files, contents: dict[str, Any], digest: str) -> None:
    """Write a certificate's result to its unit.

    contents: of the certificate; digest: SHA-256 of its file. The history is written first: if
    the power fails in between, the unit keeps measuring with the calibration it had.
    """
    history = _json(files.read(HISTORY))
    entry = {
        "at": contents["at"],
        "due": contents["due"],
        "method": contents["kind"],
        "offset": contents["offset"],
        "U": contents["U"],
        "deviation": contents["deviation"],
        "equaliser": contents["equaliser"],
        "reference": f"{contents['reference']['name']} {contents['reference']['serial']}",
        "certificate": contents["number"],
        "sha256": digest,
    }
    history = [*(history if isinstance(history, list) else []), entry]
    files.put(HISTORY, json.dumps(history, ensure_ascii=False).encode())
    settings = settings_of(files)
    if contents["offset"] is not None:
        settings["calibration"] = contents["offset"]
    if contents["equaliser"] is not None:
        settings["equaliser"] = contents["equaliser"]
    if contents["offset"] is not None or contents["equaliser"] is not None:
        files.put(SETTINGS, json.dumps(settings, ensure_ascii=False).encode())
        files.remove(SELF_CHECK)


def facts(contents: dict[str, Any], digest: str, void: bool | None = None) -> dict[str, Any]:
    """What the ledger keeps of a certificate.

    `deviation` is what the unit reads too much from then on: nothing, once it was adjusted.
    """
    kept = {key: contents[key] for key in ("method", "offset", "U", "due", "operator", "place")}
    adjusted = contents["offset"] is not None
    if contents["deviation"] is not None or adjusted:
        kept["as_found"] = contents["deviation"]
        kept["deviation"] = 0.0 if adjusted else contents["deviation"]
    if void is not None:
        kept["void"] = void
    reference = contents["reference"]
    kept["reference"] = f"{reference['name']} {reference['serial']}"
    return kept | {"certificate": contents["number"], "sha256": digest}


def _json(content: bytes | None) -> Any:
    try:
        return json_text.loads(content or b"")
    except ValueError:
        return None
