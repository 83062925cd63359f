"""The plan of a square: whom an incident calls, after how long, in which hours. Pure.

What people write, as TOML or JSON (the body of the square's setting "escalation"):

    begins = "hand-over"      # when the box's own warnings were in vain; "red": at once
    calm = 3                  # s that all boxes of the square are below, before the all-clear
    cool_down = 1800          # s in which what begins again is the same incident
    acknowledged_for = 900    # s; then, if it still goes on, the step under way is called again
    repeat = 1800             # s after the last step without an answer; 0: not again
    silent_after = 300        # s without a word of a box
    holidays = ["2027-01-01"] # days off, and weekend days worked for them, as in a policy
    workdays = []

    [[step]]
    name = "property"
    who = ["property", "wang", "on-call"]   # roles, names of accounts, who is on call
    after = 60                # s since the first step, unacknowledged
    follow_ups = 1            # to the same people
    every = 60                # s between them
    kinds = ["noise"]         # of incidents
    channels = []             # all that a person has
    days = ["mon", "tue"]     # and "holiday", "workday"
    from = "00:00"            # a span over midnight belongs to the day on which it begins
    to = "24:00"
    wakes = false             # whether people are called in their quiet hours too

    [[on_call]]
    who = ["wang"]
    days = ["sat", "sun", "holiday"]
    from = "18:00"
    to = "08:00"

A step that reaches nobody now is passed over at once. A key that is left out has its default.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents.incident import KINDS
from noisetamer.hub.people.roles import ROLES
from tamer.judge import readers
from tamer.judge.calendar import DAY, within
from tamer.judge.rules import kinds as kinds_of_day

ON_CALL = "on-call"
BEGINS = ("hand-over", "red")
CALLED_BY_BOX = {"leader": "leader", "property": "property", "police": "officer"}
"""{whom a box's own call names: the role}"""

LEAST_SILENCE = 60
"""s without a word of a box that are no fault yet, whatever a plan says."""

_WOKEN = ("officer",)
_MOST = 20
_CHAINS = tuple(kind for kind in KINDS if kind != "drill")
_EVERY_DAY = readers.days(readers.EVERY_DAY)


@dataclass(frozen=True)
class Hours:
    """days: a bit for each of tamer.judge.calendar.DAYS; since, until: minutes after midnight."""

    days: int = _EVERY_DAY
    since: int = 0
    until: int = 1440


@dataclass(frozen=True)
class Step:
    """after, every: s; channels: none for all."""

    name: str
    who: tuple[str, ...]
    after: int = 0
    follow_ups: int = 0
    every: int = 120
    kinds: frozenset[str] = frozenset({"noise"})
    channels: frozenset[str] = frozenset()
    hours: Hours = Hours()
    wakes: bool = False


@dataclass(frozen=True)
class Shift:
    """Who is on call, and when."""

    who: tuple[str, ...]
    hours: Hours


@dataclass(frozen=True)
class Plan:
    """Times in s; utc_offset: of the square's clock, s; holidays, workdays: numbers of days."""

    steps: tuple[Step, ...]
    on_call: tuple[Shift, ...] = ()
    begins: str = "hand-over"
    calm: int = 3
    cool_down: int = 1800
    acknowledged_for: int = 900
    repeat: int = 1800
    silent_after: int = 300
    holidays: tuple[int, ...] = ()
    workdays: tuple[int, ...] = ()
    utc_offset: int = 28_800

    def chain(self, kind: str) -> tuple[Step, ...]:
        """The steps of incidents of this kind, in their order."""
        return tuple(step for step in self.steps if kind in step.kinds)

    def within(self, hours: Hours, at: float) -> bool:
        """Whether a Unix time is in these hours, by the square's clock."""
        day, second = divmod(int(at) + self.utc_offset, DAY)
        minute = second // 60
        if not within(hours.since, hours.until, minute):
            return False
        if hours.until < hours.since and minute < hours.until:
            day -= 1
        return bool(hours.days & kinds_of_day(self, day))

    def on_call_at(self, at: float) -> frozenset[str]:
        """Names of the accounts that are on call at a Unix time."""
        shifts = (shift for shift in self.on_call if self.within(shift.hours, at))
        return frozenset(name for shift in shifts for name in shift.who)


SHIPPED: Mapping[str, Any] = {
    "step": [
        {"name": "leader", "who": ["leader"]},
        {"name": "property", "who": ["property"], "after": 60, "follow_ups": 1, "every": 60},
        {"name": "officer", "who": ["officer"], "after": 180, "follow_ups": 2, "wakes": True},
        {
            "name": "station",
            "who": [ON_CALL],
            "after": 600,
            "follow_ups": 3,
            "every": 300,
            "wakes": True,
        },
        {
            "name": "technician",
            "who": ["operator", "admin"],
            "kinds": ["silent", "microphone", "undelivered"],
        },
    ],
}
"""Of a square that has none of its own."""


def read(body: Mapping[str, Any], utc_offset: float = 8.0) -> Plan:
    """The plan in the body of a setting. utc_offset: of the square's clock, h.

    Raises UserError with one sentence: where, what, what to do.
    """
    keys = _Keys(body, "")
    steps = tuple(_step(table, n) for n, table in enumerate(keys.tables("step"), 1))
    if not steps:
        raise UserError("escalation: has no step; write [[step]] with who is to be called")
    names = [step.name for step in steps]
    for n, name in enumerate(names, 1):
        if name in names[: n - 1]:
            raise UserError(f"escalation: step[{n}].name: {name!r} is there twice; rename one")
    plan = Plan(
        steps=steps,
        on_call=tuple(_shift(table, n) for n, table in enumerate(keys.tables("on_call"), 1)),
        begins=keys.read("begins", readers.choice(*BEGINS), "hand-over"),
        calm=keys.read("calm", readers.number(0, 3600, 1, "s"), 3),
        cool_down=keys.read("cool_down", readers.number(0, 86_400, 1, "s"), 1800),
        acknowledged_for=keys.read("acknowledged_for", readers.number(60, 86_400, 1, "s"), 900),
        repeat=keys.read("repeat", _repeat, 1800),
        silent_after=keys.read("silent_after", readers.number(LEAST_SILENCE, 86_400, 1, "s"), 300),
        holidays=keys.read("holidays", readers.dates, ()),
        workdays=keys.read("workdays", readers.dates, ()),
        utc_offset=round(3600 * utc_offset),
    )
    keys.done()
    for kind in _CHAINS:
        chain = plan.chain(kind)
        for before, step in pairwise(chain):
            if step.after <= before.after:
                raise UserError(
                    f"escalation: step[{names.index(step.name) + 1}].after: {step.after} s is "
                    f"not later than {before.name!r} before it ({before.after} s); give more"
                )
    return plan


DRILL = Plan((Step("drill", (), kinds=frozenset({"drill"}), wakes=True),), repeat=0)
"""Calls whoever is meant, once and at once."""


def _step(table: Mapping[str, Any], n: int) -> Step:
    keys = _Keys(table, f"step[{n}].")
    who = keys.read("who", _names("people"), None)
    step = Step(
        name=keys.read("name", readers.text(64), who[0]),
        who=who,
        after=keys.read("after", readers.number(0, 86_400, 1, "s"), 0),
        follow_ups=keys.read("follow_ups", readers.number(0, _MOST, 1, "times"), 0),
        every=keys.read("every", readers.number(30, 86_400, 1, "s"), 120),
        kinds=keys.read("kinds", _kinds, frozenset({"noise"})),
        channels=frozenset(keys.read("channels", _names("channels", fewest=0), ())),
        hours=_hours(keys),
        wakes=keys.read("wakes", readers.flag, any(one in _WOKEN for one in who)),
    )
    keys.done()
    if not step.wakes and any(one in _WOKEN for one in who):
        raise UserError(
            f"escalation: step[{n}].wakes: the officer's quiet hours do not count; leave it out"
        )
    return step


def _shift(table: Mapping[str, Any], n: int) -> Shift:
    keys = _Keys(table, f"on_call[{n}].")
    who = keys.read("who", _names("people"), None)
    for name in who:
        if name == ON_CALL or name in ROLES:
            raise UserError(f"escalation: on_call[{n}].who: {name!r} is no account; name people")
    shift = Shift(who, _hours(keys))
    keys.done()
    return shift


def _hours(keys: "_Keys") -> Hours:
    hours = Hours(
        keys.read("days", readers.days, _EVERY_DAY),
        keys.read("from", readers.time_of_day, 0),
        keys.read("to", readers.time_of_day, 1440),
    )
    if hours.since == hours.until:
        raise UserError(
            f'escalation: {keys.path}to: is the same as from; all day is "00:00" to "24:00"'
        )
    return hours


@dataclass
class _Keys:
    """One table. What is not read by `done` is no key of it."""

    table: Mapping[str, Any]
    path: str
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if not isinstance(self.table, Mapping):
            where = self.path.rstrip(".") or "the plan"
            raise UserError(f"escalation: {where}: must be a table with keys of its own")

    def read(self, key: str, reader: Callable[[Any], Any], default: Any) -> Any:
        """default: as read; None where the key must be there."""
        self.known.add(key)
        if key not in self.table:
            if default is None:
                raise UserError(f"escalation: {self.path}{key}: is missing; add it")
            return default
        try:
            return reader(self.table[key])
        except ValueError as why:
            raise UserError(f"escalation: {self.path}{key}: {why}") from None

    def tables(self, key: str) -> list[Any]:
        self.known.add(key)
        found = self.table.get(key, [])
        if not isinstance(found, list | tuple) or len(found) > _MOST:
            raise UserError(
                f"escalation: {key}: write [[{key}]] with two brackets, one for each, at most "
                f"{_MOST}"
            )
        return list(found)

    def done(self) -> None:
        for key in sorted(map(str, self.table)):
            if key not in self.known:
                raise UserError(f"escalation: {self.path}{key}: is no key here; take it out")


def _names(of_what: str, fewest: int = 1) -> Callable[[Any], tuple[str, ...]]:
    def read(value: Any) -> tuple[str, ...]:
        is_list = isinstance(value, list | tuple) and fewest <= len(value) <= _MOST
        if not is_list or not all(isinstance(one, str) and 0 < len(one) <= 64 for one in value):
            raise ValueError(f'must be a list of {of_what} in quotes, like ["wang"]')
        return tuple(dict.fromkeys(value))

    return read


def _kinds(value: Any) -> frozenset[str]:
    found = _names("kinds of incidents")(value)
    for kind in found:
        readers.choice(*_CHAINS)(kind)
    return frozenset(found)


def _repeat(value: Any) -> int:
    seconds = readers.number(0, 86_400, 1, "s")(value)
    if 0 < seconds < 60:
        raise ValueError(f"{seconds} s is too soon: give 0 for never, or 60 s and more")
    return seconds
