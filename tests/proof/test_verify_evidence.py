"""The verifier: one file that believes nobody, held to bundles that another program made."""

import subprocess
import sys
from pathlib import Path

import pytest
from bundle_mutations import mutations
from evidence_bundle import Authority, Bundle, Keys, evening

from noisetamer.proof import verify_evidence
from noisetamer.proof.verify_evidence import ABSENT, FALSE, PROVEN, Report

pytestmark = pytest.mark.tools


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def bundle(keys: Keys, authority: Authority) -> Bundle:
    return Bundle(evening(), keys, authority)


@pytest.fixture(scope="module")
def other(authority: Authority) -> Bundle:
    """Another log's, whose root nobody knows."""
    return Bundle(evening(seed=2), Keys(), authority)


def looked_at(bundle: Bundle, data: bytes | None = None, **besides: object) -> Report:
    root = bundle.members["keys/root.pub"]
    data = bundle.data if data is None else data
    return verify_evidence.verify(data, root=root, **besides)  # type: ignore[arg-type]


def wrong(report: Report) -> str:
    return "\n".join(line.text for line in report.lines if line.state == FALSE)


def test_an_honest_bundle_is_proven_line_by_line_in_both_languages(bundle: Bundle):
    english, chinese = looked_at(bundle), looked_at(bundle, language="zh")
    assert english.code == 0
    assert {line.state for line in english.lines} == {PROVEN}
    assert [line.state for line in english.lines] == [line.state for line in chinese.lines]
    text = "\n".join(line.text for line in english.lines)
    assert "NT-0001: the table of seconds is what the records say: 585 seconds, each once" in text
    assert "The witness station.example/witness for people cosigned at" in text
    assert "The stamper says that the checkpoint of 37 leaves was there at" in text
    assert "It does not prove what the sound was" in english.end[1]
    assert "不证实" in chinese.end[1]


def test_what_is_not_there_is_no_fault_and_is_said(keys: Keys):
    bare = Bundle(evening(), keys, None, cosigned=False, filler=0)
    report = verify_evidence.verify(bare.data)
    assert report.code == 0
    told = [line.text for line in report.lines if line.state == ABSENT]
    assert len(told) == 3
    assert told[0].startswith("No root key was given to compare")
    assert told[1].startswith("No witness cosigned")
    assert told[2].startswith("Not stamped yet")


def test_random_changes_are_all_named(bundle: Bundle, other: Bundle):
    missed = [
        what
        for what, data in mutations(bundle, other, 14, 250)
        if looked_at(bundle, data).code != 1
    ]
    assert missed == []


def test_the_command_says_by_its_exit_code_what_it_found(bundle: Bundle, tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(bundle.data)
    (tmp_path / "root.pub").write_bytes(bundle.members["keys/root.pub"])
    changed = bundle.data.replace(b"%PDF-1.7", b"%PDF-1.8")
    (tmp_path / "b.zip").write_bytes(changed)
    (tmp_path / "c.zip").write_bytes(b"PK nothing")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        # The one file alone, in a folder where nothing of ours is.
        script = tmp_path / "verify_evidence.py"
        script.write_bytes(Path(verify_evidence.__file__).read_bytes())
        command = [sys.executable, "-I", str(script), *arguments, "--lang", "en"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    good = run("a.zip", "--root", "root.pub", "--known", "a.zip")
    assert (good.returncode, good.stderr) == (0, "")
    assert "The same checkpoint as in a.zip" in good.stdout
    bad = run("b.zip")
    assert bad.returncode == 1
    assert "report.pdf was changed" in bad.stdout
    none = run("c.zip")
    assert (none.returncode, none.stdout) == (2, "")
    assert none.stderr == "c.zip is no evidence bundle: give the .zip that the hub wrote.\n"
