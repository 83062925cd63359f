"""Puts a month of a square together out of a hub's folder, beside a hub that runs or without one.

The files are only read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.base.zones import zone
from noisetamer.hub.cameras.settings import KIND as CAMERA
from noisetamer.hub.complaints.public import SETTING, read
from noisetamer.hub.evidence.attached import policies_named
from noisetamer.hub.evidence.facts import Facts
from noisetamer.hub.incidents.book import Book
from noisetamer.hub.incidents.incident import Incident
from noisetamer.hub.log.tree import CHECKPOINT
from noisetamer.hub.month_report import surroundings, warned
from noisetamer.hub.month_report.box import Minutes, Sources, box
from noisetamer.hub.month_report.facts import Box, Checkpoint, Happened, MonthFacts
from noisetamer.hub.month_report.month import Month, month
from noisetamer.hub.orders import policies
from noisetamer.hub.orders.voices import Voices
from noisetamer.hub.people import page_address
from noisetamer.hub.people.districts import district_at
from noisetamer.hub.registry import Unit, gone, registered
from noisetamer.hub.squares.order import natural
from noisetamer.hub.squares.squares import Squares, square_of
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.series import Levels
from noisetamer.hub.trials.analysis import trials
from noisetamer.hub.trials.reading import read as read_dealt
from noisetamer.proof.canonical import base64_text
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.notes import NoteError
from tamer.judge.policy import Policy
from tamer.judge.stages import STAGES, TOO_LOUD

_MOST_INCIDENTS = 100_000
_KINDS = ("noise", "sudden")
_DAY = 86_400

Progress = Callable[[str, int, int], None]
"""(step, how many are done, of how many); step: reading, drawing."""


@dataclass(frozen=True)
class Asked:
    """month: as 2026-11; zone: of the square's clock, as +08:00 or Europe/Berlin; split: first day
    of "after", None: the day on which the square was first heard; open_day: when the next is,
    None: on the 15th; contact: whom to ask, "": as on the square's public page."""

    square: str
    month: str
    zone: str
    split: date | None = None
    open_day: date | None = None
    contact: str = ""


def gather(
    data: Path, asked: Asked, now: float, progress: Progress
) -> tuple[MonthFacts, dict[str, str], dict[str, str | None]]:
    """(the facts, {message: what it says}, {first digits of a policy's hash: its name, None where
    its text is not here}). now: Unix s. Raises UserError for a square that is not here, and for a
    month of which nothing is known."""
    its_zone = zone(asked.zone)
    if its_zone is None:
        raise UserError(
            f'--zone "{asked.zone}": is no time zone known here; write it like +08:00, '
            "or Europe/Berlin"
        )
    its_month = month(asked.month, its_zone)
    if not database.exists(data / "hub.sqlite"):
        raise UserError(f"{data}: is no data folder of a hub; give the one of its --data")
    with closing(Squares(data / "squares.sqlite")) as squares:
        return _gathered(data, asked, its_month, now, squares, progress)


def _gathered(
    data: Path, asked: Asked, its_month: Month, now: float, squares: Squares, progress: Progress
) -> tuple[MonthFacts, dict[str, str], dict[str, str | None]]:
    queries = Queries(data / "hub.sqlite")
    units = _units(data, asked.square)
    until, there = _up_to(its_month, units, queries, now, asked.square)
    boxes: list[tuple[Box, Facts, Minutes]] = []
    relapses = 0
    known = _policies(squares, asked.square)
    for number, (unit, first) in enumerate(there):
        progress("reading", number, len(there))
        sources = _sources(its_month, until, unit, first, queries, Levels(queries.file), known)
        boxes.append(box(its_month, until, sources))
        relapses += sum(
            e.kind == "relapse" and its_month.since <= e.t < until for e in sources.events
        )
    boxes.sort(key=lambda one: (-one[0].whole.valid, natural(one[0].unit)))
    found = [one for _, one, _ in boxes]
    incidents = _incidents(data, its_month, until, asked.square, found)
    split = asked.split or its_month.local(min(first for _, first in there)).date()
    facts = MonthFacts(
        square=asked.square,
        month=its_month,
        until=until,
        boxes=tuple(one for one, _, _ in boxes),
        incidents=tuple(incidents),
        trials=tuple(
            one
            for one in trials(read_dealt(data, 0, until, asked.square))
            if one.last >= its_month.since
        ),
        warnings=warned.warnings(its_month, found, relapses),
        **surroundings.fields(
            *(data, its_month, until, now, asked.square, split, asked.open_day),
            *([of for _, _, of in boxes], queries, units, known),
        ),
        checkpoint=_checkpoint(data),
        camera=bool((squares.setting(asked.square, CAMERA) or {}).get("on")),
        page=page_address.noted(data),
        contact=asked.contact or read(squares.setting(asked.square, SETTING)).ask,
    )
    district = district_at(data / "people.sqlite", asked.square)
    voices = Voices(data / "voices").of_district(district)
    messages = {one.name: one.text for one in voices.messages()}
    hashes = {hash for one in facts.boxes for _, hash in one.policies}
    named = policies_named(hashes, asked.square, squares)
    return facts, messages, {one.hash: one.name for one in named}


