"""What happened in a square, as one file that a stranger's program believes."""

import csv
import io
import json
import shutil
import zipfile
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import hub_with_an_evening as told
import pypdfium2
import pytest
from hub_with_an_evening import BEGIN, EAST, LOUD, POLICY, QUIET, ROOT, SQUARE, WEST, HubFolder
from in_chinese import english_in, run_in_chinese
from program import run

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.evidence import container
from noisetamer.hub.evidence.bundle import Made, make
from noisetamer.hub.evidence.container import Folder
from noisetamer.hub.evidence.proofs import opened_log
from noisetamer.hub.evidence.scope import Asked
from noisetamer.hub.people.people import People
from noisetamer.hub.store import day_packing
from noisetamer.hub.store.packed_day import DAY, OF_RECORDS
from noisetamer.hub.store.writer import Store
from noisetamer.proof import public_key, verify_evidence
from noisetamer.proof.signer import file_signer
from noisetamer.proof.verify_evidence import ABSENT, FALSE, PROVEN

MADE = 1_900_000_000


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> HubFolder:
    return told.evening(tmp_path_factory.mktemp("evidence") / "hub")


def made(hub: HubFolder, out: Path, **asked: object) -> Made:
    what = {
        "by": "chen",
        "role": "officer",
        "reason": "handed on",
        "incident": hub.incident,
        "made": MADE,
        **asked,
    }
    with closing(opened_log(hub.folder)) as log:
        return make(hub.folder, log, Asked(**what), out, lambda *step: None)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bundle(hub: HubFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "evidence.zip"
    made(hub, out)
    return out


@pytest.fixture(scope="module")
def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(members: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(members[name].decode("utf-8-sig"))))


def test_a_stranger_with_the_verifier_alone_finds_nothing_false(bundle: Path):
    report = verify_evidence.verify(bundle.read_bytes(), root=public_key.pem(ROOT.public))
    states = Counter(line.state for line in report.lines)
    wrong = [line.text for line in report.lines if line.state == FALSE]
    assert wrong == []
    assert states[PROVEN] >= 18
    missing = "\n".join(line.text for line in report.lines if line.state == ABSENT)
    assert "No witness" in missing and "Not stamped yet" in missing
    assert report.code == 0


def test_every_second_has_a_row_and_every_invalid_one_its_reason(members: dict[str, bytes]):
    manifest = json.loads(members["evidence.json"])
    since, until = manifest["from"], manifest["until"]
    assert (since, until) == (LOUD + 2 - 300, QUIET + 1 + 300)
    for unit in (EAST, WEST):
        found = rows(members, f"seconds/{unit}.csv")
        assert [int(row["t"]) for row in found] == list(range(since, until))
    why = Counter(row["reason"] for row in rows(members, f"seconds/{EAST}.csv"))
    assert (why["not received"], why["own voice"]) == (20, 20)
    stretches = rows(members, "coverage.csv")
    assert [row["reason"] for row in stretches if row["unit"] == EAST] == [
        *("own voice", "own voice", "not received", "wind")
    ]


def test_it_says_what_was_done_and_what_that_achieved(members: dict[str, bytes]):
    claims = json.loads(members["evidence.json"])["claims"]
    assert claims["en"][0] == "Over the limit · warned 2 times · quiet after a warning"
    assert claims["zh"][0] == "超过限值 · 劝导 2 次 · 劝导后停止"
    assert len(claims["en"]) == len(claims["zh"])
    outcomes = [row for row in rows(members, "words.csv") if row["kind"] == "outcome"]
    assert [(row["effective"], row["after"]) for row in outcomes] == [
        *(("false", "20"), ("true", "50"))
    ]


def test_the_report_is_two_pages_one_in_each_language(members: dict[str, bytes]):
    document = pypdfium2.PdfDocument(members["report.pdf"])
    chinese, english = (
        "".join(page.get_textpage().get_text_bounded().splitlines()) for page in document
    )
    for word in (
        "超过限值",
        "您好，现在音量偏大",
        "20 秒后仍超限",
        "电脑模拟",
        "第四十一条",
        "它不证明什么",
    ):
        assert word in chinese
    for word in (
        "SIMULATION",
        "Over the limit",
        "still too loud 20 s later",
        "Article 41",
        "who danced",
    ):
        assert word in english


def test_the_policy_that_it_decided_by_is_in_it(members: dict[str, bytes]):
    # of the box's own default, which nobody sent
    policy = json.loads(members[f"policy/{POLICY}.json"])
    assert policy["limit"]["day"] is not None


def test_who_asked_and_why_is_in_it_and_in_the_audit_log(
    hub: HubFolder, members: dict[str, bytes]
):
    custody = rows(members, "custody.csv")
    assert [(row["by"], row["what"], row["reason"]) for row in custody][-1] == (
        *("chen", "evidence_made", "handed on"),
    )
    kinds = {json.loads(members[name])["kind"] for name in members if name.startswith("log/")}
    assert {"batch", "incident", "look"} <= kinds
    with closing(People(hub.folder / "people.sqlite")) as people:
        assert people.log.entries(what="evidence_made", target=SQUARE)
        assert people.verify() == ""


