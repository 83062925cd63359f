"""Seconds that are not judged: the box's own voice, and those with nothing to judge. Pure."""

from tamer.judge import speech_budget, stages, warning_outcomes, windows
from tamer.judge.stages import GREEN, SetSpotlight, Stage, State
from tamer.judge.windows import Windows
from tamer.record.reading import MISSING

GIVEN_UP = 30  # s without a valid second after which a stage is given up
_FORGOTTEN = 120  # s unheard after which only `seen` still changes


def own_voice(state):
    """(state, effects): while it speaks, the box decides nothing."""
    stage, seen, since, lit, background, sudden, lately, speech, warnings = state
    if lately.listened or lately.blind:
        loud, near, quiet, missed, _, _ = lately
        lately = Windows(loud, near, quiet, missed, 0, 0)
    speech = speech_budget.spoke(speech, seen + 1)
    return State(stage, seen + 1, since, lit, background, sudden, lately, speech, warnings), ()


def unheard(state, limit):
    """(state, effects): after GIVEN_UP seconds with nothing to judge, green."""
    after = _unheard(state)
    if after.stage == state.stage:
        return after, ()
    effects = (Stage(state.stage, after.stage, limit, MISSING),)
    if state.lit:
        effects += (SetSpotlight(False),)
    return after, effects


def restored(values, away):
    """The state that `to_list` made a list of, after `away` seconds without power.

    It is the state after so many unheard seconds; a stage that was given up meanwhile has no
    effect that says so. ValueError or TypeError for what is no state of this ladder.
    """
    state = stages.from_list(values)
    seen = state.seen + away
    for _ in range(min(away, _FORGOTTEN)):
        state = _unheard(state)
    return stages.altered(state, seen=seen)


def _unheard(state):
    """The state after a second with nothing to judge, whatever the reason."""
    stage, seen, since, lit, background, sudden, lately, speech, warnings = state
    seen += 1
    loud, near, quiet, missed, listened, blind = lately
    missed = windows.aged(missed, 1)
    if speech.left:
        # It may be speaking all the same.
        speech = speech_budget.spoke(speech, seen)
    if blind < GIVEN_UP:
        blind += 1
    if blind == GIVEN_UP and stage != GREEN:
        stage, since, lit = GREEN, seen, False
        warnings = warning_outcomes.given_up(warnings)
    lately = Windows(loud, near, quiet, missed, listened, blind)
    return State(stage, seen, since, lit, background, sudden, lately, speech, warnings)
