"""The events of a unit as sentences anyone can read. Pure."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.people.audit import COMMAND_LINE, HUB
from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.words.i18n import Texts, duration
from tamer.record import fields as known
from tamer.record.events import KINDS, STAGES
from tamer.record.reading import MISSING, is_dated

UNKNOWN = "--"
# what a stage change brought about is told in its sentence, if reported within a second or two
TOGETHER_SECONDS = 2

# who is no account: {name: key of its words}
_NOBODY = {
    HUB.name: "audit_by_hub",
    COMMAND_LINE.name: "audit_by_command_line",
    "": "audit_by_nobody",
}
_FAULTS_AT_START = ("files", "policy_fault", "unspoken")

# Words for the values of a field: the key in the page's texts begins with this.
_WORDS = {
    "to": "called",
    "reason": "link",
    "findings": "finding",
    "verdict": "verdict",
    "why": "loss",
    "verb": "order_verb",
}
# Where a kind has others; "": it is text already.
_WORDS_OF_KIND = {("order", "why"): "order_why", ("order", "reason"): ""}


@dataclass(frozen=True)
class Line:
    """One sentence. at: the unit's local time, after ≈ where it was found out later; kind: the
    stage it led to, or the event's kind; steps: of which it is the sum, oldest first.
    """

    at: str
    kind: str
    text: str
    steps: "list[Line]" = field(default_factory=list)


@dataclass
class Step:
    """An event with its sentence. more: what was told with it."""

    event: PastEvent
    at: str
    kind: str
    text: str
    more: str = ""

    @property
    def line(self) -> Line:
        return Line(self.at, self.kind, self.text + self.more)


def tell(events: Sequence[PastEvent], texts: Texts, utc_offset: float, count: int) -> list[Line]:
    """The last `count` sentences, newest first.

    events: oldest first; utc_offset: h.
    """
    newest = events[-1].t if events else 0
    told = steps(events, texts, utc_offset, newest)
    return [step.line for step in told[: -count - 1 : -1]]


def steps(events: Sequence[PastEvent], texts: Texts, utc_offset: float, newest: int) -> list[Step]:
    """A sentence each, oldest first; what has none is left out, a warning is told with the stage
    of its second.

    events: oldest first; utc_offset: h; newest: a time of the day that needs no date.
    """
    found: list[Step] = []
    spotlights = _told_by_stage(events, "spotlight")
    outcomes = _told_by_stage(events, "outcome")
    told = {event.key for found in (spotlights, outcomes) for event in found.values()}
    began: int | None = None
    warnings = 0
    today = _date(newest, utc_offset)
    for event in events:
        kind, more = event.kind, ""
        if event.key in told:
            continue
        if kind == "stage":
            kind = event.fields["to"]
            if event.fields["from"] == "green":
                began, warnings = event.t, 0
            text = _stage(event, _between(began, event.t), warnings, texts)
            if spotlight := spotlights.get(event.key):
                more = texts["story_and"] + _sentence(spotlight, texts, utc_offset)
        else:
            # What could not be played was no warning; another message may stand in for it.
            warnings += (kind == "warning") - (kind == "spoken" and "failed" in event.fields)
            text = _sentence(event, texts, utc_offset)
        if text:
            if kind == "warning" and found and _one_second(found[-1].event, event):
                found[-1].more += texts["story_and"] + text
                continue
            found.append(Step(event, _at(event, texts, utc_offset, today), kind, text, more))
    return found


def _at(event: PastEvent, texts: Texts, utc_offset: float, today: datetime.date | None) -> str:
    if not is_dated(event.t):
        return texts["clock_not_set"]
    at = local_time(event.t, utc_offset, _date(event.t, utc_offset) != today)
    return f"≈ {at}" if event.dated_afterwards else at


def _one_second(stage: PastEvent, warning: PastEvent) -> bool:
    return stage.kind == "stage" and (stage.boot, stage.t) == (warning.boot, warning.t)


def done_by(name: str, texts: Texts) -> str:
    """An account's name, or in words who is none."""
    return texts.get(_NOBODY.get(name, ""), name)


def clock(t: int, utc_offset: float) -> datetime.datetime:
    """Local time of Unix time t, s."""
    zone = datetime.timezone(datetime.timedelta(hours=utc_offset))
    return datetime.datetime.fromtimestamp(t, zone)


def to_the_minute(t: float, utc_offset: float) -> str:
    """'2026-11-23 19:00'"""
    return f"{clock(int(t), utc_offset):%Y-%m-%d %H:%M}"


def to_the_second(t: float, utc_offset: float) -> str:
    """'2026-11-23 19:00:05'"""
    return f"{clock(int(t), utc_offset):%Y-%m-%d %H:%M:%S}"


def midnight(day: datetime.date, utc_offset: float) -> int:
    """Unix time, s, at which a day begins by the local clock."""
    zone = datetime.timezone(datetime.timedelta(hours=utc_offset))
    return round(datetime.datetime.combine(day, datetime.time(), zone).timestamp())


def local_time(t: int, utc_offset: float, with_date: bool = False) -> str:
    """'19:00:05' or '11-23 19:00:05'; where t is undated, '+0:05:12' since its boot's start."""
    if is_dated(t):
        return f"{clock(t, utc_offset):{'%m-%d ' if with_date else ''}%H:%M:%S}"
    return f"+{t // 3600}:{t // 60 % 60:02}:{t % 60:02}"