def _units(data: Path, square: str) -> list[Unit]:
    """The units of a square, those that are gone too. Raises UserError."""
    registry = data / "units.sqlite"
    there = registered(registry)
    replaced = {id for unit in there for id in unit.replaced}
    every = [*there, *(unit for unit in gone(registry) if unit.id not in replaced)]
    here = [unit for unit in every if square_of(unit) == square]
    if not here:
        known = sorted({square_of(unit) for unit in every}, key=natural)
        raise UserError(
            f'--square "{square}": this hub knows no unit of it; its squares are: '
            f"{', '.join(known) or 'none'}"
        )
    return here


def _up_to(
    month: Month, units: Sequence[Unit], queries: Queries, now: float, square: str
) -> tuple[int, list[tuple[Unit, int]]]:
    """(up to when; the units of which there is a second before that, each with its first)."""
    firsts, newest = [], 0
    for unit in units:
        spans = [span for id in (unit.id, *unit.replaced) if (span := queries.span(id))]
        if spans:
            newest = max(newest, *(end for _, end in spans))
            firsts.append((unit, min(first for first, _ in spans), max(end for _, end in spans)))
    until = min(month.until, max(int(now), newest))
    if until <= month.since:
        raise UserError(f"{month} has not begun yet: give a month that has")
    heard = [(unit, first) for unit, first, last in firsts if first < until and last > month.since]
    if not heard:
        raise UserError(f"{square}: this hub has no second of {month}")
    return until, heard


def _sources(
    month: Month,
    until: int,
    unit: Unit,
    first: int,
    queries: Queries,
    levels: Levels,
    known: Mapping[str, Policy],
) -> Sources:
    ids = [unit.id, *unit.replaced]
    length = until - month.since
    columns = queries.columns(unit.id, month.since, length)
    for other in ids[1:]:
        _fill(columns, queries.columns(other, month.since, length))
    series = levels.series(ids, month.since - month.since % 3600, until)
    events = sorted(
        (event for id in ids for event in queries.told(id, month.since, until)),
        key=lambda one: (one.t, one.boot, one.seq),
    )
    reference = queries.conditions({unit.id: float(until)})[unit.id].reference
    return Sources(
        *(unit.id, unit.name, unit.simulated, columns, series.hours, series.days, events),
        *(first, queries.stage_before(unit.id, month.since), reference, known),
    )


def _policies(squares: Squares, square: str) -> dict[str, Policy]:
    """{first digits of its hash: a policy that a box of the square can have}."""
    sent = squares.history(square, policies.SETTING)
    found = {}
    for text in (*(one.body["text"] for one in sent), "", *policies.shipped().values()):
        read = policies.read_once(text)
        if read.policy:
            found[read.hash] = read.policy
    return found


def _fill(columns: Columns, other: Columns) -> None:
    """What is not received of one is the other's."""
    missing = columns[-1] == NOT_RECEIVED
    columns[:, missing] = other[:, missing]


def _incidents(
    data: Path, month: Month, until: int, square: str, boxes: Sequence[Facts]
) -> Iterator[Happened]:
    if not database.exists(data / "incidents.sqlite"):
        return
    warnings = [w.t for one in boxes for w in one.warnings if not w.failed]
    stages = [told for one in boxes for told in one.stages]
    with closing(Book(data / "incidents.sqlite")) as book:
        found = book.incidents(
            square=square, kinds=_KINDS, since=month.since - _DAY, most=_MOST_INCIDENTS
        )
    rows = [one for one in found if month.since <= _begin(one) < until]
    for one in sorted(rows, key=lambda one: (_begin(one), one.id)):
        begin, end = _begin(one), _end(one)
        last = until if end is None else end
        during = [stage for t, stage in stages if begin <= t <= last and stage in TOO_LOUD]
        yield Happened(
            number=one.id,
            kind=one.kind,
            begin=begin,
            end=end,
            level=one.level,
            limit=one.limit,
            stage=max(
                during, key=STAGES.index, default=one.stage if one.stage in TOO_LOUD else ""
            ),
            warnings=sum(begin <= t <= last for t in warnings),
            state=one.state,
        )


def _begin(one: Incident) -> int:
    return int(one.begin if one.begin is not None else one.opened)


def _end(one: Incident) -> int | None:
    if one.end is not None and one.end >= _begin(one):
        return int(one.end)
    over = one.resolved or one.closed
    return int(over) if over is not None and one.begin is None else None


def _checkpoint(data: Path) -> Checkpoint | None:
    with suppress(OSError, NoteError, ValueError):
        found = checkpoint_in((data / "log" / CHECKPOINT).read_text(encoding="utf-8"))
        return Checkpoint(found.origin, found.size, base64_text(found.root))
    return None
