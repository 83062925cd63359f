"""`noisetamer ledger`, as a technician types it."""

import csv
from pathlib import Path

import pypdfium2
import pytest
from batch_ledger import made, passed

from noisetamer import cli


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    ledger, vault = made(tmp_path)
    passed(ledger, vault, "24:0a:c4:00:00:07", replaces="NT1-2611-0001")
    ledger.close()
    return tmp_path / "ledger.sqlite"


def test_units_says_where_each_stands(ledger_file: Path, capsys):
    assert cli.run(["ledger", "units", "--ledger", str(ledger_file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    assert "replaced: by NT1-2611-0004" in lines[0]
    assert "人民广场  passed; left: calibrate it, label it, hand it over" in lines[1]
    assert "failed at image: MD5 of file does not match" in lines[2]
    assert lines[4].startswith("-") and "refused: it has no PSRAM" in lines[4]


def test_show_begins_with_the_unit_whose_place_it_took(ledger_file: Path, capsys):
    assert cli.run(["ledger", "show", "NT1-2611-0004", "--ledger", str(ledger_file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("NT1-2611-0001") and "replaced" in lines[0]
    assert any(line.startswith("NT1-2611-0004") for line in lines)
    page = "\n".join(lines)
    assert not set("{}[]") & set(page) and "None" not in page
    assert "  square       人民广场" in lines
    assert "burn-in check      passed         tone: as it should be" in page


def test_a_report_has_a_row_for_every_unit_and_a_page(ledger_file: Path, tmp_path: Path, capsys):
    out = tmp_path / "out"
    words = ["ledger", "report", "--batch", "NT1-2611", "--out", str(out)]
    assert cli.run([*words, "--ledger", str(ledger_file)]) == 0
    assert "4 units: 2 passed, 1 failed, 1 replaced; 1 board refused" in capsys.readouterr().out
    with (out / "NT1-2611-report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["state"] for row in rows] == [
        "replaced",
        "passed",
        "failed",
        "passed",
        "refused",
        "batch",
    ]
    assert rows[1]["square"] == "人民广场"
    assert rows[2]["reason"] == "MD5 of file does not match data in flash"
    assert (rows[2]["step"], rows[2]["failed"]) == ("image", "flashing 1 of 1")
    assert rows[2]["left"].startswith("flash it again: MD5 of file does not match")
    assert (rows[4]["mac"], rows[4]["port"]) == ("24:0a:c4:00:00:04", "c")
    assert rows[5]["reason"].startswith("0 of 3 finished: flashed 2, burned in 2, lamps seen 2")
    assert (rows[0]["replaced_by"], rows[3]["replaces"]) == ("NT1-2611-0004", "NT1-2611-0001")
    with pypdfium2.PdfDocument(out / "NT1-2611-report.pdf") as document:
        text = document[0].get_textpage().get_text_range()
    assert "Noise Tamer, batch NT1-2611" in text
    assert "0 of 3 finished: flashed 2, burned in 2" in text
    assert "failed at" in text and "flashing 1" in text
    assert "24:0a:c4:00:00:03" in text and "it has no PSRAM" in text
    assert text.count("人民广场") == 3
    assert "page 1 of 1" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "NT1-2611-0099"], "No unit NT1-2611-0099 is in the ledger"),
        (["report", "--batch", "NT1-2612"], "has no unit of the batch NT1-2612"),
        (["report", "--batch", "x"], "is no batch"),
    ],
)
def test_a_mistake_is_one_sentence(ledger_file: Path, capsys, words: list[str], sentence: str):
    assert cli.run(["ledger", *words, "--ledger", str(ledger_file)]) == 2
    said = capsys.readouterr().err.strip()
    assert sentence in said and "\n" not in said


def test_without_a_ledger_it_says_so(tmp_path: Path, capsys):
    assert cli.run(["ledger", "units", "--ledger", str(tmp_path / "none")]) == 2
    assert "There is no ledger" in capsys.readouterr().err
