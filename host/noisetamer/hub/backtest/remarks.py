"""What a manager should know before a policy is put on a pole. Pure."""

import math

import numpy as np

from noisetamer.hub.backtest.backtest import ReplayedUnit
from noisetamer.hub.backtest.replay import Did
from tamer.judge.ladder import STAGES
from tamer.judge.policy import Policy
from tamer.record.reading import MISSING

_ENOUGH = 600  # s under one limit, before anything is said of it
_MOSTLY = 0.5


def remarks(unit: ReplayedUnit, did: Did, name: str, policy: Policy) -> list[str]:
    """Of limits so near the background that the box is seldom green."""
    level, limit = np.asarray(unit.heard.level), np.asarray(did.limit)
    stage = np.asarray(did.stage)
    heard = level != MISSING
    found: list[str] = []
    if policy.trigger.quantity != "LAeq" or not did.judged:
        return found
    for one in np.unique(limit).tolist():
        at = heard & (limit == one)
        count = int(np.count_nonzero(at))
        if count < _ENOUGH:
            continue
        median, background = (
            int(np.percentile(level[at], percent, method="inverted_cdf")) for percent in (50, 10)
        )
        not_green = np.count_nonzero(stage[at] > STAGES.index("green")) / count
        if one - background > policy.near and not_green < _MOSTLY:
            continue
        apart = one - background
        where = (
            "at it"
            if not apart
            else f"{abs(apart) / 10:g} dB {'below' if apart > 0 else 'above'} it"
        )
        green = max(math.ceil((median + policy.near) / 10), one // 10) + 1
        found.append(
            f"{name} at {unit.name}: while the limit is {one / 10:g} dB ({did.why[one]}), the "
            f"background (L90) is {background / 10:.1f} dB, {where}, and the box would be amber "
            f"or more for {not_green:.0%} of {count / 3600:.1f} hours; amber begins "
            f"{policy.near / 10:g} dB below the limit, so with {green} dB it would rest."
        )
    return found
