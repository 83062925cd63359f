"""What goes wrong with a box in a scenario: its `[[fault]]` tables."""

from dataclasses import dataclass
from enum import StrEnum

from noisetamer.square.scenario_parts import Story, intervals
from noisetamer.square.table import Table


class FaultKind(StrEnum):
    """What can fail, as a scenario file spells it."""

    STUCK = "stuck"  # the microphone's line holds one word
    DEAD = "dead"  # its capsule is dead
    DULL = "dull"  # a film of water on it takes the treble
    OVERLOAD = "overload"  # knocks on the box, beyond what the microphone takes
    GAP = "gap"  # the box is too busy to take its samples
    CLOCK = "clock"  # the box's clock is not set

    @property
    def of_microphone(self) -> bool:
        """Whether the microphone has it, rather than the box."""
        return self not in (FaultKind.GAP, FaultKind.CLOCK)


# A busier box is reset by its watchdog.
_BUSIEST_S = 6


@dataclass(frozen=True)
class ScenarioFault:
    """When: [begin, end) in whole seconds from the start."""

    kind: FaultKind
    on: tuple[tuple[int, int], ...]


def faults(table: Table, story: Story) -> tuple[ScenarioFault, ...]:
    """All tables [[fault]]."""
    read = []
    for number, values in enumerate(table.tables("fault"), 1):
        one = Table(values, f"{story.path.name} [[fault]] {number}")
        read.append(_fault(one, story))
        one.finish()
    return tuple(read)


def _fault(table: Table, story: Story) -> ScenarioFault:
    kind = FaultKind(table.choice("kind", FaultKind))
    on = intervals(table, story)
    if on is None:
        table.wrong("on", 'is missing; write when, like [["10m", "12m"]]')
    if kind == FaultKind.GAP and any(end - begin > _BUSIEST_S for begin, end in on):
        table.wrong("on", f"is longer than {_BUSIEST_S} s; the watchdog would reset the box")
    if kind == FaultKind.CLOCK and any(begin > 0 for begin, _ in on):
        table.wrong("on", 'must be one span from "0s"; a clock once set goes on')
    return ScenarioFault(kind, on)
