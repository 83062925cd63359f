"""Readings out of a table whose place is known: which, and what is left out."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.level_tables import (
    choice,
    formats,
    levels,
    quantities,
    shape,
    sheets,
    whole_seconds,
    zones,
)
from noisetamer.sound.level_tables import times as times_of
from noisetamer.sound.level_tables.choice import Column
from noisetamer.sound.level_tables.layout import Layout
from noisetamer.sound.level_tables.quantities import Quantity
from noisetamer.sound.level_tables.sheets import Sheet
from noisetamer.sound.level_tables.table import LevelTable
from noisetamer.sound.level_tables.times import Asked, Times

LEAST_READINGS = 2

_SAMPLE = 200
_MOST_REPEATED = 0.2

_OVERLOAD = r"ovld|over ?load(?:ed)?|overrange|over range|übersteuer.*|sobrecarga|surcharge|过载"
_FALSE = re.compile(r"|-|0(?:[.,]0+)?|no?|false|nein|non|nie|ok|none|否", re.IGNORECASE)

Mask = NDArray[np.bool_]


def take(
    place: str, sheet: Sheet, table: Layout, wanted: Quantity, asked: Asked, shift: float
) -> LevelTable:
    """Raises UserError; see reader.read."""
    return _Taking(place, sheet, table, wanted, asked, shift).table()


class _Taking:
    def __init__(
        self,
        place: str,
        sheet: Sheet,
        table: Layout,
        wanted: Quantity,
        asked: Asked,
        shift: float,
    ):
        self._place, self._layout, self._wanted = place, table, wanted
        self._asked, self._shift = asked, shift
        self._noun, self._first = sheet.noun, table.begins + 1
        body = _rows(sheet, table)
        if not body:
            raise UserError(f"{place}: there is no {sheet.noun} below the heading")
        width = len(table.names) or max(
            len(sheets.cells(line, table.delimiter))
            for line in sheet.lines[table.begins : table.begins + _SAMPLE]
        )
        self._columns = sheets.columns(body, table.delimiter, width, sheet.holds('"'))
        self._count = len(self._columns[0])
        self._out: Counter[str] = Counter()

    def table(self) -> LevelTable:
        wanted, entry = self._wanted, self._layout.format
        chosen = choice.columns(
            self._place, self._layout.names, entry, wanted, self._sample, len(self._columns)
        )
        times = times_of.of_rows(
            self._place,
            self._layout,
            self._columns,
            self._asked,
            [column.at for column in chosen],
        )
        keep = self._of_the_series(self._usable_rows(times))
        found = []
        running = []
        for column in chosen:
            t, level, out = self._readings(column, times, keep)
            step = times.length or shape.interval(t, entry.holds)
            if entry.holds:
                t, level = shape.held(t, level, step)
            if shape.is_running(level):
                running.append(column)
                continue
            found.append((column, t, level, step, out))
        if not found:
            heading = running[0].quantity.heading
            raise UserError(
                f"{self._place}: {heading} is a running average: it never falls as a level of "
                f"single intervals does; export {wanted.heading} of each interval"
                + (" (LAeq_dt of an XL2)" if wanted.heading == "LAeq" else "")
            )
        column, t, level, step, out = self._single(found)
        self._must_be_of_its_interval(column, step)
        period = column.quantity.period
        interval = period if period and period < 0.75 * step else step
        self._out += out
        begins = t - interval if times.ends else t
        made = ""
        if interval < whole_seconds.SHORTER and wanted.kind in whole_seconds.KINDS:
            made = f", made of {len(begins)} readings of {interval:g} s"
            begins, level = self._whole_seconds(column, begins, level, interval)
            interval = 1.0
        if self._shift:
            begins = begins + self._shift
        return LevelTable(
            t=begins,
            level=level,
            interval=interval,
            quantity=wanted.heading,
            format=entry.name,
            taken=self._sentence(column, begins, interval, times, made),
            left_out=dict(self._out),
            offset=times.offset,
        )

    def _sample(self, at: int) -> Sequence[str]:
        return self._columns[at][:_SAMPLE]

    def _usable_rows(self, times: Times) -> Mask:
        """Rows with a time that nothing marks as of no use."""
        names, entry = self._layout.names, self._layout.format
        keep = np.isfinite(times.t)
        empty = self._empty(~keep)
        self._count_out("no time", ~keep & ~empty)
        if times.other_length is not None:
            self._count_out("another length", keep & times.other_length)
            keep &= ~times.other_length
        for heading, value in entry.only.items():
            for at in formats.places(names, heading):
                other = np.array([cell.strip() != value for cell in self._columns[at]])
                self._count_out(f"another {names[at]}", keep & other)
                keep &= ~other
        marks = [_OVERLOAD, *entry.overload]
        for at in sorted({at for mark in marks for at in formats.places(names, mark)}):
            over = ~self._are_false(at)
            self._count_out("overload", keep & over)
            keep &= ~over
        for at in formats.places(names, "valid"):
            invalid = self._are_false(at)
            self._count_out("not valid", keep & invalid)
            keep &= ~invalid
        return keep

    def _are_false(self, at: int) -> Mask:
        known = {cell: bool(_FALSE.fullmatch(cell.strip())) for cell in set(self._columns[at])}
        return np.array([known[cell] for cell in self._columns[at]], np.bool_)

    def _empty(self, rows: Mask) -> Mask:
        empty = np.zeros(len(rows), np.bool_)
        for row in np.flatnonzero(rows):
            empty[row] = not any(column[row].strip() for column in self._columns)
        return empty

    def _of_the_series(self, keep: Mask) -> Mask:
        """Rows of the one series that is of the quantity, where several share the file."""
        pattern, names = self._layout.format.series, self._layout.names
        if not pattern:
            return keep
        cells = self._columns[formats.places(names, pattern)[0]]
        there = {cells[row].strip() for row in np.flatnonzero(keep)}
        fitting = sorted(name for name in there if self._may_be_called(name))
        if len(fitting) != 1 and len(there) > 1:
            raise UserError(
                f"{self._place}: holds {len(there)} series ({', '.join(sorted(there)[:4])}): "
                f"leave the one of {self._wanted.heading} in"
            )
        if not fitting:
            raise UserError(
                f"{self._place}: holds {', '.join(sorted(there))}, not {self._wanted.heading}"
            )
        other = np.array([cell.strip() != fitting[0] for cell in cells])
        self._count_out("another series", keep & other)
        return keep & ~other

    def _may_be_called(self, name: str) -> bool:
        """The last part of sensor.square_laeq_1s; a bare number says nothing."""
        if name.isdigit():
            return True
        words = name.rpartition(".")[2]
        for text in (words, *words.split("_")):
            found = quantities.of(text)
            if found and found.kind not in ("level", "other", "takt"):
                return quantities.answers(found, self._wanted)
        found = quantities.of(words.replace("_", " "))
        return found is not None and quantities.may_be(found, self._wanted)

    def _readings(
        self, column: Column, times: Times, keep: Mask
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], Counter[str]]:
        """(rising times, levels, what was left out); at least two."""
        out: Counter[str] = Counter()
        level = levels.read(self._columns[column.at])
        t = times.t
        usable = keep & (level >= levels.LOWEST) & (level <= levels.HIGHEST)
        if not usable.all():
            self._count_levels(column, level, keep, out)
            if self._layout.format.holds:
                level[~usable] = np.nan
                usable = keep
            t, level = t[usable], level[usable]
        if np.any(t[1:] < t[:-1]):
            order = np.argsort(t, kind="stable")
            t, level = t[order], level[order]
        again = np.zeros(len(t), np.bool_)
        again[1:] = t[1:] == t[:-1]
        if (repeated := int(np.count_nonzero(again))) > _MOST_REPEATED * len(t):
            self._refuse_repeated(t, repeated)
        _count(out, "repeated time", again)
        if repeated:
            t, level = t[~again], level[~again]
        least = 1 if times.length else LEAST_READINGS
        if (there := np.count_nonzero(np.isfinite(level))) < least:
            left = _listed(self._out + out)
            raise UserError(
                f"{self._place}: {there} of {self._count} {self._noun}s hold a reading of "
                f"{column.quantity.heading}, which says nothing"
                + (f" (left out: {left})" if left else "")
            )
        return t, level, out

    def _count_levels(
        self, column: Column, level: NDArray[np.float64], keep: Mask, out: Counter[str]
    ) -> None:
        """Raises UserError where most are no levels in dB."""
        missing = ~np.isfinite(level)
        beyond = ~missing & ((level < levels.LOWEST) | (level > levels.HIGHEST))
        if np.count_nonzero(keep & beyond) * 2 > np.count_nonzero(keep & ~missing) > 0:
            row = int(np.argmax(keep & beyond))
            raise UserError(
                f"{self._place}, {self._noun} {self._first + row}: most of "
                f"{column.quantity.heading} lies beyond "
                f"{levels.LOWEST:g} to {levels.HIGHEST:g} dB, such as "
                f"{self._columns[column.at][row].strip()}: it is no level in dB"
            )
        _count(out, "no level", keep & missing)
        _count(out, f"beyond {levels.LOWEST:g} to {levels.HIGHEST:g} dB", keep & beyond)

    def _refuse_repeated(self, t: NDArray[np.float64], repeated: int) -> None:
        if not np.any(t % 60.0):
            raise UserError(
                f"{self._place}: its times have no seconds, and {repeated} of {len(t)} repeat: "
                "Excel drops the seconds when it saves as CSV; show the column as "
                "yyyy-mm-dd hh:mm:ss and save again, or give the file that the meter wrote"
            )
        raise UserError(
            f"{self._place}: {repeated} of {len(t)} times repeat: several series are mixed, or "
            "fractions of a second were dropped; give one series with each its own time"
        )

    def _single(self, found: list) -> tuple:
        """The only column, or one of several that hold the same."""
        first = found[0]
        for other in found[1:]:
            if len(other[2]) != len(first[2]) or np.any(np.abs(other[2] - first[2]) > 1e-9):
                several = " and ".join(one[0].quantity.heading for one in found[:3])
                raise UserError(
                    f"{self._place}: {several} are each {self._wanted.heading}, and differ: leave "
                    "one in"
                )
        return first

    def _whole_seconds(
        self, column: Column, begins: NDArray[np.float64], level: NDArray[np.float64], step: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        heading, wanted = column.quantity.heading, self._wanted.heading
        if column.quantity.kind != self._wanted.kind:
            raise UserError(
                f"{self._place}: {heading} is told every {step:g} s, and its heading does not say "
                f"that it is {wanted}: levels sampled with Fast or Slow cannot be averaged to it; "
                f"head the column {wanted} if each is the {wanted} of its interval, else export "
                f"{wanted} of each second"
            )
        t, whole, partly = whole_seconds.of(begins, level, step, self._wanted.kind)
        if partly:
            self._out["a part of the second missing"] = partly
        if len(t) < LEAST_READINGS:
            raise UserError(
                f"{self._place}: {len(level)} readings of {step:g} s in {heading} make {len(t)} "
                f"whole seconds, which says nothing: export {wanted} of each second"
            )
        return t, whole

    def _must_be_of_its_interval(self, column: Column, step: float) -> None:
        period = column.quantity.period
        if period and period > 1.5 * step:
            raise UserError(
                f"{self._place}: {column.quantity.heading} is an average of {period:g} s told "
                f"every {step:g} s: export {self._wanted.heading} of each interval"
            )

    def _count_out(self, reason: str, rows: Mask) -> None:
        _count(self._out, reason, rows)

    def _sentence(
        self,
        column: Column,
        begins: NDArray[np.float64],
        interval: float,
        times: Times,
        made: str,
    ) -> str:
        """made: of what, where these are not the file's own intervals."""
        entry, spoken = self._layout.format, times.spoken
        what = column.quantity.heading
        said = f"{what!r}" if column.named else f"{what!r}, taken for {self._wanted.heading}"
        if times.counted:
            span = f"{begins[0]:g} to {begins[-1]:g} s, {times.zone}"
        else:
            first, last = (zones.stated(at, spoken) for at in (begins[0], begins[-1]))  # type: ignore[arg-type]
            span = f"{first} to {last} ({times.zone})"
        edge = "end" if times.ends else "beginning"
        left = _listed(self._out)
        return (
            f"{entry.name}: {len(begins)} readings of {interval:g} s in {said}{made}, {span}, "
            f"stamps read as each interval's {edge}"
            + (f", clock moved by {self._shift:+g} s" if self._shift else "")
            + (", each level held until the next was written" if entry.holds else "")
            + (f"; left out: {left}" if left else "; nothing left out")
            + (f"; {entry.note}" if entry.note else "")
            + "."
        )


def _rows(sheet: Sheet, table: Layout) -> str | memoryview:
    body = sheet.below(table.begins)
    if table.format.stops:
        text = sheets.text(body)
        if stop := re.search(table.format.stops, text, re.MULTILINE):
            body = text[: stop.start()].rstrip("\n ")
    return body


def _count(out: Counter[str], reason: str, rows: Mask) -> None:
    if number := int(np.count_nonzero(rows)):
        out[reason] += number


def _listed(out: Counter[str]) -> str:
    return ", ".join(f"{number} with {reason}" for reason, number in out.items())
