"""The story of a unit: its events as sentences anyone can read. Pure."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.web.i18n import Texts
from tamer.record.events import STAGES
from tamer.record.reading import MISSING

# a spotlight belongs to the stage change that switched it, reported within a second or two
TOGETHER_SECONDS = 2


@dataclass(frozen=True)
class Line:
    """One sentence. at: the unit's local time; kind: the stage it led to, or the event's kind."""

    at: str
    kind: str
    text: str


def tell(events: Sequence[PastEvent], texts: Texts, utc_offset: float, count: int) -> list[Line]:
    """The last `count` sentences, newest first.

    events: oldest first; utc_offset: h.
    """
    lines: list[Line] = []
    spotlights = _switched_by_stage(events)
    began, warnings = 0, 0
    today = clock(events[-1].t, utc_offset).date() if events else None
    for event in events:
        text, kind = "", event.kind
        match event.kind:
            case "boot":
                text = texts["story_boot"]
            case "stage":
                kind = event.fields["to"]
                if event.fields["from"] == "green":
                    began, warnings = event.t, 0
                text = _stage(event, event.t - began if began else None, warnings, texts)
                if spotlight := spotlights.get(event.key):
                    text += texts["story_and"] + _spotlight(spotlight, texts)
            case "warning":
                warnings += 1
                text = texts["story_warning"].format(number=event.fields["number"])
            case "hand-over":
                text = texts[f"story_call_{event.fields['to']}"].format(
                    number=event.fields["ineffective"]
                )
            case "relapse":
                after = _duration(event.fields["after"], texts)
                text = texts["story_relapse"].format(duration=after)
            case "sudden":
                text = texts["story_sudden"].format(
                    level=f"{event.fields['LAFmax'] / 10:.1f}",
                    limit=decibels(event.fields["limit"]),
                )
            case "resumed":
                text = texts["story_resumed"]
            case "spoken" if "failed" in event.fields:
                text = texts["story_failed"].format(number=event.fields["number"])
            case "spotlight" if event not in spotlights.values():
                text = _spotlight(event, texts)
        if text:
            at = clock(event.t, utc_offset)
            lines.append(
                Line(
                    f"{at:%H:%M:%S}" if at.date() == today else f"{at:%m-%d %H:%M:%S}", kind, text
                )
            )
    return lines[: -count - 1 : -1]


def clock(t: int, utc_offset: float) -> datetime.datetime:
    """Local time of Unix time t, s."""
    zone = datetime.timezone(datetime.timedelta(hours=utc_offset))
    return datetime.datetime.fromtimestamp(t, zone)


def decibels(tenths: int) -> str:
    """'65' or '65.3' for 0.1 dB."""
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths / 10:.1f}"


def _stage(event: PastEvent, lasted: int | None, warnings: int, texts: Texts) -> str:
    before, after = event.fields["from"], event.fields["to"]
    level, limit = event.fields["level"], event.fields["limit"]
    if after == "green":
        if level == MISSING or level > limit:  # not heard to be quiet: given up
            return texts["story_blind"]
        key = {0: "story_quiet", 1: "story_quiet_1"}.get(warnings, "story_quiet_n")
        duration = _duration(lasted, texts)
        return texts[key].format(duration=duration, number=warnings)
    direction = "up" if STAGES.index(after) > STAGES.index(before) else "down"
    return texts[f"story_{direction}_{after}"].format(
        level="--" if level == MISSING else f"{level / 10:.1f}",
        limit=decibels(limit),
    )


def _switched_by_stage(events: Iterable[PastEvent]) -> dict[tuple[int, int], PastEvent]:
    """{key of a stage change: the spotlight event told in the same sentence}"""
    found: dict[tuple[int, int], PastEvent] = {}
    stage = spotlight = None
    for event in events:
        if event.kind == "stage":
            stage = event
        elif event.kind == "spotlight":
            spotlight = event
        else:
            continue
        if stage and spotlight and abs(stage.t - spotlight.t) <= TOGETHER_SECONDS:
            found[stage.key] = spotlight
            stage = spotlight = None
    return found


def _spotlight(event: PastEvent, texts: Texts) -> str:
    return texts["story_spotlight_on" if event.fields["on"] else "story_spotlight_off"]


def _duration(seconds: int | None, texts: Texts) -> str:
    if seconds is None:
        return "?"
    minutes, s = divmod(seconds, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return texts["duration_h"].format(h=hours, min=minutes_left)
    if minutes:
        return texts["duration_min"].format(min=minutes, s=s)
    return texts["duration_s"].format(s=s)
