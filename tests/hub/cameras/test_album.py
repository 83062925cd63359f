import hashlib
import sqlite3
import stat
from pathlib import Path

import pytest
from snapshot_camera import jpeg

from noisetamer.base.errors import UserError
from noisetamer.hub.cameras.album import DAY, Album, Asked
from noisetamer.hub.cameras.decode import decode, encode
from noisetamer.hub.cameras.logins import Login
from noisetamer.hub.cameras.take import Taken, Why

AT = 1_795_000_000.0
PICTURE = encode(decode(jpeg()))


def asked(number: int = 1, square: str = "东门广场") -> Asked:
    return Asked(f"key-{number}", 7, square, "start", AT)


def taken(at: float = AT, **other: object) -> Taken:
    return Taken(at, PICTURE, "snapshot", -2.0, (), **other)  # type: ignore[arg-type]


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album(tmp_path)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "pictures").glob("*/*"))


def test_a_picture_is_a_file_that_is_written_once_under_the_name_of_what_it_holds(
    album: Album, tmp_path: Path
):
    kept = album.keep(asked(), taken(), "none", 30)
    (file,) = files(tmp_path)
    assert file.stem == kept.sha256 == hashlib.sha256(PICTURE.jpeg).hexdigest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o444
    assert album.read(kept) == PICTURE.jpeg
    assert (kept.width, kept.height, kept.clock_error) == (640, 360, -2.0)
    assert stat.S_IMODE((tmp_path / "pictures.sqlite").stat().st_mode) == 0o600


def test_asked_twice_it_is_kept_once(album: Album):
    first = album.keep(asked(), taken(), "none", 30)
    again = album.keep(asked(), Taken(AT + 5, None, "", None, (Why("", "late"),)), "none", 30)
    assert again == first
    assert album.of_incident(7) == [first]


def test_no_picture_because_is_kept_with_every_reason(album: Album):
    why = (Why("snapshot", "status", "500"), Why("stream", "no_ffmpeg"))
    kept = album.keep(asked(), Taken(AT, None, "", None, why), "none", 30)
    assert kept.why == why
    assert not kept.there
    assert album.read(kept) is None


def test_a_picture_is_deleted_when_its_days_are_over_and_its_row_says_so(
    album: Album, tmp_path: Path
):
    old = album.keep(asked(1), taken(), "none", 2)
    new = album.keep(asked(2), taken(AT + DAY), "none", 2)
    assert album.delete_old(AT + 2 * DAY - 1, lambda _: None) == []
    assert album.delete_old(AT + 2 * DAY, lambda _: None) == [old]
    gone = album.one(old.id)
    assert gone and (gone.deleted, gone.deleted_why, gone.sha256) == (
        AT + 2 * DAY,
        "time",
        old.sha256,
    )
    # the same picture, taken again a day later, is still wanted
    assert album.read(gone) is None
    assert album.read(new) == PICTURE.jpeg
    assert album.delete_old(AT + 3 * DAY, lambda _: None) == [new]
    assert files(tmp_path) == []


def test_a_shorter_time_holds_for_pictures_that_are_there_a_longer_one_does_not(album: Album):
    kept = album.keep(asked(), taken(), "none", 10)
    assert album.delete_old(AT + 5 * DAY, {"东门广场": 300}.get) == []
    assert album.delete_old(AT + 5 * DAY, {"东门广场": 5}.get) == [kept]


def test_a_row_is_never_changed_and_never_deleted(album: Album, tmp_path: Path):
    album.keep(asked(), taken(), "none", 1)
    album.delete_old(AT + DAY, lambda _: None)
    connection = sqlite3.connect(tmp_path / "pictures.sqlite")
    for statement in (
        "DELETE FROM picture",
        "UPDATE picture SET sha256='0'",
        "UPDATE picture SET deleted=NULL",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)
    connection.close()


def test_a_file_that_was_changed_is_not_shown(album: Album, tmp_path: Path):
    kept = album.keep(asked(), taken(), "none", 30)
    (file,) = files(tmp_path)
    file.chmod(0o644)
    file.write_bytes(jpeg(64, 64))
    assert album.read(kept) is None
    file.unlink()
    assert album.read(kept) is None


def test_what_a_killed_hub_left_behind_is_swept_at_the_next_start(album: Album, tmp_path: Path):
    kept = album.keep(asked(), taken(), "none", 30)
    stray = tmp_path / "pictures" / "ab" / f"ab{'0' * 62}.jpg"
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half")
    album = Album(tmp_path)
    assert [file.stem for file in files(tmp_path)] == [kept.sha256]
    assert album.read(kept) == PICTURE.jpeg


def test_a_login_is_kept_apart_and_shows_itself_nowhere(album: Album):
    assert album.logins.of("东门广场") is None
    login = Login("admin", "hunter2")
    album.logins.put("东门广场", login)
    assert album.logins.of("东门广场") == login
    assert "hunter2" not in repr(login)
    with pytest.raises(UserError) as found:
        album.logins.put("东门广场", Login("ad\nmin", "hunter2"))
    assert "hunter2" not in str(found.value)
    album.logins.put("东门广场", None)
    assert album.logins.of("东门广场") is None
