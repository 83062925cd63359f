"""The nightly self-check: when the tones are played, and how loud they were heard. Pure.

The box listens until the square is quiet, plays its tones one after the other and keeps the
LAeq of the seconds that lie wholly within each. While it is too loud it waits, until its span
of the night is over. What the levels mean is for self_check_verdict.py.
"""

from collections import namedtuple

from tamer.record.reading import MISSING, is_valid

_FIELDS = ("since", "until", "tones", "quiet", "volume")

# since, until: minutes after local midnight. tones: Hz. quiet: LAFmax above which it is too loud
# for them, 0.1 dB. volume: dB re full.
Plan = namedtuple("Plan", _FIELDS)

SHIPPED = Plan(180, 240, (500, 1000, 2000, 4000), 500, -20)

# What the caller has to do: play tone `number` of the plan.
Tone = namedtuple("Tone", ("number",))
# Or to note: LAeq before the tones, and of each tone; MISSING where it was not heard.
Heard = namedtuple("Heard", ("background", "levels"))
# Or that tonight it was too loud: the last LAFmax that was.
Postponed = namedtuple("Postponed", ("loudest",))

# day: the last whose check is over. kept: LAeq of the seconds of this phase. again: how often
# it had to begin anew. levels: of the tones so far.
State = namedtuple("State", ("phase", "day", "kept", "again", "background", "levels", "loudest"))

WAIT, LISTEN, PLAY = "wait", "listen", "play"

# Seconds of quiet before the tones; seconds in which a tone of three, asked for, has been heard.
QUIET_FOR = 10
TONE_WITHIN = 6

# 0.1 dB. Two seconds of a tone agree so well; so far above the background, that adds 0.04 dB.
_AGREE = 3
ABOVE = 200

_MOST_AGAIN = 3

# Boxes of one square must not hear each other's tones: each begins in a slot of its own, min.
_SLOT = 2
_SLOTS = 15


def name_of(hertz):
    """The message that is this tone."""
    return "tone_%d" % hertz


def start(day=-1):
    """A state at rest; `day`: whose check is over."""
    return State(WAIT, day, (), 0, MISSING, (), MISSING)


def plan_of(settings, name):
    """The plan of the unit `name`: `settings` overrides the shipped one; None: no self-check."""
    if settings is None:
        return None
    plan = [settings.get(field, value) for field, value in zip(_FIELDS, SHIPPED)]
    slot = _SLOT * (sum(name.encode()) % _SLOTS)
    return Plan(plan[0] + slot, plan[1] + slot, *plan[2:])


def step(state, second, day, minute, idle, plan):
    """(state, effect or None) after one Second.

    day, minute: the local date as a number, and minutes after its midnight. idle: the box
    neither warns nor speaks.
    """
    if state.phase == PLAY:
        return _hear_tone(state, second, day, plan)
    if state.day == day:
        return state, None
    if plan.since <= minute < plan.until:
        return _listen(state, second, idle, plan)
    if state.phase == LISTEN:
        return start(day), Postponed(state.loudest)
    return state, None


def _listen(state, second, idle, plan):
    kept, loudest = state.kept, state.loudest
    if idle and is_valid(second) and second.LAFmax <= plan.quiet:
        kept += (second.LAeq,)
    else:
        kept = ()
        if second.LAFmax != MISSING:
            loudest = second.LAFmax
    if len(kept) < QUIET_FOR:
        return State(LISTEN, state.day, kept, state.again, MISSING, (), loudest), None
    background = sorted(kept)[QUIET_FOR // 2]
    return State(PLAY, state.day, (), state.again, background, (), loudest), Tone(0)


def _hear_tone(state, second, day, plan):
    kept = state.kept + (second.LAeq,)
    if len(kept) < TONE_WITHIN:
        return _with(state, kept, state.levels), None
    less, most = sorted(kept)[-2:]
    if most - state.background < ABOVE:
        level = MISSING
    elif most - less <= _AGREE:
        level = (most + less + 1) // 2
    elif state.again < _MOST_AGAIN:
        # Something else was heard with it.
        again = state.again + 1
        return State(LISTEN, state.day, (), again, MISSING, (), most), None
    else:
        return start(day), Postponed(most)
    levels = state.levels + (level,)
    if len(levels) == len(plan.tones):
        return start(day), Heard(state.background, levels)
    return _with(state, (), levels), Tone(len(levels))


def _with(state, kept, levels):
    return State(
        state.phase, state.day, kept, state.again, state.background, levels, state.loudest
    )
