from collections.abc import Iterator

import pytest
from hub_process import HubProcess


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A running hub that knows SIM-0001."""
    process = HubProcess(tmp_path_factory.mktemp("hub"), "--enrol", "SIM-0001")
    yield process
    process.stop()
