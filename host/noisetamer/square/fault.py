"""What goes wrong with a box in a scenario: its `[[fault]]` tables, or `--fault` of one run."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from noisetamer.base.errors import UserError
from noisetamer.square.scenario_parts import Story, intervals
from noisetamer.square.table import Table


class FaultKind(StrEnum):
    """What can fail, as a scenario file spells it."""

    # The microphone.
    STUCK = "stuck"  # its line holds one word
    DEAD = "dead"  # its capsule is dead
    DULL = "dull"  # a film of water on it takes the treble
    OVERLOAD = "overload"  # knocks on the box, beyond what the microphone takes

    # The box.
    GAP = "gap"  # it is too busy to take its samples
    HANG = "hang"  # so busy that the watchdog resets it
    POWER = "power"  # it has none
    FLASH_FULL = "flash-full"  # its file system has no room left
    BAD_BLOCK = "bad-block"  # the block of flash that is written next keeps nothing any more

    # The chip's clock.
    CLOCK = "clock"  # not set until somebody does at the end
    CLOCK_2000 = "clock-2000"  # begins at 2000 with the power, as the ESP32's; nobody sets it
    CLOCK_2036 = "clock-2036"  # begins at 2036, where NTP's first era ends
    FAST_CRYSTAL = "fast-crystal"  # it is 40 parts in a million fast

    # The Wi-Fi.
    NO_ACCESS_POINT = "no-access-point"  # none in reach: not yet, or no longer
    WRONG_KEY = "wrong-key"  # the access point does not take the key
    NO_ADDRESS = "no-address"  # it lets the box in, and gives no address

    # What lies behind it.
    DNS_SILENT = "dns-silent"  # no name server answers
    NTP_LOST = "ntp-lost"  # no time server answers
    NTP_ZERO = "ntp-zero"  # it answers "kiss-o'-death": all of its stamps are 0
    NTP_WRONG = "ntp-wrong"  # it is twenty years ahead
    HUB_REFUSED = "hub-refused"  # nobody listens there
    HUB_SILENT = "hub-silent"  # nothing comes through, to or fro, and nobody says so
    TAKE_OVER = "take-over"  # somebody else with the box's name throws it out again and again

    @property
    def of_microphone(self) -> bool:
        """Whether the microphone has it."""
        return self in _OF_MICROPHONE

    @property
    def of_hub(self) -> bool:
        """Whether only a box that has a hub meets it."""
        return self in _OF_HUB

    @property
    def of_drivers(self) -> bool:
        """Whether the box's own drivers bring it about (virtual/drivers/faults.py)."""
        return self.of_network or self in _OF_DRIVERS

    @property
    def of_network(self) -> bool:
        """Whether only a box that joins a network meets it."""
        return self in _OF_NETWORK


_OF_MICROPHONE = (FaultKind.STUCK, FaultKind.DEAD, FaultKind.DULL, FaultKind.OVERLOAD)
_OF_HUB = (FaultKind.HUB_REFUSED, FaultKind.HUB_SILENT, FaultKind.TAKE_OVER)
_OF_NETWORK = (
    FaultKind.NO_ACCESS_POINT,
    FaultKind.WRONG_KEY,
    FaultKind.NO_ADDRESS,
    FaultKind.DNS_SILENT,
    FaultKind.NTP_LOST,
    FaultKind.NTP_ZERO,
    FaultKind.NTP_WRONG,
    *_OF_HUB,
)

_OF_DRIVERS = (FaultKind.FAST_CRYSTAL, FaultKind.FLASH_FULL, FaultKind.BAD_BLOCK)

# Of each of these only one holds at a time.
_ONE_OF = (
    (FaultKind.CLOCK, FaultKind.CLOCK_2000, FaultKind.CLOCK_2036),
    (FaultKind.NO_ACCESS_POINT, FaultKind.WRONG_KEY, FaultKind.NO_ADDRESS),
    (FaultKind.NTP_LOST, FaultKind.NTP_ZERO, FaultKind.NTP_WRONG),
    _OF_HUB,
    (FaultKind.POWER, FaultKind.HANG),
)

# A busier box is reset by its watchdog, s.
_BUSIEST_S = 6
_HANGS_S = 9


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
    _refuse_both_at_once(story.path.name, read)
    _refuse_a_clock_without_a_power_on(story.path.name, read)
    return tuple(read)


def with_more(
    read: Sequence[ScenarioFault], more: Sequence[Sequence[str]], story: Story
) -> tuple[ScenarioFault, ...]:
    """The scenario's own and those of `--fault KIND FROM TO`. Raises UserError."""
    named = [
        _fault(Table({"kind": kind, "on": [[begin, end]]}, f"--fault {kind}"), story)
        for kind, begin, end in more
    ]
    together = (*read, *named)
    _refuse_both_at_once("--fault", together)
    _refuse_a_clock_without_a_power_on("--fault", together)
    return together


def _fault(table: Table, story: Story) -> ScenarioFault:
    kind = FaultKind(table.choice("kind", FaultKind))
    on = intervals(table, story)
    if on is None:
        table.wrong("on", 'is missing; write when, like [["10m", "12m"]]')
    if kind == FaultKind.GAP and any(end - begin > _BUSIEST_S for begin, end in on):
        table.wrong("on", f"is longer than {_BUSIEST_S} s; the watchdog would reset the box")
    if kind == FaultKind.HANG and any(end - begin < _HANGS_S for begin, end in on):
        table.wrong("on", f"is shorter than {_HANGS_S} s; take gap: no watchdog bites so soon")
    if kind == FaultKind.CLOCK and any(begin > 0 for begin, _ in on):
        table.wrong("on", 'must be one span from "0s"; a clock once set goes on')
    return ScenarioFault(kind, on)


def _refuse_both_at_once(where: str, read: Sequence[ScenarioFault]) -> None:
    for number, one in enumerate(read):
        for other in read[:number]:
            if one.kind == other.kind or not any(
                {one.kind, other.kind} <= {*of} for of in _ONE_OF
            ):
                continue
            if any(a < d and c < b for a, b in one.on for c, d in other.on):
                raise UserError(
                    f"{where}: {other.kind} and {one.kind} cannot be at the same time; "
                    "give each its own span."
                )


def _refuse_a_clock_without_a_power_on(where: str, read: Sequence[ScenarioFault]) -> None:
    cuts = [span for one in read if one.kind == FaultKind.POWER for span in one.on]
    comes = [end for _, end in cuts]
    if all(begin > 0 for begin, _ in cuts):
        comes.append(0)
    for one in read:
        if one.kind not in (FaultKind.CLOCK_2000, FaultKind.CLOCK_2036):
            continue
        for begin, end in one.on:
            if not any(begin <= at < end for at in comes):
                raise UserError(
                    f"{where}: {one.kind} is what a clock shows when the power comes, and from "
                    f"{begin} s to {end} s it does not; begin it at 0s, or add a fault power."
                )