def with_its_day_packed(hub: HubFolder, folder: Path) -> HubFolder:
    """A copy, two days later."""
    shutil.copytree(hub.folder, folder)
    with (
        closing(Store(folder / "hub.sqlite")) as store,
        closing(database.reader(store.file)) as reader,
    ):
        for packed in day_packing.to_pack(reader, (BEGIN // DAY + 1) * DAY):
            assert store.pack(packed)
        (levels_alone,) = reader.execute(
            "SELECT count(*) FROM past_records WHERE substr(records, 1, 1)<>?", (OF_RECORDS,)
        ).fetchone()
        (days,) = reader.execute("SELECT count(*) FROM past_minutes").fetchone()
    assert (levels_alone, days) == (0, 2)
    return replace(hub, folder=folder)


def test_the_same_state_gives_the_same_bytes_and_so_does_its_packed_day(
    hub: HubFolder, members: dict[str, bytes], tmp_path: Path
):
    made(with_its_day_packed(hub, tmp_path / "hub"), tmp_path / "again.zip")
    with zipfile.ZipFile(tmp_path / "again.zip") as archive:
        for name in archive.namelist():
            if name.startswith(("records/", "seconds/", "events/", "calibration/", "pictures/")):
                assert archive.read(name) == members[name], name
        for name in ("curve.svg", "report.pdf", "words.csv", "coverage.csv", "clock.csv"):
            assert archive.read(name) == members[name], name
        # each making is a leaf of its own, and says what was made before
        assert archive.read("custody.csv") != members["custody.csv"]
    again = (tmp_path / "again.zip").read_bytes()
    assert verify_evidence.verify(again, root=public_key.pem(ROOT.public)).code == 0


def test_who_may_not_see_pictures_gets_a_bundle_without_them(
    hub: HubFolder, members: dict[str, bytes], tmp_path: Path
):
    assert sum(name.endswith(".jpg") for name in members) == 1
    made(hub, tmp_path / "without.zip", pictures=False)
    with zipfile.ZipFile(tmp_path / "without.zip") as archive:
        assert not [name for name in archive.namelist() if name.endswith(".jpg")]
        assert b"withheld" in archive.read("pictures/pictures.csv")


def test_a_mistyped_key_makes_no_new_one_and_no_new_log(hub: HubFolder, tmp_path: Path):
    file_signer(tmp_path / "other.key", "hub")
    with closing(opened_log(hub.folder)) as log:
        before = log.origin
    for name, said in (("none.key", "is not there"), ("other.key", "is not the key that")):
        words = ("--incident", hub.incident, "--out", tmp_path / "x.zip")
        done = run("evidence", "--data", hub.folder, *words, "--log-key", tmp_path / name)
        assert done.code == 2 and said in done.wrong[-1]
    assert not (tmp_path / "none.key").exists()
    with closing(opened_log(hub.folder)) as log:
        assert log.origin == before


def test_without_room_it_is_one_sentence(tmp_path: Path):
    (tmp_path / "a").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"x\.zip: cannot be written: No space left on device"):
        Folder(tmp_path, tmp_path / "x.zip").put("a", bytes(50_000))


def test_what_one_zip_cannot_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With one member more Python writes another form, which the verifier calls false."""
    assert container.MOST_MEMBERS == zipfile.ZIP_FILECOUNT_LIMIT  # type: ignore[attr-defined]
    monkeypatch.setattr(container, "MOST_MEMBERS", 2)
    folder = Folder(tmp_path, tmp_path / "x.zip")
    folder.put("a", b"1")
    folder.put("b", b"2")
    with pytest.raises(UserError, match="more than 65535 members"):
        folder.put("c", b"3")


def test_a_span_of_a_square_is_made_by_the_command_line(hub: HubFolder, tmp_path: Path):
    out = tmp_path / "span.zip"
    # two that are made at once share no draft
    (tmp_path / "span.zip.new").mkdir()
    words = ("evidence", "--data", hub.folder, "--square", SQUARE, "--out", out)
    span = ("--since", "2026-11-23 19:00", "--until", "2026-11-23 19:20")
    done = run_in_chinese(*words, *span)
    assert done.code == 0, done.wrong
    assert done.out.startswith("超过限值 · 劝导 2 次 · 劝导后停止\n")
    assert english_in(done) == []
    report = verify_evidence.verify(out.read_bytes())
    assert report.code == 0, [line for line in report.lines if line.state == FALSE]
    with zipfile.ZipFile(out) as archive:
        manifest = json.loads(archive.read("evidence.json"))
    assert (manifest["incident"], manifest["from"]) == (None, BEGIN)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--incident", "99", "--out", "x.zip"), "there is no incident 99"),
        (("--incident", "9" * 30, "--out", "x.zip"), "there is no incident 99"),
        (("--incident", "1", "--out", "x.zip", "--utc-offset", "nan"), "no offset from UTC"),
        (("--incident", "1", "--out", "x.zip", "--utc-offset", "99"), "no offset from UTC"),
        (("--incident", "1", "--out", "x.zip", "--reason", "a\nb"), "give a line of plain text"),
        (("--incident", "1", "--out", "x.pdf"), "give a name that ends in .zip"),
        (("--square", "西门广场", "--out", "x.zip"), "wants --since and --until"),
        (
            ("--square", "西", "--since", "2026-11-23", "--until", "2026-11-24", "--out", "x.zip"),
            "this hub knows no unit of it; its squares are: 东门广场",
        ),
        (
            (
                "--square",
                SQUARE,
                "--since",
                "2026-11-01",
                "--until",
                "2026-11-24",
                "--out",
                "x.zip",
            ),
            "seven days at most",
        ),
    ],
)
def test_what_cannot_be_made_is_one_sentence(
    hub: HubFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said
):
    monkeypatch.chdir(tmp_path)
    done = run("evidence", "--data", hub.folder, *words, "--lang", "en")
    assert done.code == 2
    assert said in done.wrong[-1]
    in_chinese = run_in_chinese("evidence", "--data", hub.folder, *words)
    assert in_chinese.code == 2 and english_in(in_chinese, "nan") == [], in_chinese
    assert not list(tmp_path.iterdir())


def test_a_folder_without_a_hub_is_told(tmp_path: Path):
    with pytest.raises(UserError, match="no data folder of a hub"):
        opened_log(tmp_path)
