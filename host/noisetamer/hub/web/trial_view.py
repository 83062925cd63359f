"""What a trial has shown, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.trials.analysis import DECISIVE, LOOKS, Arm, Trial
from noisetamer.hub.web.forest_drawing import Bar, forest
from noisetamer.hub.web.timeline import clock
from noisetamer.hub.words.i18n import Texts

MARKS = (0, 30, 60, 90, DECISIVE)
"""Of the axis, s."""
_LIGHT = "light"


@dataclass(frozen=True)
class ArmView:
    """One row. noise: of the first two minutes, drawn as bar; rest: (what, how much) besides."""

    name: str
    incidents: str
    noise: str
    bar: Bar
    rest: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TrialView:
    """says: the answer, in plain sentences, first what may be concluded; look: good, none, early;
    warned: (arm, stage, message, how often, obeyed, after).
    """

    square: str
    name: str
    since: str
    look: str
    says: tuple[str, ...]
    arms: tuple[ArmView, ...]
    warned: tuple[tuple[str, ...], ...]


def trial_view(square: str, trial: Trial, texts: Texts, utc_offset: float) -> TrialView:
    """utc_offset: of the square's clock, h."""
    return TrialView(
        square,
        trial.name,
        texts["trial_since"].format(
            first=clock(trial.first, utc_offset).strftime("%Y-%m-%d"),
            last=clock(trial.last, utc_offset).strftime("%Y-%m-%d"),
            incidents=trial.incidents,
        ),
        "good" if trial.found else "none" if trial.looked_at else "early",
        tuple(_says(trial, texts)),
        tuple(
            _arm(arm, bar, texts)
            for arm, bar in zip(
                trial.arms, forest([arm.noise for arm in trial.arms], DECISIVE), strict=True
            )
        ),
        tuple(
            (
                one.arm,
                texts[f"stage_{one.stage}"],
                texts["trial_light"] if one.message == _LIGHT else one.message,
                str(one.obeyed.n),
                percent(one.obeyed, texts),
                "" if one.took is None else texts["trial_seconds"].format(s=round(one.took)),
            )
            for one in trial.warned
        ),
    )


def _says(trial: Trial, texts: Texts) -> list[str]:
    if len(trial.arms) < 2:
        return [texts["trial_one_arm"]]
    if not trial.looked_at:
        return [texts["trial_early"].format(n=trial.incidents, of=trial.next_look)]
    found = []
    for each in trial.found:
        value, low, high = each.difference.value, each.difference.low, each.difference.high
        assert value is not None and low is not None and high is not None
        better, other = (each.one, each.other) if value < 0 else (each.other, each.one)
        low, high = sorted((abs(low), abs(high)))
        found.append(
            texts["trial_found"].format(
                better=better,
                other=other,
                s=round(abs(value)),
                low=round(low),
                high=round(high),
                n=trial.looked_at,
            )
        )
    if found:
        return found
    most = max(_most(each.difference) for each in trial.compared)
    says = [texts["trial_none"].format(n=trial.looked_at, s=round(most))]
    if trial.next_look:
        says.append(texts["trial_next"].format(n=trial.incidents, of=trial.next_look))
    else:
        says.append(texts["trial_over"])
    return says


def _most(difference: Interval) -> float:
    """As large as it might be all the same."""
    if difference.low is None or difference.high is None:
        return DECISIVE
    return max(abs(difference.low), abs(difference.high))


def _arm(arm: Arm, bar: Bar, texts: Texts) -> ArmView:
    rest: Sequence[tuple[str, str]] = (
        *(
            (texts["trial_quiet_in"].format(s=limit), percent(one, texts))
            for limit, one in arm.quiet.items()
        ),
        (texts["trial_took"], seconds(arm.took, texts)),
        (texts["trial_alone"], percent(arm.alone, texts)),
        (texts["trial_lasting"], percent(arm.lasting, texts)),
        (texts["trial_relapsed"], percent(arm.relapsed, texts)),
    )
    count = texts["trial_incidents"].format(n=arm.incidents)
    return ArmView(arm.name, count, seconds(arm.noise, texts), bar, tuple(rest))


def percent(share: Interval, texts: Texts) -> str:
    """With its interval."""
    if share.value is None or share.low is None or share.high is None:
        return texts["trial_few"]
    value, low, high = (round(100 * one) for one in (share.value, share.low, share.high))
    return texts["trial_percent"].format(value=value, low=low, high=high)


def seconds(time: Interval, texts: Texts) -> str:
    """With its interval, which may be open above."""
    if time.value is None or time.low is None:
        return texts["trial_few"]
    value, low = round(time.value), round(time.low)
    if time.high is None:
        return texts["trial_time_open"].format(value=value, low=low)
    return texts["trial_time"].format(value=value, low=low, high=round(time.high))


def looks() -> tuple[int, ...]:
    """Incidents an arm at which arms are compared."""
    return tuple(per_arm for per_arm, _ in LOOKS)
