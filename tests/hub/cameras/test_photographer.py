import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from snapshot_camera import PASSWORD, USER, SnapshotCamera
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.hub.cameras import photographer
from noisetamer.hub.cameras.album import Album, Asked
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.photographer import LATE_SECONDS, Photographer
from noisetamer.hub.cameras.settings import Camera
from noisetamer.hub.cameras.take import Shot, Taken, Why, developed, shoot

NOW = 1_795_000_000.0
FIRST = Asked("incident-7-start", 7, "东门广场", "start", NOW)


class Incidents:
    """What asks for pictures: until it is told that they are done."""

    def __init__(self, *wanted: Asked) -> None:
        self.wanted = {one.key: one for one in wanted}
        self.told: list[tuple[str, str, str]] = []

    def asked(self, now: float) -> list[Asked]:
        return [one for one in self.wanted.values() if one.due <= now]

    def done(self, key: str, result: str, detail: str, at: float) -> None:
        self.told.append((key, result, detail))
        del self.wanted[key]


class Stand:
    def __init__(self, folder: Path, snapshots: SnapshotCamera, *wanted: Asked) -> None:
        self.album = Album(folder)
        self.album.logins.put("东门广场", Login(USER, PASSWORD))
        self.camera = Camera(on=True, snapshot=snapshots.address("snap.jpg"), keep_days=3)
        self.incidents = Incidents(*wanted)
        self.now = NOW
        self.settings = {"东门广场": self.camera.body}

    def run(self) -> None:
        """A hub from its start until nothing is wanted any more."""
        photographer = Photographer(
            self.album,
            self.settings.get,
            self.incidents.asked,
            self.incidents.done,
            clock=lambda: self.now,
        )

        async def some() -> None:
            running = asyncio.create_task(photographer.run())
            async with asyncio.timeout(DEADLINE):
                while self.incidents.wanted and not running.done():
                    photographer.wake()
                    await asyncio.sleep(0.01)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        asyncio.run(some())


@pytest.fixture
def stand(tmp_path: Path, snapshots: SnapshotCamera) -> Stand:
    return Stand(tmp_path, snapshots, FIRST)


def test_what_an_incident_asks_for_is_taken_and_told(stand: Stand, snapshots: SnapshotCamera):
    stage = replace(FIRST, key="incident-7-red", moment="red")
    stand.incidents.wanted[stage.key] = stage
    stand.run()
    kept = stand.album.of_incident(7)
    assert [(one.moment, one.there, one.keep_days) for one in kept] == [
        ("start", True, 3),
        ("red", True, 3),
    ]
    assert {result for _, result, _ in stand.incidents.told} == {"delivered"}


def test_killed_between_taking_and_telling_it_takes_no_second_picture(
    stand: Stand, snapshots: SnapshotCamera
):
    stand.run()
    before = len(snapshots.asked)
    stand.incidents.wanted[FIRST.key] = FIRST
    stand.run()
    assert len(snapshots.asked) == before
    assert [result for _, result, _ in stand.incidents.told] == ["delivered", "delivered"]
    assert len(stand.album.of_incident(7)) == 1


def test_a_square_without_a_camera_keeps_nothing_and_asks_nobody(
    stand: Stand, snapshots: SnapshotCamera
):
    stand.settings["东门广场"] = replace(stand.camera, on=False).body
    stand.run()
    assert stand.incidents.told == [(FIRST.key, "refused", "off")]
    assert stand.album.of_incident(7) == []
    assert snapshots.asked == []


def test_a_moment_that_is_over_is_told_and_not_taken_later(
    stand: Stand, snapshots: SnapshotCamera
):
    stand.now = NOW + LATE_SECONDS + 1
    stand.run()
    (kept,) = stand.album.of_incident(7)
    assert kept.why == (Why("", "late", "31"),)
    assert snapshots.asked == []


def test_a_picture_that_finds_no_room_is_told(stand: Stand, monkeypatch: pytest.MonkeyPatch):
    def full(_: bytes) -> str:
        raise UserError("The disk is full.")

    monkeypatch.setattr(stand.album, "_write", full)
    stand.run()
    (kept,) = stand.album.of_incident(7)
    assert kept.why == (Why("snapshot", "disk"),)
    assert stand.incidents.told == [(FIRST.key, "refused", "disk")]


def test_the_blur_of_a_square_is_done_before_anything_is_kept(stand: Stand, tmp_path: Path):
    stand.settings["东门广场"] = replace(stand.camera, blur="all").body
    stand.run()
    (kept,) = stand.album.of_incident(7)
    assert kept.blur == "all"
    assert len(list((tmp_path / "pictures").glob("*/*"))) == 1


def test_a_camera_is_asked_while_faces_are_looked_for_in_its_last_picture(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
):
    shots: list[Shot] = []
    both = asyncio.Event()

    async def counted(*args: Any) -> Shot:
        shots.append(await shoot(*args))
        if len(shots) == 2:
            both.set()
        return shots[-1]

    async def slow(shot: Shot, blur: str) -> Taken:
        await both.wait()
        return await developed(shot, blur)

    monkeypatch.setattr(photographer, "shoot", counted)
    monkeypatch.setattr(photographer, "developed", slow)
    stage = replace(FIRST, key="incident-7-red", moment="red")
    stand.incidents.wanted[stage.key] = stage
    stand.run()
    assert [(key, result) for key, result, _ in stand.incidents.told] == [
        (FIRST.key, "delivered"),
        (stage.key, "delivered"),
    ]
