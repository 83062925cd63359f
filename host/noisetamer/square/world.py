"""The square as one box hears it: as sound, or as levels without sound."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.crowd import Crowd, GroupMind
from noisetamer.square.ground_truth import WorldEvent, story_events
from noisetamer.square.heard_source import HeardSource, Stretch
from noisetamer.square.levels import RATE, Levels, decibels
from noisetamer.square.loop import FAST_BINS
from noisetamer.square.scenario import Scenario
from noisetamer.square.scenario_parts import SOONEST_S
from noisetamer.square.schedule import Steps
from noisetamer.square.seeds import stream

MUSIC = ("music", "recording")  # what a hand at the loudspeaker turns up

_SHORTEST_PLAN, _LONGEST_PLAN = 32, 512  # seconds worked out at once


class World:
    """The square of one unit.

    Each unit has a square of its own: same people and tunes, other moments. Unit n's story begins
    n times `box.stagger_s` later than unit 0's; until then only what is always on is heard.
    Use either `sound` or `levels` in a run, with seconds in ascending order. The same seed and
    the same calls give the same bytes.
    """

    def __init__(self, scenario: Scenario, seed: int, unit: int):
        self._sources = [HeardSource(one, scenario, seed, unit) for one in scenario.sources]
        by_name = {heard.source.name: heard for heard in self._sources}
        minds = [
            GroupMind(
                group,
                [by_name[name].schedule for name in group.sources],
                stream(seed, unit, f"group {group.name}"),
            )
            for group in scenario.groups
        ]
        self._crowd = Crowd(minds)
        self._mind_of = {
            name: mind
            for mind, group in zip(minds, scenario.groups, strict=True)
            for name in group.sources
        }
        self._story = story_events(
            scenario, {name: heard.schedule for name, heard in by_name.items()}, unit
        )
        self._by_hand = Steps()
        self._reported = 0
        self._latest = -1
        self._scratch = np.empty(RATE, dtype=np.float32)
        self._plan_first, self._plan_count = 0, 0
        self._stretches: list[Stretch] = []
        self._levels: list[Levels] = []
        self._ahead: dict[int, NDArray[np.float32]] = {}  # of seconds of this plan

    def sound(self, second: int) -> NDArray[np.float32]:
        """Sound pressure of one second at the microphone in Pa, float32[48000]."""
        number = self._number_in_plan(second)
        ahead = self._ahead.pop(second, None)
        return self._mixed(number) if ahead is None else ahead

    def sound_ahead(self, second: int) -> NDArray[np.float32] | None:
        """What `sound` will give for a second unless something happens until then; only that
        counts as asked for, and gives the same array if nothing did. None: not planned yet."""
        number = second - self._plan_first
        if not 0 <= number < self._plan_count:
            return None
        if second not in self._ahead:
            self._ahead[second] = self._mixed(number)
        return self._ahead[second]

    def levels(self, second: int) -> Levels:
        """Levels of one second, from the energies of the loops; no sound is made."""
        number = self._number_in_plan(second)
        if not self._levels:
            self._levels = self._levels_of_plan()
        return self._levels[number]

    def levels_ahead(self, second: int, most: int) -> list[Levels]:
        """Levels of a second and of those after it that are planned already, at most `most`.

        They hold until `hears` is called; only the first counts as asked for.
        """
        self.levels(second)
        number = second - self._plan_first
        return self._levels[number : number + most]

    def rumble(self, second: int) -> NDArray[np.float64]:
        """Energy at 4 to 14 Hz of each eighth of one second, re (20 µPa)²."""
        number = self._number_in_plan(second)
        heard = zip(self._sources, self._stretches, strict=True)
        return np.sum([one.rumble(stretch, number) for one, stretch in heard], axis=0)

    def hears(self, second: int, what: str) -> None:
        """The box did something in a second: "warning:<n>", the n-th of this incident, with
        ":<message>" where its name is known, or "spotlight". People react in second + 2 at the
        earliest, so the world may be asked one second ahead. Raises ValueError where it was
        already asked for more.
        """
        if self._latest >= second + SOONEST_S:
            raise ValueError(
                f"second {self._latest} is already past; {what} in {second} is too late"
            )
        if self._crowd.hears(second, what):
            self._plan_count = 0

    def turn_music(self, change_dB: float) -> None:
        """Somebody turns all music up or down, from the next second on; re the story's own."""
        second = self._latest + 1
        if change_dB != self._by_hand.value(second):
            self._by_hand.replace_from(second, [(second, change_dB)])
            self._plan_count = 0

    def truth(self) -> list[dict]:
        """What happened in the world since the last call, up to the latest second asked for.

        Each a WorldEvent as a trace has it: {"second", "world", "group", "change_dB"}.
        """
        events: list[WorldEvent] = [*self._crowd.events_until(self._latest)]
        while (
            self._reported < len(self._story)
            and self._story[self._reported].second <= self._latest
        ):
            events.append(self._story[self._reported])
            self._reported += 1
        return [
            {"second": second, "world": kind, "group": group, "change_dB": change}
            for second, group, kind, change in sorted(events, key=lambda event: event[:3])
        ]

    def _mixed(self, number: int) -> NDArray[np.float32]:
        sound = np.empty(RATE, dtype=np.float32)
        silent = True
        for heard, stretch in zip(self._sources, self._stretches, strict=True):
            # The first is the sum so far: nothing has to be added to it.
            if heard.sound(stretch, number, sound if silent else self._scratch):
                if not silent:
                    sound += self._scratch
                silent = False
        if silent:
            sound.fill(0)
        return sound

    def _number_in_plan(self, second: int) -> int:
        self._latest = max(self._latest, second)
        number = second - self._plan_first
        if not 0 <= number < self._plan_count:
            self._make_plan(second)
            return 0
        return number

    def _make_plan(self, first: int) -> None:
        """Work out what every source does next, further ahead the longer nothing happens."""
        count = min(max(2 * self._plan_count, _SHORTEST_PLAN), _LONGEST_PLAN)
        boundaries = np.arange(first, first + count + 1)
        changes = {mind.name: mind.change_dB(boundaries) for mind in self._crowd.minds}
        nothing = np.zeros(count + 1)
        by_hand = self._by_hand.at(boundaries)
        self._stretches = []
        for heard in self._sources:
            mind = self._mind_of.get(heard.source.name)
            change = changes[mind.name] if mind else nothing
            if heard.source.sound in MUSIC:
                change = change + by_hand
            self._stretches.append(heard.stretch(first, count, change))
        self._plan_first, self._plan_count = first, count
        self._levels = []
        self._ahead = {}

    def _levels_of_plan(self) -> list[Levels]:
        count = self._plan_count
        a, c, peak = np.zeros(count), np.zeros(count), np.zeros(count)
        fast = np.zeros((count, FAST_BINS))
        for heard, stretch in zip(self._sources, self._stretches, strict=True):
            heard.add_energy(stretch, a, c, fast, peak)
        # A fast detector still shows the end of the second before.
        fast_max = fast.max(axis=1)
        fast_max[1:] = np.maximum(fast_max[1:], fast[:-1, -1])
        columns = (decibels(energy).tolist() for energy in (a, fast_max, c, peak))
        return [Levels(*row) for row in zip(*columns, strict=True)]
