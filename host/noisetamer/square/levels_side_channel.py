"""What a box in the levels tier learns beside its Seconds: what the samples would have shown of
wind and of its microphone."""

import struct

from noisetamer.square.microphone_faults import NUMBERS, MicrophoneFaults, low_end
from noisetamer.square.rumble import level_and_span
from noisetamer.square.scenario import Scenario
from noisetamer.square.world import World

# Until when they hold, s; rumble and its span in 0.1 dB; number of the microphone's fault.
SIGNS = struct.Struct("<IhhH")

_FOR_EVER = 0xFFFFFFFF


class Signs:
    """Of one unit."""

    def __init__(self, scenario: Scenario, world: World, faults: MicrophoneFaults):
        self._world = world
        self._faults = faults
        self._windy = any(source.sound == "wind" for source in scenario.sources)
        self._low_end = low_end(scenario.microphone)

    def at(self, second: int, power_came: int) -> bytes:
        """The signs of a second, as the box reads them. Both it and they count from when the
        power came, in the story's second `power_came`."""
        at = second + power_came
        number = NUMBERS.get(self._faults.at(at) or "", 0)
        if not self._windy:
            # Nothing else in a square shakes the membrane so.
            turns = (turn for span in self._faults.spans for turn in span[:2] if turn > at)
            until = min((turn - power_came for turn in turns), default=_FOR_EVER)
            return SIGNS.pack(until, 0, 0, number)
        level, span = level_and_span(self._world.rumble(at))
        level += self._low_end
        return SIGNS.pack(second + 1, round(10 * level), round(10 * span), number)
