"""What samples would have shown beside the levels of a second, for a box that gets levels only:
wind at its membrane, and a fault of its microphone."""

from typing import NamedTuple

from noisetamer.square.fault import FaultKind
from noisetamer.square.microphone_faults import MicrophoneFaults, low_end
from noisetamer.square.rumble import level_and_span
from noisetamer.square.scenario import Scenario
from noisetamer.square.world import World


class SideChannel(NamedTuple):
    """Of one second, and of those up to `until` (not included; None: of all that follow).

    rumble_dB is the level at 4 to 14 Hz re 20 µPa, span_dB how far its eighths lie apart.
    """

    until: int | None
    rumble_dB: float
    span_dB: float
    fault: FaultKind | None


class LevelsSideChannel:
    """Of one unit."""

    def __init__(self, scenario: Scenario, world: World, faults: MicrophoneFaults):
        self._world = world
        self._faults = faults
        self._windy = any(source.sound == "wind" for source in scenario.sources)
        self._low_end = low_end(scenario.microphone)

    def at(self, second: int) -> SideChannel:
        """Of a second of the story; in ascending order."""
        fault = self._faults.at(second)
        if not self._windy:
            # Nothing else in a square shakes the membrane so.
            turns = (turn for span in self._faults.spans for turn in span[:2] if turn > second)
            return SideChannel(min(turns, default=None), 0.0, 0.0, fault)
        level, span = level_and_span(self._world.rumble(second))
        return SideChannel(second + 1, level + self._low_end, span, fault)
