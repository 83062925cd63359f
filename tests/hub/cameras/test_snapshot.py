import asyncio
import socket

import pytest
from peers import over_tls, server
from snapshot_camera import PASSWORD, USER, SnapshotCamera

from noisetamer.hub.bus.authority import Certificates
from noisetamer.hub.cameras import snapshot
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.no_picture import NoPictureError
from noisetamer.hub.cameras.settings import Camera
from noisetamer.hub.cameras.take import Taken, Why, take

LOGIN = Login(USER, PASSWORD)


def of(
    snapshots: SnapshotCamera, path: str, login: Login | None = LOGIN, in_clear: bool = False
) -> Taken:
    camera = Camera(snapshot=snapshots.address(path), in_clear=in_clear)
    return asyncio.run(take(camera, login))


def test_a_picture_comes_by_digest_and_no_password_goes_out(snapshots: SnapshotCamera):
    snapshots.behind = 40.0
    taken = of(snapshots, "snap.jpg")
    assert taken.picture and (taken.picture.width, taken.picture.height) == (640, 360)
    assert taken.way == "snapshot" and not taken.why
    assert taken.clock_error is not None and -42 < taken.clock_error < -39
    assert len(snapshots.asked) == 2
    assert not any(PASSWORD in said for _, said in snapshots.asked)


FAULTS = {
    "broken": Why("snapshot", "status", "500"),
    "elsewhere": Why("snapshot", "elsewhere"),
    "half": Why("snapshot", "cut_off"),
    "truncated": Why("snapshot", "cut_off"),
    "nothing": Why("snapshot", "cut_off"),
    "html": Why("snapshot", "web_page"),
    "noise": Why("snapshot", "unreadable"),
    "bomb": Why("snapshot", "too_many_pixels", "9000 × 9000"),
    "larger-bomb": Why("snapshot", "too_many_pixels"),
    "dot": Why("snapshot", "too_small", "8 × 8"),
    "huge": Why("snapshot", "too_big", "12"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_camera_is_told_by_its_own_reason(snapshots: SnapshotCamera, fault: str):
    taken = of(snapshots, fault)
    assert taken.picture is None
    assert taken.why == (FAULTS[fault],)


def test_a_wrong_login_and_none_are_told(snapshots: SnapshotCamera):
    for login in (Login(USER, "wrong"), None):
        assert of(snapshots, "snap.jpg", login).why == (Why("snapshot", "login"),)


def test_a_camera_that_wants_the_password_in_clear_gets_it_only_where_that_was_allowed(
    snapshots: SnapshotCamera,
):
    assert of(snapshots, "basic").why == (Why("snapshot", "in_clear"),)
    assert [said for _, said in snapshots.asked] == [""]
    of(snapshots, "basic", in_clear=True)
    assert snapshots.asked[-1][1].startswith("Basic ")


def test_a_camera_that_sends_elsewhere_is_not_followed(snapshots: SnapshotCamera):
    of(snapshots, "elsewhere")
    assert [path for path, _ in snapshots.asked] == ["/elsewhere"]


def test_a_camera_that_takes_its_time_is_not_waited_for(snapshots: SnapshotCamera):
    camera = Camera(snapshot=snapshots.address("slow"))
    with pytest.raises(NoPictureError) as found:
        asyncio.run(snapshot.ask(camera, LOGIN, seconds=0.3))
    assert (found.value.reason, found.value.detail) == ("time_out", "0.3")


def test_nobody_there_is_told():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        taken = asyncio.run(take(Camera(snapshot=address), LOGIN))
    assert taken.why == (Why("snapshot", "unreachable"),)


def test_a_strange_challenge_is_a_login_that_fails():
    def strange(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(
            b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="y",'
            b' algorithm=SHA-3, qop="auth-int"\r\nContent-Length: 0\r\n\r\n'
        )

    with server(strange) as port:
        taken = asyncio.run(take(Camera(snapshot=f"http://127.0.0.1:{port}/"), LOGIN))
    assert taken.why == (Why("snapshot", "login"),)


def test_a_certificate_that_nobody_vouches_for_is_told_and_taken_where_allowed(
    own_certificate: Certificates,
):
    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")

    with server(over_tls(own_certificate, answer)) as port:
        address = f"https://127.0.0.1:{port}/"
        taken = asyncio.run(take(Camera(snapshot=address), LOGIN))
        assert taken.why == (Why("snapshot", "certificate"),)
        taken = asyncio.run(take(Camera(snapshot=address, any_certificate=True), LOGIN))
        assert taken.why == (Why("snapshot", "status", "404"),)
