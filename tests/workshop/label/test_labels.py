"""Labels: a scanner reads them, and so do people."""

from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from noisetamer import cli
from noisetamer.base.errors import UserError
from noisetamer.workshop.label.draw import ROLL, SHEET, pdf, png
from noisetamer.workshop.label.label import Label, labels
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import Batch

_DOTS_A_POINT = 3


def made(n: int) -> list[Label]:
    return [Label(f"NT1-2611-{i + 1:04}", "7K3MQ2ZD") for i in range(n)]


def pages(file: Path) -> list[Image.Image]:
    with pypdfium2.PdfDocument(file) as document:
        return [page.render(scale=_DOTS_A_POINT).to_pil() for page in document]


def scanned(picture: Image.Image) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(picture)}


def test_a_scanner_reads_serial_and_claim_code(tmp_path: Path):
    png(made(1)[0], tmp_path / "label.png")
    with Image.open(tmp_path / "label.png") as picture:
        assert scanned(picture) == {"NOISETAMER:NT1-2611-0001:7K3MQ2ZD"}


def test_every_label_of_a_sheet_can_be_scanned_and_read(tmp_path: Path):
    pdf(made(7), SHEET, tmp_path / "sheet.pdf")
    (page,) = pages(tmp_path / "sheet.pdf")
    assert scanned(page) == {label.payload for label in made(7)}
    with pypdfium2.PdfDocument(tmp_path / "sheet.pdf") as document:
        text = document[0].get_textpage().get_text_range()
    assert all(label.serial in text for label in made(7))
    assert text.count("7K3M-Q2ZD") == 7


def test_a_begun_sheet_is_used_up(tmp_path: Path):
    pdf(made(3), SHEET, tmp_path / "sheet.pdf", skip=64)
    first, second = pages(tmp_path / "sheet.pdf")
    assert scanned(first) == {"NOISETAMER:NT1-2611-0001:7K3MQ2ZD"}
    assert len(scanned(second)) == 2


def test_a_roll_has_one_label_a_page(tmp_path: Path):
    pdf(made(2), ROLL, tmp_path / "roll.pdf")
    assert [scanned(page) for page in pages(tmp_path / "roll.pdf")] == [
        {label.payload} for label in made(2)
    ]


def test_labels_of_a_sheet_stay_on_it():
    across = SHEET.first_mm[0] + (SHEET.columns - 1) * SHEET.pitch_mm[0] + SHEET.label_mm[0]
    down = SHEET.first_mm[1] + (SHEET.rows - 1) * SHEET.pitch_mm[1] + SHEET.label_mm[1]
    assert across <= SHEET.page_mm[0] and down <= SHEET.page_mm[1]


def test_the_same_units_give_the_same_bytes(tmp_path: Path):
    for name in ("a.pdf", "b.pdf"):
        pdf(made(1), ROLL, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_only_good_units_get_a_label(tmp_path: Path):
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        unit = ledger.enrol("mac", Batch("NT1", "2611"), "7K3MQ2ZD", lambda serial: b"")
        with pytest.raises(UserError, match="NT1-2611-0001 gets no label: unfinished"):
            labels(ledger, [unit.serial])
        ledger.record(unit.serial, "flash", "passed", {})
        assert labels(ledger, [unit.serial]) == made(1)
        with pytest.raises(UserError, match="No unit NT1-2611-0002 is in the ledger"):
            labels(ledger, ["NT1-2611-0002"])


def test_the_command_writes_sheet_roll_and_pictures(tmp_path: Path, capsys):
    file, out = tmp_path / "ledger.sqlite", tmp_path / "out"
    with Ledger.open(file) as ledger:
        unit = ledger.enrol("mac", Batch("NT1", "2611"), "7K3MQ2ZD", lambda serial: b"")
        ledger.record(unit.serial, "flash", "passed", {})
    words = ["--ledger", str(file), "--out", str(out)]
    assert cli.run(["label", "--batch", "NT1-2611", *words]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "NT1-2611-0001.png",
        "labels-roll.pdf",
        "labels-sheet.pdf",
    ]
    assert cli.run(["label", "NT1-2611-0009", *words]) == 2
    assert "No unit NT1-2611-0009" in capsys.readouterr().err
    assert cli.run(["label", *words]) == 2
    assert "Which labels?" in capsys.readouterr().err
