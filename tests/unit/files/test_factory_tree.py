"""The factory tree as the host packs it, and the box that mends itself from it."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from unix_port import run

from noisetamer.base.paths import DRIVERS, FIRMWARE
from noisetamer.unit.files import factory_tree, release_file

pytestmark = pytest.mark.device

FILES = {
    "/main.py": b"import tamer\n",
    "/fonts/small.glyphs": bytes(range(256)) * 20,
    "/tamer/__init__.py": b"",
    "/tamer/hear/kernel/meter.mpy": b"M\6" + bytes(5000),
    "/voices/polite_zh.wav": b"RIFF" + bytes(60000),
}


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A flash with these files and their factory tree."""
    for path, content in FILES.items():
        file = tmp_path / path[1:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    shutil.copyfile(FIRMWARE / "factory.py", tmp_path / "factory.py")
    put_trees(tmp_path, FILES)
    return tmp_path


def put_trees(box: Path, files: dict[str, bytes]) -> None:
    files = {**files, "/factory.py": (FIRMWARE / "factory.py").read_bytes()}
    for name, tree in factory_tree.trees(files, "esp32_s3").items():
        (box / name).write_bytes(tree)


def mend(box: Path) -> tuple[Any, int]:
    """What the box found, and how often its watchdog was fed."""
    found, fed = json.loads(run("mend_folder.py", box))
    return found, fed


def is_whole(box: Path) -> bool:
    code = {path: content for path, content in FILES.items() if "/voices/" not in path}
    return all((box / path[1:]).read_bytes() == content for path, content in code.items())


def test_it_holds_all_but_voices_once():
    packed = factory_tree.trees(FILES, "esp32_s3")
    held = [release_file.unpacked(packed["factory.tree"]).files, {"/main.py": FILES["/main.py"]}]
    assert held[0] | held[1] == {p: c for p, c in FILES.items() if "/voices/" not in p}
    assert b"/main.py" in packed["start.tree"]
    assert factory_tree.trees(dict(reversed(FILES.items())), "esp32_s3") == packed


def test_a_whole_firmware_is_left_alone(box: Path):
    before = {file: file.stat().st_mtime_ns for file in box.rglob("*") if file.is_file()}
    assert mend(box) == ({}, 0)
    assert {file: file.stat().st_mtime_ns for file in box.rglob("*") if file.is_file()} == before


def test_what_is_spoilt_or_missing_is_written_anew(box: Path):
    (box / "fonts/small.glyphs").write_bytes(FILES["/fonts/small.glyphs"] + b"\0")
    (box / "tamer/__init__.py").write_bytes(b"x")
    shutil.rmtree(box / "tamer/hear")
    found, fed = mend(box)
    assert found == {
        "fonts/small.glyphs": "spoilt, written anew",
        "tamer/__init__.py": "spoilt, written anew",
        "tamer/hear/kernel/meter.mpy": "missing, written anew",
    }
    assert fed == 3
    assert is_whole(box)
    assert mend(box) == ({}, 0)


def test_power_cut_at_any_write_of_it_is_made_good_by_the_next_start(box: Path):
    (box / "fonts/small.glyphs").write_bytes(b"")
    (box / "main.py").unlink()
    shutil.rmtree(box / "tamer/hear")
    assert int(run("mend_cut_short.py", box, DRIVERS)) > 30


def test_of_many_faults_it_says_a_few_and_how_many_more(box: Path):
    many = {f"/tamer/{i:02}.mpy": bytes([i]) for i in range(30)}
    put_trees(box, FILES | many)
    found, fed = mend(box)
    assert fed == 30
    assert len(found) == 6
    assert found["others"] == "25 more"


@pytest.mark.parametrize("name", ["factory.tree", "start.tree"])
def test_what_is_spoilt_in_a_tree_itself_is_written_anew_wherever_it_is(box: Path, name: str):
    put_trees(box, {**FILES, "/tamer/noise.mpy": random.Random(1).randbytes(9000)})
    mend(box)
    tree = box / name
    whole = tree.read_bytes()
    # Its list, its contents, their checks; of the XOR of them nothing is known until it is needed.
    for at in (0, 100, len(whole) // 2, len(whole) - 1024 - 8, len(whole) - 1025):
        spoilt = bytearray(whole)
        spoilt[at] ^= 1
        if at == 100:
            spoilt[at : at + 300] = bytes(300)
        tree.write_bytes(spoilt)
        found, _ = mend(box)
        assert found == {name: "spoilt, written anew"}, at
        assert tree.read_bytes() == whole
        assert mend(box) == ({}, 0)


def test_a_file_is_spoilt_and_the_tree_as_well(box: Path):
    tree = box / factory_tree.NAME
    whole = tree.read_bytes()
    tree.write_bytes(whole[:300] + bytes(300) + whole[600:])
    (box / "fonts/small.glyphs").write_bytes(b"")
    found, _ = mend(box)
    assert found == {
        "factory.tree": "spoilt, written anew",
        "fonts/small.glyphs": "spoilt, written anew",
    }
    assert is_whole(box)


def test_a_spoilt_copy_is_not_written_over_anything(box: Path):
    noise = random.Random(1).randbytes(9000)
    put_trees(box, {**FILES, "/tamer/noise.mpy": noise})
    tree = box / factory_tree.NAME
    content = bytearray(tree.read_bytes())
    # In two places: then it cannot be mended itself.
    at = len(content) // 4
    content[at : at + 2] = b"xx"
    content[at + 3000 : at + 3002] = b"xx"
    tree.write_bytes(content)
    (box / "tamer/noise.mpy").write_bytes(b"import tam")
    found, _ = mend(box)
    assert found == {
        "factory.tree": "spoilt",
        "tamer/noise.mpy": "spoilt, and so is what it was made of",
    }
    assert (box / "tamer/noise.mpy").read_bytes() == b"import tam"
    assert not (box / "tamer/noise.mpy.new").exists()


@pytest.mark.parametrize("how", ["missing", "cut in its list", "another list", "empty"])
def test_a_tree_that_cannot_be_used_is_said_and_changes_nothing(box: Path, how: str):
    tree = box / factory_tree.NAME
    content = tree.read_bytes()
    (box / "tamer/__init__.py").write_bytes(b"import tam")
    if how == "missing":
        tree.unlink()
    else:
        spoilt = {
            "cut in its list": content[:90],
            "another list": content.replace(b" 5002 ", b" 5001 ").replace(b" 5120 ", b" 5121 "),
        }
        # In two chunks.
        content = spoilt.get(how, b"")
        tree.write_bytes(content[:-1100] + bytes(8) + content[-1092:])
    found, fed = mend(box)
    assert found.keys() == {"factory.tree"}
    assert fed == 0
    assert (box / "tamer/__init__.py").read_bytes() == b"import tam"


def test_a_box_takes_out_of_it_all_it_holds_but_what_that_needs():
    trees = {"/factory.tree": b"", "/start.tree": b""}
    files = {**FILES, "/factory.py": b"def mend(): ...", **trees}
    held = set(FILES) - {"/voices/polite_zh.wav"}
    assert factory_tree.holds(files) == held
    assert factory_tree.holds(FILES) == set()
