"""What is true of every ruling, whatever the policy."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from some_policies import EVENING, WEEK, tables

from noisetamer.unit.policy.show import rulings
from tamer.judge import policy, schema
from tamer.judge.rules import ruling
from tamer.judge.strictest import strictest

few = settings(max_examples=40)
moments = st.integers(EVENING - WEEK, EVENING + WEEK)


@few
@given(tables, moments, st.randoms())
def test_a_ruling_is_the_same_all_the_time_it_says_it_holds(table, t, random):
    rules = policy.read(table)
    held = ruling(rules, t)
    assert held.since <= t < held.until
    for _ in range(8):
        assert ruling(rules, random.randrange(held.since, held.until)) == held
    assert ruling(rules, held.since) == held == ruling(rules, held.until - 1)


@few
@given(tables, moments)
def test_rulings_follow_each_other_without_a_hole(table, t):
    rules = policy.read(table)
    held = ruling(rules, t)
    assert ruling(rules, held.until).since == held.until
    assert ruling(rules, held.since - 1).until == held.since


@few
@given(tables)
def test_a_shown_week_is_whole(table):
    rules = policy.read(table)
    shown = list(rulings(rules, EVENING, EVENING + WEEK))
    assert (shown[0].since, shown[-1].until) == (EVENING, EVENING + WEEK)
    for before, after in pairwise(shown):
        assert before.until == after.since
        assert before[:-2] != after[:-2]


@few
@given(tables, moments)
def test_a_quiet_day_is_never_louder_than_the_general_limit(table, t):
    rules = policy.read(table)
    without_venues = policy.read({**table, "venue": [], "quiet": []})
    if ruling(rules, t).why.startswith("quiet day"):
        assert ruling(rules, t).limit <= ruling(without_venues, t).limit


@few
@given(tables)
def test_without_the_time_it_is_as_strict_as_at_the_strictest_moment_and_no_stricter(table):
    rules = policy.read(table)
    strict = strictest(rules)
    ever = list(rulings(rules, EVENING - 2 * WEEK, EVENING + 4 * WEEK))
    assert strict.limit == min(each.limit for each in ever)
    suddens = [each.sudden for each in ever if each.sudden is not None]
    assert strict.sudden == min(suddens, default=None)
    assert strict.volume == min(each.volume for each in ever)
    assert strict.dim == min(each.dim for each in ever)
    assert (strict.speak, strict.lamp) == (
        any(each.speak for each in ever),
        any(each.lamp for each in ever),
    )
    assert (strict.night, strict.learn, strict.since) == (True, False, 0)
    assert strict.why.startswith("time unknown, strictest: ")


@few
@given(tables)
def test_the_hash_does_not_depend_on_the_order_of_the_keys(table: dict[str, Any]):
    turned = dict(reversed(list(table.items())))
    assert policy.hash_of(turned) == policy.hash_of(table) == policy.read(table).hash


@few
@given(tables)
def test_what_is_hashed_is_json(table: dict[str, Any]):
    done, _ = schema.complete(table)
    text = policy.canonical(done)
    assert text == json.dumps(done, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=4), inside),
    max_leaves=4,
)


def _keys(keys: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Right keys, odd values."""
    values = {}
    for key, entry in keys.items():
        if isinstance(entry, dict):
            values[key] = _keys(entry) | junk
        elif isinstance(entry, list):
            values[key] = st.lists(_keys(entry[0]), max_size=2) | junk
        else:
            values[key] = junk
    return st.fixed_dictionaries({}, optional=values)


@few
@given(_keys(schema.KEYS) | junk)
def test_no_value_is_so_odd_that_it_is_not_refused_with_a_sentence(table):
    try:
        policy.read(table)
    except ValueError as why:
        key, sentence = str(why).split(": ", 1)
        assert key
        assert sentence
