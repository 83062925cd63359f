"""The certificate: one page that needs no font of the reader's, and is never overwritten."""

import datetime
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument, PdfTextObj

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.certificate import certificate, certificate_page
from noisetamer.workshop.calibrate.certificate.certificate import Circumstances
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.certificate.result import Result
from noisetamer.workshop.calibrate.certificate.uncertainty import Component
from noisetamer.workshop.calibrate.unit.instrument import of_microphone

WHERE = Circumstances(
    "王伟", "Square 3, pole 2", datetime.datetime(2026, 11, 23, 11, 0, 0, 42000, datetime.UTC)
)
RESULT = Result(
    method="calibrator",
    budget=[Component("calibrator", 0.03, "certificate"), Component("seating", 0.04, "twice")],
    summary={"Level": "94.02 dB"},
    readings={"placement": [1, 1], "level": [0.01, -0.01]},
    change=-0.504,
    deviation=0.504,
)


def told(where: Circumstances = WHERE) -> dict:
    reference = Reference("HS6020", "04417", datetime.date(2027, 5, 1), 0.2, (94.02,), 1000.0)
    instrument = of_microphone("INMP441", "NT1-2611-0001", "0.1.0", 2.0)
    return certificate.certificate(RESULT, instrument, reference, where)


def test_it_holds_what_a_calibration_must_tell():
    found = told()
    assert found["number"] == "NT1-2611-0001-20261123T110000042Z-calibrator"
    assert (found["calibration_before"], found["change"], found["offset"]) == (2.0, -0.5, 1.5)
    assert (found["U"], found["k"]) == (0.1, 2.0)
    assert (found["at"], found["due"]) == ("2026-11-23T11:00:00Z", "2027-11-23")
    assert (found["operator"], found["place"]) == ("王伟", "Square 3, pole 2")
    assert found["reference"]["serial"] == "04417"
    assert found["unit"]["firmware"] == "0.1.0"
    assert "no accuracy class" in found["statement"]


def test_page_and_data_belong_together_and_stay(tmp_path: Path):
    page, digest = certificate.write(told(), tmp_path)
    data = page.with_suffix(".json")
    assert hashlib.sha256(data.read_bytes()).hexdigest() == digest
    assert json.loads(data.read_text(encoding="utf-8")) == told()
    with pytest.raises(UserError, match="is there already and is kept"):
        certificate.write(told(), tmp_path)


def saved(found: dict) -> bytes:
    file = io.BytesIO()
    certificate_page.save(found, "ab" * 32, file)
    return file.getvalue()


def test_every_font_is_in_the_file_and_the_same_certificate_is_the_same_bytes():
    page = saved(told())
    with PdfDocument(page) as document:
        assert len(document) == 1
        words = [one for one in document[0].get_objects() if isinstance(one, PdfTextObj)]
        assert words and all(one.get_font().is_embedded for one in words)
    assert page == saved(told())


@pytest.mark.parametrize("place", ["the square in front of the gymnasium " * 5, "a" * 180])
def test_long_words_keep_to_their_place(place: str):
    with PdfDocument(saved(told(replace(WHERE, place=place)))) as document:
        shown = document[0].get_textpage()
        letters = [shown.get_charbox(i) for i in range(shown.count_chars())]
        said = shown.get_text_range()
    start = said.index("Place")
    column, end = letters[said.index("Reference")][0], said.index("Time", start)
    assert "".join(said[start:end].split()) == "Place" + "".join(place.split())
    assert max(right for _, _, right, _ in letters[start:end]) < column


def test_a_name_and_a_place_in_chinese_are_on_the_page():
    with PdfDocument(saved(told(replace(WHERE, operator="李喆", place="巴国城广场")))) as document:
        said = document[0].get_textpage().get_text_range()
    assert "李喆" in said and "巴国城广场" in said


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(UserError, match=r"the certificate cannot be written: .*--out"):
        certificate.write(told(), tmp_path / "out" / "deeper")
