"""Where orders arrive, in the box's own Python."""

import pytest
import unix_port

pytestmark = pytest.mark.device


@pytest.mark.parametrize("test", unix_port.tests_of("orders_arrive"))
def test_where_orders_arrive(test: str):
    unix_port.run_test("orders_arrive", test)
