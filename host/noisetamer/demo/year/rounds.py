"""Guards who go round, and points that they leave out; questions of the open days. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from noisetamer.demo.year.town import DAY, Site, Year
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.patrols.check_in import CheckIn, Point, Round

OFTEN_MISSED = 0.35
SELDOM_MISSED = 0.02
_EVENING, _NIGHT = (20 * 60, 20 * 60 + 45), (22 * 60, 22 * 60 + 45)
_ASKS = (
    "周末晚上能不能早一点结束？",
    "音箱能不能换个方向？",
    "屏幕上的数字是怎么测的？",
    "北面的声音为什么没人管？",
    "国庆期间怎么安排？",
    "健身操队能不能挪到河边？",
)
_SAID = ("已与领队商定", "已调整音箱方向", "已在公示栏说明", "下月起执行")


@dataclass(frozen=True)
class Patrol:
    """points, rounds, check_ins: with ids 1, 2, ... of this square alone; missed: (day of the
    round, round, point) of each that nobody came to."""

    points: list[Point]
    rounds: list[Round]
    check_ins: list[CheckIn]
    missed: list[tuple[date, str, str]]


def patrol(year: Year, site: Site) -> Patrol | None:
    """From the day of the box on; None where nobody goes round."""
    if not site.rounds:
        return None
    rng = year.random(site.number, 7)
    points = [
        Point(1, site.square, "噪声盒灯杆", "panel", site.unit, 0.5, 0.5),
        Point(2, site.square, "东门岗亭", "rotating", "", 0.85, 0.4),
        Point(3, site.square, "北侧后巷", "weak", "", 0.4, 0.1),
    ]
    rounds = [
        Round(1, site.square, "晚间", (1, 2, 3), (), *_EVENING),
        Round(2, site.square, "夜间", (1, 2, 3), (), *_NIGHT),
    ]
    check_ins: list[CheckIn] = []
    missed: list[tuple[date, str, str]] = []
    names = guards(site)
    for day in range(site.box_from, year.days):
        midnight = year.start + day * DAY
        for one in rounds:
            guard = names[int(rng.integers(2))]
            for place, point in enumerate(points):
                often = one.id == 2 and point.id == 3
                skips, late, minute = rng.random(3).tolist()
                if skips < (OFTEN_MISSED if often else SELDOM_MISSED):
                    missed.append((year.day(day), one.name, point.name))
                    continue
                at = midnight + (one.since + 5 + 12 * place) * 60 + int(minute * 8) * 60
                # Without a network for a while: told up to an hour later.
                told = at + (int(3600 * minute) if late < 0.05 else 20)
                check_ins.append(CheckIn(0, point.id, site.square, at, told, guard, point.kind))
    return Patrol(points, rounds, check_ins, missed)


def guards(site: Site) -> tuple[str, str]:
    """Accounts of those who go round."""
    return f"guard-{site.number + 1:02}a", f"guard-{site.number + 1:02}b"


def questions(year: Year, site: Site) -> list[Question]:
    """Of the open day on the 15th of each month, oldest first."""
    rng = year.random(site.number, 8)
    found: list[Question] = []
    for day in range(year.days):
        then = year.day(day)
        if then.day != 15:
            continue
        for _ in range(int(rng.integers(0, 3))):
            text = _ASKS[int(rng.integers(len(_ASKS)))]
            until = then + timedelta(30)
            done = then + timedelta(int(rng.integers(5, 75)))
            is_done = (done - year.first).days < year.days and rng.random() < 0.8
            answer = _SAID[int(rng.integers(len(_SAID)))]
            found.append(
                Question(
                    *(0, site.square, then, text, "街道办", until),
                    *((answer, done) if is_done else ("", None)),
                )
            )
    return found
