"""An incident's life and whom it calls: (state, event, now, around) -> (state, effects). Pure.

Of the plan's steps at most one is under way. A step that begins calls its people; then come its
follow-ups; when the next is due, that one begins. An acknowledgement ends what is under way until
it runs out; when all boxes are below for long enough, it is over, and whoever was called hears of
it. `now` may stand still and be put on or back (`Jumped`): at most one step follows at once, and
none is repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from noisetamer.hub.incidents.incident import LIVING
from noisetamer.hub.incidents.plan import CALLED_BY_BOX, Plan, Step
from noisetamer.hub.incidents.roster import Reached

NEVER = float("inf")
SUDDEN_CALM = 600.0
"""s after a sudden noise in which another belongs to it, and can be acknowledged."""
DRILL_SECONDS = 900.0
FAULT_REPEAT = 86_400.0
"""s after which a fault that nobody answers is told again: it is no alarm."""
LONGEST_CALM = 600.0
_CALM_AGAIN = 30.0


@dataclass(frozen=True)
class State:
    """All times Unix s, by the hub's clock.

    state: of incident.STATES, "" before it began; above: whether its cause holds, since: when that
    changed; chain: "waiting" (nobody is to be called yet), "running", "stopped" (acknowledged), or
    "spent" (nobody answered); wanted: somebody is to be called; held: but not before it is known
    that what was told late still holds; away: held because the hub was away for long; round:
    how often the chain has begun; step: the one under way in the plan's chain, -1: none; began:
    when the first step was due; entered: when this one began; follow_ups: how many it has made;
    until: when the acknowledgement runs out, or the spent chain begins anew; called: (person,
    contact) of those who were, since the last all-clear.
    """

    state: str = ""
    above: bool = False
    since: float = 0.0
    chain: str = "waiting"
    wanted: bool = False
    held: bool = False
    away: bool = False
    round: int = 0
    step: int = -1
    began: float = 0.0
    entered: float = 0.0
    follow_ups: int = 0
    until: float = 0.0
    reopened: int = 0
    called: tuple[tuple[int, int], ...] = ()

    @property
    def living(self) -> bool:
        return self.state in LIVING


@dataclass(frozen=True)
class Around:
    """What a state is judged by. kind: of the incident; reach: whom a step reaches at a Unix
    time; silenced: until when nobody is to be called, Unix s."""

    plan: Plan
    kind: str
    reach: Callable[[Step, float], Reached]
    silenced: float = 0.0

    @property
    def chain(self) -> tuple[Step, ...]:
        return self.plan.chain(self.kind)


@dataclass(frozen=True)
class Above:
    """The cause holds: it begins, or begins again, or is told again. late: it may be long over."""

    late: bool = False


@dataclass(frozen=True)
class Below:
    """The cause is gone, in all of the square."""


@dataclass(frozen=True)
class HandOver:
    """A box calls for somebody (tamer.record.events.CALLED): its warnings were in vain."""

    to: str


@dataclass(frozen=True)
class Acknowledged:
    """Somebody sees to it. until: Unix s; None: as long as the plan says."""

    until: float | None = None


@dataclass(frozen=True)
class Closed:
    """Somebody ends it."""


@dataclass(frozen=True)
class Failed:
    """Nobody whom this step called could be reached."""

    round: int
    step: int


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True)
class Jumped:
    """The clock was put on by so many s."""

    by: float


Event = Above | Below | HandOver | Acknowledged | Closed | Failed | Tick | Jumped


@dataclass(frozen=True)
class Call:
    """Tell one person by one way. number: 0, else of the follow-up. round, step, number and
    contact are its name within the incident."""

    round: int
    step: int
    name: str
    number: int
    person: int
    contact: int
    who: str
    channel: str


@dataclass(frozen=True)
class AllClear:
    """Tell whoever was called that it is over. why: "resolved" or "closed"."""

    round: int
    person: int
    contact: int
    why: str


@dataclass(frozen=True)
class Withdraw:
    """Calls that have not gone out yet are not wanted any more."""


@dataclass(frozen=True)
class Note:
    """For the timeline, as of incident.Entry."""

    what: str
    fields: dict[str, Any]


Effect = Call | AllClear | Withdraw | Note


def step(state: State, event: Event, now: float, around: Around) -> tuple[State, list[Effect]]:
    """The state after an event at a time (Unix s), and what is to be done, in this order."""
    effects: list[Effect] = []
    match event:
        case Above(late):
            state = _above(state, late, now, around, effects)
        case Below():
            if state.above:
                state = replace(state, above=False, since=now)
        case HandOver(to):
            if state.living:
                state = _jump(replace(state, wanted=True), to, now, around, effects)
        case Acknowledged(until) if state.living:
            state = _acknowledged(state, until, now, around, effects)
        case Closed() if state.state != "closed":
            effects += [Withdraw(), *_all_clear(state, "closed")]
            # Until its cause is gone, it does not begin anew.
            state = replace(_at_rest(state), state="closed", above=state.above, since=now)
        case Failed(number, place) if (number, place) == (state.round, state.step):
            chain = around.chain
            if state.chain == "running" and place + 1 < len(chain):
                state = replace(state, began=min(state.began, now - chain[place + 1].after))
        case Jumped(by):
            state = _jumped(state, by)
        case _:
            pass
    if not any(isinstance(effect, Call) for effect in effects):
        state = _tick(state, now, around, effects)
    return state, effects


def wake(state: State, around: Around) -> float:
    """When to ask again (Unix s), if nothing happens before; NEVER for only then."""
    if not state.living:
        return NEVER
    times = [NEVER]
    if not state.above:
        times.append(state.since + _calm(state, around))
    if around.kind == "drill":
        times.append(state.since + DRILL_SECONDS)
    if state.chain == "stopped" and state.above:
        times.append(state.until)
    if _may_call(state):
        times.append(max(_next(state, around), around.silenced))
    return min(times)


def to_fields(state: State) -> dict[str, Any]:
    """For JSON."""
    return {**vars(state)}


def from_fields(found: dict[str, Any]) -> State:
    """What a later version has added is left out, what it lacks has its default."""
    known = {field.name for field in fields(State)} & found.keys()
    kept = {name: found[name] for name in known}
    kept["called"] = tuple((person, contact) for person, contact in kept.get("called", ()))
    return State(**kept)


def _above(state: State, late: bool, now: float, around: Around, effects: list[Effect]) -> State:
    if state.state == "closed":
        return state
    if not state.living:
        again = state.state == "resolved"
        effects.append(Note("reopened" if again else "opened", {"late": True} if late else {}))
        state = replace(
            _at_rest(state),
            state="open",
            above=True,
            since=now,
            held=late,
            reopened=state.reopened + again,
        )
    elif not state.above:
        state = replace(state, above=True, since=now)
    if not late:
        state = replace(state, held=False, away=False)
    if around.kind != "noise" or around.plan.begins == "red":
        state = replace(state, wanted=True)
    return state


def _acknowledged(
    state: State, until: float | None, now: float, around: Around, effects: list[Effect]
) -> State:
    effects.append(Withdraw())
    if around.kind == "drill":
        return replace(state, state="acknowledged", above=False, chain="stopped", until=NEVER)
    until = now + around.plan.acknowledged_for if until is None else max(until, now)
    return replace(state, state="acknowledged", chain="stopped", until=until)


def _jump(state: State, to: str, now: float, around: Around, effects: list[Effect]) -> State:
    """To the step of whom a box calls, where that is still to come."""
    begins = state.chain == "waiting" and state.step < 0
    if not (_may_call(state) and now >= around.silenced and (begins or state.chain == "running")):
        return state
    role = CALLED_BY_BOX.get(to, to)
    for place, one in enumerate(around.chain):
        if role in one.who and place > state.step:
            go_on = _begin if begins else _enter
            return go_on(state, place, now, around, effects)
    return state


def _tick(state: State, now: float, around: Around, effects: list[Effect]) -> State:
    """What is due: over, gone on after an acknowledgement, or one call further."""
    if not state.living:
        return state
    if around.kind == "drill" and now - state.since >= DRILL_SECONDS:
        state = replace(state, above=False)
    if not state.above and now - state.since >= _calm(state, around):
        effects += [Withdraw(), Note("resolved", {}), *_all_clear(state, "resolved")]
        return replace(_at_rest(state), state="resolved", since=now)
    if state.above and state.chain == "stopped" and now >= state.until:
        effects.append(Note("goes on", {"after": "acknowledgement"}))
        state = replace(state, state="open", chain="waiting", until=0.0)
    if not _may_call(state) or now < max(_next(state, around), around.silenced):
        return state
    chain = around.chain
    match state.chain:
        case "waiting":
            # After an acknowledgement the step that was under way is called again.
            place = min(max(state.step, 0), len(chain) - 1)
            return _begin(state, place, now, around, effects)
        case "spent":
            return _begin(state, 0, now, around, effects)
    if state.step + 1 < len(chain) and now >= state.began + chain[state.step + 1].after:
        return _enter(state, state.step + 1, now, around, effects)
    if state.step < len(chain) and state.follow_ups < chain[state.step].follow_ups:
        return _follow_up(state, now, around, effects)
    return _spent(state, now, around, effects)


def _may_call(state: State) -> bool:
    ready = state.wanted and not state.held and state.above
    return state.state == "open" and ready and state.chain != "stopped"


def _next(state: State, around: Around) -> float:
    """When the chain has something to do, silences apart."""
    chain = around.chain
    if not chain:
        return NEVER
    if state.chain == "waiting":
        return -NEVER
    if state.chain == "spent":
        return state.until
    if not 0 <= state.step < len(chain):
        # The plan was made shorter meanwhile.
        return state.entered
    one = chain[state.step]
    times = [NEVER]
    if state.step + 1 < len(chain):
        times.append(state.began + chain[state.step + 1].after)
    if state.follow_ups < one.follow_ups or state.step + 1 == len(chain):
        times.append(state.entered + one.every * (state.follow_ups + 1))
    return min(times)


def _begin(state: State, place: int, now: float, around: Around, effects: list[Effect]) -> State:
    began = now - around.chain[place].after
    state = replace(state, chain="running", round=state.round + 1, step=-1, began=began)
    return _enter(state, place, now, around, effects)


def _enter(state: State, place: int, now: float, around: Around, effects: list[Effect]) -> State:
    """Begin a step, or the next one that reaches anybody."""
    chain = around.chain
    for number in range(place, len(chain)):
        one = chain[number]
        found = around.reach(one, now)
        # Where it comes late, what follows keeps its distance.
        state = replace(
            state,
            step=number,
            entered=now,
            follow_ups=0,
            began=max(state.began, now - one.after),
        )
        if found.ways:
            return _called(state, one, found, effects)
        effects.append(Note("nobody", {"name": one.name, "why": found.why}))
        if number + 1 < len(chain):
            state = replace(state, began=now - chain[number + 1].after)
    return _spent(state, now, around, effects, reached=place > 0)


def _follow_up(state: State, now: float, around: Around, effects: list[Effect]) -> State:
    one = around.chain[state.step]
    found = around.reach(one, now)
    number = state.follow_ups + 1
    # Where it comes late, the next one keeps its distance.
    entered = max(state.entered, now - one.every * number)
    state = replace(state, follow_ups=number, entered=entered)
    return _called(state, one, found, effects) if found.ways else state


def _called(state: State, one: Step, found: Reached, effects: list[Effect]) -> State:
    if not state.follow_ups:
        people = list(dict.fromkeys(way.name for way in found.ways))
        effects.append(Note("step", {"name": one.name, "people": people, "round": state.round}))
    called = dict.fromkeys(state.called)
    for way in found.ways:
        called[way.person, way.contact] = None
        effects.append(
            Call(
                state.round,
                state.step,
                one.name,
                state.follow_ups,
                way.person,
                way.contact,
                way.name,
                way.channel,
            )
        )
    return replace(state, called=tuple(called))


def _spent(
    state: State, now: float, around: Around, effects: list[Effect], reached: bool = True
) -> State:
    """Nobody has answered. reached: whether anybody was called."""
    repeat = around.plan.repeat
    if repeat and reached and around.kind != "noise":
        repeat = FAULT_REPEAT
    until = now + repeat if repeat else NEVER
    effects.append(Note("spent", {"again": until if repeat else None}))
    return replace(state, chain="spent", until=until)


def _at_rest(state: State) -> State:
    """Of one that is over: who is called next is called anew."""
    return replace(
        state,
        above=False,
        chain="waiting",
        wanted=False,
        held=False,
        away=False,
        step=-1,
        follow_ups=0,
        until=0.0,
        called=(),
    )


def _all_clear(state: State, why: str) -> list[Effect]:
    return [AllClear(state.round, person, contact, why) for person, contact in state.called]


def _calm(state: State, around: Around) -> float:
    """For how long it must be calm, s: longer each time it came again."""
    if around.kind == "sudden":
        return SUDDEN_CALM
    if around.kind != "noise":
        return 0.0
    if not state.reopened:
        return around.plan.calm
    again = max(around.plan.calm, _CALM_AGAIN) * 2 ** min(state.reopened - 1, 10)
    return min(again, max(LONGEST_CALM, around.plan.calm))


def _jumped(state: State, by: float) -> State:
    return replace(
        state,
        since=state.since + by,
        began=state.began + by,
        entered=state.entered + by,
        until=state.until + by,
    )
