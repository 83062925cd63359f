"""Hours and days are summed up by the policy's local clock."""

from tamer.judge.calendar import stretch
from tamer.record.account import Account

# Where the policy's night does not go over midnight, the usual one parts Ld from Ln.
_NIGHT_FROM, _DAY_FROM = 22 * 60, 6 * 60


def account(policy, now):
    """The Account of a unit that starts at Unix time `now`."""
    utc_offset, _, _ = stretch(policy.clock, now)
    day_from, night_from = policy.hours
    if night_from // 60 <= day_from // 60:
        day_from, night_from = _DAY_FROM, _NIGHT_FROM
    return Account(utc_offset, night_from, day_from)
