"""The box on its pole: the real ladder over a day of seconds, and the groups that hear it.

Quiet seconds change nothing of a ladder at rest but how many it has seen, so they are not played
to it one by one; nor are those of an outage, once it has forgotten all. What comes of it is the
same to the last bit: a test plays whole days both ways.
"""

import tomllib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from noisetamer.demo.year import sounds, sums
from noisetamer.demo.year.pacts import policy
from noisetamer.demo.year.sounds import Heard, Levels
from noisetamer.demo.year.town import Session, Site, Year
from noisetamer.hub.orders.policies import HASH_DIGITS
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from noisetamer.square.crowd import GroupMind
from noisetamer.square.scenario_parts import Group
from noisetamer.square.schedule import Schedule
from tamer.judge import ladder, rules, windows
from tamer.judge import policy as policies
from tamer.judge.ladder import GREEN, START, TOO_LOUD
from tamer.judge.policy import Policy
from tamer.judge.rules import Ruling
from tamer.judge.stages import altered
from tamer.record import events
from tamer.record.reading import OWN_VOICE, Second
from tamer.tell.reporter import KINDS

MESSAGE_S = {"polite_zh": 7, "warning_zh": 6}
_VOICE = 80.0
_TURNS_DOWN_DB = 9.0

Told = tuple[int, str, dict[str, Any]]
"""An event of the box: Unix s, kind, fields."""


@dataclass
class Dealt:
    """What became of one incident, as the simulation knows it. arm: "" outside a trial; asked:
    how many warnings a group could hear; obeyed: whether one was; end: Unix s."""

    square: str
    trial: str
    arm: str
    start: int
    end: int = 0
    asked: int = 0
    obeyed: bool = False


class Evening:
    """One group's session: what it sounds like, and how it takes what it hears."""

    def __init__(self, year: Year, site: Site, session: Session) -> None:
        self.session = session
        self.plain = sounds.music(year, site, session)
        group = site.dancers[session.dancers]
        self.hidden = group.hidden
        people = Group(
            name=group.name,
            sources=(),
            # What an arm makes of it is drawn before they are asked.
            listens=(1.0,),
            notices_spotlight=0.03,
            delay_s=(5.0, 40.0),
            turns_down_dB=_TURNS_DOWN_DB,
            relapses=0.3,
            relapse_after_s=(400.0, 1500.0),
            relapses_by_dB=_TURNS_DOWN_DB,
        )
        on = Schedule([(session.start, session.end)])
        self._rng = year.random(site.number, session.start + 1)
        self.mind = GroupMind(people, [on], year.random(site.number, session.start + 2))

    def level(self) -> Levels:
        """As it is now, from the start of the session to its end."""
        edges = np.arange(self.session.start + 1, self.session.end + 1)
        return self.plain + self.mind.change_dB(edges).astype(np.float32)

    def hears(self, t: int, what: str, complies: float) -> int | None:
        """When its level changes because of it, Unix s; None: not at all."""
        if not self.session.start <= t < self.session.end:
            return None
        if self._rng.random() >= complies and what != "spotlight":
            return None
        begun = self.mind.hears(t, what)
        return begun[0].second if begun else None


@dataclass
class Day:
    """columns: as stored, shape (5, 86400); told: events, in the order of their times; limit: that
    holds in each second, 0.1 dB."""

    t: int
    columns: Columns
    limit: npt.NDArray[np.int32]
    told: list[Told] = field(default_factory=list)


class Pole:
    """One box through its life: `day` after day, in their order."""

    def __init__(self, year: Year, site: Site, skip: bool = True) -> None:
        """skip: whether seconds that cannot matter are passed over at once."""
        self.policy = policies.read(tomllib.loads(policy(site, year.first)))
        self.policy_hash = self.policy.hash[:HASH_DIGITS]
        self.skip = skip
        self.state = START
        self.incidents: list[Dealt] = []
        self.incident: Dealt | None = None
        self._site = site
        self._arms = {arm.name: arm.complies for arm in site.arms}

    def day(self, heard: Heard, evenings: list[Evening]) -> Day:
        """evenings: the sessions that lie within it."""
        return _DayOfPole(self, heard, evenings).run()

    # -- for _DayOfPole

    def begin(self, t: int) -> None:
        """An incident begins."""
        self.incident = Dealt(self._site.square, self._site.trial, "", t)
        self.incidents.append(self.incident)

    def deal(self, arm: str) -> None:
        """The ladder has dealt it."""
        if self.incident:
            self.incident.arm = arm

    def over(self, t: int) -> None:
        if self.incident:
            self.incident.end = t
        self.incident = None

    @property
    def complies(self) -> float:
        """The chance that a warning is obeyed now."""
        arm = self.incident.arm if self.incident else ""
        return self._arms.get(arm, self._site.complies)


