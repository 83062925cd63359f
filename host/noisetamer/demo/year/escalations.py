"""The hub's own incidents of a year that is over: its rules at the times at which they would have
been asked, and people who answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from pathlib import Path

import numpy as np

from noisetamer.demo.year.folder import OFFICER, STORE, Clock, quick
from noisetamer.hub.incidents.cases import Sources
from noisetamer.hub.incidents.directory import directory
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.incidents.watch import AFTERWARDS_SECONDS
from noisetamer.hub.people.people import People
from noisetamer.hub.store.queries import News, Queries
from noisetamer.hub.wire import Event, Record
from tamer.judge.stages import TOO_LOUD

ANSWERS = 0.6
"""The chance that a call is acknowledged."""
ANSWERS_AFTER = (30.0, 240.0)
"""s."""
_NEVER = 1e17
_TOO_LOUD = frozenset(TOO_LOUD)
_UNCONCERNED = ("hour", "day", "self-check")
# Of these the hub's rules are asked at once.
_MOMENTS = ("hand-over", "sudden", "doctor", "boot", "incident", "warning")


@dataclass
class Answered:
    """calls: how many there were; acknowledged: how many of them somebody answered."""

    calls: int = 0
    acknowledged: int = 0


class _Past(Queries):
    """The feed, as far as it had come by then."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.news: list[News] = []
        self.come = 0
        self.end = 0

    def feed(self, after: int, most: int) -> list[News]:
        found = self.news[self.come :]
        self.come += min(len(found), most)
        return found[:most]

    def feed_end(self) -> int:
        return self.end


class Escalations:
    """Give it all records in the order of their times, then `finish`."""

    def __init__(self, data: Path, people: People, clock: Clock, squares: dict[str, str]) -> None:
        """squares: {unit: its square}; clock: is put to the time of what is done."""
        self._clock = clock
        self._past = _Past(data / STORE)
        known = directory(people)
        self._incidents = Incidents(
            data / "incidents.sqlite",
            self._past,
            Sources(directory=lambda: known, audit=people.audit),
            clock=clock,
            steady=clock,
        )
        quick(self._incidents._book)
        self._incidents.know(squares)
        self._random = np.random.default_rng((1, len(squares)))
        self._answers: list[tuple[float, int]] = []
        self._id = 0
        self._first = True
        self._loud: dict[str, int] = {}
        self.answered = Answered()

    def take(self, records: Iterable[Record]) -> None:
        for record in records:
            if not isinstance(record, Event):
                continue
            # as the feed counts them
            self._id += 1
            if not self._concerns(record):
                continue
            if self._first:
                self._turn(record.t)
                self._first = False
            self._until(record.t)
            name = record.unit, record.kind, record.boot, record.seq
            self._past.news.append(News(self._id, record.t + 1.0, *name, record.t, record.fields))
            if _is_moment(record):
                self._turn(record.t + 1.0)

    def _concerns(self, event: Event) -> bool:
        """Whether an incident can come of it, or have it in its timeline."""
        if event.kind in _UNCONCERNED:
            return False
        if event.kind == "stage" and not _TOO_LOUD & {event.fields["from"], event.fields["to"]}:
            return event.t - self._loud.get(event.unit, 0) < AFTERWARDS_SECONDS + 2
        self._loud[event.unit] = event.t
        return True

    def finish(self, end: float) -> Answered:
        """Up to this time, Unix s."""
        self._past.end = self._id
        self._until(end)
        self._turn(end)
        self._incidents._book.set_mark(self._id, end)
        self._incidents.close_file()
        return self.answered

    def _until(self, t: float) -> None:
        """What is due before then."""
        while (due := self._due()) < t:
            self._turn(due)

    def _due(self) -> float:
        answer = self._answers[0][0] if self._answers else _NEVER
        return min(answer, max(self._incidents._book.next_wake(), self._clock.now + 0.1))

    def _turn(self, at: float) -> None:
        self._clock.now = max(at, self._clock.now)
        while self._answers and self._answers[0][0] <= at:
            _, id = heappop(self._answers)
            incident = self._incidents.one(id)
            if incident and incident.state == "open":
                self._incidents.acknowledge(id, OFFICER, self._clock.now)
                self.answered.acknowledged += 1
        while self._incidents.turn():
            pass
        if len(self._past.news) > 10_000:
            del self._past.news[: self._past.come]
            self._past.come = 0
        for effect in self._incidents.due(self._clock.now):
            self._incidents.sent(effect.key, "delivered", "", self._clock.now)
            if effect.kind == "call":
                self.answered.calls += 1
                answers, after = self._random.random(2).tolist()
                if answers < ANSWERS:
                    soonest, latest = ANSWERS_AFTER
                    then = self._clock.now + soonest + (latest - soonest) * after
                    heappush(self._answers, (then, effect.incident))


def _is_moment(event: Event) -> bool:
    if event.kind == "stage":
        return (event.fields["from"] in TOO_LOUD) != (event.fields["to"] in TOO_LOUD)
    return event.kind in _MOMENTS
