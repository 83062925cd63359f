"""A hub's data folder, filled with a simulated year by the hub's own stores."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw

from noisetamer.base import database
from noisetamer.base.database import SharedFile
from noisetamer.demo.year import pacts
from noisetamer.demo.year.rounds import Patrol, guards
from noisetamer.demo.year.square_year import SquareYear
from noisetamer.demo.year.town import DAY, HOUR, Year
from noisetamer.demo.year.weather import Weather
from noisetamer.hub.around import Around
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.public import SETTING as PUBLIC
from noisetamer.hub.complaints.public import Public
from noisetamer.hub.facts import weather
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.orders import policies
from noisetamer.hub.patrols.check_in import CheckIn
from noisetamer.hub.patrols.patrols import Patrols, Told
from noisetamer.hub.patrols.schema import FILE as PATROLS
from noisetamer.hub.people.audit import COMMAND_LINE
from noisetamer.hub.people.people import People
from noisetamer.hub.registry import Units
from noisetamer.hub.squares.squares import Squares
from noisetamer.hub.store import day_packing, roll_ups
from noisetamer.hub.store.day_packing import PackedMinutes
from noisetamer.hub.store.roll_ups import Summed
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, read_record
from tamer.record.seal import digits_of

STORE = "hub.sqlite"
OFFICER = "li"
_AT_ONCE = 2000
_EVER = 1e12
_SEEN = Public(on=True, ask="街道办事处 0571-1234")
_MARGIN = 40
_WOUND = "a simulated year: its seconds were put in by the day, without their records"


@dataclass
class Clock:
    """The hub's own, as it would have been. now: Unix s."""

    now: float = 0.0

    def __call__(self) -> float:
        return float(self.now)


def quick(file: SharedFile) -> None:
    """A folder that is being made need not outlast a power cut: what fails is made anew."""
    file._do("PRAGMA synchronous=OFF")


# -- who and where


def registry(data: Path, year: Year) -> Units:
    """The boxes, each in its square."""
    units = Units(data / "units.sqlite")
    for site in year.sites:
        units.enrol(site.unit, square=site.square)
    return units


def squares(data: Path, year: Year) -> None:
    """What was set for each: a plan, the policy its box was put up with, a page for everybody
    with the button by which residents complain."""
    file = Squares(data / "squares.sqlite")
    for site in year.sites:
        at = year.start + site.box_from * DAY
        text = pacts.policy(site, year.first)
        found = policies.read(text, year.first)
        body = {"text": text, "name": found.policy and found.policy.name, "hash": found.hash}
        file.put(site.square, policies.SETTING, body, OFFICER, at)
        file.put(site.square, PUBLIC, _SEEN.body(), OFFICER, at)
        file.put(site.square, "layout", {"places": {site.unit: [0.5, 0.5]}}, OFFICER, at)
        file.put_plan(site.square, _plan(), OFFICER, at)
    file.close()


def people(data: Path, year: Year, clock: Clock) -> People:
    """Somebody for each role; who looks at the data adds himself (the link at its start)."""
    clock.now = year.start
    everybody = People(data / "people.sqlite", clock)
    add = everybody.accounts.add
    accounts = [add(OFFICER, "officer", COMMAND_LINE, display="李警官")]
    accounts.append(add("property", "property", COMMAND_LINE, display="物业值班"))
    accounts.append(add("operator", "operator", COMMAND_LINE, display="设备维护"))
    for site in year.sites:
        leader = site.dancers[1].leader
        accounts.append(
            add(pacts.account(site), "leader", COMMAND_LINE, display=leader, squares=[site.square])
        )
        if site.rounds:
            for name in guards(site):
                add(name, "guard", COMMAND_LINE, display="保安", squares=[site.square])
    for account in accounts:
        everybody.contacts.add(account.id, "duty", COMMAND_LINE)
    return everybody


def _plan() -> bytes:
    """A square from above: its edge, two paths, a building on the north side."""
    picture = Image.new("RGB", (800, 600), "#f4f1ea")
    draw = ImageDraw.Draw(picture)
    edge = (_MARGIN, 140, 800 - _MARGIN, 600 - _MARGIN)
    draw.rectangle(edge, outline="#8a8578", fill="#e6e2d6", width=4)
    draw.line((_MARGIN, 370, 800 - _MARGIN, 370), fill="#d3cdbd", width=26)
    draw.line((400, 140, 400, 600 - _MARGIN), fill="#d3cdbd", width=26)
    draw.rectangle((180, 40, 620, 110), outline="#8a8578", fill="#cfc9bb", width=3)
    found = BytesIO()
    picture.save(found, "PNG", optimize=True)
    return found.getvalue()


# -- levels and events


