"""What a policy says at one moment, and over a week, in words."""

from collections.abc import Iterator
from itertools import pairwise

from noisetamer.base.columns import padded
from noisetamer.base.language import WEEKDAYS, say
from noisetamer.unit.policy.times import local
from tamer.judge.calendar import stretch
from tamer.judge.policy import Policy
from tamer.judge.rules import Ruling, ruling
from tamer.judge.strictest import strictest


def rulings(policy: Policy, since: int, until: int) -> Iterator[Ruling]:
    """The rulings in since <= t < until (Unix time), clipped to it; equal neighbours merged."""
    held: Ruling | None = None
    while since < until:
        found = ruling(policy, since)
        end = min(found.until, until)
        found = found._replace(since=since, until=end)
        if held is not None and held[:-2] == found[:-2]:
            held = held._replace(until=end)
        else:
            if held is not None:
                yield held
            held = found
        since = end
    if held is not None:
        yield held


def moment(policy: Policy, t: int) -> list[str]:
    """What holds at Unix time t, as lines for the console."""
    now, undated = ruling(policy, t), strictest(policy)
    word = policy.trigger
    loud = now.limit + policy.guard_band
    when = local(policy.clock, t)
    dim = say("dimmed to {share}", share=f"{now.dim / 256:.0%}")
    red = say(
        "{n} of {of} valid seconds with {quantity} over {limit}",
        n=word.over,
        of=word.of,
        quantity=word.quantity,
        limit=dB(loud),
    )
    holds = {"first": _end(policy, now.since), "last": _end(policy, now.until)}
    blind = {"limit": dB(undated.limit), "voice": _voice(undated)}
    return [
        say(f"{when:%A}")
        + f" {when:%Y-%m-%d %H:%M:%S}"
        + say(", ")
        + say("{offset} from UTC", offset=_offset(policy, t)),
        _row("limit", dB(now.limit) + say(": ") + say(now.why)),
        _row("red", red),
        *_budget(policy),
        _row("sudden noise", _sudden(now) if now.night else say("not judged by day")),
        _row("voice", _voice(now)),
        _row("spotlight", say("allowed" if now.lamp else "off")),
        _row("panel", say("full brightness") if now.dim == 256 else dim),
        _row("background", say("learned now" if now.learn else "not learned now")),
        _row("holds", say("{first} to {last}", **holds)),
        _row("time unknown", say("limit {limit}, voice {voice}", **blind)),
    ]


def _budget(policy: Policy) -> list[str]:
    if policy.budget is None:
        return []
    limit, minutes = policy.budget
    told = say(
        "LAeq over {minutes} min up to {limit}, told and shown", minutes=minutes, limit=dB(limit)
    )
    return [_row("budget", told)]


def trial(policy: Policy) -> list[str]:
    """What incidents are dealt by lot, as lines; none where nothing is."""
    if policy.trial is None:
        return []
    name, arms = policy.trial
    total = sum(arm.weight for arm in arms)
    lines = [
        say(
            'trial "{name}": where the box may speak, each incident is dealt one of these',
            name=name,
        )
    ]
    for arm in arms:
        steps = [say("{n} s of light", n=arm.polite.after)]
        if arm.polite.times:
            times = "once" if arm.polite.times == 1 else f"{arm.polite.times} times"
            steps.append(f"{arm.polite.message} {say(times)}")
        steps.append(say("{key}, again after {n} s", key=arm.firm.message, n=arm.firm.gap))
        share = f"{arm.weight / total:.0%}"
        lines.append(f"  {padded(arm.name, 12)} {share}{say(': ')}{say(', then ').join(steps)}")
    return lines


def _voice(now: Ruling) -> str:
    if not now.speak:
        return say("not allowed")
    return say("allowed, {volume} dB re full", volume=now.volume)


def week(policy: Policy, days: list[int]) -> list[str]:
    """Lines for the days between these Unix times of local midnights; equal days merged."""
    blocks: list[tuple[list[str], list[str]]] = []
    for begin, end in pairwise(days):
        day = local(policy.clock, begin)
        name = f"{say(WEEKDAYS[day.weekday()])} {day:%Y-%m-%d}"
        lines = [_stretch(policy, now, end) for now in rulings(policy, begin, end)]
        if blocks and blocks[-1][1] == lines:
            blocks[-1][0].append(name)
        else:
            blocks.append(([name], lines))
    shown = []
    for names, lines in blocks:
        first, last = names[0], names[-1]
        shown.append(first if first == last else say("{first} to {last}", first=first, last=last))
        shown += lines
    return shown


def _stretch(policy: Policy, now: Ruling, day_ends: int) -> str:
    to = "24:00" if now.until == day_ends else f"{local(policy.clock, now.until):%H:%M}"
    voice = f"{say('voice')} {now.volume:>3} dB" if now.speak else say("no voice")
    lamp = say("spotlight") if now.lamp else say("no spotlight")
    hours = f"{local(policy.clock, now.since):%H:%M}-{to}"
    columns = padded(voice, 12), padded(lamp, 12), say(now.why)
    return "  ".join(("", hours, f"{dB(now.limit):>7}", *columns))


def dB(tenths: int) -> str:
    """As people read it, such as "65 dB"; `tenths`: 0.1 dB."""
    return f"{tenths / 10:g} dB"


def _sudden(now: Ruling) -> str:
    if now.sudden is None:
        return say("not judged")
    return say("LAFmax over {limit}", limit=dB(now.sudden))


def _offset(policy: Policy, t: int) -> str:
    minutes = stretch(policy.clock, t)[0] // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _end(policy: Policy, t: int) -> str:
    return f"{local(policy.clock, t):%Y-%m-%d %H:%M}"


def _row(name: str, what: str) -> str:
    return f"  {padded(say(name), 12)} {what}"
