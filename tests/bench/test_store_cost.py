"""A record in the hub's store costs at most a quarter of what it did with the hub's own hours."""

import pytest
from store_cost import measured

pytestmark = pytest.mark.bench


def test_a_record_costs_at_most_a_quarter():
    before, after = measured(units=8, commits=180, rounds=2)
    assert after <= before / 4
