"""The state machine: what it never does, whatever comes in whatever order."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from noisetamer.hub.incidents import escalation
from noisetamer.hub.incidents.escalation import (
    Above,
    Acknowledged,
    AllClear,
    Around,
    Below,
    Call,
    Closed,
    Effect,
    Event,
    Failed,
    HandOver,
    Jumped,
    Note,
    State,
    Tick,
    wake,
)
from noisetamer.hub.incidents.plan import SHIPPED, Plan, Step, read
from noisetamer.hub.incidents.roster import Reachable, Reached

PLANS = (
    read(SHIPPED),
    read({**SHIPPED, "begins": "red", "calm": 0, "repeat": 60}),
    read({"step": [{"who": ["property"], "follow_ups": 3, "every": 30}], "repeat": 0}),
)
PEOPLE = {
    name: Reachable(n, name, name, None, 10 * n + way, "ntfy")
    for n, name in enumerate(("leader", "property", "officer", "station"), 1)
    for way in (1,)
}


def reach_all(step: Step, at: float) -> Reached:
    ways = tuple(PEOPLE[name] for name in (step.name,) if name in PEOPLE)
    return Reached(ways, "" if ways else "none")


def calls(effects: Sequence[Effect]) -> list[Call]:
    return [effect for effect in effects if isinstance(effect, Call)]


class Chains(RuleBasedStateMachine):
    """One state by the hub's clock, which may be put on and back, and its twin by one that never
    is; now and then the first is written down and read again."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.twin_now = 1_795_431_600.0
        self.state = self.twin = State()
        self.kind = "noise"
        self.silenced = 0.0
        self.absent: frozenset[str] = frozenset()
        self.keys: set[tuple[int, int, int, int]] = set()
        self.called: set[tuple[int, int]] = set()
        self.last = (0, -1)

    def reach(self, step: Step, at: float) -> Reached:
        found = reach_all(step, at)
        return Reached((), "hours") if step.name in self.absent else found

    def around(self, now: float) -> Around:
        silenced = now + self.silenced - self.twin_now
        return Around(self.plan, self.kind, self.reach, silenced)

    def do(self, event: Event, twin: Event | None = None) -> list[Effect]:
        before = self.state
        around = self.around(self.now)
        self.state, effects = escalation.step(before, event, self.now, around)
        self.twin, others = escalation.step(
            self.twin, twin or event, self.twin_now, self.around(self.twin_now)
        )
        assert [one for one in effects if not isinstance(one, Note)] == [
            one for one in others if not isinstance(one, Note)
        ]
        self.look(before, effects)
        return effects

    def look(self, before: State, effects: list[Effect]) -> None:
        found = calls(effects)
        if found:
            assert self.state.state == "open"
            assert self.state.above and not self.state.held and self.state.wanted
            assert self.twin_now >= self.silenced
            # One step is under way, and it is the one that calls.
            assert {(one.round, one.step, one.number) for one in found} == {
                (self.state.round, self.state.step, self.state.follow_ups)
            }
            assert (found[0].round, found[0].step) >= self.last
            self.last = found[0].round, found[0].step
        for one in found:
            key = one.round, one.step, one.number, one.contact
            assert key not in self.keys
            self.keys.add(key)
            self.called.add((one.person, one.contact))
        clear = [(one.person, one.contact) for one in effects if isinstance(one, AllClear)]
        over = before.state != self.state.state and self.state.state in ("resolved", "closed")
        if over:
            assert sorted(clear) == sorted(self.called)
            self.called = set()
        else:
            assert not clear
        assert found or wake(self.state, self.around(self.now)) > self.now

    @initialize(plan=st.sampled_from(PLANS), kind=st.sampled_from(("noise", "silent", "sudden")))
    def begin(self, plan: Plan, kind: str) -> None:
        self.plan = plan
        self.kind = kind
        self.do(Above())

    @rule(seconds=st.integers(0, 2000))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.twin_now += seconds
        self.do(Tick())

    @rule()
    def wait_for_what_is_due(self) -> None:
        due = wake(self.state, self.around(self.now))
        if due < self.now + 1e6:
            self.twin_now += due - self.now
            self.now = due
            self.do(Tick())

    @rule(by=st.sampled_from((-1e6, -3600.0, -1.0, 5.0, 3600.0, 1e7)))
    def clock_is_put_on(self, by: float) -> None:
        self.now += by
        self.do(Jumped(by), Tick())

    @rule(late=st.booleans())
    def above(self, late: bool) -> None:
        self.do(Above(late))

    @rule()
    def below(self) -> None:
        self.do(Below())

    @rule(to=st.sampled_from(("leader", "property", "police")))
    def hand_over(self, to: str) -> None:
        self.do(HandOver(to))

    @rule(after=st.none() | st.integers(1, 5000))
    def acknowledge(self, after: int | None) -> None:
        was = self.state.living
        until = None if after is None else self.now + after
        twin = None if after is None else self.twin_now + after
        assert not calls(self.do(Acknowledged(until), Acknowledged(twin)))
        assert self.state.state == "acknowledged" or not was or not self.state.above

    @rule(seconds=st.integers(0, 3000))
    def silence(self, seconds: int) -> None:
        self.silenced = self.twin_now + seconds
        self.do(Tick())

    @rule(who=st.sets(st.sampled_from(sorted(PEOPLE))))
    def go_home(self, who: set[str]) -> None:
        self.absent = frozenset(who)

    @rule(plan=st.sampled_from(PLANS))
    def plan_is_changed(self, plan: Plan) -> None:
        self.plan = plan
        self.last = self.state.round, -1
        self.do(Tick())

    @rule()
    def fail(self) -> None:
        self.do(Failed(self.state.round, self.state.step))

    @rule()
    @precondition(lambda self: self.state.state != "closed")
    def close(self) -> None:
        self.do(Closed())
        assert self.state.state == "closed"

    @rule()
    @precondition(lambda self: self.state.state == "closed")
    def another_incident(self) -> None:
        self.state, self.twin = State(), State()
        self.keys, self.called, self.last = set(), set(), (0, -1)
        self.do(Above())

    @rule()
    def restart(self) -> None:
        written = json.dumps(escalation.to_fields(self.state))
        assert escalation.from_fields(json.loads(written)) == self.state
        self.state = escalation.from_fields(json.loads(written))

    @invariant()
    def is_one_of_its_states(self) -> None:
        assert self.state.step < 4
        assert (self.state.chain == "stopped") <= (self.state.state == "acknowledged")


