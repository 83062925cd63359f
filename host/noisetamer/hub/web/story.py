"""The story of a unit: what belongs together is one row, with its steps in it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.web.timeline import TOGETHER_SECONDS, Line, Step, decibels, steps
from noisetamer.hub.words.i18n import Texts
from tamer.judge.stages import AMBER, GREEN
from tamer.record.events import STAGES
from tamer.record.reading import MISSING, is_dated

_OF_AN_INCIDENT = frozenset(
    (
        *("stage", "spotlight", "warning", "spoken", "outcome", "hand-over"),
        *("relapse", "sudden", "resumed", "incident", "dealt"),
    )
)
# What of it may follow its end.
_AFTERWARDS = frozenset(("spotlight", "spoken", "outcome", "incident"))
# How long what is told before an incident waits for it.
_ONE_MATTER_SECONDS = 60
_OF_A_START = frozenset(("boot", "clock", "link"))
_SUMS = frozenset(("hour", "day"))


@dataclass
class _Row:
    """Steps of one matter. about: kinds that may join it."""

    about: frozenset[str]
    steps: list[Step]

    @property
    def stages(self) -> list[PastEvent]:
        return [step.event for step in self.steps if step.event.kind == "stage"]

    @property
    def over(self) -> bool:
        """Of an incident."""
        return bool(self.stages) and self.stages[-1].fields["to"] == GREEN

    def takes(self, event: PastEvent) -> bool:
        if event.kind not in self.about:
            return False
        if self.about is not _OF_AN_INCIDENT:
            return True
        if self.over:
            ended = self.stages[-1]
            near = ended.boot == event.boot and abs(event.t - ended.t) <= TOGETHER_SECONDS
            return near and event.kind in _AFTERWARDS
        if not self.stages:
            return abs(event.t - self.steps[-1].event.t) <= _ONE_MATTER_SECONDS
        return event.kind != "stage" or event.fields["from"] != GREEN


def rows(
    events: Sequence[PastEvent],
    before: Sequence[PastEvent],
    replaced: str,
    texts: Texts,
    utc_offset: float,
    count: int,
) -> list[Line]:
    """The last `count` rows, newest first.

    events: oldest first; before: those of the units that stood in its place, of which `replaced`
    is the last; utc_offset: h.
    """
    newest = (events or before or [None])[-1]
    if newest is None:
        return []
    told = _rows(events, texts, utc_offset, newest.t)[::-1]
    if before and len(told) < count:
        told.append(Line("", "replaced", texts["story_replaced"].format(unit=replaced)))
        told += _rows(before, texts, utc_offset, newest.t)[::-1]
    return told[:count]


def _rows(events: Sequence[PastEvent], texts: Texts, utc_offset: float, newest: int) -> list[Line]:
    present = events[-1].boot if events else None
    worth = [event for event in events if not _of_an_undated_start(event, present)]
    found: list[_Row] = []
    incident: _Row | None = None
    started = False
    for step in steps(worth, texts, utc_offset, newest):
        kind = step.event.kind
        if started and kind in _OF_AN_INCIDENT:
            incident, started = incident if kind == "resumed" else None, False
        started |= kind == "boot"
        if incident and incident.takes(step.event):
            # It goes on: its place is that of its newest step.
            found.remove(incident)
            found.append(incident)
        elif kind in _OF_AN_INCIDENT:
            incident = _Row(_OF_AN_INCIDENT, [])
            found.append(incident)
        elif not (found and found[-1].takes(step.event) and not _has_fault(step.event)):
            about = _OF_A_START if kind == "boot" else _SUMS if kind in _SUMS else frozenset[str]()
            found.append(_Row(about, []))
        found[-1].steps.append(step)
    return [_line(row, texts) for row in found]


def _of_an_undated_start(event: PastEvent, present: int | None) -> bool:
    """A start whose clock was never set, as in a workshop, and that is over."""
    return (
        event.kind in _OF_A_START
        and event.boot != present
        and not is_dated(event.t)
        and not _has_fault(event)
    )


def _has_fault(event: PastEvent) -> bool:
    return event.kind == "boot" and not {"policy_fault", "unspoken", "files"}.isdisjoint(
        event.fields
    )


def _line(row: _Row, texts: Texts) -> Line:
    if len(row.steps) == 1:
        return row.steps[0].line
    lines = [step.line for step in row.steps]
    if row.about is _OF_A_START:
        starts = [line for line in lines if line.kind == "boot"]
        text = starts[0].text
        if len(starts) > 1:
            dated = is_dated(row.steps[0].event.t)
            key = "story_starts" if dated else "story_starts_undated"
            text = texts[key].format(count=len(starts), at=starts[0].at)
        return Line(starts[-1].at, "boot", text, lines)
    if row.about is _OF_AN_INCIDENT:
        return _incident(row, lines, texts)
    return Line(lines[-1].at, lines[-1].kind, lines[-1].text, lines)


def _incident(row: _Row, lines: list[Line], texts: Texts) -> Line:
    called = [step.text for step in row.steps if step.event.kind == "hand-over"][-1:]
    if not row.over:
        telling = ("stage", "hand-over", "resumed", "relapse")
        last = next((s for s in reversed(row.steps) if s.event.kind in telling), row.steps[-1])
        said = last.line.text
        text = said if last.text in called else texts["story_and"].join([said, *called])
        return Line(last.at, last.kind, text, lines)
    worst = max((stage.fields["to"] for stage in row.stages), key=STAGES.index)
    loudest = max(
        (stage for stage in row.stages if stage.fields["to"] != GREEN),
        key=lambda stage: stage.fields["level"],
        default=None,
    )
    end = next(step for step in reversed(row.steps) if step.event.kind == "stage")
    text = end.text
    if loudest and loudest.fields["level"] != MISSING:
        text = texts["story_near" if worst == AMBER else "story_loud"].format(
            level=f"{loudest.fields['level'] / 10:.1f}",
            limit=decibels(loudest.fields["limit"]),
            end=end.text,
        )
    return Line(lines[0].at, worst, texts["story_and"].join([text, *called]), lines)
