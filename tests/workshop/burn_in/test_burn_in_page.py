"""The page of a burn-in: all of it is there, in any language, the same bytes each time."""

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from noisetamer.base.errors import UserError
from noisetamer.workshop.burn_in import page
from noisetamer.workshop.burn_in.check import FAILED, NOT_RUN, PASSED, Check
from noisetamer.workshop.burn_in.result import Result

LONG = (
    "the tone is 0.1 dB over a background of 31 dB(A): 检查扬声器的接线、功放和麦克风的开口。" * 3
)
TONE = {"spectrum": {"Hz": [50, 1000, 20_000], "dB": [0, 94, 1]}, "background_dBA": 31}
SAMPLES = {"late_ms": [0, 3, 200], "slack_ms": 101, "lost": [0, 0, 1]}


def result(**measured: dict) -> Result:
    checks = [
        Check("block time", PASSED, "at most 80 ms", "a block takes 12 ms", measured["block"]),
        Check("tone", FAILED, "at least 20 dB over background", LONG, measured["tone"]),
        Check("samples", NOT_RUN, "at most 0 s", "no hub set", measured["samples"]),
    ]
    about = {"chip": "ESP32S3", "microphone": "INMP441", "firmware": "0.1.0"}
    return Result("NT1-2611-0001", "2026-11-28T04:57:28Z", 2.0, about, checks)


BLOCK = {"worst_ms": 12.0, "block_ms": 125.0}
WHOLE = result(block=BLOCK, tone=TONE, samples=SAMPLES)
NOTHING = result(block={}, tone={}, samples={})


def test_everything_is_on_it_and_nothing_is_cut(tmp_path: Path):
    page.save(WHOLE, "ab" * 32, tmp_path / "page")
    with pypdfium2.PdfDocument(tmp_path / "page.pdf") as document:
        assert len(document) == 1
        said = "".join(document[0].get_textpage().get_text_range().split())
    for words in ("Burn-in NT1-2611-0001", "FAIL", "1 failed, 1 not confirmed or not run", LONG):
        assert "".join(words.split()) in said
    assert "ab" * 32 in said
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.width == 909


@pytest.mark.parametrize("found", [WHOLE, NOTHING], ids=["measured", "nothing measured"])
def test_the_same_result_is_the_same_bytes(tmp_path: Path, found: Result):
    for name in ("a", "b"):
        page.save(found, "ab" * 32, tmp_path / name)
    for suffix in (".png", ".pdf"):
        first, second = (tmp_path / f"{name}{suffix}" for name in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    with pytest.raises(UserError, match=r"page\.png cannot be written .*--out"):
        page.save(WHOLE, "", tmp_path / "none" / "page")
