"""The order of names, as people count: 第2广场 before 第10广场. Pure.

The pages' scripts have the same (`compare` in worst-first.js).
"""

import re

_DIGITS = re.compile("([0-9]{1,15})")  # as many as JavaScript's numbers hold


def natural(name: str) -> tuple[tuple[str | int, ...], str]:
    """A key to sort by: texts and numbers in turn, a text first; then the name as it is, for
    those that differ in leading zeros only."""
    parts = _DIGITS.split(name)
    return tuple(int(part) if n % 2 else part for n, part in enumerate(parts)), name
