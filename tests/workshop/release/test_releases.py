"""From this firmware to a signed release, as whoever makes one types it."""

from pathlib import Path

import pytest
import some_releases
from in_chinese import english_in, run_in_chinese

from noisetamer import cli
from noisetamer.proof import public_key, rsa
from noisetamer.unit.boards import board_file
from noisetamer.unit.files import firmware_files, release_file, release_stamp
from noisetamer.workshop.release import fixed_files, room
from tamer.record import release

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys are: root.key and root.pub, not sealed; stamp/."""
    folder = tmp_path_factory.mktemp("safe")
    key = rsa.Key.new(2048)
    (folder / "root.key").write_bytes(key.pem())
    (folder / "root.pub").write_bytes(public_key.pem(key.public))
    assert cli.run(["update", "stamp-key", "--out", str(folder / "stamp")]) == 0
    return folder


def build(safe: Path, out: Path, *more: str, number: int = 7, board: str = "esp32_c3") -> int:
    key = str(safe / "stamp" / "stamp.pub")
    told = ["--out", str(out), "--number", str(number), "--board", board, "--stamp-key", key]
    return cli.run(["update", "build", *told, *more])


def test_built_twice_it_is_the_same_and_signed_and_stamped_it_is_good(
    safe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "seven.release"
    assert build(safe, out) == 0
    first = out.read_bytes()
    assert build(safe, out) == 0
    assert out.read_bytes() == first
    assert "not signed yet" in capsys.readouterr().out
    assert cli.run(["update", "show", str(out), "--root", str(safe / "root.pub")]) == 1
    assert cli.run(["update", "sign", str(out), "--key", str(safe)]) == 0
    capsys.readouterr()
    assert cli.run(["update", "show", str(out), "--root", str(safe / "root.pub")]) == 0
    mark = public_key.fingerprint(rsa.read_public(safe / "root.pub"))
    assert f"signed by the root: {mark}" in capsys.readouterr().out
    key = str(safe / "stamp" / "stamp.key")
    assert cli.run(["update", "stamp", str(out), "--key", key]) == 0
    found = release_file.unpacked(out.read_bytes())
    assert (found.header.number, found.header.board) == (7, "esp32_c3")
    assert found.is_signed(rsa.modulus(rsa.read_public(safe / "root.pub")))
    stamp = release_stamp.read(release_stamp.beside(out))
    assert (stamp.number, stamp.digest) == (7, found.digest)
    assert stamp.is_signed(rsa.modulus(rsa.read_public(safe / "stamp" / "stamp.pub")))
    # what starts a box and carries it back is in no release
    assert not {"/main.py", "/first.py", "/factory.py"} & found.files.keys()
    assert all(map(release.is_firmware, found.files))


def test_what_is_another_than_before_is_said_file_by_file(
    safe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    old, new = tmp_path / "old.release", tmp_path / "new.release"
    assert build(safe, old, board="esp32_s3") == 0
    capsys.readouterr()
    more = ("--since", str(old), "--voices", "polite_zh,polite_en", "--policy", "square")
    assert build(safe, new, *more, "--lang", "zh", number=8, board="esp32_s3") == 0
    said = capsys.readouterr().out
    assert english_in(said) == []
    told = said.splitlines()
    assert [line.split()[:2] for line in told if line[:2] in ("+ ", "~ ", "- ")] == [
        ["+", "policy.json"],
        ["+", "voices/polite_en.wav"],
        ["+", "voices/polite_zh.wav"],
    ]
    assert build(safe, new, "--since", str(old), number=7) == 2


def test_in_chinese_no_sentence_stays_english(safe: Path, tmp_path: Path):
    file = tmp_path / "two.release"
    file.write_bytes(some_releases.unsigned())
    root, thief = safe / "root.pub", some_releases.root_file(tmp_path, "thief")
    assert run_in_chinese("update", "show", file).out.splitlines()[3] == "尚未签名"
    (tmp_path / "stamp.key").write_bytes(some_releases.key("stamp").pem())
    for words in (
        ("sign", file, "--key", safe),
        ("show", file),
        ("show", file, "--root", root),
        ("show", file, "--root", thief),
        ("stamp", file, "--key", tmp_path / "stamp.key"),
        ("stamp-key", "--out", tmp_path / "new"),
        ("stamp-key", "--out", tmp_path / "new"),
        ("stamp", file, "--key", safe / "stamp" / "stamp.key"),
        ("stamp", file, "--key", tmp_path / "stamp.key", "--for", "9d"),
    ):
        ran = run_in_chinese("update", *words)
        names = (release_file.read(file)[1].digest, "update build")
        assert (ran.out or ran.wrong) and english_in(ran, *names) == []


def test_several_boards_are_a_file_each(safe: Path, tmp_path: Path):
    alone = ["--out", f"{tmp_path}/alone/", "--number", "7", "--board", "esp32_c3"]
    key = ["--stamp-key", str(safe / "stamp" / "stamp.pub")]
    assert cli.run(["update", "build", *alone, *key]) == 0
    assert (tmp_path / "alone" / "noisetamer-7-esp32_c3.release").is_file()
    assert build(safe, tmp_path / "out", "--board", "esp32_s3") == 0
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "noisetamer-7-esp32_c3.release",
        "noisetamer-7-esp32_s3.release",
    ]


def test_what_is_wrong_is_one_sentence(
    safe: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    out = tmp_path / "seven.release"
    assert build(safe, out) == 0
    stamp, root = str(safe / "stamp" / "stamp.key"), str(safe / "root.key")
    other = tmp_path / "other"
    assert cli.run(["update", "stamp-key", "--out", str(other)]) == 0
    (tmp_path / "cut.release").write_bytes(out.read_bytes()[:5000])
    monkeypatch.setitem(fixed_files.ON_BOXES, "first.py", "0" * 64)
    wrong = {
        "on the boxes that take releases: first.py": ("build", "--number", "8"),
        "holds longer than 8 days": ("stamp", str(out), "--key", stamp, "--for", "9d"),
        "give days or hours": ("stamp", str(out), "--key", stamp, "--for", "soon"),
        "is not the stamp key": ("stamp", str(out), "--key", str(other / "stamp.key")),
        "is no release, or damaged": ("sign", str(tmp_path / "cut.release"), "--key", root),
        "cannot be read": ("sign", str(tmp_path / "none.release"), "--key", root),
        "is there already": ("stamp-key", "--out", str(other)),
    }
    keys = ["--stamp-key", str(safe / "stamp" / "stamp.pub"), "--board", "esp32_c3"]
    for sentence, words in wrong.items():
        more = [*keys, "--out", str(out)] if words[0] == "build" else []
        capsys.readouterr()
        assert cli.run(["update", *words, *more]) == 2
        said = capsys.readouterr().err
        assert sentence in said and said.count("\n") == 1, said


def test_boards_and_files_that_are_none_are_named(
    safe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "x.release"
    assert build(safe, out, board="esp8266") == 2
    assert build(safe, out, number=0) == 2
    for board in ("esp32_s3", "esp32_c3"):  # with a speaker, and without
        assert build(safe, out, "--voices", "shout", board=board) == 2
    assert build(safe, out, "--policy", str(tmp_path / "none.toml")) == 2
    said = capsys.readouterr().err
    for words in ("esp8266", "count from 1", "no message shout", "none.toml"):
        assert words in said
    assert said.count("no message shout") == 2
    assert not out.exists()


def test_what_starts_a_box_is_as_on_the_boxes_in_the_field():
    """Who changes one of them: boxes with a root key then want a cable (fixed_files.py)."""
    assert fixed_files.changed() == []


def test_a_board_of_4_MB_takes_a_release_and_the_firmware_may_grow():
    files = dict(firmware_files.tree("esp32_c3", "esp32c3", 11 << 10 | 6).files)
    release = len(files["/factory.tree"])
    assert room.must_fit(board_file.read("esp32_c3"), files, release) >= 8


def test_blocks_are_counted_as_littlefs_gives_them():
    assert room.blocks({"/a": 100}) == 2
    assert room.blocks({"/a": 5000, "/tamer/b": 4088, "/tamer/hear/c": 1}) == 2 + 1 + 3 * 2
    assert room.blocks({f"/f{n}": 10 for n in range(100)}) == 6
