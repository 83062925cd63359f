"""Names and the time are asked for without blocking, in the simulated network."""

import pytest
import unix_port

pytestmark = pytest.mark.device

ASKS = "asks_servers"


@pytest.mark.parametrize("name", unix_port.tests_of(ASKS))
def test_in_the_simulated_network(name: str):
    unix_port.run_test(ASKS, name)
