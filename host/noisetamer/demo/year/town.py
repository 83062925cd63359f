"""What is put into a simulated year: squares, groups, the box's true effects. Pure.

Every chance is drawn from (seed, square, purpose), so that a square is the same however many
there are, and in whatever order they are simulated.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tamer.judge.calendar import DAYS

DAY = 86_400
HOUR = 3600
EAST = 8 * HOUR
"""Of the squares' clock, s."""

SQUARES = (
    *("东门广场", "南湖公园", "人民广场", "北站广场", "文化广场", "中心花园", "滨江步道"),
    *("体育场东", "体育场西", "老街口", "工人俱乐部", "学府路口", "桂花园", "梧桐里"),
    *("红星桥下", "春晖广场", "朝阳广场", "银杏广场", "西门广场", "码头广场"),
)
_GROUPS = ("晨曦舞队", "夕阳红舞队", "健身操队", "交谊舞队", "腰鼓队", "合唱队")
_LEADERS = ("王阿姨", "李阿姨", "张老师", "陈大姐", "刘师傅", "赵阿姨", "周老师", "吴大姐")

# Of complaints, by month and by weekday, Monday first.
SEASON = (0.6, 0.6, 0.8, 1.0, 1.2, 1.4, 1.5, 1.5, 1.2, 1.0, 0.8, 0.6)
WEEKDAY = (0.9, 0.9, 0.9, 0.9, 1.3, 1.4, 0.9)
# Share of its evenings on which a group comes, by month.
COMES = (0.45, 0.5, 0.7, 0.85, 0.9, 0.95, 0.95, 0.95, 0.9, 0.85, 0.7, 0.5)

AFTER_BOX = 0.55
"""Complaints with a box, per complaint without one, all else alike."""
TRIAL = "first-word"
DULL = "words"
LOUDER, LOUD_SHARE = 3.5, 0.5
"""So much louder than on an average evening a group is on this share of them, and as much quieter
on the others, dB."""
EVENING_SPREAD = 1.0
"""Standard deviation of its level from evening to evening besides, dB."""
BLIND_LEVEL = 58.0


@dataclass(frozen=True)
class Arm:
    """complies: the chance that one warning is obeyed; first: the message that is said first."""

    name: str
    probability: float
    complies: float
    first: str


@dataclass(frozen=True)
class Dancers:
    """A group. days, since, until: of its permit, as in `hub.permits`; level: LAeq at the box on
    an average evening, before any warning, dB; overruns: share of its evenings on which it plays
    on after its permit's end; annoys: whether residents complain of it at the desk; side: of the
    square; hidden: from the box, behind a corner, where no warning reaches it."""

    name: str
    leader: str
    place: str
    days: tuple[str, ...]
    since: int
    until: int
    level: float
    overruns: float = 0.0
    annoys: bool = True
    side: str = "南"
    hidden: bool = False


@dataclass(frozen=True)
class Site:
    """One square with its box.

    box_from: place of the day in the year on which that is put up; first_permit: number of that of
    its first group; complaints: a day there on average without a box, of what it hears; north: the
    same of what it does not hear; drift: of the microphone over a year, dB; rounds: whether guards
    go round.
    """

    number: int
    square: str
    unit: str
    box_from: int
    dancers: tuple[Dancers, ...]
    arms: tuple[Arm, ...]
    first_permit: int = 1
    trial: str = ""
    complies: float = 0.15
    complaints: float = 0.3
    north: float = 0.0
    drift: float = 0.0
    rounds: bool = False


@dataclass(frozen=True)
class Year:
    """first: its first day; days: how many."""

    seed: int
    first: date
    days: int
    sites: tuple[Site, ...]

    @property
    def start(self) -> int:
        """Midnight of the first day, Unix s."""
        return midnight(self.first)

    def day(self, number: int) -> date:
        return self.first + timedelta(number)

    def random(self, site: int, purpose: int) -> np.random.Generator:
        """purpose: one number each."""
        return np.random.default_rng((self.seed, site + 1, purpose))


@dataclass(frozen=True)
class Session:
    """A group plays. dancers: place in the square's; start, end: Unix s; permitted: when its
    permit ends; level: of this evening, LAeq at the box, dB."""

    day: int
    dancers: int
    start: int
    end: int
    permitted: int
    level: float


def midnight(day: date) -> int:
    """When it begins in the square, Unix s."""
    return (day - date(1970, 1, 1)).days * DAY - EAST


