"""The nightly self-check: when the tones are played, and their levels. Pure.

The box waits until the square is quiet, plays its tones one after the other and takes the LAeq
of the seconds that lie wholly within each. While the square is too loud it waits, at most until
its span of the night is over. verdict.py judges the levels.
"""

from collections import namedtuple

from tamer.record.reading import MISSING, is_valid

_FIELDS = ("since", "until", "tones", "quiet", "volume")

# since, until: minutes after local midnight. tones: Hz. quiet: LAFmax, 0.1 dB, above which it is
# too loud for them. volume: dB re full.
Plan = namedtuple("Plan", _FIELDS)

SHIPPED = Plan(180, 240, (500, 1000, 2000, 4000), 500, -20)

# Effects. The caller plays tone `number` of the plan:
Tone = namedtuple("Tone", ("number",))
# or judges LAeq before the tones, and of each tone; MISSING where it was not heard:
Heard = namedtuple("Heard", ("background", "levels"))
# or reports that tonight it was too loud: the last LAFmax that was.
Postponed = namedtuple("Postponed", ("loudest",))

# day: the last whose check is over. window: LAeq of the seconds of this phase. retries: how often
# it had to start over. levels: of the tones so far.
State = namedtuple(
    "State", ("phase", "day", "window", "retries", "background", "levels", "loudest")
)

WAIT, LISTEN, PLAY = "wait", "listen", "play"

# Seconds of quiet before the tones; seconds in which a tone of three, asked for, has been heard.
QUIET_FOR = 10
TONE_WITHIN = 6

# 0.1 dB: two seconds of a tone agree so well; so far above the background, that adds 0.04 dB.
_AGREE = 3
ABOVE = 200

_MOST_RETRIES = 3

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
    window, loudest = state.window, state.loudest
    if idle and is_valid(second) and second.LAFmax <= plan.quiet:
        window += (second.LAeq,)
    else:
        window = ()
        if second.LAFmax != MISSING:
            loudest = second.LAFmax
    if len(window) < QUIET_FOR:
        return State(LISTEN, state.day, window, state.retries, MISSING, (), loudest), None
    background = sorted(window)[QUIET_FOR // 2]
    return State(PLAY, state.day, (), state.retries, background, (), loudest), Tone(0)


def _hear_tone(state, second, day, plan):
    window = state.window + (second.LAeq,)
    if len(window) < TONE_WITHIN:
        return _with(state, window, state.levels), None
    less, most = sorted(window)[-2:]
    if most - state.background < ABOVE:
        level = MISSING
    elif most - less <= _AGREE:
        level = (most + less + 1) // 2
    elif state.retries < _MOST_RETRIES:
        # Another sound was heard with it.
        retries = state.retries + 1
        return State(LISTEN, state.day, (), retries, MISSING, (), most), None
    else:
        return start(day), Postponed(most)
    levels = state.levels + (level,)
    if len(levels) == len(plan.tones):
        return start(day), Heard(state.background, levels)
    return _with(state, (), levels), Tone(len(levels))


def _with(state, window, levels):
    return State(
        state.phase, state.day, window, state.retries, state.background, levels, state.loudest
    )