class _DayOfPole:
    def __init__(self, pole: Pole, heard: Heard, evenings: list[Evening]) -> None:
        self._pole = pole
        self._heard = heard
        self._evenings = evenings
        self._t = heard.t
        level = heard.background.copy()
        for one in evenings:
            a, b = self._span(one)
            level[a:b] = sounds.together(level[a:b], [one.level()])
        self._columns = sounds.columns(level, heard.flags)
        self._rulings = list(_rulings(pole.policy, heard.t, len(level)))
        self._day = Day(heard.t, self._columns, _limits(self._rulings))
        self._matters = np.flatnonzero(self._mask(0, len(level)))
        self._judged = np.flatnonzero(self._columns[4] == 0)
        self._rows: list[list[int]] = []
        self._rows_from = 0
        self._began = -1
        self._waiting: list[tuple[int, str, int, str]] = []

    def run(self) -> Day:
        pole, columns = self._pole, self._columns
        received = np.flatnonzero(columns[4] != NOT_RECEIVED)
        if not len(received):
            return self._day
        i, end = int(received[0]), int(received[-1]) + 1
        at_rest = -1
        for until, ruling in self._rulings:
            until = min(until, end)
            while i < until:
                if pole.skip:
                    following = self._passed(i, until, at_rest)
                    if following > i:
                        pole.state = altered(pole.state, seen=pole.state.seen + following - i)
                        i = following
                        continue
                before = pole.state
                self._step(i, ruling)
                i += 1
                if columns[4, i - 1] and pole.state == altered(before, seen=before.seen + 1):
                    at_rest = i
        self._day.told.sort(key=lambda one: one[0])
        return self._day

    def _passed(self, i: int, until: int, at_rest: int) -> int:
        """Up to where nothing changes but how many seconds were seen."""
        state = self._pole.state
        if self._waiting or state.stage != GREEN:
            return i
        if state.lately is windows.ALL_WELL:
            return min(until, self._next(self._matters, i))
        if at_rest == i and self._columns[4, i - 1] not in (0, OWN_VOICE):
            # An outage of which all is forgotten: as long as it lasts.
            return max(i, min(until, self._next(self._judged, i)))
        return i

    @staticmethod
    def _next(places: npt.NDArray[np.int64], i: int) -> int:
        at = int(np.searchsorted(places, i))
        return int(places[at]) if at < len(places) else 1 << 40

    def _step(self, i: int, ruling: Ruling) -> None:
        pole = self._pole
        while self._waiting and self._waiting[0][0] <= i:
            self._said(*self._waiting.pop(0))
        second = Second(self._t + i, *self._row(i))
        pole.state, effects = ladder.step(pole.state, second, ruling, pole.policy)
        t = self._t + i + 1
        for effect in effects:
            if isinstance(effect, ladder.Stage):
                self._stage(t, i, effect)
            elif kind := KINDS.get(type(effect)):
                self._tell(t, kind, *effect)
                if isinstance(effect, ladder.Dealt):
                    pole.deal(effect.arm)
            elif isinstance(effect, ladder.SetSpotlight):
                self._tell(t, "spotlight", effect.on)
                if effect.on:
                    self._hear(t, "spotlight")
            elif isinstance(effect, ladder.Say):
                self._say(t, i, effect)

    def _stage(self, t: int, i: int, effect: ladder.Stage) -> None:
        pole = self._pole
        begins = effect.after in TOO_LOUD and effect.before not in TOO_LOUD
        if begins:
            self._began = i + 1
            pole.begin(t)
        self._tell(t, "stage", *effect)
        if effect.before in TOO_LOUD and effect.after not in TOO_LOUD:
            whole = sums.period(
                self._t + self._began, 86_400, self._columns[:, self._began : i + 1]
            ).statistics(t)
            self._tell(
                *(t, "incident", whole.t, whole.seconds, whole.valid, whole.deviation),
                *(whole.overload, whole.under_range, whole.LAE),
                *(whole.LAeq, whole.LCeq, whole.LAFmax, whole.LAmin, whole.LCpeak),
                *(whole.L5, whole.L10, whole.L50, whole.L90, whole.L95),
            )
            pole.over(t)

    def _say(self, t: int, i: int, effect: ladder.Say) -> None:
        length = MESSAGE_S[effect.message]
        self._tell(t, "warning", effect.stage, effect.message, effect.number, effect.volume)
        voice = slice(i + 1, min(i + 1 + length, self._columns.shape[1]))
        flags = self._columns[4, voice]
        heard = flags == 0
        spoken = sounds.columns(np.full(len(flags), _VOICE, np.float32), flags)
        spoken[4, heard] = OWN_VOICE
        self._columns[:, voice] = np.where(heard, spoken, self._columns[:, voice])
        self._changed(voice.start, voice.stop)
        self._waiting.append((i + 1 + length, effect.message, effect.number, effect.stage))

    def _said(self, i: int, message: str, number: int, stage: str) -> None:
        t = self._t + i
        self._tell(t, "spoken", message, number)
        self._hear(t, f"warning:{number}")

    def _hear(self, t: int, what: str) -> None:
        pole = self._pole
        for one in self._evenings:
            if one.hidden or not one.session.start <= t < one.session.end:
                continue
            if pole.incident and what != "spotlight":
                pole.incident.asked += 1
            begin = one.hears(t, what, pole.complies)
            if begin is None:
                continue
            if pole.incident and what != "spotlight":
                pole.incident.obeyed = True
            self._heard_anew(begin - self._t, one)

    def _heard_anew(self, begin: int, changed: Evening) -> None:
        """From then on it sounds otherwise, to the end of the session."""
        _, end = self._span(changed)
        begin = min(begin, end)
        level = self._heard.background[begin:end].copy()
        for one in self._evenings:
            a, b = self._span(one)
            a, b = max(a, begin), min(b, end)
            if a < b:
                own = one.level()[a - self._span(one)[0] :][: b - a]
                level[a - begin : b - begin] = sounds.together(level[a - begin : b - begin], [own])
        kept = self._columns[4, begin:end] == OWN_VOICE
        fresh = sounds.columns(level, self._heard.flags[begin:end])
        self._columns[:, begin:end] = np.where(kept, self._columns[:, begin:end], fresh)
        self._changed(begin, end)

    def _changed(self, begin: int, end: int) -> None:
        self._rows = []
        mask = np.flatnonzero(self._mask(begin, end)) + begin
        before, after = np.searchsorted(self._matters, (begin, end))
        parts = (self._matters[:before], mask, self._matters[after:])
        self._matters = np.concatenate(parts)

    def _mask(self, begin: int, end: int) -> npt.NDArray[np.bool_]:
        """Seconds that the ladder must see, whatever it is like."""
        columns = self._columns[:, begin:end]
        found = columns[4] != 0
        policy, since = self._pole.policy, 0
        for until, ruling in self._rulings:
            a, b = max(since, begin) - begin, min(until, end) - begin
            since = until
            if a >= b:
                continue
            part = slice(a, b)
            found[part] |= columns[0, part] > ruling.limit - policy.near
            if ruling.sudden is not None:
                found[part] |= columns[1, part] > ruling.sudden
            if ruling.learn:
                found[part] = True
        return found

    def _row(self, i: int) -> list[int]:
        at = i - self._rows_from
        if not 0 <= at < len(self._rows):
            self._rows = self._columns[:, i : i + 512].T.tolist()
            self._rows_from, at = i, 0
        return self._rows[at]

    def _span(self, evening: Evening) -> tuple[int, int]:
        return evening.session.start - self._t, evening.session.end - self._t

    def _tell(self, t: int, kind: str, *values: Any) -> None:
        fields = events.named(kind, *values)
        if events.KINDS[kind][-1] == "policy":
            fields["policy"] = self._pole.policy_hash
        self._day.told.append((t, kind, fields))


def _limits(rulings: list[tuple[int, Ruling]]) -> npt.NDArray[np.int32]:
    ends = [end for end, _ in rulings]
    lengths = np.diff([0, *ends])
    return np.repeat(np.array([one.limit for _, one in rulings], np.int32), lengths)


def _rulings(policy: Policy, t: int, n: int) -> list[tuple[int, Ruling]]:
    """(up to which second it holds, ruling), for n seconds from Unix time t on."""
    found: list[tuple[int, Ruling]] = []
    at = 0
    while at < n:
        ruling = rules.ruling(policy, t + at)
        at = n if ruling.until is None else min(n, ruling.until - t)
        found.append((at, ruling))
    return found
