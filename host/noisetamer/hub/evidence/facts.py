"""What one unit heard and did in a span, in figures: what report and claims are made of. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from noisetamer.hub.evidence.records import Heard, Told
from noisetamer.hub.store import minutes
from tamer.judge.stages import TOO_LOUD
from tamer.judge.warning_outcomes import LIGHT
from tamer.record.reading import MISSING, OWN_VOICE

_WORDS_BEGIN = (("say", "begun"), ("play", "begun"))


class Spell(NamedTuple):
    """Too loud by the unit's own ladder. since: the span's first second where it was before;
    until: when it let go, None: not within the span; heard: it let go since it heard that it was
    quiet, not since it could not hear."""

    since: int
    until: int | None
    heard: bool = True


class Loudest(NamedTuple):
    """Of the seconds that count. level: 0.1 dB."""

    t: int
    level: int


class Warned(NamedTuple):
    """t: when it began; message: a message's name, or LIGHT: red and spotlight alone; effective:
    whether the square was released after it, None where the unit told nothing of that; after: s;
    failed: why it was not played."""

    t: int
    number: int
    message: str
    stage: str
    effective: bool | None = None
    after: int | None = None
    failed: str = ""


@dataclass(frozen=True)
class Facts:
    """seconds, valid: how many there are, and count; not_valid: {reason: how many}, most first;
    limits: (t, 0.1 dB) from when on each was told to hold; over: seconds that count and are
    louder than the limit told for them, None where none was told; handed: (t, to whom); ordered:
    (t, number of the order) of words that people had it say."""

    unit: str
    since: int
    until: int
    seconds: int
    valid: int
    not_valid: dict[str, int]
    limits: tuple[tuple[int, int], ...]
    over: int | None
    spells: tuple[Spell, ...]
    loudest: Loudest | None
    warnings: tuple[Warned, ...]
    handed: tuple[tuple[int, str], ...]
    own_voice: tuple[tuple[int, int], ...]
    stages: tuple[tuple[int, str], ...]
    ordered: tuple[tuple[int, int], ...]

    @property
    def spoken(self) -> tuple[Warned, ...]:
        """Messages that were said."""
        return tuple(one for one in self.warnings if not one.failed and one.message != LIGHT)


def facts(heard: Heard, before: str = "") -> Facts:
    """Of one unit. before: the stage that it was in when the span began; "": not known."""
    limits = _limits(heard.events)
    stretches = list(heard.stretches())
    lost: Counter[str] = Counter()
    for first, last, reason in stretches:
        lost[reason] += last - first
    valid = heard.valid
    loudest = None
    if valid.any():
        place = int(np.argmax(np.where(valid, heard.columns[0], -(10**6))))
        loudest = Loudest(heard.since + place, int(heard.columns[0, place]))
    own_voice = minutes.reason(OWN_VOICE)
    return Facts(
        unit=heard.unit,
        since=heard.since,
        until=heard.until,
        seconds=len(valid),
        valid=int(np.count_nonzero(valid)),
        not_valid=dict(lost.most_common()),
        limits=limits,
        over=_over(heard, limits),
        spells=_spells(heard, before),
        loudest=loudest,
        warnings=_warnings(heard.events),
        handed=tuple(
            (e.t, str(e.fields.get("to", ""))) for e in heard.events if e.kind == "hand-over"
        ),
        own_voice=tuple((a, b) for a, b, reason in stretches if reason == own_voice),
        stages=tuple(
            (e.t, str(e.fields.get("to", ""))) for e in heard.events if e.kind == "stage"
        ),
        ordered=tuple(
            (e.t, e.fields["n"])
            for e in heard.events
            if e.kind == "order"
            and (e.fields.get("verb"), e.fields.get("result")) in _WORDS_BEGIN
            and "n" in e.fields
        ),
    )


def _limits(events: Sequence[Told]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for event in events:
        limit = event.fields.get("limit")
        if event.kind not in ("stage", "hand-over") or not isinstance(limit, int):
            continue
        if not found or found[-1][1] != limit:
            found.append((event.t, limit))
    return tuple(found)


def _over(heard: Heard, limits: Sequence[tuple[int, int]]) -> int | None:
    """The first word of a limit is told when something changes, and held before."""
    if not limits:
        return None
    return int(np.count_nonzero(over(heard, limits)))


def over(heard: Heard, limits: Sequence[tuple[int, int]]) -> np.ndarray:
    """Of each second whether it counts and is louder than the limit that held. limits: (t, 0.1 dB)
    from when on each did, at least one, the first before it too."""
    held = np.full(heard.columns.shape[1], limits[0][1], np.int32)
    for t, limit in limits:
        held[max(0, t - heard.since) :] = limit
    return heard.valid & (heard.columns[0] > held)


def _spells(heard: Heard, before: str) -> tuple[Spell, ...]:
    found: list[Spell] = []
    told = [event for event in heard.events if event.kind in ("stage", "resumed")]
    if told and told[0].kind == "stage":
        before = str(told[0].fields.get("from", before))
    if before in TOO_LOUD:
        found.append(Spell(heard.since, None))
    for event in told:
        to = event.fields.get("to") if event.kind == "stage" else event.fields.get("stage")
        open_one = bool(found) and found[-1].until is None
        if to in TOO_LOUD and not open_one:
            found.append(Spell(event.t, None))
        elif to not in TOO_LOUD and open_one:
            level, limit = (event.fields.get(name) for name in ("level", "limit"))
            blind = event.kind == "stage" and (level == MISSING or (level or 0) > (limit or 0))
            found[-1] = Spell(found[-1].since, event.t, not blind)
    return tuple(found)


def _warnings(events: Sequence[Told]) -> tuple[Warned, ...]:
    """Numbers begin anew with each incident: what came of a warning is of the last so called. Of
    red and spotlight alone nothing is told but what came of it."""
    found: list[Warned] = []
    for event in events:
        fields = event.fields
        number, message = fields.get("number", 0), str(fields.get("message", ""))
        if event.kind == "warning":
            stage = str(fields.get("stage", ""))
            found.append(Warned(event.t, number, message, stage))
            continue
        if event.kind not in ("spoken", "outcome"):
            continue
        place = next(
            (
                place
                for place in range(len(found) - 1, -1, -1)
                if (found[place].number, found[place].message) == (number, message)
            ),
            None,
        )
        if event.kind == "outcome":
            effective, after = bool(fields.get("effective")), int(fields.get("after", 0))
            if place is None:
                stage = str(fields.get("stage", ""))
                begin = event.t - after
                found.append(Warned(begin, number, message, stage, effective, after))
            else:
                found[place] = found[place]._replace(effective=effective, after=after)
        elif "failed" in fields and place is not None:
            found[place] = found[place]._replace(failed=str(fields["failed"]))
    return tuple(sorted(found, key=lambda one: one.t))
