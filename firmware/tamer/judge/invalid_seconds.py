"""Seconds that are not judged: the box's own voice, and those nothing was heard in. Pure."""

from tamer.judge import speech_budget, stages, warning_outcomes, windows
from tamer.judge.stages import GREEN, Spotlight, Stage, State
from tamer.judge.windows import Windows
from tamer.record.reading import MISSING

GIVEN_UP = 30  # s without a valid second after which a stage is
_FORGOTTEN = 120  # s unheard after which only `seen` goes on


def own_voice(state):
    """(state, effects): while it speaks, the box decides nothing."""
    stage, seen, since, lit, background, sudden, lately, speech, so_far = state
    if lately.listened or lately.blind:
        loud, near, quiet, missed, _, _ = lately
        lately = Windows(loud, near, quiet, missed, 0, 0)
    speech = speech_budget.spoke(speech, seen + 1)
    return State(stage, seen + 1, since, lit, background, sudden, lately, speech, so_far), ()


def unheard(state, limit):
    """(state, effects): for lack of anything to judge, a stage is given up in the end."""
    after = _unheard(state)
    if after.stage == state.stage:
        return after, ()
    effects = (Stage(state.stage, after.stage, limit, MISSING),)
    if state.lit:
        effects += (Spotlight(False),)
    return after, effects


def restored(kept, away):
    """The state that `ladder.keep` kept, after `away` seconds without power.

    It is the state after so many seconds of which nothing was heard; only that a stage was given
    up meanwhile is told by nobody. ValueError or TypeError for what was not kept by this ladder.
    """
    state = stages.kept(kept)
    seen = state.seen + away
    for _ in range(min(away, _FORGOTTEN)):
        state = _unheard(state)
    return stages.altered(state, seen=seen)


def _unheard(state):
    """The state after a second of which nothing was heard; whatever the reason."""
    stage, seen, since, lit, background, sudden, lately, speech, so_far = state
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
        so_far = warning_outcomes.given_up(so_far)
    lately = Windows(loud, near, quiet, missed, listened, blind)
    return State(stage, seen, since, lit, background, sudden, lately, speech, so_far)
