"""`noisetamer report`: what cannot be reported is one sentence, in either language."""

from pathlib import Path

import pytest
from in_chinese import english_in, run_in_chinese
from program import run

from noisetamer.hub.registry import Units
from noisetamer.hub.store.writer import Store

SQUARE = "东门广场"
NOVEMBER = ("--square", SQUARE, "--month", "2026-11")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a hub that has a unit and has heard nothing."""
    folder = tmp_path_factory.mktemp("hub")
    Store(folder / "hub.sqlite").close()
    Units(folder / "units.sqlite").enrol("NT-0001", square=SQUARE)
    return folder


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*NOVEMBER, "--out", "a.txt"), "give a name that ends in .pdf"),
        ((*NOVEMBER, "--out", "a.pdf"), "this hub has no second of 2026-11"),
        ((*NOVEMBER, "--out", "a.pdf", "--zone", "Mars"), "is no time zone known here"),
        ((*NOVEMBER, "--out", "a.pdf", "--split", "June"), "write a day like 2026-11-15"),
        ((*NOVEMBER, "--out", "a.pdf", "--data", "None"), "no data folder of a hub"),
        (("--square", SQUARE, "--month", "2026-13", "--out", "a.pdf"), "is no month"),
        (("--square", SQUARE, "--month", "2098-01", "--out", "a.pdf"), "has not begun yet"),
        (("--square", "西门", "--month", "2026-11", "--out", "a.pdf"), "knows no unit of it"),
        (NOVEMBER, "required: --out"),
    ],
)
def test_what_cannot_be_reported_is_one_sentence(
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    said: str,
):
    monkeypatch.chdir(tmp_path)
    ran = run("report", "--data", data, *words, "--lang", "en")
    assert (ran.code, len(ran.wrong)) == (2, 1) and said in ran.wrong[0]
    ran = run_in_chinese("report", "--data", data, *words)
    assert (ran.code, len(ran.wrong)) == (2, 1) and english_in(ran) == [], ran
    assert not list(tmp_path.iterdir())
