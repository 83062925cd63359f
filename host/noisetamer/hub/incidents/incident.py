"""What an incident is, what was done in it, and what is still to be done. Pure data."""

from dataclasses import dataclass, field
from typing import Any

KINDS = ("noise", "sudden", "silent", "microphone", "undelivered", "drill")
"""noise: too loud; sudden: a sudden noise at night; silent: a box is not heard of; microphone:
one is faulty, or its nightly check failed; undelivered: somebody could not be called; drill: the
chain is tried, and nothing is wrong."""

HEARD = ("noise", "sudden")
"""Those that are heard in the square."""

STATES = ("open", "acknowledged", "resolved", "closed")
"""open: somebody is to see to it; acknowledged: somebody does; resolved: it is over by itself;
closed: by a person, with a note."""

LIVING = ("open", "acknowledged")

CALLS = ("call", "follow-up")
TO_PHONES = (*CALLS, "all-clear")
EFFECT_KINDS = (*TO_PHONES, "picture")
"""call, follow-up: somebody is wanted; all-clear: not any more; picture: of a camera."""

EFFECT_STATES = ("due", "sent", "delivered", "refused", "unknown", "withdrawn")
"""due: to be done; sent: given to a service that has not said more yet; delivered, refused: what
it said; unknown: nobody can say; withdrawn: not wanted any more before it was done."""


@dataclass(frozen=True)
class Incident:
    """Of one square and one kind. All times Unix s.

    units: those concerned, in the order they were; opened, resolved, closed: by the hub's clock,
    None: not (yet); begin, end: the same by the unit's own clock, so where its curve shows it
    (simulated units live at another time), None: not known; level: the highest told, limit:
    beside it, both 0.1 dB, None: not known; stage: the highest of its units now; reopened: how
    often it came again within the cool-down; late: the hub learned of it when it was over, so
    nobody was called; acknowledged_by: who saw to it last, acknowledged_until: when it goes on
    if nothing changes; step: the name of the plan's step that is under way, "" for none; what:
    in a few words what is wrong, of those kinds that have no level ("dead microphone"); note: of
    who closed it.
    """

    id: int
    square: str
    kind: str
    state: str
    units: tuple[str, ...]
    opened: float
    resolved: float | None = None
    closed: float | None = None
    begin: float | None = None
    end: float | None = None
    level: int | None = None
    limit: int | None = None
    stage: str = ""
    reopened: int = 0
    late: bool = False
    acknowledged_by: str = ""
    acknowledged_at: float | None = None
    acknowledged_until: float | None = None
    step: str = ""
    what: str = ""
    note: str = ""

    @property
    def living(self) -> bool:
        """Whether it goes on: open or acknowledged."""
        return self.state in LIVING


@dataclass(frozen=True)
class Entry:
    """One thing that happened in an incident, or was done.

    at: when the hub knew, by its clock, Unix s: the order of a timeline; t: by the clock of whoever
    did it, the same but for units; by: a unit's id, an account's name, or "" for the hub. what and
    fields: an event of the box as it came (`stage`, `warning`, `spoken`, `outcome`, `hand-over`,
    `relapse`, `sudden`, `spotlight`, `incident`, `doctor`, `self-check`, ...), or one of

    | what | fields |
    |---|---|
    | `opened`, `reopened` | `late`: told too late to call anybody at once |
    | `resolved` | |
    | `acknowledged` | `until`, Unix s; `how`: "link", "page" ... |
    | `goes on` | the acknowledgement, or a silence, is over and nothing has changed |
    | `closed`, `note` | `text` |
    | `step` | `name`, `people`: names of accounts; `round`: from 1 |
    | `nobody` | `name` of a step that reaches nobody now; `why`: "hours", "quiet", "none" |
    | `playing` | `groups`: names of those that may play then, none where others were there before |
    | `spent` | nobody of the plan has acknowledged; `again`: when it begins anew, Unix s or None |
    | `away` | the hub was away for long: nobody is called before a box has said that it still holds; `since`, Unix s; `restored`: from a backup |
    | `silenced` | `until`, `reason`: nobody is called until then |
    | `called` | `kind` (of the effect), `person`, `name`, `channel`, `contact`, `number`, `key` |
    | `delivered`, `refused`, `unknown`, `withdrawn` | of a call: `kind`, `person`, `contact`, `key`, `detail` |
    | `silent`, `heard` | a unit (`by`) is not heard of, or again |
    | `ill`, `unreached` | `what`: is wrong with a unit's (`by`) microphone; who, and why |
    | `picture` | `moment`, `result`, `detail`, `key` |
    """  # noqa: E501

    t: float
    at: float
    what: str
    by: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """Something to be done outside, exactly once if it can be: a row of the outbox.

    key: its name for ever, the same however often it is tried (idempotency key); kind: of
    EFFECT_KINDS; person, contact: ids of account and contact, None of a picture; due: not before
    that, Unix s by the hub's clock; attempts: how often it was tried; detail: what the last
    attempt brought, a sentence; fields: of a call and a follow-up `step` (name), `number` (0: the
    call, else which follow-up), `round`, `reopened` (it came again), of an all-clear `why`
    ("resolved", "closed"), of a picture `moment` ("start", "stage", "peak"), `unit`, `stage`, `t`
    (the unit's own clock); of all `drill`: whether this is one.
    """

    key: str
    incident: int
    kind: str
    person: int | None
    contact: int | None
    due: float
    state: str = "due"
    attempts: int = 0
    detail: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
