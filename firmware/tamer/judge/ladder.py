"""The stages: green, amber, red with spotlight, voice until the level drops. Pure.

One call a second: (state, second, rules) -> (state, effects). Only valid seconds are
judged; the box's own voice is not one of them, so it can never answer itself.
"""

from collections import namedtuple

from tamer.judge.rules import limit_at
from tamer.record.reading import OWN_VOICE, reason

GREEN = "green"
AMBER = "amber"
RED = "red"
VOICE = "voice"

# since: when the stage began. loud, near, quiet: one bit a valid second, newest lowest.
# heard: valid seconds since the last message. blind: seconds in a row nothing could be judged.
# warnings: messages in this incident.
_STATE = ("stage", "since", "loud", "near", "quiet", "heard", "blind", "warnings")
State = namedtuple("State", _STATE)

START = State(GREEN, 0, 0, 0, 0, 0, 0, 0)

# Effects, in the order they are to be done.
Stage = namedtuple("Stage", ("before", "after", "limit", "level"))
Spotlight = namedtuple("Spotlight", ("on",))
Say = namedtuple("Say", ("number",))

_OVER, _OF = 8, 10  # red: this many of the last so many valid seconds are loud
_NEAR, _NEAR_OF = 5, 8  # amber, likewise
_CALM = 5  # valid seconds in a row that end amber or red
_OBEYED = 2  # quiet ones after a message that end it
_LISTEN = 3  # valid seconds heard before a message is repeated
_VOICE_AFTER = 2  # s of red before the first message
_BLIND = 30  # s without a valid second after which a stage is given up


def step(state, second, rules):
    """The next state, and what to do now."""
    why = reason(second)
    if why == OWN_VOICE:
        return _with(state, heard=0, blind=0), ()
    limit = limit_at(rules, second.t)
    if why:
        blind = state.blind + 1
        if blind >= _BLIND and state.stage != GREEN:
            return _go(State(GREEN, second.t, 0, 0, 0, 0, blind, 0), state, second, limit)
        return _with(state, blind=blind), ()

    level = second.LAeq
    state = State(
        state.stage,
        state.since,
        (state.loud << 1 | (level > limit + rules.guard)) & 0x3FF,
        (state.near << 1 | (level > limit - rules.near)) & 0x3FF,
        (state.quiet << 1 | (level < limit - rules.hysteresis)) & 0x3FF,
        min(state.heard + 1, 10),
        0,
        state.warnings,
    )
    if state.near == 0 and state.stage == GREEN:
        return state, ()
    if state.stage == VOICE:
        return _in_voice(state, second, limit)
    after = _without_voice(state, second.t)
    if after == state.stage:
        return state, ()
    return _go(_begin(state, after, second.t), state, second, limit)


def _without_voice(state, t):
    """The stage that green, amber or red turn into."""
    if state.stage == RED:
        if _calm(state):
            return _after_red(state)
        if t - state.since >= _VOICE_AFTER and state.loud & 1:
            return VOICE
        return RED
    if _count(state.loud, _OF) >= _OVER:
        return RED
    if state.stage == GREEN:
        return AMBER if _count(state.near, _NEAR_OF) >= _NEAR else GREEN
    return GREEN if state.near & _mask(_CALM) == 0 else AMBER


def _in_voice(state, second, limit):
    """Repeat, or release: decided on what was heard since the last message alone."""
    obeyed = state.heard >= _OBEYED and state.quiet & _mask(_OBEYED) == _mask(_OBEYED)
    if obeyed or _calm(state):
        return _go(_begin(state, _after_red(state), second.t), state, second, limit)
    if state.heard >= _LISTEN and _count(state.loud, _LISTEN) * 2 > _LISTEN:
        number = state.warnings + 1
        return _with(state, heard=0, warnings=number), (Say(number),)
    return state, ()


def _calm(state):
    """Long enough not loud, since the last message if there was one."""
    return state.heard >= _CALM and state.loud & _mask(_CALM) == 0


def _after_red(state):
    return GREEN if state.quiet & _mask(_OBEYED) == _mask(_OBEYED) else AMBER


def _begin(state, stage, t):
    """A stage starts; what led to it has been used up, except on the way up to the voice."""
    if stage == VOICE:
        return _with(state, stage=stage, since=t, heard=0, warnings=1)
    if stage == RED:
        return _with(state, stage=stage, since=t)
    if state.stage in (RED, VOICE):
        return State(stage, t, 0, 0, state.quiet, state.heard, 0, 0)
    return _with(state, stage=stage, since=t)


def _go(state, before, second, limit):
    effects = (Stage(before.stage, state.stage, limit, second.LAeq),)
    lit = state.stage in (RED, VOICE)
    if lit != (before.stage in (RED, VOICE)):
        effects += (Spotlight(lit),)
    if state.stage == VOICE:
        effects += (Say(state.warnings),)
    return state, effects


def _with(state, **changes):
    return State(*(changes.get(name, value) for name, value in zip(_STATE, state)))


def _mask(n):
    return (1 << n) - 1


def _count(bits, n):
    return bin(bits & _mask(n)).count("1")
