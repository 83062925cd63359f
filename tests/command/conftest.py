from collections.abc import Iterator
from pathlib import Path

import pytest
from shared_runs import Runs

RECORDINGS = Path(__file__).parents[3] / "shared" / "audio"


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    shared = Runs(tmp_path_factory.mktemp("runs"))
    yield shared
    shared.end()


@pytest.fixture
def recordings() -> Path:
    """The recordings that come with the project's papers, not with the repository."""
    if not (RECORDINGS / "expected.csv").exists():
        pytest.skip("the recordings (shared/audio) are not here")
    return RECORDINGS
