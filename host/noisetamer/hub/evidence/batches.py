"""Which leaves of the log have the records of a span, and the records themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from noisetamer.base import database
from noisetamer.hub.evidence.records import Raw
from noisetamer.hub.log.log import Found, Log
from noisetamer.hub.store import past_days, raw_records
from noisetamer.proof.leaf import records_digest
from tamer.record import encoding
from tamer.record.reading import is_dated


@dataclass
class Batches:
    """Of one unit. leaves: {index: it}, whole, with what dates them; late: {index: sequences that
    came after it was made, and are in a leaf of their own}; left_out: these leaves, and those of
    which the hub has not every record any more."""

    unit: str
    leaves: dict[int, Found] = field(default_factory=dict)
    late: dict[int, set[int]] = field(default_factory=dict)
    left_out: dict[int, Found] = field(default_factory=dict)

    def of_boot(self, boot: int) -> list[Found]:
        """By their sequences."""
        return sorted(
            (one for one in self.leaves.values() if one.fields["boot"] == boot),
            key=lambda one: one.fields["first"],
        )

    @property
    def boots(self) -> list[int]:
        return sorted({one.fields["boot"] for one in self.leaves.values()})

    @property
    def chained(self) -> bool:
        """Whether every one of them has a link at its end."""
        return bool(self.leaves) and all(one.fields.get("link") for one in self.leaves.values())


def of_unit(
    connection: database.Connection, log: Log, unit: str, since: int, until: int
) -> Batches:
    """connection: of the store. since <= t < until, Unix s."""
    found = Batches(unit)
    for boot, (first, last) in sorted(
        raw_records.touching(connection, unit, since, until).items()
    ):
        taken = _take(connection, log, found, log.batches(unit, boot, first, last))
        undated = [raw.sequence for raw in taken if not is_dated(encoding.head(raw.body).t)]
        clocks = raw_records.clocks(connection, unit, boot)
        # the last word before the span says how good its clock was; what is undated wants more
        wanted = set([seq for seq in clocks if seq < first][-1:])
        if undated and clocks:
            wanted |= {seq for seq in clocks if seq < max(undated)} | {clocks[0]}
        for seq in sorted(wanted):
            _take(connection, log, found, log.batches(unit, boot, seq, seq))
    return found


def _take(
    connection: database.Connection, log: Log, found: Batches, leaves: Iterable[Found]
) -> list[Raw]:
    taken = []
    for leaf in leaves:
        if leaf.index in found.leaves or leaf.index in found.left_out:
            continue
        name = tuple(leaf.fields[one] for one in ("boot", "first", "last"))
        overlapping = [one for one in log.batches(found.unit, *name) if one.index != leaf.index]
        if any(one.index < leaf.index for one in overlapping):
            found.left_out[leaf.index] = leaf
            continue
        found.late[leaf.index] = {
            seq
            for one in overlapping
            for seq in range(one.fields["first"], one.fields["last"] + 1)
        }
        records = list(_records(connection, found, leaf))
        digest = records_digest(raw.body for raw in records)
        if (len(records), digest) != (leaf.fields["count"], leaf.fields["records"]):
            found.left_out[leaf.index] = leaf
            continue
        found.leaves[leaf.index] = leaf
        taken += records
    return taken


def records(connection: database.Connection, batches: Batches, boot: int) -> Iterator[Raw]:
    """Of one boot, in order."""
    for leaf in batches.of_boot(boot):
        yield from _records(connection, batches, leaf)


def as_file(records: Iterable[Raw]) -> Iterator[bytes]:
    """`records/<unit>-<boot>.bin`, in pieces."""
    for raw in records:
        yield len(raw.body).to_bytes(2) + raw.body


def _records(connection: database.Connection, batches: Batches, leaf: Found) -> Iterator[Raw]:
    boot, first, last = (leaf.fields[name] for name in ("boot", "first", "last"))
    late = batches.late[leaf.index]
    for one in past_days.between(connection, batches.unit, boot, first, last):
        if one.seq not in late:
            yield Raw(boot, one.seq, one.body)
