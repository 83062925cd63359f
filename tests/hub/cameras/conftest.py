import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from snapshot_camera import SnapshotCamera, snapshot_camera

from noisetamer.hub.bus import authority
from noisetamer.hub.bus.authority import Certificates


@pytest.fixture
def snapshots() -> Iterator[SnapshotCamera]:
    with snapshot_camera() as camera:
        yield camera


@pytest.fixture
def own_certificate(tmp_path: Path) -> Certificates:
    """Of an authority that no computer knows."""
    now = datetime.datetime.now(datetime.UTC)
    return authority.certificates(tmp_path / "certificates", ["127.0.0.1"], now)
