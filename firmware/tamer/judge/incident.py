"""While it is too loud: red, the voices, hand-over, and release. Pure."""

from tamer.judge import speech_budget, warning_outcomes
from tamer.judge.stages import AMBER, FIRM, GREEN, POLITE, RED, Say, Spotlight, Stage, altered
from tamer.judge.warning_outcomes import LIGHT
from tamer.judge.windows import Windows, all_of, count, covered, none_of

_LIGHT = 60  # s of red and spotlight that count as a warning where the box may not speak


def begin(state, level, ruling, policy):
    """An incident begins."""
    loud, near, _, missed, _, _ = state.lately
    effects = (Stage(state.stage, RED, ruling.limit, level),)
    if ruling.lamp:
        effects += (Spotlight(True),)
    so_far, more = warning_outcomes.incident(state.persuasion, state.seen, policy)
    state = altered(
        state,
        stage=RED,
        since=state.seen,
        lit=ruling.lamp,
        lately=Windows(loud, near, 0, missed, 0, 0),
        persuasion=so_far,
    )
    return state, effects + more


def go_on(state, level, ruling, policy):
    """Released, or told once more and handed over where telling does not help."""
    loud, _, quiet, _, listened, _ = state.lately
    obeyed, calm = policy.release
    if state.stage != RED and listened >= obeyed and all_of(quiet, obeyed):
        return _release(state, level, obeyed, ruling, policy)
    if listened >= calm and none_of(loud, calm):
        return _release(state, level, calm, ruling, policy)
    state, effects = _persuade(state, level, ruling, policy)
    so_far, more = warning_outcomes.escalate(
        state.persuasion, state.seen, loud & 1, ruling.limit, level, policy
    )
    if more:
        state = altered(state, persuasion=so_far)
        effects += more
    if state.lit != ruling.lamp:
        state = altered(state, lit=ruling.lamp)
        effects += (Spotlight(ruling.lamp),)
    return state, effects


def _release(state, level, seconds, ruling, policy):
    """It has been quiet, or not loud, for so many seconds: green, or amber while still near."""
    _, near, _, missed, _, _ = state.lately
    after = GREEN
    if none_of(near, policy.release.obeyed):
        near = 0  # what led to it has been used up
    else:
        after = AMBER
    took = max(0, state.seen - _listening_since(state) - seconds)
    so_far, effects = warning_outcomes.obeyed(state.persuasion, state.seen, state.stage, took)
    effects += (Stage(state.stage, after, ruling.limit, level),)
    if state.lit:
        effects += (Spotlight(False),)
    state = altered(
        state,
        stage=after,
        since=state.seen,
        lit=False,
        lately=Windows(0, near, 0, missed, 0, 0),
        persuasion=so_far,
    )
    return state, effects


def _persuade(state, level, ruling, policy):
    """The next warning, when the last one has been listened to in vain."""
    loud, _, _, _, listened, _ = state.lately
    seen, so_far, trigger = state.seen, state.persuasion, policy.trigger
    if not so_far.message:
        if seen - state.since < policy.polite.after or not loud & 1:
            return state, ()
        return _warn(state, so_far, level, ruling, policy)
    if so_far.message == LIGHT:
        if loud & 1 and _may_speak(state, ruling, policy):
            return _say(state, so_far, level, ruling, policy)
        if seen - so_far.since < _LIGHT or not _mostly_loud(state.lately, trigger.of):
            return state, ()
    else:
        gap = max(policy.firm.gap, policy.speaking.least_gap)
        if listened < gap or not _mostly_loud(state.lately, min(gap, trigger.of)):
            return state, ()
    so_far, outcome = warning_outcomes.in_vain(
        so_far, seen, state.stage, _listening_since(state), policy
    )
    state, effects = _warn(state, so_far, level, ruling, policy)
    return state, (outcome,) + effects


def _warn(state, so_far, level, ruling, policy):
    if _may_speak(state, ruling, policy):
        return _say(state, so_far, level, ruling, policy)
    return altered(state, persuasion=warning_outcomes.shown(so_far, state.seen)), ()


def _may_speak(state, ruling, policy):
    return ruling.speak and speech_budget.may(state.speech, state.seen, policy.speaking)


def _say(state, so_far, level, ruling, policy):
    is_polite = state.stage != FIRM and so_far.polite < policy.polite.times
    stage, voice = (POLITE, policy.polite) if is_polite else (FIRM, policy.firm)
    effects = ()
    since = state.since
    if stage != state.stage:
        since = state.seen
        effects = (Stage(state.stage, stage, ruling.limit, level),)
    so_far = warning_outcomes.said(so_far, state.seen, voice.message, is_polite)
    loud, near, quiet, missed, _, _ = state.lately
    state = altered(
        state,
        stage=stage,
        since=since,
        lately=Windows(loud, near, quiet, missed, 0, 0),
        speech=speech_budget.begun(state.speech, state.seen, policy.speaking.longest_message),
        persuasion=so_far,
    )
    return state, effects + (Say(stage, voice.message, so_far.number, ruling.volume),)


def _listening_since(state):
    """When the open warning had been given: light at once, a message when it was over."""
    so_far = state.persuasion
    return so_far.since if so_far.message == LIGHT else max(so_far.since, state.speech.last)


def _mostly_loud(lately, n):
    return count(lately.loud, n) * 2 > n and covered(lately.missed, n)
