"""While it is too loud: red, the voices, escalation, and release. Pure."""

import hashlib

from tamer.judge import speech_budget, warning_outcomes
from tamer.judge.stages import (
    AMBER,
    FIRM,
    GREEN,
    POLITE,
    RED,
    Dealt,
    Say,
    SetSpotlight,
    Stage,
    altered,
)
from tamer.judge.warning_outcomes import LIGHT
from tamer.judge.windows import Windows, all_of, count, covered, none_of
from tamer.record.reading import CLOCK, reason

_LIGHT = 60  # s of red and spotlight that count as a warning where the box may not speak


def begin(state, second, level, ruling, policy):
    """An incident begins."""
    loud, near, _, missed, _, _ = state.lately
    effects = (Stage(state.stage, RED, ruling.limit, level),)
    arm = -1
    # Where the box may not speak, no arm differs from another.
    if policy.trial and ruling.speak:
        arm, dealt = _deal(second, policy)
        effects += (dealt,)
    if ruling.lamp:
        effects += (SetSpotlight(True),)
    warnings, more = warning_outcomes.begin_incident(state.warnings, state.seen, policy, arm)
    state = altered(
        state,
        stage=RED,
        since=state.seen,
        lit=ruling.lamp,
        lately=Windows(loud, near, 0, missed, 0, 0),
        warnings=warnings,
    )
    return state, effects + more


def go_on(state, level, ruling, policy):
    """Release the square, or warn again and escalate where warnings do not help."""
    loud, _, quiet, _, listened, _ = state.lately
    obeyed, calm = policy.release
    if state.stage != RED and listened >= obeyed and all_of(quiet, obeyed):
        return _release(state, level, obeyed, ruling, policy)
    if listened >= calm and none_of(loud, calm):
        return _release(state, level, calm, ruling, policy)
    state, effects = _next_warning(state, level, ruling, policy)
    warnings, more = warning_outcomes.escalate(
        state.warnings, state.seen, loud & 1, ruling.limit, level, policy
    )
    if more:
        state = altered(state, warnings=warnings)
        effects += more
    if state.lit != ruling.lamp:
        state = altered(state, lit=ruling.lamp)
        effects += (SetSpotlight(ruling.lamp),)
    return state, effects


def _deal(second, policy):
    """(arm, effect): which arm of the trial an incident is dealt that begins with this second.

    The lot is SHA-256 of the policy's hash and of the second as it is recorded: whoever has both
    can draw it again, and nobody knows a level to 0.1 dB before it is measured. A second that was
    dated later goes without its time.
    """
    t = 0 if reason(second) == CLOCK else second.t
    told = "%s %d %d %d %d %d" % ((policy.hash, t) + tuple(second[1:5]))
    lot = int.from_bytes(hashlib.sha256(told.encode()).digest()[:4], "big")
    name, arms = policy.trial
    total = sum([each.weight for each in arms])
    lot %= total
    arm = 0
    while lot >= arms[arm].weight:
        lot -= arms[arm].weight
        arm += 1
    weight = arms[arm].weight
    return arm, Dealt(name, arms[arm].name, (1000 * weight + total // 2) // total)


def _voices(state, policy):
    """(polite, firm) of this incident."""
    arm = state.warnings.arm
    if arm < 0 or not policy.trial:
        return policy.polite, policy.firm
    return policy.trial.arms[arm][2:]


def _release(state, level, seconds, ruling, policy):
    """After so many quiet, or not loud, seconds: green, or amber while the limit is near."""
    _, near, _, missed, _, _ = state.lately
    after = GREEN
    if none_of(near, policy.release.obeyed):
        near = 0  # the seconds that led to it must not count again
    else:
        after = AMBER
    took = max(0, state.seen - _listening_since(state) - seconds)
    warnings, effects = warning_outcomes.was_effective(
        state.warnings, state.seen, state.stage, took
    )
    effects += (Stage(state.stage, after, ruling.limit, level),)
    if state.lit:
        effects += (SetSpotlight(False),)
    state = altered(
        state,
        stage=after,
        since=state.seen,
        lit=False,
        lately=Windows(0, near, 0, missed, 0, 0),
        warnings=warnings,
    )
    return state, effects


def _next_warning(state, level, ruling, policy):
    """The next warning, once the last one has proved ineffective."""
    loud, _, _, _, listened, _ = state.lately
    seen, warnings, trigger = state.seen, state.warnings, policy.trigger
    if not warnings.message:
        if not loud & 1 or seen - state.since < _voices(state, policy)[0].after:
            return state, ()
        return _warn(state, warnings, level, ruling, policy)
    if warnings.message == LIGHT:
        if loud & 1 and _may_speak(state, ruling, policy):
            return _say(state, warnings, level, ruling, policy)
        if seen - warnings.since < _LIGHT or not _mostly_loud(state.lately, trigger.of):
            return state, ()
    else:
        gap = max(_voices(state, policy)[1].gap, policy.speaking.least_gap)
        if listened < gap or not _mostly_loud(state.lately, min(gap, trigger.of)):
            return state, ()
    warnings, outcome = warning_outcomes.was_ineffective(
        warnings, seen, state.stage, _listening_since(state), policy
    )
    state, effects = _warn(state, warnings, level, ruling, policy)
    return state, (outcome,) + effects


def _warn(state, warnings, level, ruling, policy):
    if _may_speak(state, ruling, policy):
        return _say(state, warnings, level, ruling, policy)
    return altered(state, warnings=warning_outcomes.light_begun(warnings, state.seen)), ()


def _may_speak(state, ruling, policy):
    return ruling.speak and speech_budget.may(state.speech, state.seen, policy.speaking)


def _say(state, warnings, level, ruling, policy):
    polite, firm = _voices(state, policy)
    is_polite = state.stage != FIRM and warnings.polite < polite.times
    stage, voice = (POLITE, polite) if is_polite else (FIRM, firm)
    effects = ()
    since = state.since
    if stage != state.stage:
        since = state.seen
        effects = (Stage(state.stage, stage, ruling.limit, level),)
    warnings = warning_outcomes.message_begun(warnings, state.seen, voice.message, is_polite)
    loud, near, quiet, missed, _, _ = state.lately
    state = altered(
        state,
        stage=stage,
        since=since,
        lately=Windows(loud, near, quiet, missed, 0, 0),
        speech=speech_budget.begun(state.speech, state.seen, policy.speaking.longest_message),
        warnings=warnings,
    )
    return state, effects + (Say(stage, voice.message, warnings.number, ruling.volume),)


def _listening_since(state):
    """When the open warning was complete: light at once, a message when it was over."""
    warnings = state.warnings
    return warnings.since if warnings.message == LIGHT else max(warnings.since, state.speech.last)


def _mostly_loud(lately, n):
    return count(lately.loud, n) * 2 > n and covered(lately.missed, n)
