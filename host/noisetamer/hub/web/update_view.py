"""A roll-out as its page shows it: where it stands, its cohorts, boxes with their words. Pure."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from noisetamer.hub.squares.order import natural
from noisetamer.hub.updates import rollout, told
from noisetamer.hub.updates.book import Entry, Rollout
from noisetamer.hub.updates.rollout import NEVER, UNDER_WAY, State, Unit
from noisetamer.hub.updates.updates import Running
from noisetamer.hub.web.timeline import to_the_minute
from noisetamer.hub.words.i18n import Texts

WIDE = 1000
"""Units of a bar."""
_LEAST_WIDE = 12


@dataclass(frozen=True)
class Part:
    """Of a cohort's bar. at, wide: of WIDE; said: how many are in that state."""

    state: str
    said: str
    at: float
    wide: float


@dataclass(frozen=True)
class Cohort:
    name: str
    size: str
    parts: list[Part]
    now: bool

    @property
    def counts(self) -> str:
        """All parts in words."""
        return ", ".join(part.said for part in self.parts)


@dataclass(frozen=True)
class Box:
    """One unit. said: in our words and its own."""

    name: str
    id: str
    state: str
    said: str
    at: str


@dataclass(frozen=True)
class Shown:
    """look: a colour of the pages; facts: lines; failed, under_way, others: boxes."""

    title: str
    look: str
    facts: list[str]
    cohorts: list[Cohort]
    failed: list[Box]
    under_way: list[Box]
    others: list[Box]
    may_stop: bool
    may_resume: bool


@dataclass(frozen=True)
class Runs:
    """What one unit runs, in words."""

    name: str
    id: str
    version: str
    board: str
    this: str
    state: str


def shown(
    one: Rollout,
    names: Mapping[str, str],
    texts: Texts,
    utc_offset: float,
    now: float,
    whole: bool = True,
) -> Shown:
    """names: {unit: how people call it}, of those that are shown; now: Unix s; whole: it is for no
    other boxes."""
    state, plan = one.state, one.state.plan
    facts = [
        texts["updates_by"].format(
            by=told.called(one.by, texts), at=to_the_minute(one.at, utc_offset), reason=one.reason
        )
    ]
    if firmware := one.load.about.get("firmware"):
        facts.append(texts["updates_firmware"].format(firmware=firmware))
    if state.stamp != NEVER:
        key = "updates_stamp_over" if rollout.is_stale(state, now) else "updates_stamp"
        facts.append(texts[key].format(at=to_the_minute(state.stamp, utc_offset)))
    if plan.hours:
        begin, end = (f"{int(hour):02d}:{round(hour % 1 * 60):02d}" for hour in plan.hours)
        facts.append(texts["updates_hours"].format(begin=begin, end=end))
    boxes = [
        _box(id, unit, names[id], texts, utc_offset)
        for id, unit in sorted(state.units.items(), key=lambda each: natural(each[0]))
        if id in names
    ]
    return Shown(
        title=told.title(one, texts),
        look=_look(state),
        facts=facts,
        cohorts=_cohorts(state, names, texts, whole),
        failed=[box for box in boxes if box.state == "failed"],
        under_way=[box for box in boxes if box.state in UNDER_WAY],
        others=[box for box in boxes if box.state in ("waiting", "later", "exempt")],
        may_stop=state.state == "running" or (state.state == "done" and rollout.owed(state) > 0),
        may_resume=state.state == "stopped",
    )


def entry(one: Entry, texts: Texts, utc_offset: float) -> tuple[str, str]:
    """(when, what) of something that happened."""
    key = f"updates_entry_{one.what}"
    if one.what == "stopped":
        key += f"_{one.fields['why']}"
    values = {**one.fields, "cohort": one.fields.get("cohort", 0) + 1}
    values["by"] = told.called(one.fields.get("by", ""), texts)
    return to_the_minute(one.at, utc_offset), texts[key].format(**values)


def runs(
    found: Mapping[str, Running],
    names: Mapping[str, str],
    units: Mapping[str, Unit],
    texts: Texts,
) -> tuple[list[str], list[Runs]]:
    """(how many run what, what each runs). units: of the roll-out that goes on."""
    rows, counts = [], Counter[str]()
    for id in sorted(names, key=lambda one: natural(names[one])):
        running = found.get(id, Running())
        version = _version(running, texts)
        counts[version] += 1
        unit = units.get(id)
        rows.append(
            Runs(
                *(names[id], id, version, running.board or texts["updates_unknown"]),
                this=texts[f"updates_state_{unit.state}"] if unit else "–",
                state=unit.state if unit else "",
            )
        )
    said = [
        texts["updates_runs_counts"].format(count=count, what=what)
        for what, count in counts.most_common()
    ]
    return said, rows


def _look(state: State) -> str:
    if state.state == "stopped":
        return "amber" if state.why == "person" else "red"
    return "green" if state.state == "done" else "speaking"


def _cohorts(state: State, names: Collection[str], texts: Texts, whole: bool) -> list[Cohort]:
    found = []
    for number in range(state.cohorts):
        units = [unit for id, unit in state.of(number).items() if id in names]
        if not units:
            continue
        may = rollout.allowed(state, number)
        size = texts["updates_boxes" if whole else "updates_boxes_here"]
        found.append(
            Cohort(
                texts["updates_cohort"].format(cohort=number + 1),
                size.format(boxes=len(units), may=may),
                _parts(Counter(unit.state for unit in units), texts),
                number == state.cohort and state.state == "running",
            )
        )
    return found


def _parts(count: Mapping[str, int], texts: Texts) -> list[Part]:
    """Each so wide that it is seen, however few they are."""
    there = told.parts(count, texts)
    wides = [max(WIDE * count[name] / sum(count.values()), _LEAST_WIDE) for name, _ in there]
    found, begin = [], 0.0
    for (name, said), wide in zip(there, wides, strict=True):
        wide *= WIDE / sum(wides)
        found.append(Part(name, said, round(begin, 1), round(wide, 1)))
        begin += wide
    return found


def _box(id: str, unit: Unit, name: str, texts: Texts, utc_offset: float) -> Box:
    return Box(name, id, unit.state, told.said(unit, texts), to_the_minute(unit.since, utc_offset))


def _version(running: Running, texts: Texts) -> str:
    if not running.firmware:
        return texts["updates_unknown"]
    if running.number:
        release = texts["updates_release"].format(release=running.number)
        return f"{running.firmware} · {release}"
    return f"{running.firmware} · {texts['updates_as_flashed']}"