TestChains = Chains.TestCase
TestChains.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def run(state: State, around: Around, now: float, until: float) -> tuple[State, list[Any]]:
    """Woken only when it wants to be; [(when, name of the step, number)]."""
    heard = []
    while (due := wake(state, around)) <= until:
        now = max(now, due)
        state, effects = escalation.step(state, Tick(), now, around)
        heard += [(now, one.name, one.number) for one in calls(effects)]
    return state, heard


def begun(around: Around, now: float = 0.0) -> State:
    state, _ = escalation.step(State(), Above(), now, around)
    state, effects = escalation.step(state, HandOver("leader"), now, around)
    assert [one.name for one in calls(effects)] == ["leader"]
    return state


SHIPPED_AROUND = Around(read(SHIPPED), "noise", reach_all)


def test_the_shipped_plan_calls_one_after_the_other_and_begins_anew():
    _, heard = run(begun(SHIPPED_AROUND), SHIPPED_AROUND, 0.0, 3700.0)
    assert heard[:8] == [
        (60.0, "property", 0),
        (120.0, "property", 1),
        (180.0, "officer", 0),
        (300.0, "officer", 1),
        (420.0, "officer", 2),
        (600.0, "station", 0),
        (900.0, "station", 1),
        (1200.0, "station", 2),
    ]
    assert heard[8:] == [(1500.0, "station", 3), (3600.0, "leader", 0), (3660.0, "property", 0)]


def test_the_boxs_call_for_the_police_is_not_kept_waiting():
    state = begun(SHIPPED_AROUND)
    state, effects = escalation.step(state, HandOver("property"), 60.0, SHIPPED_AROUND)
    assert [(one.name, one.number) for one in calls(effects)] == [("property", 0)]
    state, effects = escalation.step(state, HandOver("police"), 120.0, SHIPPED_AROUND)
    assert [(one.name, one.number) for one in calls(effects)] == [("officer", 0)]
    _, heard = run(state, SHIPPED_AROUND, 120.0, 700.0)
    assert [one for one in heard if one[1] == "station"] == [(600.0, "station", 0)]


@pytest.mark.parametrize("leap", [3600.0, 1e7])
def test_a_leap_of_the_time_brings_one_step_and_the_others_keep_their_distance(leap: float):
    state = begun(SHIPPED_AROUND)
    state, effects = escalation.step(state, Tick(), leap, SHIPPED_AROUND)
    assert [one.name for one in calls(effects)] == ["property"]
    _, heard = run(state, SHIPPED_AROUND, leap, leap + 121.0)
    assert heard == [(leap + 60.0, "property", 1), (leap + 120.0, "officer", 0)]


def test_a_plan_made_shorter_meanwhile_ends_where_it_is():
    state, _ = run(begun(SHIPPED_AROUND), SHIPPED_AROUND, 0.0, 700.0)
    assert state.step == 3
    short = replace(SHIPPED_AROUND, plan=PLANS[2])
    state, heard = run(state, short, 700.0, 5000.0)
    assert (state.chain, heard) == ("spent", [])
