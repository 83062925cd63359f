"""What a load has found, as a table of its stretches and a few sentences."""

from collections.abc import Iterator

from noisetamer.load.run import Found, Stretch
from noisetamer.load.session import PATIENCE

_COLUMNS = (
    *("stretch", "s", "acknowledged", "a second", "stored", "lost", "doubled"),
    *("p50 s", "p95 s", "p99 s", "connects", "broken", "back s", "outlasted"),
)

# s; a box looks at its times each 5 s
_LATE = 5.0


def lines(found: Found, units: int) -> Iterator[str]:
    """One a line."""
    rows = [_COLUMNS, *(_row(stretch) for stretch in found.stretches)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join([row[0].ljust(len(first)), *others])
    yield ""
    for stretch in found.stretches:
        yield from _costs(stretch, units)
    for stretch in found.stretches:
        if stretch.counts.lost:
            why = ", ".join(f"{n} x {reason}" for reason, n in stretch.counts.lost.most_common(5))
            yield f"{stretch.name}: connections broke or failed: {why}"
        if stretch.said:
            yield f"{stretch.name}: {stretch.said}"
        if stretch.counts.forged:
            yield f"{stretch.name}: {stretch.counts.forged} acknowledgements were not the hub's"
        if stretch.counts.late > _LATE:
            yield (
                f"{stretch.name}: the load itself was up to {stretch.counts.late:.0f} s behind: "
                "this machine is too small for so many boxes, or too busy; its times say little"
            )
    for name, said in found.at_rest:
        yield f"{name}: {said}"
    acknowledged = sum(stretch.account.acknowledged for stretch in found.stretches)
    lost = sum(stretch.account.lost for stretch in found.stretches)
    doubled = sum(stretch.account.doubled for stretch in found.stretches)
    yield (
        f"{units} boxes: {acknowledged} batches acknowledged, {lost} of them lost, {doubled} "
        f"stored twice; {found.stored} stored in all, {found.held} not acknowledged at the end"
    )


def _row(stretch: Stretch) -> tuple[str, ...]:
    counts, account = stretch.counts, stretch.account
    waits = (counts.waits.quantile(share) for share in (0.5, 0.95, 0.99))
    return (
        stretch.name,
        f"{stretch.seconds:.0f}",
        str(account.acknowledged),
        f"{account.acknowledged / max(stretch.seconds, 1e-9):.0f}",
        *(str(n) for n in (account.stored, account.lost, account.doubled)),
        *("-" if wait is None else f"{wait:.2f}" for wait in waits),
        str(counts.connected),
        str(counts.lost.total()),
        "-" if stretch.back is None else f"{stretch.back:.0f}",
        str(counts.outlasted),
    )


def _costs(stretch: Stretch, units: int) -> Iterator[str]:
    if not stretch.seconds:
        return
    used = ", ".join(
        f"{what} {100 * cpu / stretch.seconds:.0f} %" for what, cpu in stretch.cpu.items()
    )
    told = f"{stretch.name}: of one core {used}"
    if stretch.account.acknowledged:
        each = ", ".join(
            f"{what} {1e6 * cpu / stretch.account.acknowledged:.0f}"
            for what, cpu in stretch.cpu.items()
        )
        told += f"; CPU µs a batch: {each}"
    held = ", ".join(
        f"{what} {size / 1e6:.0f} MB ({size / 1e3 / units:.1f} kB a box)"
        for what, size in stretch.rss.items()
    )
    longest = stretch.counts.handshakes.quantile(1.0)
    if longest is not None:
        half = stretch.counts.handshakes.quantile(0.5)
        told += f"; let in after {half:.2f} s (median), {longest:.2f} s (longest)"
    yield f"{told}; memory: {held}"


EXPLANATION = (
    "p50 to p99: from a record's being made to its acknowledgement; outlasted: records sent again "
    f"because nothing was acknowledged for {PATIENCE:g} s; back: until all boxes were connected "
    "again."
)
