"""Wi-Fi that is late, away, or does not let it in; a driver that goes on by itself."""

import pytest
import unix_port

pytestmark = pytest.mark.device

JOINS = "joins_wifi"


@pytest.mark.parametrize("name", unix_port.tests_of(JOINS))
def test_in_the_simulated_network(name: str):
    unix_port.run_test(JOINS, name)
