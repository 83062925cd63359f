"""Records on flash: kept until acknowledged, whatever happens to the power."""

import pytest
import unix_port

pytestmark = pytest.mark.device


@pytest.mark.parametrize("promise", unix_port.tests_of("journal_on_flash"))
def test_on_littlefs(promise: str):
    unix_port.run_test("journal_on_flash", promise)
