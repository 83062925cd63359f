"""What warnings achieved, of all boxes of a square. Pure."""

import statistics
from collections import Counter
from collections.abc import Sequence

from noisetamer.hub.evidence.facts import Facts, Warned
from noisetamer.hub.intervals.shares import share, share_of_days
from noisetamer.hub.month_report.facts import Achieved, Warnings
from noisetamer.hub.month_report.month import Month

QUIET_WITHIN = 120
"""s after a warning in which the square was released."""


def warnings(month: Month, boxes: Sequence[Facts], relapses: int) -> Warnings:
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
        together=_achieved(month, "", "", given),
        ways=tuple(_achieved(month, *way, of) for way, of in sorted(ways.items())),
        spells=spells,
        over=over,
        alone=alone,
        relapses=relapses,
        relapse_share=share(min(relapses, over), over),
    )


def _achieved(month: Month, stage: str, message: str, given: Sequence[Warned]) -> Achieved:
    begun = [one for one in given if not one.failed]
    judged = [one for one in begun if one.effective is not None]
    after = [one.after for one in judged if one.effective and one.after is not None]
    quiet = [
        one
        for one in judged
        if one.effective and one.after is not None and one.after <= QUIET_WITHIN
    ]
    days, quiet_days = (Counter(month.local(one.t).date() for one in of) for of in (judged, quiet))
    return Achieved(
        stage=stage,
        message=message,
        given=len(begun),
        failed=len(given) - len(begun),
        judged=len(judged),
        quiet=len(quiet),
        share=share_of_days([(quiet_days[day], of) for day, of in days.items()]),
        median=statistics.median(after) if after else None,
    )