def _date(t: int, utc_offset: float) -> datetime.date | None:
    return clock(t, utc_offset).date() if is_dated(t) else None


def decibels(tenths: int) -> str:
    """'65' or '65.3' for 0.1 dB."""
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths / 10:.1f}"


def _sentence(event: PastEvent, texts: Texts, utc_offset: float) -> str:
    """What an event says by itself; "" for one that says nothing, or that is not known here."""
    if event.kind not in KINDS:
        return ""
    words = {
        name: _word(event.kind, name, event.fields, texts, utc_offset)
        for name in KINDS[event.kind]
    }
    faults = [
        texts[f"fault_{name}"].format(**words)
        for name in _FAULTS_AT_START
        if name in words and name in event.fields
    ]
    words["faults"] = "; ".join(faults)
    for key in (_variant(event), f"story_{event.kind}"):
        if key in texts:
            return texts[key].format(**words)
    return ""


def _variant(event: PastEvent) -> str:
    """The key of the sentence where a kind has several."""
    match event.kind:
        case "boot":
            which = "faults" if any(name in event.fields for name in _FAULTS_AT_START) else "well"
        case "spotlight":
            which = "on" if event.fields["on"] else "off"
        case "outcome":
            which = "obeyed" if event.fields["effective"] else "in_vain"
        case "doctor":
            which = "ill" if event.fields.get("findings") else "well"
        case "link":
            reason = event.fields.get("reason")
            own = {"fault": "fault", "hub full": "full", "ack forged": "forged"}
            which = "up" if event.fields["up"] else own.get(reason or "", "down")
        case "spoken":
            which = "failed" if "failed" in event.fields else "done"
        case "clock":
            which = "corrected" if "step" in event.fields else "known"
        case "order":
            which = _order(event.fields)
        case "lost" if "start" in event.fields and "seconds" not in event.fields:
            which = "span"
        case "lost" | "thinned":
            which = "seconds" if "seconds" in event.fields else "records"
        case kind:
            return f"story_{kind}"
    return f"story_{event.kind}_{which}"


def _order(fields: dict[str, Any]) -> str:
    result = fields["result"]
    if result == "refused" and "n" not in fields:
        return "refused_unknown"
    if result == "done" and "until" in fields:
        return "done_mute" if "reason" in fields else "done_until"
    return result


def _word(kind: str, name: str, fields: dict[str, Any], texts: Texts, utc_offset: float) -> str:
    """A field's value as people read it, '?' where it is not known."""
    if name not in fields:
        return "?"
    field, value = known.field(kind, name), fields[name]
    if prefix := _WORDS_OF_KIND.get((kind, name), _WORDS.get(name)):
        values = value if isinstance(value, list) else [value]
        words = [texts.get(f"{prefix}_{one}") or str(one) for one in values]
        return texts["story_and"].join(words)
    if field.type == known.LEVEL:
        return level_text(value)
    if field.unit == known.DECIBELS and field.type == known.INTEGER:
        return level_text(value) if name == "LAFmax" else decibels(value)
    if field.type == known.FAULTS:
        return "; ".join(f"{what}: {wrong}" for what, wrong in value.items())
    if field.unit == "s":
        return duration(value, texts)
    if field.unit == "Unix s":
        return local_time(value, utc_offset, with_date=True)
    if field.unit == "ms":
        return f"{value / 1000:+.1f}"
    return str(value)


def level_text(tenths: int) -> str:
    """0.1 dB as people read it; '--' where there is none."""
    return UNKNOWN if tenths == MISSING else f"{tenths / 10:.1f}"


def _stage(event: PastEvent, lasted: int | None, warnings: int, texts: Texts) -> str:
    before, after = event.fields["from"], event.fields["to"]
    level, limit = event.fields["level"], event.fields["limit"]
    if after == "green":
        if level == MISSING or level > limit:  # not heard to be quiet: given up
            return texts["story_blind"]
        key = {0: "story_quiet", 1: "story_quiet_1"}.get(warnings, "story_quiet_n")
        if lasted is None:
            return texts[f"{key}_some_time"].format(number=warnings)
        return texts[key].format(duration=duration(lasted, texts), number=warnings)
    direction = "up" if STAGES.index(after) > STAGES.index(before) else "down"
    return texts[f"story_{direction}_{after}"].format(
        level=level_text(level), limit=decibels(limit)
    )


def _between(began: int | None, t: int) -> int | None:
    """s; None where the beginning is not known, or another clock told it."""
    if began is None or began > t or is_dated(began) != is_dated(t):
        return None
    return t - began


def _told_by_stage(events: Iterable[PastEvent], kind: str) -> dict[tuple[int, int], PastEvent]:
    """{key of a stage change: the event of this kind told in the same sentence}"""
    found: dict[tuple[int, int], PastEvent] = {}
    stage = other = None
    for event in events:
        if event.kind == "stage":
            stage = event
        elif event.kind == kind:
            other = event
        else:
            continue
        if stage and other and abs(stage.t - other.t) <= TOGETHER_SECONDS:
            found[stage.key] = other
            stage = other = None
    return found