def month_of(t: int) -> str:
    """Of the squares' clock, as 2026-11."""
    return f"{date(1970, 1, 1) + timedelta((t + EAST) // DAY):%Y-%m}"


def year(seed: int, until: date, days: int, squares: int) -> Year:
    """The `days` before `until`, in so many squares."""
    first = until - timedelta(days)
    return Year(seed, first, days, tuple(_site(seed, i, days) for i in range(squares)))


def _site(seed: int, i: int, days: int) -> Site:
    rng = np.random.default_rng((seed, i + 1, 0))
    name = SQUARES[i % len(SQUARES)] + (str(i // len(SQUARES) + 1) if i >= len(SQUARES) else "")
    groups = [_GROUPS[k] for k in rng.permutation(len(_GROUPS))[:3]]
    leaders = [_LEADERS[k] for k in rng.permutation(len(_LEADERS))[:3]]
    odd, even = ("mon", "wed", "fri", "sun"), ("tue", "thu", "sat")
    loud = float(rng.uniform(63.0, 66.0))
    dancers = [
        # It keeps its hours.
        Dancers(groups[0], leaders[0], "中央", odd, 19 * 60, 20 * 60 + 30, loud - 1.0),
        # It does not.
        Dancers(
            *(groups[1], leaders[1], "东侧", even, 19 * 60 + 30, 21 * 60, loud),
            overruns=0.35,
            side="东",
        ),
    ]
    if i == 0:
        # Whoever complains here complains of the second group.
        dancers[0] = Dancers(
            *(groups[0], leaders[0], "中央", odd, 19 * 60, 20 * 60 + 30, 60.0), annoys=False
        )
    if i == 2:
        dancers.append(
            Dancers(
                *(groups[2], leaders[2], "北侧后巷", ("tue", "sat"), 19 * 60, 20 * 60 + 30),
                BLIND_LEVEL,
                side="北",
                hidden=True,
            )
        )
    trial, arms = "", ()
    if i % 3 == 0:
        trial = TRIAL
        arms = _arms(0.07, 0.25)
    elif i == 1:
        trial = DULL
        arms = _arms(0.15, 0.15)
    return Site(
        number=i,
        square=name,
        unit=f"SIM-{i + 1:04}",
        box_from=_box_from(i, days),
        dancers=tuple(dancers),
        trial=trial,
        arms=arms,
        # the third square has a group more
        first_permit=1 + 2 * i + (i > 2),
        complaints=float(rng.uniform(0.2, 0.5)),
        north=0.25 if i == 2 else 0.0,
        drift=-1.2 if i == 1 else 0.0,
        rounds=i % 4 == 0,
    )


def _box_from(i: int, days: int) -> int:
    """After a third of the time, by three teams that need some days each; in every fifth square
    only when the next money comes: those others can be compared with."""
    if i % 5 == 4:
        return round(days * 0.9)
    return round(days / 3) + round(days / 52) * (i % 3)


def sessions(year: Year, site: Site, wet: np.ndarray) -> list[Session]:
    """All of a square, oldest first. wet: for each hour of the year, whether it is too wet or
    windy to dance."""
    rng = year.random(site.number, 1)
    found = []
    for day in range(year.days):
        then = year.day(day)
        name = DAYS[then.weekday()]
        for place, group in enumerate(site.dancers):
            # The same draws on every day, so that one answer does not shift all later ones.
            comes, late, early, overrun, over_s, mood = rng.random(6).tolist()
            strays = EVENING_SPREAD * rng.normal()
            if name not in group.days or comes >= COMES[then.month - 1]:
                continue
            if wet[day * 24 + group.since // 60]:
                continue
            zero = year.start + day * DAY
            permitted = zero + group.until * 60
            end = permitted - round(300 * early)
            if overrun < group.overruns:
                end = permitted + 600 + round(2400 * over_s)
            start = zero + group.since * 60 + round(600 * late)
            louder = 0.0 if group.hidden else LOUDER if mood < LOUD_SHARE else -LOUDER
            loud = group.level + louder + strays
            found.append(Session(day, place, start, end, permitted, loud))
    return found


def _arms(polite: float, firm: float) -> tuple[Arm, Arm]:
    return (
        Arm("polite-first", 0.5, polite, "polite_zh"),
        Arm("firm-first", 0.5, firm, "warning_zh"),
    )
