"""What a policy may say but hardly means: remarks, not faults."""

import datetime
from collections.abc import Iterator

from noisetamer.unit.files.glyphs import boxes
from noisetamer.unit.policy.file import PolicyFile
from tamer.judge.calendar import DAY, DAYS, day_number
from tamer.judge.policy import Policy

_NIGHT_HOURS = 8
_HOLIDAY = 1 << DAYS.index("holiday")
_LEAST_GUARD = 10  # 0.1 dB; a calibrated box without a class may be off by more than that
_STANDARD_DIFFERENCE = 30  # 0.1 dB, GB 22337-2008

Remark = tuple[int, str]
"""(line, sentence)"""


def remarks(file: PolicyFile, today: datetime.date) -> list[Remark]:
    """In the order of the lines. `file` has no faults."""
    policy = file.policy()
    found = [*_dates(policy, today), *_limits(policy), *_hours(policy)]
    found += [*_judging(policy), *_speaking(policy), *_text(policy)]
    # Who names no area has nothing to be compared with.
    if "area" in file.table:
        found += _above_the_area(policy)
    return sorted((file.line(key), f"{key}: {sentence}") for key, sentence in found)


def _dates(policy: Policy, today: datetime.date) -> Iterator[tuple[str, str]]:
    now = day_number(today.year, today.month, today.day)
    for i, quiet in enumerate(policy.quiet, 1):
        if quiet.last < now:
            yield f"quiet[{i}].to", f"{quiet.name} is over; give this year's days"
    rules = [("venue", policy.venues), ("allowed", policy.allowed)]
    asked = [key for key, several in rules if any(each.days & _HOLIDAY for each in several)]
    if asked and not any(day >= now for day in policy.holidays):
        yield "holidays", f"a rule of [[{asked[0]}]] asks for them, but none is still to come"
    changes = policy.clock.changes
    if changes and changes[-1][0] < (now - 1) * DAY:
        yield "clock_changes", "the last one is over; is summer time still kept?"


def _limits(policy: Policy) -> Iterator[tuple[str, str]]:
    day, night = _general(policy)
    if night > day:
        yield "limit.night", f"{_dB(night)} is more than by day ({_dB(day)})"
    for i, quiet in enumerate(policy.quiet, 1):
        if quiet.limit is not None and quiet.limit >= day:
            yield f"quiet[{i}].limit", f"{_dB(quiet.limit)} is no less than on other days"


def _text(policy: Policy) -> Iterator[tuple[str, str]]:
    if lacking := boxes(policy.panel.text):
        how = "noisetamer glyphs --policy FILE packs them"
        yield "panel.text", f"the panel would show {lacking!r} as boxes; {how}"


def _above_the_area(policy: Policy) -> Iterator[tuple[str, str]]:
    area = policy.area
    table = f"class {area.name} of {area.standard}" if area.name else area.standard
    for part in ("day", "night"):
        own, allowed = getattr(policy.limit, part), getattr(area, part)
        if own is not None and own > allowed:
            why = f"{_dB(own)} is above {table} by {part} ({_dB(allowed)})"
            yield f"limit.{part}", f"{why}; right only where the pole is nearer than the houses"
    for i, venue in enumerate(policy.venues, 1):
        # Where the general limit is above the table too, that has been said.
        if venue.limit is not None and venue.limit > area.day >= _general(policy)[0]:
            yield f"venue[{i}].limit", f"{_dB(venue.limit)} is above {table} ({_dB(area.day)})"


def _general(policy: Policy) -> tuple[int, int]:
    """The limits by day and by night without a venue's."""
    limit, area = policy.limit, policy.area
    return (
        area.day if limit.day is None else limit.day,
        area.night if limit.night is None else limit.night,
    )


def _hours(policy: Policy) -> Iterator[tuple[str, str]]:
    hours = (policy.hours.day_from - policy.hours.night_from) % 1440 / 60
    if hours != _NIGHT_HOURS:
        yield "hours", f"the night is {hours:g} h long; where the law is silent it is 8"
    spans = [(row.since, row.until) for row in policy.volumes]
    if not _cover_the_day(spans):
        yield "volume", "not every hour has a row; the box speaks at full volume in the rest"


def _judging(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.guard_band < _LEAST_GUARD:
        yield (
            "guard_band",
            f"{_dB(policy.guard_band)} is less than such an instrument may be wrong by",
        )
    if policy.hysteresis == 0:
        yield "hysteresis", "0 dB: the stage may go to and fro at the limit"
    if policy.trigger.quantity != "LAeq":
        quantity = policy.trigger.quantity
        yield "trigger.quantity", f"{quantity} is compared with limits that are meant for LAeq"
    if policy.background.on and policy.background.difference < _STANDARD_DIFFERENCE:
        yield "background.difference", "less than the 3 dB of GB 22337-2008"


def _speaking(policy: Policy) -> Iterator[tuple[str, str]]:
    speaking = policy.speaking
    if speaking.longest_per_hour < speaking.longest_message:
        yield "speaking.longest_per_hour", "there is no room in it for the longest message"
    waits = [each.wait for each in policy.hand_over]
    if waits != sorted(waits):
        yield "hand_over", "who is written later is called earlier"


def _cover_the_day(spans: list[tuple[int, int]]) -> bool:
    halves = []
    for since, until in spans:
        halves += [(since, until)] if since < until else [(since, 1440), (0, until)]
    reached = 0
    for since, until in sorted(halves):
        if since > reached:
            return False
        reached = max(reached, until)
    return reached >= 1440


def _dB(tenths: int) -> str:
    return f"{tenths / 10:g} dB"
