"""Who does what: each lease has one holder, and each holder its share. Pure.

Everybody who takes part is a member, and says so by counting a beat. No clock is compared with
another's: whose beat has stood still for LAPSE_SECONDS by the reader's own monotonic clock is
gone, and what it held is free. Whoever takes a lease raises its fence; the fence is asked for in
each transaction that the lease allows, so a holder that was paused, and wakes after its lease is
another's, commits nothing (`leases.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

BEAT_SECONDS = 1.0
LAPSE_SECONDS = 6.0
NOBODY = ""


@dataclass(frozen=True)
class Lease:
    """holder: a member, or NOBODY; fence: raised by each taking, never lowered."""

    name: str
    holder: str
    fence: int


@dataclass
class Beats:
    """When each member's beat was last seen to change, by the reader's monotonic clock, s."""

    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def see(self, beats: Mapping[str, int], asked: float, told: float) -> frozenset[str]:
        """Those that are alive. A member that is seen for the first time is, until it lapses.

        asked, told: just before the beats were read and just after. A reader that was paused
        between the two counts that pause against nobody.
        """
        for name in self._seen.keys() - beats.keys():
            del self._seen[name]
        for name, beat in beats.items():
            known = self._seen.get(name)
            if known is None or known[0] != beat:
                self._seen[name] = beat, told
        return frozenset(
            name for name, (_, since) in self._seen.items() if asked - since < LAPSE_SECONDS
        )


@dataclass(frozen=True)
class Decision:
    """What a member does now. take: leases as they were read (each is taken only if it is still
    so); give: its own, of which it has too many."""

    take: Sequence[Lease] = ()
    give: Sequence[Lease] = ()


def decide(
    me: str, alive: Iterable[str], names: Sequence[str], leases: Iterable[Lease]
) -> Decision:
    """Take what is free, up to an equal share; give back what is beyond it.

    names: all that there are, held ever or not.
    """
    living = {me, *alive}
    known = {lease.name: lease for lease in leases}
    found = [known.get(name) or Lease(name, NOBODY, 0) for name in names]
    mine = [lease for lease in found if lease.holder == me]
    free = [lease for lease in found if lease.holder not in living]
    most = -(-len(names) // len(living))
    if len(mine) > most:
        return Decision(give=mine[most:])
    wanted = most - len(mine)
    # each begins elsewhere, so that two seldom reach for the same one
    begin = sorted(living).index(me) * len(free) // len(living) if free else 0
    turned = free[begin:] + free[:begin]
    return Decision(take=turned[:wanted])
