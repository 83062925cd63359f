"""What a policy says at one moment, and over a week, in words."""

from collections.abc import Iterator
from itertools import pairwise

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
    return [
        f"{when:%A %Y-%m-%d %H:%M:%S}, {_offset(policy, t)} from UTC",
        _row("limit", f"{dB(now.limit)}: {now.why}"),
        _row(
            "red", f"{word.over} of {word.of} valid seconds with {word.quantity} over {dB(loud)}"
        ),
        *_budget(policy),
        _row("sudden noise", "not judged by day" if not now.night else _sudden(now)),
        _row("voice", _voice(now)),
        _row("spotlight", "allowed" if now.lamp else "off"),
        _row("panel", "full brightness" if now.dim == 256 else f"dimmed to {now.dim / 256:.0%}"),
        _row("background", "learned now" if now.learn else "not learned now"),
        _row("holds", f"{_end(policy, now.since)} to {_end(policy, now.until)}"),
        _row("time unknown", f"limit {dB(undated.limit)}, voice {_voice(undated)}"),
    ]


def _budget(policy: Policy) -> list[str]:
    if policy.budget is None:
        return []
    limit, minutes = policy.budget
    return [_row("budget", f"LAeq over {minutes} min up to {dB(limit)}, told and shown")]


def trial(policy: Policy) -> list[str]:
    """What incidents are dealt by lot, as lines; none where nothing is."""
    if policy.trial is None:
        return []
    name, arms = policy.trial
    total = sum(arm.weight for arm in arms)
    lines = [f'trial "{name}": where the box may speak, each incident is dealt one of these']
    for arm in arms:
        voice = f"{arm.firm.message}, again after {arm.firm.gap} s"
        if arm.polite.times:
            times = "once" if arm.polite.times == 1 else f"{arm.polite.times} times"
            voice = f"{arm.polite.message} {times}, then {voice}"
        share = f"{arm.weight / total:.0%}"
        lines.append(_row(arm.name, f"{share}: {arm.polite.after} s of light, then {voice}"))
    return lines


def _voice(now: Ruling) -> str:
    return f"allowed, {now.volume} dB re full" if now.speak else "not allowed"


def week(policy: Policy, days: list[int]) -> list[str]:
    """Lines for the days between these Unix times of local midnights; equal days merged."""
    blocks: list[tuple[list[str], list[str]]] = []
    for begin, end in pairwise(days):
        name = f"{local(policy.clock, begin):%a %Y-%m-%d}"
        lines = [_stretch(policy, now, end) for now in rulings(policy, begin, end)]
        if blocks and blocks[-1][1] == lines:
            blocks[-1][0].append(name)
        else:
            blocks.append(([name], lines))
    shown = []
    for names, lines in blocks:
        shown.append(names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}")
        shown += lines
    return shown


def _stretch(policy: Policy, now: Ruling, day_ends: int) -> str:
    to = "24:00" if now.until == day_ends else f"{local(policy.clock, now.until):%H:%M}"
    voice = f"voice {now.volume:>3} dB" if now.speak else "no voice"
    lamp = "spotlight" if now.lamp else "no spotlight"
    hours = f"{local(policy.clock, now.since):%H:%M}-{to}"
    return f"  {hours}  {dB(now.limit):>7}  {voice:<12}  {lamp:<12}  {now.why}"


def dB(tenths: int) -> str:
    """As people read it, such as "65 dB"; `tenths`: 0.1 dB."""
    return f"{tenths / 10:g} dB"


def _sudden(now: Ruling) -> str:
    return "not judged" if now.sudden is None else f"LAFmax over {dB(now.sudden)}"


def _offset(policy: Policy, t: int) -> str:
    minutes = stretch(policy.clock, t)[0] // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _end(policy: Policy, t: int) -> str:
    return f"{local(policy.clock, t):%Y-%m-%d %H:%M}"


def _row(name: str, what: str) -> str:
    return f"  {name:<12} {what}"
