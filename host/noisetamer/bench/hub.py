"""A hub of its own, with boxes that bring an hour each."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.bench.found import Found, Ratio
from noisetamer.hub.process import allow_many_files
from noisetamer.hub.store.queries import Queries
from noisetamer.load.command import tried
from noisetamer.load.levels import BATCH
from noisetamer.load.run import UNIT, Plan
from noisetamer.load.site import OwnHub

HOUR = 3600


def measured(folder: Path, quick: bool, progress: Callable[[str], None]) -> Found:
    """Over TLS, from the first box's coming to the last acknowledgement after its commit, and no
    calm between; the boxes' own CPU is not in it. Raises UserError where the hub cannot go on."""
    units = 10 if quick else 100
    progress(f"hub: {units} boxes bring an hour each")
    allow_many_files()
    site = OwnHub(folder / "hub", "as TMPDIR")
    try:
        told, _ = tried(Plan(units, 0.0, (), backlog=HOUR // BATCH, within=0.5), site, progress)
    finally:
        site.stop()
    up = told.stretches[-1].up
    if up < units or told.held:
        raise UserError(
            f"hub: {up} of {units} boxes are connected and {told.held} batches not acknowledged "
            "after minutes: this machine is too busy; try again when it is not, or with --quick."
        )
    acknowledged = sum(one.account.acknowledged for one in told.stretches)
    seconds = sum(one.seconds for one in told.stretches)
    cpu = sum(used for one in told.stretches for what, used in one.cpu.items() if what != "load")
    curve = Queries(folder / "hub" / "hub.sqlite").last_hour(UNIT.format(1))
    text = json.dumps(vars(curve), separators=(",", ":")).encode() if curve else b""
    found = Found(f"{units} boxes bring an hour each, over TLS, to a hub with SQLite")
    found.figures["hub: batches of 10 s acknowledged in one s"] = acknowledged / seconds
    found.figures["hub and broker: CPU of a batch, ms"] = 1000 * cpu / max(acknowledged, 1)
    found.figures["hub: an hour's curve, bytes"] = len(text)
    found.figures["hub: the same as it is sent, bytes"] = packed = len(gzip.compress(text, 3))
    found.ratios.append(
        Ratio("an hour's curve as sent / unpacked: bytes", packed / max(len(text), 1))
    )
    return found
