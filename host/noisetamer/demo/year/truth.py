"""What was put into a year: year.json. Pure."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from noisetamer.demo.year import desk, rounds, town
from noisetamer.demo.year.desk import Expected
from noisetamer.demo.year.pole import Dealt
from noisetamer.demo.year.rounds import Patrol
from noisetamer.demo.year.square_year import SquareYear
from noisetamer.demo.year.town import DAY, Site, Year, month_of
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.open_day.question import Question

FILE = "year.json"


def truth(
    year: Year,
    found: dict[int, SquareYear],
    complaints: dict[int, list[Complaint]],
    expected: dict[int, Expected],
    patrols: dict[int, Patrol],
    questions: dict[int, list[Question]],
) -> dict[str, Any]:
    """All of it, as JSON can say it; levels in dB, dates ISO, times Unix s."""
    return {
        "what": "what a simulated year was made of: compare with what pages and reports say",
        "seed": year.seed,
        "first": year.first.isoformat(),
        "until": year.day(year.days).isoformat(),
        "days": year.days,
        "complaints": {
            "with_a_box_per_without": town.AFTER_BOX,
            "season_by_month": town.SEASON,
            "weekday_from_monday": town.WEEKDAY,
            "twice_as_many_per_dB": desk._TWICE,
        },
        "patrols": {"misses": rounds.SELDOM_MISSED, "often_missed": rounds.OFTEN_MISSED},
        "squares": [
            _square(
                *(year, site, found[site.number], complaints[site.number], expected[site.number]),
                *(patrols.get(site.number), questions[site.number]),
            )
            for site in year.sites
        ],
    }


def _square(
    year: Year,
    site: Site,
    found: SquareYear,
    complaints: list[Complaint],
    expected: Expected,
    patrol: Patrol | None,
    questions: list[Question],
) -> dict[str, Any]:
    box_from = year.start + site.box_from * DAY
    told: dict[str, Any] = {
        "square": site.square,
        "unit": site.unit,
        "box_from": box_from,
        "box_from_day": year.day(site.box_from).isoformat(),
        "microphone_drifts_dB_a_year": site.drift,
        "groups": [_group(site, place, found) for place in range(len(site.dancers))],
        "complaints": {
            "before": sum(one.at < box_from for one in complaints),
            "after": sum(one.at >= box_from for one in complaints),
            "expected": asdict(expected),
            "by_month": _by_month(one.at for one in complaints),
            "by_source": dict(Counter(one.source for one in complaints)),
            "by_side": dict(Counter(one.side for one in complaints)),
            "blind_side": "北" if site.north else "",
            "blind_level": town.BLIND_LEVEL if site.north else None,
        },
        "incidents": {
            "count": len(found.incidents),
            "by_month": _by_month(one.start for one in found.incidents),
            "seconds_over_the_limit_by_month": found.over,
        },
        "seconds": found.seconds,
        "faults": [[one.start, one.end, one.reason] for one in found.troubles],
        "trial": _trial(site, found.incidents),
        "questions": [
            [one.raised.isoformat(), one.text, one.done and one.done.isoformat()]
            for one in questions
        ],
    }
    if patrol:
        told["patrols"] = {
            "points": [one.name for one in patrol.points],
            "rounds": [one.name for one in patrol.rounds],
            "check_ins": len(patrol.check_ins),
            "missed": [[day.isoformat(), *names] for day, *names in patrol.missed],
        }
    return told


def _group(site: Site, place: int, found: SquareYear) -> dict[str, Any]:
    dancers = site.dancers[place]
    evenings = [one for one in found.sessions if one.dancers == place]
    return {
        "name": dancers.name,
        "days": list(dancers.days),
        "permitted": [dancers.since, dancers.until],
        "permit": not dancers.hidden,
        "level": round(dancers.level, 1),
        "annoys": dancers.annoys,
        "hidden": dancers.hidden,
        "evenings": len(evenings),
        "overruns": sum(one.end > one.permitted for one in evenings),
    }


def _trial(site: Site, incidents: list[Dealt]) -> dict[str, Any] | None:
    if not site.trial:
        return None
    arms = []
    for arm in site.arms:
        dealt = [one for one in incidents if one.arm == arm.name]
        arms.append(
            {
                "arm": arm.name,
                "probability": arm.probability,
                "a_warning_is_obeyed": arm.complies,
                "incidents": len(dealt),
                "warnings_heard": sum(one.asked for one in dealt),
                "incidents_obeyed": sum(one.obeyed for one in dealt),
            }
        )
    return {"trial": site.trial, "arms": arms}


def _by_month(times: Any) -> dict[str, int]:
    return dict(sorted(Counter(month_of(t) for t in times).items()))
