"""What goes wrong with a box in a scenario: its `[[fault]]` tables."""

from dataclasses import dataclass

from noisetamer.square.scenario_parts import Story, intervals
from noisetamer.square.table import Table

# Of the microphone: its line holds one word; its capsule is dead; a film of water takes the
# treble; somebody knocks on the box, beyond what the microphone bears.
STUCK, DEAD, DULL, OVERLOAD = "stuck", "dead", "dull", "overload"

# Of the box: it is too busy to take its samples; nobody has set its clock.
GAP, CLOCK = "gap", "clock"

KINDS = (STUCK, DEAD, DULL, OVERLOAD, GAP, CLOCK)

# A busier box is reset by its watchdog.
_BUSIEST_S = 6


@dataclass(frozen=True)
class Fault:
    """One of KINDS, and when: [begin, end) in whole seconds from the start."""

    kind: str
    on: tuple[tuple[int, int], ...]


def faults(table: Table, story: Story) -> tuple[Fault, ...]:
    """All tables [[fault]]."""
    made = []
    for number, values in enumerate(table.tables("fault"), 1):
        one = Table(values, f"{story.path.name} [[fault]] {number}")
        made.append(_fault(one, story))
        one.finish()
    return tuple(made)


def _fault(table: Table, story: Story) -> Fault:
    kind = table.choice("kind", KINDS)
    on = intervals(table, story)
    if on is None:
        table.wrong("on", 'is missing; write when, like [["10m", "12m"]]')
    if kind == GAP and any(end - begin > _BUSIEST_S for begin, end in on):
        table.wrong("on", f"is longer than {_BUSIEST_S} s; the watchdog would reset the box")
    if kind == CLOCK and any(begin > 0 for begin, _ in on):
        table.wrong("on", 'must be one span from "0s"; a clock once set goes on')
    return Fault(kind, on)
