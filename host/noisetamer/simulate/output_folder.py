"""The folder of a run: what an earlier run left in it is replaced, and nothing else."""

import re
import shutil
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.output import writing

LEVELS, PANELS, SHEET, SUMMARY = "levels.png", "panel", "panel.png", "summary.json"
TRACE, UNITS = "trace.jsonl", "units"

_PANEL = rf"{PANELS}/(SIM-\d{{4}}_\d{{6}}_\w+\.png)?"
_FOLDERS = re.compile(rf"{_PANEL}|{UNITS}/(SIM-\d{{4}}/({re.escape(TRACE)}|{_PANEL})?)?")

_BEGIN = b'{\n  "simulated_s": '  # of every summary


def make(out: Path) -> None:
    """Raises UserError."""
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(out / UNITS, ignore_errors=True)


def check(out: Path) -> None:
    """Raises UserError where something would be lost that no run has made."""
    with writing(out):
        inside = [path for name in (PANELS, UNITS) for path in (out / name).rglob("*")]
        for path in (out / PANELS, out / UNITS, *inside):
            name = path.relative_to(out).as_posix() + "/" * path.is_dir()
            if path.exists() and not _FOLDERS.fullmatch(name):
                raise _lost(path)
        # A run that was broken off has left its folder of units.
        if _is_summary(out / SUMMARY) or (out / UNITS).exists():
            return
        for name in (LEVELS, SHEET, SUMMARY, TRACE, PANELS):
            if (out / name).exists():
                raise _lost(out / name)


def clear_pictures(out: Path) -> None:
    """Those of an earlier run."""
    shutil.rmtree(out / PANELS, ignore_errors=True)
    for picture in (out / LEVELS, out / SHEET):
        with writing(picture):
            picture.unlink(missing_ok=True)


def _is_summary(path: Path) -> bool:
    """Also one that was cut short."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return _BEGIN.startswith(file.read(len(_BEGIN)))


def _lost(path: Path) -> UserError:
    return UserError(
        f"{path}: is not of a simulation, and would be lost; move it or choose another place"
    )
