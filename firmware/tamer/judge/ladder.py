"""The stages: green, amber, red with spotlight, polite voice, firm voice until the level drops.

Pure. One call a second: (state, second, ruling, policy) -> (state, effects). Only valid seconds
are judged, and those of which nothing but the time is unknown; the box's own voice is not one of
them, so it can never answer itself. Time is counted in seconds seen, so no jump of the clock
shortens or stretches anything.
"""

from tamer.judge import incident, speech_budget, windows
from tamer.judge.background import UNKNOWN, corrected, learn
from tamer.judge.invalid_seconds import GIVEN_UP, own_voice, restored, unheard  # noqa: F401
from tamer.judge.stages import (  # noqa: F401
    AMBER,
    FIRM,
    GREEN,
    POLITE,
    RED,
    STAGES,
    START,
    SUDDEN,
    TOO_LOUD,
    Dealt,
    Say,
    SetSpotlight,
    Stage,
    State,
    Sudden,
    altered,
    to_list,
)
from tamer.judge.warning_outcomes import LIGHT, Escalation, Relapse, WarningOutcome  # noqa: F401
from tamer.judge.windows import Windows, count, covered, none_of, pushed
from tamer.record.reading import OWN_VOICE, is_judged, reason


def step(state, second, ruling, policy):
    """(state, effects) after one Second; effects come in the order in which they are to be done.

    An effect is one of Stage, Dealt, SetSpotlight, Say, Sudden, WarningOutcome, Escalation,
    Relapse.
    """
    stage, seen, since, lit, background, sudden, lately, speech, warnings = state
    why = reason(second)
    if why == OWN_VOICE:
        return own_voice(state)
    if why and not is_judged(second):
        return unheard(state, ruling.limit)

    seen += 1
    level = getattr(second, policy.trigger.quantity)
    if ruling.learn:
        background = learn(background, level)
    limit = ruling.limit
    is_near = level > limit - policy.near
    effects = ()
    if ruling.sudden is not None and second.LAFmax > ruling.sudden and seen - sudden >= SUDDEN:
        effects = (Sudden(second.LAFmax, ruling.sudden),)
        sudden = seen
    if is_near or lately is not windows.ALL_WELL:
        lately = _heard(lately, stage, level, is_near, background, limit, policy)
        if speech.left:
            speech = speech_budget.heard(speech, seen)
    state = State(stage, seen, since, lit, background, sudden, lately, speech, warnings)
    if not lately.near and stage == GREEN:
        return state, effects
    if stage in TOO_LOUD:
        state, more = incident.go_on(state, level, ruling, policy)
    else:
        state, more = _below(state, second, level, ruling, policy)
    return state, effects + more


def is_idle(state):
    """Whether there is nothing that a restart would have to know."""
    return state.lately is windows.ALL_WELL and state.speech.last != state.seen


def _heard(lately, stage, level, is_near, background, limit, policy):
    """The windows after a valid second."""
    loud, near, quiet, missed, listened, _ = lately
    is_loud = level > limit + policy.guard_band
    if is_loud and background != UNKNOWN:
        level_alone = corrected(level, background, policy.background.difference)
        is_loud = level_alone is not None and level_alone > limit + policy.guard_band
    near = pushed(near, is_near)
    missed = windows.aged(missed, 0)
    if stage in TOO_LOUD:
        quiet = pushed(quiet, level < limit - policy.hysteresis)
        return Windows(pushed(loud, is_loud), near, quiet, missed, listened + 1, 0)
    if near or missed:
        return Windows(pushed(loud, is_loud), near, 0, missed, 0, 0)
    return windows.ALL_WELL


def _below(state, second, level, ruling, policy):
    """Green or amber: go up where enough of the last seconds were loud or near, or down."""
    loud, near, _, missed, _, _ = state.lately
    trigger, amber = policy.trigger, policy.amber
    if loud and count(loud, trigger.of) >= trigger.over and covered(missed, trigger.of):
        return incident.begin(state, second, level, ruling, policy)
    after = state.stage
    if after == AMBER:
        if none_of(near, policy.release.calm):
            after = GREEN
    elif count(near, amber.of) >= amber.over and covered(missed, amber.of):
        after = AMBER
    if after == state.stage:
        return state, ()
    effects = (Stage(state.stage, after, ruling.limit, level),)
    return altered(state, stage=after, since=state.seen), effects
