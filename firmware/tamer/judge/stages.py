"""The stages, the ladder's state from second to second, and its effects. Pure."""

from collections import namedtuple

from tamer.judge import speech_budget, warning_outcomes, windows
from tamer.judge.background import UNKNOWN
from tamer.record.events import STAGES

GREEN, AMBER, RED, POLITE, FIRM = STAGES

TOO_LOUD = (RED, POLITE, FIRM)

SUDDEN = 60  # s between two sudden noises that are reported

# seen: seconds so far. since: `seen` when the stage began. lit: the spotlight is on.
# background: as `background.learn` gives it. sudden: `seen` at the last sudden noise reported.
# lately: Windows. speech: Speech. warnings: Warnings.
_STATE = (
    "stage",
    "seen",
    "since",
    "lit",
    "background",
    "sudden",
    "lately",
    "speech",
    "warnings",
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

# Effects, in the order they are to be done; `warnings` has WarningOutcome, Escalation and Relapse.
Stage = namedtuple("Stage", ("before", "after", "limit", "level"))
SetSpotlight = namedtuple("SetSpotlight", ("on",))
Say = namedtuple("Say", ("stage", "message", "number", "volume"))
Sudden = namedtuple("Sudden", ("LAFmax", "limit"))
# probability: with which the incident was dealt this arm, 1/1000.
Dealt = namedtuple("Dealt", ("trial", "arm", "probability"))


def altered(state, **changes):
    """The state with some of it changed."""
    return State(*[changes.get(name, value) for name, value in zip(_STATE, state)])


def to_list(state):
    """The state as plain lists: of a namedtuple, MicroPython's JSON would have the names too."""
    *own, lately, speech, warnings = state
    return own + [list(lately), list(speech), list(warnings)]


def from_list(values):
    """The state that `to_list` made a list of; ValueError if it is none of this ladder's."""
    if len(values) != len(_STATE):
        raise ValueError("not a state of this ladder")
    stage, seen, since, lit, background, sudden, lately, speech, warnings = values
    return State(
        stage,
        seen,
        since,
        lit,
        background,
        sudden,
        windows.Windows(*lately),
        speech_budget.from_list(speech),
        warning_outcomes.from_list(warnings),
    )
