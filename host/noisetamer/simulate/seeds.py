"""`--seeds`: which seeds, as people write them."""

import re

from noisetamer.base.errors import UserError

_PART = re.compile(r"(\d+)(?:\.\.(\d+))?")
_MOST = 100_000


def seeds(text: str) -> list[int]:
    """Seeds in the order given, each once, from "1..20" or "3,7,10..12". Raises UserError."""
    found: dict[int, None] = {}
    for part in text.split(","):
        given = _PART.fullmatch(part.strip())
        if given is None:
            raise UserError(f"--seeds {text}: write it like 1..20, or like 3,7,10..12.")
        first = int(given[1])
        last = int(given[2] or first)
        if last < first:
            raise UserError(f"--seeds {text}: write the smaller one first, {last}..{first}.")
        if last - first >= _MOST:
            raise UserError(f"--seeds {text}: give at most {_MOST} of them.")
        found |= dict.fromkeys(range(first, last + 1))
    return list(found)
