"""Levels of a unit over days and months, read beside the writer from hours that are summed up."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import roll_ups
from noisetamer.hub.store.hour_sums import MINUTE, MINUTES, HourSum, Minutes
from noisetamer.hub.store.hours import LEVELS
from tamer.record.reading import MISSING

_LIMITS = ("stage", "hand-over")


@dataclass(frozen=True)
class Series:
    """hours: those of which anything is known, oldest first; of how many more is known than is
    summed up yet: pending; limits: (t, 0.1 dB), as events told them, in order; days: {begin:
    fields of the box's own `day` event}.
    """

    hours: list[HourSum]
    pending: int
    limits: list[tuple[int, int]]
    days: dict[int, dict[str, Any]]


class Levels:
    """Each call opens the file for itself and sees whole commits. since, until: Unix s."""

    def __init__(self, file: Path) -> None:
        """file: an existing store of today's version."""
        self._file = file

    def series(self, units: Sequence[str], since: int, until: int) -> Series:
        """Hours that begin within since <= t < until. units: one, then those it replaced."""
        with self._open() as connection:
            # one state of the store for all that is read
            connection.execute("BEGIN")
            hours, pending = roll_ups.hours(connection, units, since, until)
            told = [_told(connection, unit, since, until) for unit in reversed(units)]
        hour_told: dict[int, dict[str, Any]] = {}
        days: dict[int, dict[str, Any]] = {}
        limits: list[tuple[int, int]] = []
        for of_unit in told:
            for kind, t, fields in of_unit:
                if kind == "hour":
                    _better(hour_told, fields)
                elif kind == "day":
                    _better(days, fields)
                else:
                    limits.append((t, fields["limit"]))
        return Series(_with_told(hours, hour_told), pending, sorted(limits), days)

    def limits(self, units: Sequence[str], since: int, until: int) -> list[tuple[int, int]]:
        """(t, 0.1 dB), as events told them, in order."""
        with self._open() as connection:
            told = [_told(connection, unit, since, until) for unit in units]
        found = [(t, fields["limit"]) for of in told for kind, t, fields in of if kind in _LIMITS]
        return sorted(found)

    def _open(self) -> closing[database.Connection]:
        return closing(database.reader(self._file))


def minutes(hours: Sequence[HourSum]) -> tuple[int, Minutes]:
    """(begin of the first, Unix s; every minute from there to the end of the last hour, those of
    which nothing is known too). hours: at least one, oldest first.
    """
    first = hours[0].t
    found = np.zeros((hours[-1].t - first) // 60 + MINUTES, MINUTE)
    found["LAeq"] = found["LAFmax"] = MISSING
    for hour in hours:
        at = (hour.t - first) // 60
        found[at : at + MINUTES] = hour.minutes
    return first, found


def _told(
    connection: database.Connection, unit: str, since: int, until: int
) -> list[tuple[str, int, dict[str, Any]]]:
    # what is summed up is told when it is over
    rows = connection.execute(
        "SELECT kind, t, fields FROM event WHERE unit=? AND t>=? AND t<?"
        " AND kind IN ('hour', 'day', 'stage', 'hand-over')",
        (unit, since, until + 86_400),
    )
    found = []
    for kind, t, text in rows:
        fields = json.loads(text)
        if since <= fields.get("start", t) < until:
            found.append((kind, t, fields))
    return found


def _better(told: dict[int, dict[str, Any]], fields: dict[str, Any]) -> None:
    before = told.get(fields["start"])
    if before is None or before["valid_seconds"] <= fields["valid_seconds"]:
        told[fields["start"]] = fields


def _with_told(hours: list[HourSum], told: dict[int, dict[str, Any]]) -> list[HourSum]:
    """Where the box itself knows more of an hour than the hub has seconds of, its word is taken:
    its flash was full.
    """
    found = []
    for one in hours:
        fields = told.get(one.t)
        if fields and fields["valid_seconds"] > one.hour.valid:
            levels = {name: fields[name] for name in LEVELS}
            hour = replace(one.hour, **levels, valid=fields["valid_seconds"])
            one = replace(one, hour=hour)
        found.append(one)
    return found
