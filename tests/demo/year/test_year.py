"""Whatever a hub says of a simulated year is what was put in."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from small_year import DAYS, YEAR, SmallYear

from noisetamer import cli
from noisetamer.base import database
from noisetamer.demo.year.town import DAY
from noisetamer.hub.around import Around, around_of
from noisetamer.hub.complaints import public
from noisetamer.hub.incidents.book import Book
from noisetamer.hub.maintenance import check
from noisetamer.hub.patrols.coverage import summed, total
from noisetamer.hub.permits import venues
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store import past_days
from noisetamer.hub.store.minutes import NOT_RECEIVED
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.series import Levels
from noisetamer.hub.trials import reading
from noisetamer.unit.policy.days import local_day
from tamer.judge.stages import TOO_LOUD
from tamer.record.reading import REASONS

pytestmark = pytest.mark.host

BEGIN, END = YEAR.start, YEAR.start + DAYS * DAY


@pytest.fixture(scope="module")
def around(a_year: SmallYear) -> Iterator[Around]:
    with closing(around_of(a_year.data)) as found:
        yield found


@pytest.fixture(scope="module")
def store(a_year: SmallYear) -> Iterator[database.Connection]:
    with closing(database.reader(a_year.data / "hub.sqlite")) as found:
        yield found


def test_each_second_counts_or_has_its_reason(a_year: SmallYear, store: database.Connection):
    for square in a_year.true["squares"]:
        begin = square["box_from"]
        flags = past_days.columns(store, square["unit"], begin, END - begin)[-1]
        assert NOT_RECEIVED not in flags
        found = Counter(REASONS[flag & 0x0F] for flag in flags.tolist())
        assert found == square["seconds"]
        nothing = past_days.columns(store, square["unit"], begin - DAY, DAY)[-1]
        assert (nothing == NOT_RECEIVED).all(), "there was no box yet"


def test_hours_are_those_of_the_seconds(a_year: SmallYear):
    levels = Levels(a_year.data / "hub.sqlite")
    for square in a_year.true["squares"]:
        series = levels.series([square["unit"]], BEGIN, END)
        assert series.pending == 0
        assert sum(one.hour.valid for one in series.hours) == square["seconds"]["valid"]
        assert sum(one.received for one in series.hours) == sum(square["seconds"].values())
        # as the box told them, each when it was over
        assert len(series.days) == (END - square["box_from"]) // DAY


def test_the_last_hour_is_there_as_of_a_box_that_was_heard_just_now(a_year: SmallYear):
    curve = Queries(a_year.data / "hub.sqlite").last_hour("SIM-0001")
    assert curve
    assert curve.t0 + len(curve.LAeq) == END
    assert sum(level is not None for level in curve.LAeq) > 3000


def test_incidents_of_boxes_and_of_the_hub_are_those_put_in(a_year: SmallYear):
    queries = Queries(a_year.data / "hub.sqlite")
    with closing(Book(a_year.data / "incidents.sqlite")) as book:
        for square in a_year.true["squares"]:
            told = queries.events(square["unit"], 100_000)
            begun = [
                one.t
                for one in told
                if one.kind == "stage"
                and one.fields["to"] in TOO_LOUD
                and one.fields["from"] not in TOO_LOUD
            ]
            assert len(begun) == square["incidents"]["count"]
            kept = book.incidents(square["square"], kinds=["noise"], most=10_000)
            # What begins again within the plan's time is the same to the hub.
            spans = [(one.opened - 1, one.resolved or 0) for one in kept]
            assert all(any(a <= t <= b for a, b in spans) for t in begun)
            assert all(any(a <= t <= b for t in begun) for a, b in spans)
            assert not any(one.living for one in kept)
        assert not book.due(END + 1e6), "a hub that opens this calls nobody"
        assert book.mark() == (queries.feed_end(), END)


def test_complaints_are_those_put_in(a_year: SmallYear, around: Around):
    squares = Squares(a_year.data / "squares.sqlite")
    for square in a_year.true["squares"]:
        kept = around.complaints.between(BEGIN, END + DAY, square["square"])
        true = square["complaints"]
        assert Counter(one.source for one in kept) == true["by_source"]
        assert Counter(one.side for one in kept) == true["by_side"]
        assert len(kept) == true["before"] + true["after"]
        # by a button that is there
        assert public.read(squares.setting(square["square"], public.SETTING)).on


def test_whoever_complains_in_one_square_does_so_while_one_group_plays(
    a_year: SmallYear, around: Around
):
    """And that group has a permit for most of it, which it does not keep."""
    square = a_year.true["squares"][0]
    quiet, loud = square["groups"][:2]
    assert (quiet["annoys"], loud["annoys"]) == (False, True)
    kept = around.complaints.between(BEGIN, END, square["square"])
    playing = [
        {group.name for group, _ in around.permits.playing(square["square"], one.at)}
        for one in kept
    ]
    assert sum(loud["name"] in names for names in playing) > len(kept) / 3
    assert sum(quiet["name"] in names for names in playing) <= len(kept) / 3
    assert loud["overruns"] > 0 == quiet["overruns"]


def test_rounds_miss_the_points_that_were_left_out(a_year: SmallYear, around: Around):
    square = a_year.true["squares"][0]
    true = square["patrols"]
    kept = around.patrols.check_ins(BEGIN, END + DAY, square["square"])
    assert len(kept) == true["check_ins"]
    days = (END - square["box_from"]) // DAY
    asked = days * len(true["points"]) * len(true["rounds"])
    assert asked - len(kept) == len(true["missed"])
    assert {one.proof for one in kept} == {"panel", "rotating", "weak"}


def test_the_page_of_rounds_names_what_was_missed_and_nothing_else(
    a_year: SmallYear, around: Around
):
    walked_in = [square for square in a_year.true["squares"] if "patrols" in square]
    assert walked_in
    for square in walked_in:
        name, true = square["square"], square["patrols"]
        calendar = around.policies.calendar(name)
        first, last = (local_day(calendar, t) for t in (square["box_from"], END - 1))
        walked = around.patrols.walked(name, calendar, first, last)
        called = {point.id: point.name for point in around.patrols.points(name)}
        missed = [
            [walk.day.isoformat(), walk.round.name, called[point]]
            for walk in walked
            for point in walk.missed(END + DAY)
        ]
        assert sorted(missed) == sorted(true["missed"])
        sums = total(summed(walked, END + DAY).values())
        assert sums.visited + sums.late == true["check_ins"]


def test_a_question_stays_open_until_it_is_done(a_year: SmallYear, around: Around):
    for square in a_year.true["squares"]:
        kept = around.open_day.questions(square["square"])
        assert [
            [one.raised.isoformat(), one.text, one.done and one.done.isoformat()] for one in kept
        ] == square["questions"]


def test_the_folder_is_sound(a_year: SmallYear):
    ill = [one.said for one in check.check(a_year.data) if one.ill]
    # certificates are made by the hub's first start
    assert [said for said in ill if "certificates" not in said] == []


def test_the_box_decides_by_the_permits_there_are(a_year: SmallYear, around: Around):
    for square in a_year.true["squares"]:
        groups = {one.id: one for one in around.permits.groups()}
        pacts = [(groups[one.group], one) for one in around.permits.permits(square["square"])]
        held = venues.in_force(pacts, YEAR.day(DAYS - 1))
        policy = around.policies.policy(square["square"])
        assert policy
        assert len(held) == sum(group["permit"] for group in square["groups"])
        assert not venues.missing(policy, held)
        assert not venues.left_over(policy, held)


def test_a_trial_deals_by_its_probabilities(a_year: SmallYear):
    trial = a_year.true["squares"][0]["trial"]
    arms = {one["arm"]: one["a_warning_is_obeyed"] for one in trial["arms"]}
    assert arms["firm-first"] > 2 * arms["polite-first"]
    dealt = sum(one["incidents"] for one in trial["arms"])
    assert dealt == a_year.true["squares"][0]["incidents"]["count"]
    found = reading.read(a_year.data, BEGIN, END, a_year.true["squares"][0]["square"])
    assert Counter(one.arm for one in found) == {
        one["arm"]: one["incidents"] for one in trial["arms"]
    }
    assert {one.probability for one in found} == {one["probability"] for one in trial["arms"]}
    other = a_year.true["squares"][1]["trial"]
    assert len({one["a_warning_is_obeyed"] for one in other["arms"]}) == 1


def test_a_folder_that_holds_something_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "mine").write_text("kept")
    assert cli.run(["year", "--out", str(tmp_path)]) == 2
    assert "name a new folder" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    "words", [["--until", "tomorrow"], ["--squares", "0"], ["--days", "1"], ["--seed", "-1"]]
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert cli.run(["year", "--out", str(tmp_path / "new"), *words]) == 2
    said = capsys.readouterr().err
    assert words[0] in said
    assert "Traceback" not in said
    assert not (tmp_path / "new").exists()
