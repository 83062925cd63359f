"""A year made: simulated square by square on all cores, then kept by one hand."""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from noisetamer.base.child_processes import pools_work
from noisetamer.demo.year import desk, folder, rounds, truth
from noisetamer.demo.year.desk import Expected
from noisetamer.demo.year.escalations import Answered, Escalations
from noisetamer.demo.year.folder import Clock
from noisetamer.demo.year.square_year import SquareYear, simulated
from noisetamer.demo.year.town import DAY, Site, Year, sessions
from noisetamer.demo.year.weather import Weather, weather
from noisetamer.hub.around import around_of
from noisetamer.hub.complaints.complaint import Complaint

Progress = Callable[[str, float, float], object]
"""(what is done, how much of it, of how much)."""


def made(data: Path, year: Year, progress: Progress = lambda *_: None, workers: int = 1) -> None:
    """Fill the empty folder `data`. workers: processes that simulate; 1: this one."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = Clock()
    sky = weather(year)
    units = folder.registry(data, year)
    folder.squares(data, year)
    folder.keep_weather(data, year, sky)
    complaints: dict[int, list[Complaint]] = {}
    expected: dict[int, Expected] = {}
    for site in year.sites:
        played = sessions(year, site, sky.wet)
        complaints[site.number], expected[site.number] = desk.complaints(year, site, played)
    found: dict[int, SquareYear] = {}
    for one in _simulated(year, sky, complaints, workers):
        number = one.site.number
        folder.keep_levels(data, one.site.unit, one)
        complaints[number] = _heard(complaints[number], one)
        # They are kept now, and large.
        one.days, one.hours = [], []
        found[number] = one
        progress("squares", len(found), len(year.sites))
    with closing(folder.people(data, year, clock)) as people:
        answered = _events(
            data,
            year,
            found,
            Escalations(*(data, people, clock, {site.unit: site.square for site in year.sites})),
            progress,
        )
    patrols = {site.number: patrol for site in year.sites if (patrol := rounds.patrol(year, site))}
    questions = {site.number: rounds.questions(year, site) for site in year.sites}
    with closing(around_of(data, clock=clock)) as around:
        folder.keep_permits(year, around, clock)
        folder.keep_complaints(around, (one for of in complaints.values() for one in of))
        folder.keep_patrols(data, year, units, patrols, clock)
        folder.keep_questions(around, [one for of in questions.values() for one in of])
    told = truth.truth(year, found, complaints, expected, patrols, questions)
    told["calls"] = {"made": answered.calls, "acknowledged": answered.acknowledged}
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (data / truth.FILE).write_text(text + "\n", encoding="utf-8")


def _simulated(
    year: Year, sky: Weather, complaints: dict[int, list[Complaint]], workers: int
) -> Iterator[SquareYear]:
    jobs = [
        (year, site, sky, [one.at for one in complaints[site.number] if one.unit])
        for site in year.sites
    ]
    if workers == 1 or not pools_work():
        yield from map(_one, jobs)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap_unordered(_one, jobs)


def _one(job: tuple[Year, Site, Weather, list[int]]) -> SquareYear:
    return simulated(*job)


def cores() -> int:
    return max(1, len(os.sched_getaffinity(0)))


def _events(
    data: Path,
    year: Year,
    found: dict[int, SquareYear],
    escalations: Escalations,
    progress: Progress,
) -> Answered:
    end = year.start + year.days * DAY
    every = {one.site.unit: one for one in found.values()}
    many, done = sum(len(one.told) for one in every.values()), 0

    def counted(count: int) -> None:
        nonlocal done
        done += count
        progress("events", done, many)

    escalations.take(folder.keep_events(data, every, end, counted))
    return escalations.finish(end)


def _heard(complaints: list[Complaint], found: SquareYear) -> list[Complaint]:
    """With what the box heard at the second of the button."""
    return [replace(one, level=found.heard.get(one.at)) if one.unit else one for one in complaints]
