"""The factory tree as the host packs it, and the box that mends itself from it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from unix_port import run

from noisetamer.base.paths import DRIVERS, FIRMWARE
from noisetamer.unit.files import factory_tree

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
    (tmp_path / factory_tree.NAME).write_bytes(factory_tree.packed(FILES))
    return tmp_path


def mend(box: Path) -> tuple[Any, int]:
    """What the box found, and how often its watchdog was fed."""
    found, fed = json.loads(run("mend_folder.py", box))
    return found, fed


def is_whole(box: Path) -> bool:
    code = {path: content for path, content in FILES.items() if "/voices/" not in path}
    return all((box / path[1:]).read_bytes() == content for path, content in code.items())


def test_it_holds_all_but_voices_once():
    packed = factory_tree.packed(FILES)
    size = sum(len(content) for path, content in FILES.items() if "/voices/" not in path)
    assert size < len(packed) < size + 100 * len(FILES)
    assert factory_tree.packed(dict(reversed(FILES.items()))) == packed


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
    (box / factory_tree.NAME).write_bytes(factory_tree.packed(FILES | many))
    found, fed = mend(box)
    assert fed == 30
    assert len(found) == 6
    assert found["others"] == "25 more"


def test_what_is_spoilt_in_the_tree_itself_is_written_anew_from_the_files(box: Path):
    tree = box / factory_tree.NAME
    whole = tree.read_bytes()
    tree.write_bytes(whole.replace(b"import tamer", b"import TAMER").replace(b"M\6", b"M\7"))
    found, _ = mend(box)
    assert found == {"factory.tree": "spoilt, written anew"}
    assert tree.read_bytes() == whole
    assert mend(box) == ({}, 0)


def test_a_spoilt_copy_is_not_written_over_anything(box: Path):
    tree = box / factory_tree.NAME
    tree.write_bytes(tree.read_bytes().replace(b"import tamer", b"import TAMER"))
    (box / "main.py").write_bytes(b"import tam")
    found, _ = mend(box)
    assert found == {"main.py": "spoilt, and so is what it was made of"}
    assert (box / "main.py").read_bytes() == b"import tam"


@pytest.mark.parametrize("how", ["missing", "cut in its list", "another list", "empty"])
def test_a_tree_that_cannot_be_used_is_said_and_changes_nothing(box: Path, how: str):
    tree = box / factory_tree.NAME
    content = tree.read_bytes()
    (box / "main.py").write_bytes(b"import tam")
    if how == "missing":
        tree.unlink()
    else:
        spoilt = {
            "cut in its list": content[:90],
            "another list": content.replace(b" 13 ", b" 12 "),
        }
        tree.write_bytes(spoilt.get(how, b""))
    found, fed = mend(box)
    assert isinstance(found, str)
    assert fed == 0
    assert (box / "main.py").read_bytes() == b"import tam"


def test_a_box_takes_out_of_it_all_it_holds_but_what_that_needs():
    files = {**FILES, "/factory.py": b"def mend(): ...", "/factory.tree": b""}
    held = set(FILES) - {"/voices/polite_zh.wav"}
    assert factory_tree.holds(files) == held
    assert factory_tree.holds(FILES) == set()
