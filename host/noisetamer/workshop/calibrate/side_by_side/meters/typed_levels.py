"""A meter's levels, typed in as they are read."""

import time
from collections.abc import Callable, Iterable, Iterator

_LOWEST, _HIGHEST = 10.0, 150.0


def typed(
    lines: Iterable[str],
    complain: Callable[[str], None],
    clock: Callable[[], float] = time.time,
) -> Iterator[tuple[float, float]]:
    """(time of Enter, level) of each line; what is no level is complained about and skipped."""
    for line in lines:
        at = clock()
        try:
            yield at, _level(line.strip().replace(",", "."))
        except ValueError:
            complain(f"{line.strip()!r} is no level in dB(A), such as 63.4")


def _level(text: str) -> float:
    level = float(text)
    if not _LOWEST <= level <= _HIGHEST:
        raise ValueError
    return level
