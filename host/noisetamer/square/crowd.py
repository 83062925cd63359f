"""The people: which group listens to the box, how late, by how much, and when it forgets."""

import heapq
import math
import re

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.ground_truth import WorldEvent, WorldEventKind
from noisetamer.square.scenario_parts import SOONEST_S, Group
from noisetamer.square.schedule import Schedule, Steps

_HEARD = re.compile(r"warning:([1-9]\d*)(:[\w-]+)?|spotlight")


class GroupMind:
    """One group's state. It listens only while it plays and is not already turned down."""

    def __init__(self, group: Group, schedules: list[Schedule], rng: np.random.Generator):
        self.name = group.name
        self._group = group
        self._schedules = schedules
        self._rng = rng
        self._steps = Steps()
        self._settled_until = 0

    def change_dB(self, boundaries: NDArray[np.int64]) -> NDArray[np.float64]:
        """Level change of all its sources at the boundaries between seconds."""
        return self._steps.at(boundaries)

    def hears(self, second: int, what: str) -> list[WorldEvent]:
        """COMPLY and RELAPSE that follow from something heard, see `World.hears`."""
        group, rng = self._group, self._rng
        # Every sound draws the same numbers, so that one answer does not shift all later ones.
        willing, delay, forgetful, relapse = rng.random(4)
        ends = [end for one in self._schedules if (end := one.end_of_session(second)) is not None]
        if not ends or second < self._settled_until or willing >= self._probability(what):
            return []
        session_end = max(ends)
        begin = second + max(SOONEST_S, math.ceil(_between(group.delay_s, delay)))
        if begin >= session_end:
            return []
        before = self._steps.value(second)
        turned_down = -group.turns_down_dB - before
        events = [WorldEvent(begin, self.name, WorldEventKind.COMPLY, turned_down)]
        steps = [(begin, -group.turns_down_dB)]
        self._settled_until = session_end
        if forgetful < group.relapses:
            again = begin + max(1, round(_between(group.relapse_after_s, relapse)))
            if again < session_end:
                value = -group.turns_down_dB + group.relapses_by_dB
                steps.append((again, value))
                relapsed = WorldEventKind.RELAPSE
                events.append(WorldEvent(again, self.name, relapsed, group.relapses_by_dB))
                self._settled_until = again + 1
        # A group that comes back later has forgotten.
        self._steps.replace_from(begin, [*steps, (session_end, 0.0)])
        return events

    def _probability(self, what: str) -> float:
        if what == "spotlight":
            return self._group.notices_spotlight
        _, number, *message = what.split(":")
        if message and message[0] in self._group.messages:
            return self._group.messages[message[0]]
        listens = self._group.listens
        return listens[min(int(number), len(listens)) - 1]


class Crowd:
    """All groups of one square."""

    def __init__(self, minds: list[GroupMind]):
        self.minds = minds
        self._events: list[WorldEvent] = []  # a heap

    def hears(self, second: int, what: str) -> bool:
        """Every group hears it; True if any will react. Raises ValueError on other words."""
        if not _HEARD.fullmatch(what):
            raise ValueError(
                f'the crowd hears "warning:<n>:<message>" or "spotlight", not "{what}"'
            )
        reacts = False
        for mind in self.minds:
            for event in mind.hears(second, what):
                heapq.heappush(self._events, event)
                reacts = True
        return reacts

    def events_until(self, second: int) -> list[WorldEvent]:
        """Reactions up to and including a second, each returned once."""
        reactions = []
        while self._events and self._events[0].second <= second:
            reactions.append(heapq.heappop(self._events))
        return reactions


def _between(span: tuple[float, float], share: float) -> float:
    return span[0] + (span[1] - span[0]) * share
