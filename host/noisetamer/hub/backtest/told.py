"""What a box really did, from the events it told. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.backtest.replay import Done
from tamer.judge.ladder import GREEN, STAGES, TOO_LOUD
from tamer.record.events import CALLED


@dataclass
class Told(Done):
    """stages: (time, the stage from then on), Unix s. events: how many there were of any kind."""

    stages: list[tuple[int, str]] = field(default_factory=list)
    events: int = 0


def told(events: Iterable[tuple[int, str, dict[str, Any]]]) -> Told:
    """events: (Unix time, kind, fields), in the order of time; one that lacks a field is none."""
    did = Told()
    for t, kind, fields in events:
        did.events += 1
        match kind, fields:
            case "stage", {"to": to} if to in STAGES:
                _stage(did, t, to)
            case "boot", _:
                _stage(did, t, GREEN)
            case "resumed", {"stage": to} if to in STAGES:
                _stage(did, t, to)
            case "warning", {"message": message}:
                did.spoken.append(t)
                did.messages.append(str(message))
            case "hand-over", {"to": to} if to in CALLED:
                did.escalations.append((t, to))
            case "sudden", _:
                did.sudden.append(t)
            case "dealt", {"arm": arm}:
                did.dealt.append((t, str(arm)))
    return did


def _stage(did: Told, t: int, to: str) -> None:
    before = did.stages[-1][1] if did.stages else GREEN
    if to in TOO_LOUD and before not in TOO_LOUD:
        did.incidents.append(t)
    elif before in TOO_LOUD and to not in TOO_LOUD:
        did.ends.append(t)
    did.stages.append((t, to))
