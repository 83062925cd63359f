"""What stands in for network, clock and flash behaves as badly as they do."""

import pytest
import unix_port

pytestmark = pytest.mark.device

MANNERS = "network_manners"


@pytest.mark.parametrize("name", unix_port.tests_of(MANNERS))
def test_the_simulated_network(name: str):
    unix_port.run_test(MANNERS, name)
