"""The ruling of a policy at one moment, and until when it holds. Pure.

At a time that is not known it is the strictest that could hold (`strictest.py`).

`Ruling`, which holds for since <= t < until, Unix time:

| field | what |
|---|---|
| limit | for LAeq,1s, 0.1 dB |
| sudden | for LAFmax, 0.1 dB, or None |
| night | bool |
| speak | whether the box may |
| volume | dB re full |
| lamp | whether the spotlight may be on |
| dim | the panel's brightness in 1/256 |
| learn | declared quiet time, in which the background is learned |
| why | where the limit comes from, in English |
"""

from collections import namedtuple

from tamer.judge.calendar import DAY, DAYS, is_night, stretch, weekday, within

Ruling = namedtuple(
    "Ruling",
    (
        "limit",
        "sudden",
        "night",
        "speak",
        "volume",
        "lamp",
        "dim",
        "learn",
        "why",
        "since",
        "until",
    ),
)

_FULL = 256
_SATURDAY = 5
_HOLIDAY = 1 << DAYS.index("holiday")
_WORKDAY = 1 << DAYS.index("workday")


def ruling(policy, t):
    """The Ruling at Unix time t; ask again once t has left it."""
    offset, since, until = stretch(policy.clock, t)
    day, second = divmod(t + offset, DAY)
    midnight, minute = t - second, second // 60
    for edge in policy.edges:
        at = midnight + edge * 60
        if edge <= minute:
            since = at if since is None or since < at else since
        else:
            until = at if until is None or at < until else until
            break
    night = is_night(policy.hours, minute)
    quiet = _quiet(policy, day)
    limit, why = _limit(policy, day, minute, night, quiet)
    sudden = limit + policy.sudden.above if night and policy.sudden.on else None
    panel, background = policy.panel, policy.background
    return Ruling(
        limit,
        sudden,
        night,
        not (quiet and not quiet.speak) and not _in_any(policy.speaking.pause, minute),
        _volume(policy, minute),
        policy.red.spotlight and not _in_any(policy.spotlight.off, minute),
        panel.dim if within(panel.dim_from, panel.dim_to, minute) else _FULL,
        background.on and _in_any(background.hours, minute),
        why,
        since,
        until,
    )


def _limit(policy, day, minute, night, quiet):
    """(limit, why): a quiet day's, else a venue's, else the general one or the area's."""
    general, why = _general(policy, night)
    if quiet:
        name = "quiet day " + quiet.name
        own, of = (quiet.limit, "") if quiet.limit is not None else _area(policy, night)
        # It may only make a place quieter.
        if own > general:
            own, of = general, why
        return own, "%s: %s" % (name, of) if of else name
    if policy.allowed and not any(_holds(policy, rule, day, minute) for rule in policy.allowed):
        return general, "outside the allowed hours: " + why
    for venue in policy.venues:
        if _holds(policy, venue, day, minute):
            if venue.limit is None:
                limit, why = _area(policy, night)
                return limit, "venue rule %s: %s" % (venue.name, why)
            return venue.limit, "venue rule %s" % venue.name
    return general, why


def _general(policy, night):
    limit = policy.limit.night if night else policy.limit.day
    if limit is None:
        return _area(policy, night)
    return limit, "%s, general limit" % ("night" if night else "day")


def _area(policy, night):
    area = policy.area
    of_class = "class %s of " % area.name if area.name else ""
    why = "%s, %s%s" % ("night" if night else "day", of_class, area.standard)
    return area.night if night else area.day, why


def _quiet(policy, day):
    for quiet in policy.quiet:
        if quiet.first <= day <= quiet.last:
            return quiet
    return None


def _holds(policy, rule, day, minute):
    """A span over midnight belongs to the day on which it begins."""
    if not within(rule.since, rule.until, minute):
        return False
    if rule.until < rule.since and minute < rule.until:
        day -= 1
    return rule.days & kinds(policy, day) != 0


def kinds(policy, day):
    """One bit for each of `calendar.DAYS` that this day is."""
    bits = 1 << weekday(day)
    holiday = day in policy.holidays
    if holiday:
        bits |= _HOLIDAY
    if day in policy.workdays or (weekday(day) < _SATURDAY and not holiday):
        bits |= _WORKDAY
    return bits


def _volume(policy, minute):
    for row in policy.volumes:
        if within(row.since, row.until, minute):
            return row.volume
    return 0


def _in_any(spans, minute):
    return any(within(since, until, minute) for since, until in spans)
