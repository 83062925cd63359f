"""The report on paper: in both languages, the same bytes of the same facts, whatever there is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date

import pypdfium2
import pytest

from noisetamer.base import language
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.month_report import office, residents
from noisetamer.hub.month_report.facts import (
    Achieved,
    BeforeAfter,
    Box,
    Cell,
    Complaints,
    Day,
    Happened,
    Levels,
    MonthFacts,
    OpenDay,
    Pact,
    Slot,
    Station,
    Warnings,
)
from noisetamer.hub.month_report.making import drawn
from noisetamer.hub.month_report.month import Month
from noisetamer.hub.month_report.wording import Words
from noisetamer.hub.words.i18n import LANGUAGES, read_texts

pytestmark = pytest.mark.host
MONTH = Month(2026, 11, UTC)
NOTHING = Levels(86_400, 0, *[None] * 8)
NOBODY = Interval(None, None, None, 0)


def facts() -> MonthFacts:
    """A box away all month, with more incidents than have room, and names that are long."""
    days = tuple(Day(day, NOTHING, None, None, 31, 31) for day in MONTH.days)
    box = Box(
        unit="NT1-2611-0002-ABCDEFGH",
        name="东侧灯杆" * 6,
        simulated=False,
        whole=Levels(30 * 86_400, 0, *[None] * 8),
        lost={"not received": 30 * 86_400},
        days=days,
        week=tuple(tuple(Cell(None, 0, 0) for _ in range(24)) for _ in range(7)),
        evening=tuple(Slot(m, 0, None, None, None, None) for m in range(1020, 1380, 10)),
        limits=(),
        policies=((MONTH.since, "0123456789ab"),),
        station=Station(30 * 86_400, 0, 720, 0, (), 30, 0, (), None),
    )
    achieved = Achieved("", "", 12, 1, 11, 5, Interval(5 / 11, 0.21, 0.72, 11), 70.0)
    happened = (
        Happened(n, "noise", MONTH.since + n, None, None, None, "", 0, "open") for n in range(930)
    )
    return MonthFacts(
        square="东门广场" * 12,
        month=MONTH,
        until=MONTH.until,
        boxes=(box,),
        incidents=tuple(happened),
        warnings=Warnings(achieved, (achieved,), 12, 11, 12, 0, NOBODY),
        trials=(),
        complaints=Complaints(3, date(2026, 1, 1), {"110": 3}, None),
        blind_spots=(),
        pacts=(Pact("晨曦舞队", "舞台", ("mon",), 1140, 1230, 660, 0, 0, 4, None),),
        rounds=(),
        open_day=OpenDay(None, (), date(2026, 12, 15)),
        checkpoint=None,
        camera=False,
        page="https://hub.example",
        contact="",
    )


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Iterator[Words]:
    before = language.chosen()
    language.speak(request.param)
    yield Words(read_texts()[request.param], MONTH, {})
    language.speak(before)


def text_of(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


def test_what_is_not_known_is_said_and_no_resident_reads_whose_pact_it_is(words: Words):
    pages = text_of(drawn(facts(), {}, {"0123456789ab": None}))
    table = next(page for page in pages if "11-30" in page and "LAFmax" in page)
    assert table.count(words.unknown) >= 30 * 9
    told = "".join(pages)
    # residents hear nothing of the group, the office does; nobody is named
    first = next(n for n, page in enumerate(pages) if words.say("office") in page)
    assert 2 <= first <= 4
    assert "晨曦舞队" not in "".join(pages[:first]) and "晨曦舞队" in told
    assert words.say("incidents_more", shown=office.MOST_INCIDENTS, count=930)[:12] in told


def test_the_same_facts_are_the_same_bytes():
    few = replace(facts(), incidents=())
    assert drawn(few, {}, {}) == drawn(few, {}, {})


@pytest.mark.parametrize(
    ("ratio", "season", "says"),
    [
        (Interval(0.75, 0.62, 0.88, 99), "admitted", "Complaints fell by 12 to 38 %"),
        (Interval(1.5, 1.2, 2.0, 99), "unknown", "Complaints rose by 20 to 100 %"),
        (Interval(0.9, 0.7, 1.2, 99), "control", "anything from -30 to +20 %"),
        (Interval(None, None, None, 3), "unknown", "Too few complaints to say"),
    ],
)
def test_before_and_after_is_one_sentence_that_claims_no_more_than_is_known(
    ratio: Interval, season: str, says: str
):
    words = Words(read_texts()["en"], MONTH, {})
    change = BeforeAfter(date(2026, 6, 1), 40, 200, 20, 180, ratio, season)
    complaints = Complaints(3, date(2026, 1, 1), {"110": 3}, change)
    said = residents.before_after(replace(facts(), complaints=complaints), words)
    assert says in said
    assert ("season" in said) == (ratio.value is not None)


def test_no_figure_is_said_of_few_warnings():
    assert residents.of_a_hundred(facts()) == 45
    few = replace(facts().warnings.together, judged=9)
    warnings = replace(facts().warnings, together=few)
    assert residents.of_a_hundred(replace(facts(), warnings=warnings)) is None
