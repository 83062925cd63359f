"""What the boxes said, and whether it was obeyed, from the events of a unit. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.store.queries import PastEvent

KINDS = ("warning", "outcome", "dealt", "stage", "incident")
"""Of the events that are looked at."""


@dataclass
class Warning:
    """t: Unix s; effective, after: of its outcome, None where none was told."""

    t: int
    stage: str
    message: str
    number: int
    trial: str = ""
    arm: str = ""
    effective: bool | None = None
    after: int | None = None


@dataclass
class Told:
    """warnings: oldest first; bass: (begin, end, LCeq less LAeq in 0.1 dB) of each stretch that
    the box itself summed up as one."""

    warnings: list[Warning] = field(default_factory=list)
    bass: list[tuple[int, int, int]] = field(default_factory=list)


def told(events: Iterable[PastEvent]) -> Told:
    """events: of one unit, oldest first."""
    found = Told()
    waiting: dict[tuple[Any, ...], Warning] = {}
    trial = arm = ""
    for event in events:
        of = event.fields
        if event.kind == "dealt":
            trial, arm = of.get("trial", ""), of.get("arm", "")
        elif event.kind == "stage" and of.get("to") == "green":
            trial = arm = ""
        elif event.kind == "warning":
            # older firmware told no stage
            one = Warning(event.t, of.get("stage", ""), of["message"], of["number"], trial, arm)
            waiting[_name(of)] = one
            found.warnings.append(one)
        elif event.kind == "outcome" and (of_it := waiting.pop(_name(of), None)):
            of_it.effective, of_it.after = bool(of["effective"]), of.get("after")
        elif event.kind == "incident" and "LCeq" in of and "LAeq" in of:
            end = of["start"] + of["seconds"]
            found.bass.append((of["start"], end, of["LCeq"] - of["LAeq"]))
    return found


def _name(fields: dict[str, Any]) -> tuple[Any, ...]:
    return fields.get("stage", ""), fields["message"], fields["number"]
