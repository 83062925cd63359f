"""Incidents in words: a line in the list, the story of one, calls, and what was heard. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from noisetamer.hub.incidents.incident import Effect, Entry, Incident
from noisetamer.hub.people.accounts import key_of
from noisetamer.hub.people.roles import Account
from noisetamer.hub.phones.postbox import KEEP_SECONDS
from noisetamer.hub.phones.results import told
from noisetamer.hub.store.queries import Curve, PastEvent
from noisetamer.hub.web.timeline import clock, duration, steps
from noisetamer.hub.words.i18n import Texts
from tamer.record.events import KINDS

_RESULTS = ("delivered", "refused", "unknown", "withdrawn", "picture")
# of a box, told elsewhere on the page
_ELSEWHERE = ("order",)


@dataclass(frozen=True)
class Line:
    """An incident in the list. look: "red", "amber", "green" or "unknown"."""

    id: int
    square: str
    look: str
    title: str
    state: str
    when: str
    living: bool


@dataclass(frozen=True)
class Told:
    """A line of the story. who: "box", "hub" or "people"; kind: a stage, an event's kind or what
    was done."""

    at: str
    who: str
    kind: str
    text: str


@dataclass(frozen=True)
class CallLine:
    """One call and what became of it. state: of EFFECT_STATES, or "waiting", "missed": for
    a phone that has not fetched it."""

    at: str
    what: str
    name: str
    channel: str
    state: str
    result: str
    tries: int


@dataclass(frozen=True)
class Covered:
    """How much of an incident one unit heard. share: "98 %"; reasons: of the rest, the most
    first."""

    unit: str
    share: str
    reasons: tuple[str, ...]


class Words:
    """Of one language and one clock. names: {account's name: as people know it}; places: {unit:
    its name within the square}, where there are several; simulated: units that live at another
    time than the hub, of whose evening all is told by their clock."""

    def __init__(
        self,
        texts: Texts,
        utc_offset: float,
        now: float,
        names: Mapping[str, str],
        places: Mapping[str, str],
        simulated: Collection[str] = (),
    ) -> None:
        """utc_offset: of the squares' clock, h; now: Unix s."""
        self._texts = texts
        self._utc_offset = utc_offset
        self._now = now
        self._names = names
        self._places = places
        self._simulated = simulated

    def line(self, incident: Incident) -> Line:
        return Line(
            id=incident.id,
            square=incident.square,
            look=look(incident),
            title=self.title(incident),
            state=self.state(incident),
            when=self.when(incident),
            living=incident.living,
        )

    def title(self, incident: Incident) -> str:
        """What it is, without where."""
        kind = self._texts[f"incident_{incident.kind}"]
        if incident.level is not None and incident.kind in ("noise", "sudden"):
            values = {"kind": kind, "level": f"{incident.level / 10:.1f}"}
            if incident.limit is None:
                return self._texts["incident_level"].format(**values)
            return self._texts["incident_over"].format(**values, limit=f"{incident.limit / 10:g}")
        if incident.what:
            return self._texts["incident_what"].format(
                kind=kind,
                what=self.name(incident.what)
                if incident.kind == "drill"
                else self._texts.get(f"finding_{incident.what}", incident.what),
            )
        return kind

    def state(self, incident: Incident) -> str:
        """And who saw to it."""
        name = self.name(incident.acknowledged_by)
        key = f"incident_is_{incident.state}"
        if incident.state == "acknowledged":
            return self._texts[key].format(name=name)
        if incident.state == "open" and incident.acknowledged_by:
            return self._texts["incident_is_open_again"].format(name=name)
        return self._texts[key]

    def when(self, incident: Incident) -> str:
        """From when on, and how long."""
        ahead = self._ahead(incident)
        began = self.at(incident.opened + ahead, self._now + ahead)
        if incident.living:
            lasted = duration(max(0, int(self._now - incident.opened)), self._texts)
            return self._texts["incident_since"].format(time=began, duration=lasted)
        seconds = lasted_seconds(incident)
        if seconds is None:
            return began
        return self._texts["incident_lasted"].format(
            time=began, duration=duration(seconds, self._texts)
        )

    def day(self, incident: Incident) -> str:
        """'2026-11-23', for paper."""
        return f"{clock(int(incident.opened + self._ahead(incident)), self._utc_offset):%Y-%m-%d}"

    def _ahead(self, incident: Incident) -> float:
        """By how much the clock of simulated units leads the hub's, s."""
        if incident.begin is None or not set(incident.units) <= set(self._simulated):
            return 0.0
        return incident.begin - incident.opened

    def _ahead_in(self, timeline: Iterable[Entry]) -> float:
        """The same, by the first that one of them told."""
        return next((one.t - one.at for one in timeline if one.by in self._simulated), 0.0)

    def at(self, t: float, day: float | None = None) -> str:
        """'19:00:05' on that day (Unix s), else today; with the date on any other."""
        local, today = (clock(int(one), self._utc_offset) for one in (t, day or self._now))
        if local.date() == today.date():
            return f"{local:%H:%M:%S}"
        return f"{local:%m-%d %H:%M:%S}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"

    def name(self, account: str) -> str:
        return self._names.get(account, account)

    def story(
        self,
        timeline: Sequence[Entry],
        effects: Iterable[Effect],
        given: Iterable[tuple[float, str]] = (),
    ) -> list[Told]:
        """Oldest first. given: orders of people, (Unix s, words)."""
        ahead = self._ahead_in(timeline)
        today = (timeline[0].at if timeline else self._now) + ahead
        found: list[tuple[float, int, Told]] = []
        boxes: dict[str, list[PastEvent]] = {}
        results = {effect.key: effect for effect in effects}
        for number, entry in enumerate(timeline):
            if entry.what in KINDS and entry.by:
                if entry.what not in _ELSEWHERE:
                    event = PastEvent(int(entry.t), 0, number, entry.what, entry.fields)
                    boxes.setdefault(entry.by, []).append(event)
            elif entry.what not in _RESULTS:
                text = self._entry(entry, results)
                who = "people" if entry.by in self._names else "hub"
                line = Told(
                    self.at(entry.at + ahead, today), who, entry.what.replace(" ", "-"), text
                )
                found.append((entry.at, number, line))
        for unit, events in boxes.items():
            for number, line in self._box(unit, events):
                found.append((timeline[number].at, number, line))
        for number, (at, words) in enumerate(given):
            line = Told(self.at(at + ahead, today), "people", "order", words)
            found.append((at, len(timeline) + number, line))
        return [line for _, _, line in sorted(found, key=lambda one: one[:2])]

    def _box(self, unit: str, events: Sequence[PastEvent]) -> Iterator[tuple[int, Told]]:
        """(place in the timeline, line); what a warning achieved is told beside it."""
        told = steps(events, self._texts, self._utc_offset, events[0].t)
        here = {step.event.seq for step in told}
        stages = {step.event.t: step.event.seq for step in told if step.event.kind == "stage"}
        warned: dict[int, int] = {}
        achieved: dict[int, str] = {}
        beside: set[int] = set()
        for event in events:
            number = event.fields.get("number", 0)
            if event.kind == "warning":
                # one that came with a stage is told in its sentence
                warned[number] = event.seq if event.seq in here else stages.get(event.t, -1)
            elif event.kind == "outcome" and warned.get(number, -1) >= 0:
                key = "outcome_obeyed" if event.fields["effective"] else "outcome_in_vain"
                after = duration(event.fields["after"], self._texts)
                achieved[warned[number]] = self._texts[key].format(after=after)
                beside.add(event.seq)
        for step in told:
            seq, text = step.event.seq, step.line.text
            if seq in beside:
                continue
            if seq in achieved:
                text += self._texts["story_and"] + achieved[seq]
            if place := self._places.get(unit):
                text = self._texts["incident_of_unit"].format(unit=place, text=text)
            yield seq, Told(step.at, "box", step.kind, text)

    def calls(self, timeline: Sequence[Entry], effects: Iterable[Effect]) -> list[CallLine]:
        """Every call, follow-up and all-clear, in the order they were due."""
        ahead = self._ahead_in(timeline)
        called = {
            entry.fields["key"]: entry.fields for entry in timeline if entry.what == "called"
        }
        persons = {(fields["person"], fields["contact"]): fields for fields in called.values()}
        found: list[CallLine] = []
        for effect in sorted(effects, key=lambda one: one.due):
            if effect.kind == "picture":
                continue
            fields: Mapping[str, Any] = called.get(effect.key) or persons.get(
                (effect.person, effect.contact), {}
            )
            channel = str(fields.get("channel", ""))
            found.append(
                CallLine(
                    at=self.at(effect.due + ahead, self._now + ahead),
                    what=self._texts[f"call_{effect.kind}"],
                    name=self.name(fields.get("name", "")),
                    channel=self._texts.get(f"channel_{channel}", channel),
                    state=self._became(effect),
                    result=self._result(effect),
                    tries=effect.attempts,
                )
            )
        return found

    def covered(self, unit: str, curve: Curve, since: int, until: int) -> Covered | None:
        """Of the seconds since <= t < until; None where there is none."""
        total = until - since
        if total <= 0:
            return None
        lost: dict[str, int] = {}
        for first, last, reason in curve.invalid:
            seconds = min(last, until) - max(first, since)
            if seconds > 0:
                lost[reason] = lost.get(reason, 0) + seconds
        # before the first second that is known, and after the last, nothing was received
        outside = max(0, min(curve.t0, until) - since)
        outside += max(0, until - max(since, curve.t0 + len(curve.LAeq)))
        if outside:
            lost["not received"] = lost.get("not received", 0) + min(outside, total)
        reasons = sorted(lost.items(), key=lambda one: -one[1])
        return Covered(
            unit=self._places.get(unit, unit),
            share=f"{100 * max(0, total - sum(lost.values())) / total:.0f} %",
            reasons=tuple(
                self._texts["covered_reason"].format(
                    reason=self._texts.get(f"reason_{reason}", reason),
                    duration=duration(seconds, self._texts),
                )
                for reason, seconds in reasons
            ),
        )

    def _step(self, entry: Entry) -> str:
        """Its name; of the shipped plan's, in words."""
        name = str(entry.fields.get("name", ""))
        return self._texts.get(f"calls_step_{name}") or self._texts.get(f"role_{name}", name)

    def _result(self, effect: Effect) -> str:
        state = self._became(effect)
        words = self._texts[f"call_is_{state}"]
        if effect.detail and state == effect.state:
            return self._texts["call_result"].format(
                words=words, detail=told(effect.detail, self._texts)
            )
        return words

    def _became(self, effect: Effect) -> str:
        """What no phone has come for yet is kept a week; for the plan's next step it is refused
        after a minute."""
        if effect.state in ("refused", "unknown") and effect.detail == "not_taken":
            return "waiting" if self._now < effect.due + KEEP_SECONDS else "missed"
        return effect.state

    def _entry(self, entry: Entry, results: Mapping[str, Effect]) -> str:
        fields = entry.fields
        values: dict[str, Any] = {"by": self.name(entry.by), **fields}
        key = f"entry_{entry.what.replace(' ', '_')}"
        match entry.what:
            case "opened" | "reopened" if fields.get("late"):
                key += "_late"
            case "acknowledged":
                key += "_by_link" if fields.get("how") == "link" else ""
            case "closed" | "note" if not fields.get("text"):
                key += "_without"
            case "step":
                values["name"] = self._step(entry)
                values["people"] = self._texts["story_and"].join(
                    map(self.name, fields.get("people", ()))
                )
            case "nobody":
                values["name"] = self._step(entry)
                values["why"] = self._texts.get(f"nobody_{fields.get('why')}", "")
            case "spent":
                again = fields.get("again")
                key += "_again" if again else ""
                values["again"] = self.at(again) if again else ""
            case "away":
                key += "_restored" if fields.get("restored") else ""
                values["since"] = self.at(fields.get("since") or entry.at)
            case "silenced":
                values["until"] = self.at(fields["until"])
            case "called":
                values["name"] = self.name(fields.get("name", ""))
                channel = fields.get("channel", "")
                values["channel"] = self._texts.get(f"channel_{channel}", channel)
                effect = results.get(fields.get("key", ""))
                values["result"] = self._texts[f"call_is_{self._became(effect)}"] if effect else ""
            case "playing":
                groups = fields.get("groups", ())
                key += "" if groups else "_nobody"
                values["groups"] = self._texts["groups_and"].join(groups)
            case "silent" | "heard" | "ill" | "unreached":
                values["unit"] = self._places.get(entry.by, entry.by)
                what = fields.get("what", "")
                values["what"] = self._texts.get(f"finding_{what}", what)
        if key not in self._texts:
            return entry.what  # of a later hub
        return self._texts[key].format_map(_Known(values))


