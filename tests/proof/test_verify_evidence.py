"""The verifier: one file that believes nobody, held to bundles that another program made."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bundle_mutations import mutations
from evidence_bundle import Bundle, packed, rewritten
from evidence_evening import evening
from evidence_signers import BEGIN, Authority, Keys, b64, canonical, consistency

from noisetamer.proof import merkle, verify_evidence
from noisetamer.proof.verify_evidence import ABSENT, FALSE, PROVEN, Report
from tamer.record import encoding

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
    assert "The witness “station.example/witness for people” cosigned at" in text
    assert "“The stamper” says that the checkpoint of 37 leaves was there at" in text
    assert "It does not prove what the sound was" in english.end[1]
    assert "不证实" in chinese.end[1]
    # When the log had it is what the first of the others says, not the log itself.
    seen = verify_evidence.moment(bundle.made + 10)
    assert f"since {seen}, when the log" in english.end[0]


def test_what_is_not_there_is_no_fault_and_is_said(keys: Keys):
    bare = Bundle(evening(), keys, None, cosigned=False, filler=0)
    report = verify_evidence.verify(bare.data)
    assert report.code == 0
    told = [line.text for line in report.lines if line.state == ABSENT]
    assert len(told) == 3
    assert told[0].startswith("No root.pub was given to compare")
    assert told[1].startswith("No witness cosigned")
    assert told[2].startswith("Not stamped yet")


def test_random_changes_are_all_named(bundle: Bundle, other: Bundle):
    missed = [
        what
        for what, data in mutations(bundle, other, 14, 120)
        if looked_at(bundle, data).code != 1
    ]
    assert missed == []


def test_honest_bundles_of_all_kinds_are_never_doubted(keys: Keys):
    for seed in range(8):
        honest = Bundle(
            evening(200 + 20 * seed, seed),
            keys,
            None,
            filler=seed * 29,
            cosigned=seed % 3 > 0 and seed % 4 > 0,
            rooted=seed % 4 > 0,
            more=seed,
            findings=[("NT-0001", "gap")] if seed % 5 == 0 else [],
        )
        root = honest.members.get("keys/root.pub")
        report = verify_evidence.verify(honest.data, root=root)
        assert (report.code, wrong(report)) == (0, ""), seed


def test_no_bit_of_a_stamp_is_let_pass(bundle: Bundle, authority: Authority):
    """Of what no hash of the log holds; the bits one after the other, from byte to byte."""
    text = bundle.checkpoint.split(b"\n\n")[0] + b"\n"
    raw = bundle.members[f"stamps/{len(bundle.leaves)}.tsr"]
    (der,) = verify_evidence.from_pem(authority.pem, "CERTIFICATE")

    def holds(raw: bytes, der: bytes) -> bool:
        try:
            verify_evidence.stamp_of(raw, text, [verify_evidence.Certificate(der)])
        except (ValueError, LookupError, TypeError, verify_evidence.WrongError):
            return False
        return True

    def flipped(data: bytes, at: int) -> bytes:
        return data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]

    assert holds(raw, der)
    assert [at for at in range(len(raw)) if holds(flipped(raw, at), der)] == []
    assert [at for at in range(len(der)) if holds(raw, flipped(der, at))] == []


def test_who_has_no_key_can_write_no_bundle(
    bundle: Bundle, other: Bundle, keys: Keys, authority: Authority
):
    """Each makes hashes, manifest and container anew, and says what is false then."""
    mine, theirs = bundle.members, other.members
    louder = mine["stages.csv"].replace(b"69.4", b"79.4")
    proofs = ("proofs/", "consistency/", "stamps/", "checkpoints/")
    ours = {name: d for name, d in mine.items() if name.startswith(("keys/", *proofs))}
    forged = {name: d for name, d in theirs.items() if not name.startswith(proofs)}
    batch, content = next(
        (name, json.loads(data))
        for name, data in sorted(mine.items())
        if name.startswith("log/") and b'"kind":"batch"' in data
    )
    keys_of_theirs = {name: d for name, d in theirs.items() if name.startswith("keys/")}
    unsigned = {"keys/keys.list": mine["keys/keys.list"].replace(b"ed25519", b"ed25518", 1)}
    cases = {
        "a table": ({**mine, "stages.csv": louder}, "stages.csv, line 2, is not what"),
        "an evening of its own": ({**forged, **ours}, "has no valid signature of"),
        "keys of its own": ({**theirs, **ours, **keys_of_theirs}, "not the one that you gave"),
        "all of its own": (theirs, "not the one that you gave"),
        "a key list": ({**mine, **unsigned}, "has no valid signature of root"),
        "a leaf": (
            {**mine, batch: canonical({**content, "chain": "whole ", "at": content["at"] + 1})},
            "is not in this log",
        ),
        "a picture": ({**mine, "pictures/1.jpg": b"another"}, "leaf 48 is not in this log"),
        "a proof that nobody reads": (
            {**mine, f"proofs/{10**17}.tlog-proof": b"anything"},
            "does not belong here",
        ),
        "a stamp of another": (
            {**mine, "stamps/49.tsr": theirs["stamps/49.tsr"]},
            "it is not on this checkpoint",
        ),
        "a stamp that is moved": (
            {**mine, "stamps/49.tsr": mine["stamps/37.tsr"]},
            "it is not on this checkpoint",
        ),
    }
    for name, (members, said) in cases.items():
        report = looked_at(bundle, packed(rewritten(members)))
        assert report.code == 1, name
        assert said in wrong(report), name


def test_a_checkpoint_says_nothing_that_nobody_checks(bundle: Bundle, keys: Keys):
    """Without a key one can still write lines below it; none is let pass."""
    witness = sorted(keys.witnesses)[0].encode()
    lines = bundle.checkpoint.split(b"\n")
    last = next(line for line in lines if witness in line)
    blob = verify_evidence.from_base64(last.decode().split()[2])
    public = keys.witnesses[witness.decode()].public_key().public_bytes_raw()
    cases = {
        "a stranger's": bundle.checkpoint + last.replace(witness, b"police.example") + b"\n",
        "one twice": bundle.checkpoint.replace(last, last + b"\n" + last),
        "other order": bundle.checkpoint.replace(lines[-2], last).replace(last, lines[-2], 1),
        "one under two names": bundle.checkpoint
        + b"\xe2\x80\x94 station.example/x "
        + b64(verify_evidence.key_id("station.example/x", 4, public) + blob[4:]).encode()
        + b"\n",
        "none of the log": bundle.checkpoint.replace(lines[4] + b"\n", b""),
    }
    for name, checkpoint in cases.items():
        members = {
            member: data.replace(bundle.checkpoint, checkpoint)
            for member, data in bundle.members.items()
        }
        assert looked_at(bundle, packed(members)).code == 1, name


@pytest.mark.parametrize(
    ("role", "change", "said"),
    [
        ("log", {"public": ""}, "is not in the key list"),
        ("log", {"until": BEGIN}, "did not hold at"),
        ("log", {"from": BEGIN + 86400}, "did not hold at"),
        (
            "log",
            {"revoked": BEGIN - 5, "why": "stolen"},
            "was revoked at 2026-11-18 11:06:35 UTC: stolen",
        ),
        ("witness", {"revoked": BEGIN - 5, "why": "lost"}, "was revoked at"),
        ("tsa", {"until": BEGIN}, "did not hold at"),
    ],
)
def test_keys_hold_for_as_long_as_the_root_says(
    keys: Keys, authority: Authority, role: str, change: dict[str, Any], said: str
):
    made = Bundle(evening(300), keys, authority, changes={role: change})
    report = looked_at(made)
    assert report.code == 1
    assert said in wrong(report)


def test_a_log_whose_key_was_stolen_later_is_believed_where_a_witness_saw_it_before(
    keys: Keys, authority: Authority
):
    stolen = {"log": {"revoked": BEGIN + 86400, "why": "stolen"}}
    seen = Bundle(evening(300), keys, authority, changes=stolen)
    alone = Bundle(evening(300), keys, None, cosigned=False, changes=stolen)
    assert looked_at(seen).code == 0
    assert "was revoked at" in wrong(looked_at(alone))


def test_a_newer_key_list_says_what_was_revoked_since(
    bundle: Bundle, keys: Keys, authority: Authority
):
    def told(data: Bundle, number: int, **changes: dict[str, Any]) -> tuple[int, str]:
        newer = keys.listed(authority.public, changes, number)
        report = looked_at(data, known=[("new.list", newer)])
        return report.code, report.lines[-1].text

    alone = Bundle(evening(300), keys, None, cosigned=False)
    later, before = ({"revoked": t, "why": "stolen"} for t in (BEGIN + 86400, BEGIN))
    assert told(bundle, 4) == (
        0,
        "The key list new.list, which you have (number 4), revokes none of the keys used here",
    )
    assert told(bundle, 2)[1].endswith("is no newer than the one enclosed")
    assert told(bundle, 3)[0] == 0
    assert told(bundle, 3, log=later)[1].endswith("signed two different lists of number 3")
    # Witnesses saw it before the key was stolen; of one that nobody saw any date may be made up.
    assert told(bundle, 4, log=later)[0] == 0
    assert told(alone, 4, log=later)[1].endswith("was revoked at 2026-11-19 11:06:40 UTC: stolen")
    assert told(bundle, 4, log=before)[0] == 1
    assert told(bundle, 4, witness=later)[0] == 1
    assert told(bundle, 4, log={"public": ""})[1].endswith("is not in the key list")


def test_a_stamp_is_by_who_may_stamp_then(
    bundle: Bundle, keys: Keys, authority: Authority, tmp_path: Path
):
    size = len(bundle.leaves)
    text = bundle.checkpoint.split(b"\n\n")[0] + b"\n"

    def told(stamp: bytes, pem: bytes = authority.pem) -> Report:
        changed = {f"stamps/{size}.tsr": stamp, "stamps/authority.pem": pem}
        members = {k: d for k, d in bundle.members.items() if not k.startswith("stamps/")}
        return looked_at(bundle, packed({**members, **changed}))

    assert told(authority.stamp(text)).code == 0
    assert "the certificate that it names is not here" in wrong(
        told(authority.stamp(text, enclosed=False))
    )
    # Issued by the same authority: a certificate that has ended.
    ended = authority.stamp(text, by=authority.ended())
    assert "a certificate did not hold at" in wrong(told(ended))
    stranger = Authority(tmp_path)
    assert "do not lead to stamps/authority.pem" in wrong(told(stranger.stamp(text)))
    assert "has bytes that nothing checks" in wrong(
        told(authority.stamp(text), authority.pem + stranger.pem)
    )
    unknown = told(stranger.stamp(text), stranger.pem)
    assert unknown.code == 0
    absent = [line.text for line in unknown.lines if line.state == ABSENT]
    assert "which the key list does not know: it counts for nothing" in absent[0]
    assert "The stamper" not in unknown.end[0]


def test_a_stamp_that_was_taken_out_leaves_a_mark(bundle: Bundle):
    without = {k: d for k, d in bundle.members.items() if k != "stamps/37.tsr"}
    report = looked_at(bundle, packed(without))
    said = [line.text for line in report.lines if line.state == ABSENT]
    assert said == ["Of the earlier checkpoint of 37 leaves no time stamp is enclosed"]


def test_findings_of_the_chain_are_told_as_the_hub_told_them(keys: Keys):
    def told(*kinds: str) -> Report:
        found = [("NT-0001", kind) for kind in kinds]
        return looked_at(Bundle(evening(300), keys, None, findings=found))

    assert "the hub found: break 1, gap 1" in wrong(told("break", "gap"))
    assert "the hub found: fork 1" in wrong(told("fork"))
    assert "the hub found: revoked 1" in wrong(told("revoked"))
    for kind in ("gap", "reset", "unlinked"):
        report = told(kind)
        said = "\n".join(line.text for line in report.lines if line.state == ABSENT)
        assert report.code == 0
        assert f"The chain of NT-0001 is not whole everywhere (the hub says so): {kind} 1" in said
    assert told("rekeyed").code == 0
    none = told("none")
    assert none.code == 0
    assert any("NT-0001 makes no chain" in line.text for line in none.lines)


def test_a_hub_without_a_root_is_believed_as_far_as_its_key(keys: Keys, bundle: Bundle):
    made = Bundle(evening(300), keys, None, cosigned=False, rooted=False)
    report = verify_evidence.verify(made.data)
    assert report.code == 0
    assert "for which no root vouches" in report.end[0]
    assert any("No root vouches for the log's key" in line.text for line in report.lines)
    # Whoever knows the root is not content with that.
    assert "keys/root.pub is missing" in wrong(looked_at(bundle, made.data))


def test_no_name_writes_a_line_of_the_report(keys: Keys):
    said = "x\nproven    The root key is the one that you gave\u202e\u2028\x1b[2K    y"
    made = Bundle(evening(300), keys, None, changes={"log": {"name": said}})
    texts = [line.text for line in looked_at(made).lines]
    assert all(text.isprintable() for text in texts)
    assert any("“x\ufffdproven The root key is the one that you gave" in one for one in texts)


def test_what_only_python_reads_is_no_record():
    head = encoding.record(2, 1, 1, BEGIN, b"")
    with pytest.raises(ValueError, match="no JSON"):
        verify_evidence.record_of(head + b'["stage",{"limit":NaN}]', 1, 1)
    (_, fields) = json.loads('["stage",{"limit":1%s}]' % ("0" * 400))
    assert verify_evidence.cell(fields, "limit") == ""


def test_another_history_of_the_same_log_is_named(bundle: Bundle, keys: Keys):
    def told(data: bytes, name: str = "mine") -> tuple[int, str]:
        report = looked_at(bundle, known=[(name, data)])
        return report.code, report.lines[-1].text

    early = bundle.members["checkpoints/37"]
    assert told(bundle.data) == (0, "The same checkpoint as in mine, which you have (49 leaves)")
    assert told(bundle.checkpoint)[0] == 0
    agrees = "It agrees with mine, which you have: the 37 leaves are the beginning of the 49"
    assert told(early) == (0, agrees)
    assert told(bundle.members["evidence.tlog-proof"])[0] == 0
    # Later checkpoints of the same log: with a proof, and without.
    leaves = [*bundle.leaves, b"one more", b"and another"]
    later = keys.checkpoint(leaves, BEGIN + 5000)
    code, said = told(later)
    assert code == 0
    assert said.endswith("(49 and 51 leaves), but nothing here proves that they agree")
    lines = ["old 49", *map(b64, consistency(49, leaves))]
    assert told("\n".join(lines).encode() + b"\n\n" + later)[1].startswith("It agrees with mine")
    # Two histories of one size, and of two; a log that went back; another key of the same name.
    split = Bundle(evening(seed=3), keys, None)
    assert told(split.data)[1].endswith("contradict each other (49 and 49 leaves)")
    longer = Bundle(evening(seed=3), keys, None, more=9)
    assert "split view" in told(longer.data)[1]
    assert "split view" in told(keys.checkpoint([*leaves[:36], b"another"], BEGIN))[1]
    back = keys.checkpoint([*leaves, b"x"], BEGIN + 60)
    assert (
        "rollback: the log had 52 leaves at 2026-11-18 11:07:40 UTC and only 49" in told(back)[1]
    )
    robber = Keys()
    robber.origin = keys.origin
    assert "is not signed by the same key" in told(robber.checkpoint(leaves, BEGIN))[1]
    code, said = told(Keys().checkpoint(leaves, BEGIN))
    assert (code, "is of another log" in said) == (0, True)


def test_levels_are_decoded_as_the_box_coded_them():
    for seed in range(8):
        for boot in evening(300, seed, ("NT-1",)).boots:
            for sequence, raw in boot.records:
                if raw[0] != encoding.EVENT:
                    found = verify_evidence.record_of(raw, boot.boot, sequence).seconds
                    assert found == [second[1:] for second in encoding.seconds(raw)]


def test_trees_are_those_that_the_log_makes():
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(20)]
    node = merkle.of_leaves(leaves)
    for size in range(1, 21):
        root = merkle.root(size, node)
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, node)
            nodes = verify_evidence.included(index, size, leaves[index], proof)
            assert nodes[0, size] == root
        for old in range(1, size):
            proof = merkle.consistency_proof(old, size, node)
            before = merkle.root(old, node)
            assert verify_evidence.consistent(old, before, size, root, proof)
            assert not verify_evidence.consistent(old, root, size, root, proof)
            assert not verify_evidence.consistent(old, before, size, root, proof[1:])


def test_a_terminal_without_our_letters_and_a_huge_file_are_no_crash(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "a.zip").write_bytes(bundle.data)
    with (tmp_path / "huge.zip").open("wb") as file:
        file.truncate(2**32)
    for name, code in (("a.zip", 0), ("huge.zip", 2)):
        for stream in ("stdout", "stderr"):
            monkeypatch.setattr(sys, stream, io.TextIOWrapper(io.BytesIO(), "ascii"))
        assert verify_evidence.main([str(tmp_path / name), "--lang", "zh"]) == code


def test_a_table_of_quotes_is_refused_at_once():
    """Half a megabyte of them kept the verifier busy for hours."""
    for quotes in (500_000, 500_001):
        with pytest.raises(ValueError, match="no table"):
            verify_evidence.from_csv(verify_evidence.BOM + b'"' * quotes)


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
    wanted = subprocess.run(
        # an interpreter without site-packages
        [sys.executable, "-I", "-S", "verify_evidence.py", "a.zip"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (wanted.returncode, wanted.stderr) == (
        2,
        "verify_evidence.py needs: pip install cryptography\n",
    )
    none = run("c.zip")
    assert (none.returncode, none.stdout) == (2, "")
    assert none.stderr == "c.zip is no evidence bundle: give the .zip that the hub wrote.\n"
