"""The stages, what the ladder remembers from second to second, and what it does. Pure."""

from collections import namedtuple

from tamer.judge import speech_budget, warning_outcomes, windows
from tamer.judge.background import UNKNOWN
from tamer.record.events import STAGES

GREEN, AMBER, RED, POLITE, FIRM = STAGES

TOO_LOUD = (RED, POLITE, FIRM)

SUDDEN = 60  # s between two sudden noises that are told

# seen: seconds so far. since: `seen` when the stage began. lit: the spotlight is on.
# background: as `background.learn` gives it. sudden: `seen` at the last sudden noise told.
# lately: Windows. speech: Speech. persuasion: Persuasion.
_STATE = (
    "stage",
    "seen",
    "since",
    "lit",
    "background",
    "sudden",
    "lately",
    "speech",
    "persuasion",
)
State = namedtuple("State", _STATE)

START = State(
    GREEN,
    0,
    0,
    False,
    UNKNOWN,
    -SUDDEN,
    windows.NOTHING_HEARD,
    speech_budget.SILENT,
    warning_outcomes.NONE,
)

# Effects, in the order they are to be done; `persuasion` has Outcome, Escalation and Relapse.
Stage = namedtuple("Stage", ("before", "after", "limit", "level"))
Spotlight = namedtuple("Spotlight", ("on",))
Say = namedtuple("Say", ("stage", "message", "number", "volume"))
Sudden = namedtuple("Sudden", ("LAFmax", "limit"))


def altered(state, **changes):
    """The state with some of it changed."""
    return State(*[changes.get(name, value) for name, value in zip(_STATE, state)])


def keep(state):
    """The state as JSON can carry it: plain lists, for MicroPython's has names in it otherwise."""
    *own, lately, speech, so_far = state
    return own + [list(lately), list(speech), list(so_far)]


def kept(values):
    """The state that `keep` made a list of; ValueError if it is none of this ladder's."""
    if len(values) != len(_STATE):
        raise ValueError("not a state of this ladder")
    stage, seen, since, lit, background, sudden, lately, speech, so_far = values
    return State(
        stage,
        seen,
        since,
        lit,
        background,
        sudden,
        windows.Windows(*lately),
        speech_budget.kept(speech),
        warning_outcomes.kept(so_far),
    )
