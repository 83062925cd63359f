"""The cameras' pages at a running hub: what is set, tried, looked at, and who may."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from hub_process import HubProcess, until
from scripted_unit import START, Box, stage
from snapshot_camera import PASSWORD, USER, SnapshotCamera, snapshot_camera

from noisetamer.hub.people.people import People

pytestmark = pytest.mark.service

FORM = {"on": "true", "user": USER, "password": PASSWORD, "blur": "none", "keep_days": "7"}


@pytest.fixture(scope="module")
def snapshots() -> Iterator[SnapshotCamera]:
    with snapshot_camera() as camera:
        yield camera


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    process = HubProcess(
        tmp_path_factory.mktemp("hub"),
        "--enrol",
        "SIM-0001=东门广场",
        "--enrol",
        "SIM-0002=和平路/3号",
    )
    yield process
    process.stop()


def audited(hub: HubProcess, what: str) -> list[dict[str, object]]:
    with closing(People(hub.data / "people.sqlite")) as people:
        return [
            {"by": one.by, "target": one.target, **one.detail}
            for one in people.log.entries(what=what)
        ]


def test_a_camera_is_set_tried_and_its_picture_of_an_incident_seen_by_whoever_may(
    hub: HubProcess, snapshots: SnapshotCamera
):
    address = "/cameras/东门广场"
    with hub.client() as admin:
        assert "关闭" in admin.get("/cameras").text
        form = {**FORM, "snapshot": snapshots.address("snap.jpg")}
        assert admin.post(address, data=form).status_code == 303
        page = admin.get(address, params={"lang": "en"}).text
        assert USER in page and snapshots.address("snap.jpg") in page
        assert "s3cret" not in page

        trials: list[str] = []

        def on_trial() -> dict[str, str] | None:
            """What came of it; a camera may be late on a machine that stood still."""
            trials.append("by the administrator")
            told = admin.post(f"{address}/try").json()
            return told if told["picture"] else None

        tried = until(on_trial, "a picture on trial")
        assert tried["detail"].startswith("Taken from its snapshot, 640 × 360")
        assert admin.get(tried["picture"]).content[:2] == b"\xff\xd8"
        with hub.client("property") as other:
            assert other.get(tried["picture"]).status_code == 404
            assert other.get(address).status_code == 403
        with hub.client("operator") as other:  # sets cameras, and sees no pictures
            trials.append("by the operator")
            told = other.post(f"{address}/try").json()
            assert told["detail"] and not told["picture"]

    box = Box(hub.unit())
    with box.mqtt:
        box.record(stage(1, START, "green", "red"))
        box.wait_ack(1)
        with hub.client("officer") as officer:
            found = until(lambda: _first(officer), "the picture of the incident")
            assert found.headers["content-type"] == "image/jpeg"
            assert officer.get("/pictures/1.jpg").content == found.content
            assert officer.get("/pictures/2.jpg").status_code == 404
        with hub.client("operator") as operator:
            assert " taken</td>" in operator.get("/cameras", params={"lang": "en"}).text
        with hub.client("viewer") as viewer:
            assert viewer.get("/pictures/1.jpg").status_code == 403
        with hub.client("property", squares=["西门广场"]) as elsewhere:
            assert elsewhere.get("/pictures/1.jpg").status_code == 403
    (seen,) = audited(hub, "picture_seen")  # once, though it was asked for twice
    assert (seen["by"], seen["moment"]) == ("a officer", "start")
    results = [one["result"] for one in audited(hub, "camera_tried")]
    assert len(results) == len(trials) and "taken" in results
    kept = b"".join(
        file.read_bytes() for file in hub.data.glob("*.sqlite*") if "pictures" not in file.name
    )
    assert PASSWORD.encode() not in kept


def _first(client: httpx.Client) -> httpx.Response | None:
    found = client.get("/pictures/1.jpg")
    return found if found.status_code == 200 else None


def test_what_cannot_be_set_is_said_beside_what_was_typed(hub: HubProcess):
    with hub.client() as admin:
        form = {**FORM, "snapshot": "http://admin:hunter2@192.168.1.9/x"}
        answer = admin.post("/cameras/东门广场", data=form)
        assert answer.status_code == 422
        assert "fields of their own" in answer.text
        assert admin.get("/cameras/没有的广场").status_code == 404
        assert (
            admin.post("/cameras/和平路/3号/try").json()["detail"]
            == "没有照片：没有填写摄像头地址"
        )
        assert admin.post("/cameras/没有的广场", data=FORM).status_code == 404


def test_a_kept_password_is_not_sent_to_another_address(
    hub: HubProcess, snapshots: SnapshotCamera
):
    with hub.client() as admin:
        form = {**FORM, "snapshot": snapshots.address("snap.jpg")}
        assert admin.post("/cameras/东门广场", data=form).status_code == 303
        form = {**form, "password": "", "keep_days": "9"}
        assert admin.post("/cameras/东门广场", data=form).status_code == 303
        form["snapshot"] = "http://somebody.else/snap.jpg"
        answer = admin.post("/cameras/东门广场", data=form)
        assert answer.status_code == 422
        assert re.search("Give the password", answer.text)


def test_no_password_is_in_any_log_or_page(hub: HubProcess, tmp_path: Path):
    assert not any("s3cret" in line for line in hub.lines)
    for file in hub.data.rglob("*.log"):
        assert b"s3cret" not in file.read_bytes()