def keep_levels(data: Path, unit: str, found: SquareYear) -> None:
    """The seconds of a box by the day, packed, and its hours summed up."""
    with closing(database.opened(data / STORE, SCHEMA)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        with database.transaction(connection):
            for day, blob in found.days:
                day_packing.put(connection, PackedMinutes(unit, day, [], blob))
            roll_ups.touch(connection, [(unit, one.t // 60) for one in found.hours], 0.0)
            roll_ups.put(connection, [Summed(unit, one.t, 1, one) for one in found.hours])


def keep_events(
    data: Path, told: dict[str, SquareYear], end: int, progress: Callable[[int], object]
) -> Iterator[Record]:
    """Every event of all boxes as the hub would have heard it, in the order of their times.

    progress: with how many are kept. Yields them as they were stored.
    """
    store = Store(data / STORE)
    store._connection.execute("PRAGMA synchronous=OFF")
    try:
        waiting: list[Record] = []
        for record in heapq.merge(*map(_records, told.items()), key=lambda one: one.last):
            waiting.append(record)
            if len(waiting) == _AT_ONCE:
                yield from _kept(store, waiting, progress)
                waiting = []
        yield from _kept(store, waiting, progress)
        _sum_up(store)
        store.hurt(end - 1, _WOUND)
        store.prove(end)
    finally:
        store.close()


def _sum_up(store: Store) -> None:
    """What came as records, as a hub does beside."""
    with closing(store.reader()) as reader:
        found = list(roll_ups.to_sum_up(reader, _EVER))
    for summed in found:
        store.sum_up(summed)


def _records(item: tuple[str, SquareYear]) -> Iterator[Record]:
    unit, found = item
    for one in found.told:
        yield read_record(unit, (one.sequence - 1, one.sequence), one.body)


def _kept(store: Store, records: list[Record], progress: Callable[[int], object]) -> list[Record]:
    if records:
        stored = store.append(records[-1].last + 1, records)
        assert len(stored.fresh) == len(records), "a record was not taken"
        progress(len(records))
    return records


# -- what stands around


def keep_complaints(around: Around, found: Iterable[Complaint]) -> None:
    quick(around.complaints)
    around.complaints.add(sorted(found, key=lambda one: one.at))


def keep_permits(year: Year, around: Around, clock: Clock) -> None:
    """Each group, and its permit from the first day on; one that was refused, one revoked. clock:
    that `around` goes by."""
    file = around.permits
    quick(file)
    for site in year.sites:
        for (group, permit), dancers in zip(
            pacts.asked(site, year.first), site.dancers, strict=True
        ):
            clock.now = year.start + 9 * HOUR + permit.id * 60
            kept = file.apply(replace(permit, group=file.add_group(group).id))
            assert kept.id == permit.id, "a permit has another number than in the policy"
            clock.now += HOUR
            if dancers.hidden:
                file.decide(kept.id, "refused", OFFICER, "后巷离住户太近")
            else:
                file.decide(kept.id, "approved", OFFICER)
    clock.now = year.start + (year.days - 1) * DAY + 10 * HOUR
    for site in year.sites[:2]:
        _, permit = pacts.asked(site, year.first)[0]
        # One that waits: it meets the second group's hours.
        file.apply(replace(permit, days=("sat",), since=20 * 60, until=21 * 60))


def keep_patrols(
    data: Path, year: Year, units: Units, found: dict[int, Patrol], clock: Clock
) -> None:
    """Points, rounds, and every check-in by the digits of its minute."""
    with closing(Patrols(data / PATROLS, units.command_key, digits_of, clock)) as file:
        quick(file)
        for number, patrol in found.items():
            site = year.sites[number]
            clock.now = year.start + site.box_from * DAY
            points = {one.id: file.add_point(replace(one, id=0)) for one in patrol.points}
            for one in patrol.rounds:
                ids = tuple(points[id].id for id in one.points)
                file.add_round(replace(one, id=0, points=ids), clock.now)
            keys = {
                id: (units.command_key(one.unit) or "") if one.unit else file.code_key(one.id)
                for id, one in points.items()
            }
            for count, one in enumerate(patrol.check_ins):
                _check_in(file, one, points[one.point].id, keys[one.point], count, clock)


def _check_in(
    file: Patrols, one: CheckIn, point: int, key: str, number: int, clock: Clock
) -> None:
    clock.now = one.told
    digits = "" if one.proof == "weak" else digits_of(key, one.at // 60)
    nonce = f"{one.square}-{number}"
    answer = file.check_in(Told(point, digits, nonce, one.at + 10.0, float(one.told)), one.by)
    assert answer.what == "in", f"a check-in was not taken: {answer.what}"


def keep_weather(data: Path, year: Year, sky: Weather) -> None:
    """Of the town, as a station tells it."""
    with closing(weather.Weather(data / weather.FILE)) as file:
        columns = (sky.wind.tolist(), sky.rain.tolist(), sky.temperature.tolist())
        file.add(
            weather.Hour("", year.start + number * HOUR, *told)
            for number, told in enumerate(zip(*columns, strict=True))
        )


def keep_questions(around: Around, found: Sequence[Question]) -> None:
    quick(around.open_day)
    for one in sorted(found, key=lambda one: one.raised):
        around.open_day.raise_question(one, OFFICER)
