import os
from pathlib import Path

import pytest
from shared_runs import Runs

RECORDINGS = Path(__file__).parents[3] / "shared" / "audio"


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder /= "runs"
    folder.mkdir(exist_ok=True)
    return Runs(folder)


@pytest.fixture
def recordings() -> Path:
    """The recordings that come with the project's papers, not with the repository."""
    if not (RECORDINGS / "expected.csv").exists():
        pytest.skip("the recordings (shared/audio) are not here")
    return RECORDINGS
