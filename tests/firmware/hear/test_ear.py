"""One microphone, in the box's own Python."""

import pytest
import unix_port

pytestmark = pytest.mark.device


@pytest.mark.parametrize("test", unix_port.tests_of("ear_without_memory"))
def test_without_memory_it_measures_on(test: str):
    unix_port.run_test("ear_without_memory", test)
