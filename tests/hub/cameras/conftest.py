import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from snapshot_camera import SnapshotCamera, snapshot_camera
from waiting import DEADLINE

from noisetamer.hub.bus import authority
from noisetamer.hub.bus.authority import Certificates
from noisetamer.hub.cameras import blur, snapshot, stream


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers is waited for on any machine, where a test does not say how long."""
    for module in (blur, snapshot):
        monkeypatch.setattr(module, "SECONDS", DEADLINE)
    for ask in (snapshot.ask, stream.frame):
        assert ask.__defaults__
        monkeypatch.setattr(ask, "__defaults__", (*ask.__defaults__[:-1], DEADLINE))


@pytest.fixture
def snapshots() -> Iterator[SnapshotCamera]:
    with snapshot_camera() as camera:
        yield camera


@pytest.fixture
def own_certificate(tmp_path: Path) -> Certificates:
    """Of an authority that no computer knows."""
    now = datetime.datetime.now(datetime.UTC)
    return authority.certificates(tmp_path / "certificates", ["127.0.0.1"], now)
