"""The store in files, and on a server."""

from pathlib import Path

import pytest

from noisetamer.base.database import place


@pytest.fixture
def on_server(tmp_path: Path, postgres_url: str) -> Path:
    """A hub's folder with nothing in it yet, whose stores are on a server."""
    place.put_url(tmp_path, postgres_url)
    return tmp_path


@pytest.fixture(params=["files", pytest.param("server", marks=pytest.mark.service)])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A hub's, with nothing in it yet."""
    if request.param == "server":
        return request.getfixturevalue("on_server")
    return tmp_path
