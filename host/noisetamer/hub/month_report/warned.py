"""What warnings achieved, of all boxes of a square. Pure."""

import statistics
from collections.abc import Sequence

from noisetamer.hub.evidence.facts import Facts, Warned
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import share
from noisetamer.hub.month_report.facts import Achieved, Warnings

QUIET_WITHIN = 120
"""s after a warning in which the square was released."""


def warnings(boxes: Sequence[Facts], relapses: int) -> Warnings:
    """relapses: how often a box said that it came back soon after."""
    given = [one for box in boxes for one in box.warnings]
    ways: dict[tuple[str, str], list[Warned]] = {}
    for one in given:
        ways.setdefault((one.stage, one.message), []).append(one)
    spells = over = alone = 0
    for box in boxes:
        for spell in box.spells:
            end = spell.until if spell.until is not None else box.until
            spells += 1
            over += spell.until is not None
            alone += not any(spell.since <= t <= end for t, _ in box.handed)
    return Warnings(
        together=_achieved("", "", given),
        ways=tuple(_achieved(*way, of) for way, of in sorted(ways.items())),
        spells=spells,
        over=over,
        alone=alone,
        relapses=relapses,
        relapse_share=_share(min(relapses, over), over),
    )


def _achieved(stage: str, message: str, given: Sequence[Warned]) -> Achieved:
    begun = [one for one in given if not one.failed]
    judged = [one for one in begun if one.effective is not None]
    after = [one.after for one in judged if one.effective and one.after is not None]
    quiet = sum(seconds <= QUIET_WITHIN for seconds in after)
    return Achieved(
        stage=stage,
        message=message,
        given=len(begun),
        failed=len(given) - len(begun),
        judged=len(judged),
        quiet=quiet,
        share=_share(quiet, len(judged)),
        median=statistics.median(after) if after else None,
    )


def _share(found: int, of: int) -> Interval:
    return share(found, of) if of else Interval(None, None, None, 0)
