"""The tones of the self-check when somebody wants to hear them, not at night."""

import asyncio

from tamer.hear.self_check import nightly, self_check
from tamer.judge import calendar

_WAITS = 2  # min for quiet


async def check(box):
    """(result, why, detail) of the order; detail: the verdict. `box`: a `tamer.obey.Box`."""
    now = box.clock.now()
    offset, _, _ = calendar.stretch(box.runner.policy.clock, now)
    minute = (now + offset) % calendar.DAY // 60
    rest = (self_check.plan_of(box.plan or {}, "") or ())[2:]
    plan = self_check.Plan(minute, minute + _WAITS, *rest)
    ordered = _Ordered(nightly.NightlyCheck(plan))
    before = box.check(ordered)
    await ordered.over.wait()
    box.check(before)
    return "done", None, ordered.verdict


class _Ordered:
    """A self-check that says when it is over."""

    def __init__(self, check):
        self._check = check
        self.over = asyncio.Event()
        self.verdict = None

    def take(self, second, local, idle, findings):
        """As NightlyCheck."""
        tone, fields = self._check.take(second, local, idle, findings)
        if fields:
            self.verdict = fields["verdict"]
            self.over.set()
        return tone, fields
