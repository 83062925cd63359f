"""What the warnings did, as the box counted it, and as the people of the scenario meant it."""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from statistics import median
from typing import Any

from noisetamer.square.ground_truth import WorldEventKind
from tamer.judge.stages import FIRM, POLITE, RED, TOO_LOUD
from tamer.judge.warning_outcomes import RELAPSE


@dataclass
class Warnings:
    """Of one stage or one message. took_s: {seconds to compliance: of how many effective ones}."""

    ineffective: int = 0
    took_s: Counter[int] = field(default_factory=Counter)
    relapses: int = 0

    def join(self, other: "Warnings") -> None:
        """Add those of somebody else."""
        self.ineffective += other.ineffective
        self.took_s.update(other.took_s)
        self.relapses += other.relapses

    def result(self) -> dict[str, Any]:
        """As summary.json has it."""
        return {
            "effective": self.took_s.total(),
            "ineffective": self.ineffective,
            "median_s": median(self.took_s.elements()) if self.took_s else None,
            "longest_s": max(self.took_s, default=None),
            "relapses": self.relapses,
        }


class Compliance:
    """Counts over one unit's events; `join` adds another's.

    A relapse is held against the stage and the message that had ended the incident before.
    """

    def __init__(self) -> None:
        self._incidents = 0
        self._stages = {stage: Warnings() for stage in (RED, POLITE, FIRM)}
        self._messages: dict[str, Warnings] = {}
        self._hand_overs: list[dict[str, Any]] = []
        self._ended_by: tuple[str | None, str | None] = (None, None)

    def add(self, line: dict[str, Any]) -> None:
        """Take in one line with an event; those that are not about warnings are left out."""
        match line["event"]:
            case "stage" if line["to"] in TOO_LOUD and line["from"] not in TOO_LOUD:
                self._incidents += 1
            case "stage" if line["from"] in TOO_LOUD and line["to"] not in TOO_LOUD:
                stage, message = self._ended_by
                if stage != line["from"]:
                    message = None
                self._ended_by = line["from"], message
            case "warning":
                self._of(line["message"])
                self._ended_by = (None, None)
            case "outcome":
                self._outcome(line)
            case "relapse":
                self._relapse()
            case "hand-over":
                keys = ("unit", "t", "at", "to", "ineffective")
                self._hand_overs.append({key: line[key] for key in keys})

    def _outcome(self, line: dict[str, Any]) -> None:
        for one in (self._stages[line["stage"]], self._of(line["message"])):
            if line["effective"]:
                one.took_s[line["after"]] += 1
            else:
                one.ineffective += 1
        if line["effective"]:
            self._ended_by = line["stage"], line["message"]

    def _relapse(self) -> None:
        stage, message = self._ended_by
        self._ended_by = (None, None)
        if stage:
            self._stages[stage].relapses += 1
        if message:
            self._of(message).relapses += 1

    def join(self, other: "Compliance") -> None:
        """Add what another unit's events came to."""
        self._incidents += other._incidents
        for name, one in other._stages.items():
            self._stages[name].join(one)
        for name, one in other._messages.items():
            self._of(name).join(one)
        self._hand_overs = by_time((self._hand_overs, other._hand_overs))

    def _of(self, message: str) -> Warnings:
        return self._messages.setdefault(message, Warnings())

    def result(self) -> dict[str, Any]:
        """The part of summary.json that is about warnings."""
        stages, messages = self._stages, self._messages
        return {
            "incidents": self._incidents,
            "effective_warnings": sum(one.took_s.total() for one in stages.values()),
            "ineffective_warnings": sum(one.ineffective for one in stages.values()),
            "relapses_noticed": sum(one.relapses for one in stages.values()),
            "hand_overs": self._hand_overs,
            "warnings_per_stage": {name: one.result() for name, one in stages.items()},
            "warnings_per_message": {name: messages[name].result() for name in sorted(messages)},
        }


def by_time(several: Iterable[Iterable[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What several units' lists have, each in order of time, as one."""
    return list(heapq.merge(*several, key=itemgetter("t")))


@dataclass(frozen=True)
class Figures:
    """took_s: seconds from a message's end to each compliance. relapses: how many."""

    took_s: list[int]
    relapses: int

    def agree(self, other: "Figures", within_s: int) -> bool:
        """Whether they are the same, each time to compliance within so many seconds."""
        return (
            self.relapses == other.relapses
            and len(self.took_s) == len(other.took_s)
            and all(
                abs(one - two) <= within_s
                for one, two in zip(self.took_s, other.took_s, strict=True)
            )
        )

    def __str__(self) -> str:
        after = f" after {', '.join(map(str, self.took_s))} s" if self.took_s else ""
        return f"{len(self.took_s)} compliances{after} and {self.relapses} relapses"


def as_counted(events: Iterable[dict[str, Any]]) -> Figures:
    """By the box: its outcomes and relapses in one unit's events."""
    took, relapses = [], 0
    for line in events:
        if line.get("event") == "outcome" and line["effective"]:
            took.append(line["after"])
        relapses += line.get("event") == "relapse"
    return Figures(took, relapses)


def as_meant(events: Iterable[dict[str, Any]], groups: Sequence[str]) -> Figures:
    """By these groups: what they did, in one unit's events and truths of its world.

    Turning down while the box still speaks takes 0 s. A group that begins soon after another
    has turned down is a relapse of the square: by ear the two are one.
    """
    took, relapses = [], 0
    spoken, speaking, complied = 0, False, None
    for line in events:
        event, t = line.get("event"), line["t"]
        if event in ("warning", "spoken"):
            spoken, speaking = t, event == "warning"
        elif line.get("group") in groups:
            what = line["world"]
            if what == WorldEventKind.COMPLY:
                took.append(0 if speaking else t - spoken)
                complied = t
            elif complied is not None and t - complied <= RELAPSE:
                relapses += what in (WorldEventKind.RELAPSE, WorldEventKind.ON)
    return Figures(took, relapses)
