"""Which warnings were effective, and when too many were not: escalation, relapse. Pure.

A warning is a message, or, where the box may not speak, a minute of red and spotlight: LIGHT.
"""

from collections import namedtuple

LIGHT = "light"

_DONE = -1

RELAPSE = 1800  # s after a release in which the next incident counts as one

# number: warnings in this incident; polite: messages of the polite voice among them.
# message: of the warning whose outcome is open, "" for none; since: when it began.
# ineffective: when warnings proved to be so, as many as an escalation may ask for.
# reached: of each escalation of the policy, when its number was reached; 0: not yet, _DONE: done.
# released: when the last incident was released, -1 if none was.
# arm: of the policy's trial that the incident was dealt, -1 for none.
_FIELDS = ("number", "polite", "message", "since", "ineffective", "reached", "released", "arm")
Warnings = namedtuple("Warnings", _FIELDS)

NONE = Warnings(0, 0, "", 0, (), (), -1, -1)

WarningOutcome = namedtuple("WarningOutcome", ("message", "stage", "number", "effective", "after"))
Escalation = namedtuple("Escalation", ("to", "ineffective", "limit", "level"))
Relapse = namedtuple("Relapse", ("after",))


def begin_incident(state, now, policy, arm):
    """(state, effects): an incident begins."""
    reached = (0,) * len(policy.hand_over)
    after = _with(state, number=0, polite=0, message="", reached=reached, released=-1, arm=arm)
    if state.released < 0 or now - state.released > RELAPSE:
        return after, ()
    return after, (Relapse(now - state.released),)


def message_begun(state, now, message, is_polite):
    """A message begins."""
    number, polite, _, _, *rest = state
    return Warnings(number + 1, polite + is_polite, message, now, *rest)


def light_begun(state, now):
    """Red and spotlight go on without a message."""
    number, polite, _, _, *rest = state
    return Warnings(number, polite, LIGHT, now, *rest)


def was_ineffective(state, now, stage, began, policy):
    """(state, outcome): the open warning was ineffective. `began`: when listening began."""
    _, polite, message, since, ineffective, reached, *rest = state
    number = _number(state)
    ineffective += (now,)
    most = 0
    for i, rule in enumerate(policy.hand_over):
        n = rule.ineffective
        most = max(most, n)
        if not reached[i] and len(ineffective) >= n and now - ineffective[-n] <= rule.within:
            reached = _replaced(reached, i, now)
    # No more than the slowest rule asks for.
    ineffective = ineffective[-most:] if most else ()
    after = Warnings(number, polite, "", since, ineffective, reached, *rest)
    return after, WarningOutcome(message, stage, number, False, now - began)


def escalate(state, now, is_loud, limit, level, policy):
    """(state, effects): the calls that are due; one with a wait only while it is still loud."""
    effects = ()
    for i, at in enumerate(state.reached):
        if at <= 0 or not (at == now or is_loud):
            continue
        rule = policy.hand_over[i]
        if now - at >= rule.wait:
            state = _with(state, reached=_replaced(state.reached, i, _DONE))
            effects += (Escalation(rule.to, rule.ineffective, limit, level),)
    return state, effects


def was_effective(state, now, stage, after):
    """(state, effects): the square is released, `after` s after the open warning."""
    effects = ()
    if state.message:
        effects = (WarningOutcome(state.message, stage, _number(state), True, after),)
    return _with(given_up(state), released=now), effects


def given_up(state):
    """The incident is over without a release. Warnings that led to an escalation are used up."""
    return _with(NONE, ineffective=() if any(state.reached) else state.ineffective)


def from_list(values):
    """The Warnings that were made a list; one of earlier firmware has no arm."""
    number, polite, message, since, ineffective, reached, released, *arm = values
    (arm,) = arm or (-1,)
    ineffective, reached = tuple(ineffective), tuple(reached)
    return Warnings(number, polite, message, since, ineffective, reached, released, arm)


def _number(state):
    """Of the open warning: a message counts when it begins, light when it has been shown."""
    return state.number + 1 if state.message == LIGHT else state.number


def _replaced(values, i, value):
    return values[:i] + (value,) + values[i + 1 :]


def _with(state, **changes):
    return Warnings(*[changes.get(name, value) for name, value in zip(_FIELDS, state)])
