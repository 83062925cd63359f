"""All that the report of a month says, in figures. Pure data.

A level is in 0.1 dB, None where nothing is known of it: never 0. A time is Unix s. Every figure
comes with how much it is of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from noisetamer.hub.complaints.beside_levels import BlindSpot
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.month_report.month import Month
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.trials.analysis import Trial

NOT_THERE, NOT_KEPT = "not there yet", "not kept"
"""Why a second does not count, besides the reasons of seconds: it lies before the first that the
hub has of this box; its day was deleted when its time was over, and only sums are left of it."""


@dataclass(frozen=True)
class Levels:
    """Of `valid` seconds that count, of `seconds`. Ld, Ln, Ldn: of the hours of day and night."""

    seconds: int
    valid: int
    LAeq: int | None
    L10: int | None
    L50: int | None
    L90: int | None
    LAFmax: int | None
    Ld: int | None
    Ln: int | None
    Ldn: int | None


@dataclass(frozen=True)
class Day:
    """evening: LAeq from 17 to 23 h, None where less than three quarters of it were heard; over:
    seconds that count and were louder than the limit that held, None where that is not known;
    incidents, warnings: how many began."""

    date: date
    levels: Levels
    evening: int | None
    over: int | None
    incidents: int
    warnings: int


@dataclass(frozen=True)
class Cell:
    """An hour of the week. valid of seconds are known."""

    LAeq: int | None
    valid: int
    seconds: int


@dataclass(frozen=True)
class Slot:
    """Ten minutes of the evening, over the days of the month. minute: after midnight; days: of how
    many enough is known; low, middle, high: of the LAeq of these, the quarter below, the median,
    the quarter above; limit: that held most often then, None where it is not known."""

    minute: int
    days: int
    low: int | None
    middle: int | None
    high: int | None
    limit: int | None


@dataclass(frozen=True)
class Night:
    """A self-check. deviation: the greatest of its tones from the reference, 0.1 dB, None where it
    was put off or has none."""

    t: int
    verdict: str
    deviation: int | None


@dataclass(frozen=True)
class Station:
    """What is held against the limits of automatic stations. due: seconds that should exist, those
    since the box was first heard; hours, captured: of these, and those with enough valid seconds;
    steps: by how much the clock was put on, ms, each time it was told; nights, checked: how many
    there were, and in how many tones were played; checks: all; reference: since when they compare.
    """

    due: int
    valid: int
    hours: int
    captured: int
    steps: tuple[int, ...]
    nights: int
    checked: int
    checks: tuple[Night, ...]
    reference: int | None


@dataclass(frozen=True)
class Box:
    """One box of the square, with those it replaced. lost: {reason: seconds}; `whole.valid` and
    these add up to the month's wall time; week: [weekday, Monday first][hour]; limits: (t, 0.1 dB)
    from when on each held, none where a policy is not known; policies: (since when it was told,
    first digits of its hash)."""

    unit: str
    name: str
    simulated: bool
    whole: Levels
    lost: Mapping[str, int]
    days: tuple[Day, ...]
    week: tuple[tuple[Cell, ...], ...]
    evening: tuple[Slot, ...]
    limits: tuple[tuple[int, int], ...]
    policies: tuple[tuple[int, str], ...]
    station: Station


@dataclass(frozen=True)
class Happened:
    """An incident. number: as on its page; begin, end: by the box's clock, end None where it is
    not known; warnings: how many were given in it; state: of incident.STATES."""

    number: int
    kind: str
    begin: int
    end: int | None
    level: int | None
    limit: int | None
    stage: str
    warnings: int
    state: str


@dataclass(frozen=True)
class Achieved:
    """Of one way to warn. stage, message: as of the event `warning`; given: how many began;
    failed: how many could not be played; judged: those of which the box told what came of them;
    quiet: of these, released within two minutes after it; share: quiet of judged, as
    sure as days differ; median: s to the release of those that were followed by one."""

    stage: str
    message: str
    given: int
    failed: int
    judged: int
    quiet: int
    share: Interval
    median: float | None


@dataclass(frozen=True)
class Warnings:
    """together: of all; spells: how often it was too loud; over: of these, how often that ended
    within the month; alone: spells in which nobody was called; relapses: spells that came back
    soon after; their share is of those that ended."""

    together: Achieved
    ways: tuple[Achieved, ...]
    spells: int
    over: int
    alone: int
    relapses: int
    relapse_share: Interval


@dataclass(frozen=True)
class BeforeAfter:
    """Complaints. split: the first day of "after"; before, after: how many, in so many days;
    ratio: after by before, day of week admitted; season: whether that is too, as of
    `intervals.before_after`."""

    split: date
    before: int
    days_before: int
    after: int
    days_after: int
    ratio: Interval
    season: str


@dataclass(frozen=True)
class Complaints:
    """Of the month. known_since: day of the first that this hub has, None: it has none; sources:
    {source: how many}; change: None where nothing is known of before."""

    count: int
    known_since: date | None
    sources: Mapping[str, int]
    change: BeforeAfter | None


@dataclass(frozen=True)
class Pact:
    """A permit in force. since, until: minutes after midnight; kept, broken: sessions at or below
    its limit, or above; unknown: of which less than three quarters were heard; loudest: LAeq of
    the loudest session."""

    group: str
    place: str
    days: tuple[str, ...]
    since: int
    until: int
    limit: int
    kept: int
    broken: int
    unknown: int
    loudest: int | None


@dataclass(frozen=True)
class Rounds:
    """One round. due: visits to points that were due; done: those that were made, late ones too,
    as of patrols.coverage; weak: of these, by a proof that a photograph gives too; missed: names
    of points, most missed first, with how often."""

    name: str
    due: int
    done: int
    weak: int
    missed: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class OpenDay:
    """held: the last one that is known; questions: those raised on it, and older ones that were
    open then; next: when the next is."""

    held: date | None
    questions: tuple[Question, ...]
    next: date | None


@dataclass(frozen=True)
class Checkpoint:
    """Of the hub's log: what it has committed to. hash: of the tree's root, base64."""

    origin: str
    size: int
    hash: str


@dataclass(frozen=True)
class MonthFacts:
    """until: up to when it is known, the month's end or now; boxes: the one that heard most comes
    first; trials: that had incidents this month, each since its begin; camera: whether one takes
    pictures; page: address of the hub's pages, "" unknown."""

    square: str
    month: Month
    until: int
    boxes: tuple[Box, ...]
    incidents: tuple[Happened, ...]
    warnings: Warnings
    trials: tuple[Trial, ...]
    complaints: Complaints
    blind_spots: tuple[BlindSpot, ...]
    pacts: tuple[Pact, ...]
    rounds: tuple[Rounds, ...]
    open_day: OpenDay
    checkpoint: Checkpoint | None
    camera: bool
    page: str
    contact: str

    @property
    def whole(self) -> bool:
        """Whether the month is over."""
        return self.until >= self.month.until

    @property
    def seconds(self) -> int:
        """Wall time that it is of."""
        return self.until - self.month.since