class _Known(dict):
    """A field that an entry does not have is not known."""

    def __missing__(self, key: str) -> str:
        return "?"


def people_named(accounts: Sequence[Account], texts: Texts) -> dict[str, str]:
    """{account's name: as people know it}: everybody chooses that alone, so the name stands
    beside it where it is another, or somebody else's too."""
    shown = {one.name: one.display or one.name for one in accounts}
    keys = Counter(map(key_of, shown.values()))
    return {
        name: called
        if called == name and keys[key_of(called)] == 1
        else texts["person_also"].format(display=called, name=name)
        for name, called in shown.items()
    }


def look(incident: Incident) -> str:
    """The colour that an incident has."""
    if incident.state == "closed":
        return "unknown"
    return {"open": "red", "acknowledged": "amber"}.get(incident.state, "green")


def lasted_seconds(incident: Incident) -> int | None:
    """By the box's own clock where it told both ends; None while it goes on."""
    begin, end = incident.begin, incident.end
    if begin is not None and end is not None and end >= begin:
        return int(end - begin)
    over = incident.resolved or incident.closed
    return None if over is None else max(0, int(over - incident.opened))


def limits(timeline: Iterable[Entry], unit: str) -> list[tuple[int, int]]:
    """(t, 0.1 dB) of the limit from t on, as far as this unit told it."""
    found: list[tuple[int, int]] = []
    for entry in timeline:
        limit = entry.fields.get("limit")
        if entry.by != unit or entry.what not in ("stage", "hand-over") or limit is None:
            continue
        if not found or found[-1][1] != limit:
            found.append((int(entry.t), limit))
    return found


def marks(timeline: Iterable[Entry], unit: str) -> list[tuple[int, str]]:
    """(t, stage) of each stage this unit went to."""
    return [
        (int(entry.t), entry.fields["to"])
        for entry in timeline
        if entry.by == unit and entry.what == "stage"
    ]
