"""Every kind of plot and page is Chinese and says 巴国城广场 without a Chinese font.

A kind is drawn twice: with Chinese words, and with as many squares, which stand for a character
that the font does not have. Were the Chinese drawn as squares, the files would be the same; were
it not drawn at all, matplotlib would warn, and warnings are errors here.
"""

import datetime
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import batch_ledger
import pypdfium2
import pytest
from bare_computer import no_other_font
from hand_built import incident
from stored_square import seconds

from noisetamer.base import language
from noisetamer.base.paper import font
from noisetamer.base.paths import BOARDS
from noisetamer.hub.backtest import backtest, plot
from noisetamer.hub.reports import self_check_trend
from noisetamer.hub.reports.self_check_trend import Night
from noisetamer.simulate import levels_plot
from noisetamer.simulate.levels_series import collect
from noisetamer.sound.verify import plots as verify_plots
from noisetamer.sound.verify.check import Axis, Check, Section, about
from noisetamer.unit.boards import drawing, wiring
from noisetamer.unit.policy import week_plot
from noisetamer.workshop.burn_in import page
from noisetamer.workshop.burn_in.check import FAILED
from noisetamer.workshop.burn_in.check import Check as BurnInCheck
from noisetamer.workshop.burn_in.result import Result
from noisetamer.workshop.calibrate.certificate import certificate_page
from noisetamer.workshop.calibrate.drift import drift_chart
from noisetamer.workshop.calibrate.drift.course import Course, Point
from noisetamer.workshop.label import draw
from noisetamer.workshop.label.label import Label
from noisetamer.workshop.ledger import batch as batches
from noisetamer.workshop.ledger import report_page
from tamer.judge import policy

# As matplotlib says that a glyph is missing; what other tests left open is not ours to judge.
pytestmark = pytest.mark.filterwarnings("error::UserWarning")

CHINESE = "巴国城广场李喆"
SQUARES = "□" * len(CHINESE)
DAY = 86_400
T0 = 1_795_431_600

READINGS = {
    "calibrator": {"placement": [1, 1], "level": [0.01, -0.01]},
    "check": {"placement": [1, 1], "level": [0.01, -0.01]},
    "beside": {
        "time": [0, 1, 2],
        "unit": [50, 60, 70],
        "meter": [51, 61, 72],
        "residual": [0, 0.1, 2],
        "weight": [1, 1, 0],
    },
    "frequency": {"frequency_Hz": [100, 1000], "before": [1, 2], "after": [0, 0], "error": [1, 1]},
}


def certificate(kind: str) -> Callable[[str, Path], None]:
    def drawn(words: str, folder: Path) -> None:
        told = {
            "number": f"{words}-1",
            "method": words,
            "kind": kind,
            "unit": {"serial": words, "firmware": words, "microphone": words},
            "reference": {"name": words, "serial": "1", "due": "2027-05-01", "U": 0.2},
            "operator": words,
            "place": words,
            "at": "2026-11-23T11:00:00Z",
            "due": "2027-11-23",
            "calibration_before": 0.0,
            "offset": None if kind in ("check", "frequency") else 0.5,
            "deviation": None if kind == "frequency" else 0.5,
            "U": 0.3,
            "k": 2.0,
            "budget": [{"what": words, "standard": 0.1, "basis": words}] * (kind != "frequency"),
            "summary": {"Worst residual": "0.3 dB", words: words},
            "readings": READINGS[kind],
            "notes": [words],
            "statement": words,
        }
        out = io.BytesIO()
        certificate_page.save(told, "ab" * 32, out)
        (folder / "certificate.pdf").write_bytes(out.getvalue())

    return drawn


def burn_in(words: str, folder: Path) -> None:
    measured = {"spectrum": {"Hz": [50, 20_000], "dB": [0, 1]}, "background_dBA": 31}
    checks = [
        BurnInCheck("tone", FAILED, words, words, measured),
        BurnInCheck("block time", FAILED, words, words, {"worst_ms": 90, "block_ms": 125}),
        BurnInCheck("samples", FAILED, words, words, {}),
    ]
    about = {"chip": words, "microphone": words, "firmware": words}
    page.save(Result(words, "2026-11-28", 2.0, about, checks), "ab" * 32, folder / "burn_in")


def batch(words: str, folder: Path) -> None:
    ledger, vault = batch_ledger.made(folder)
    with ledger:
        batch_ledger.failed(ledger, vault, "24:0a:c4:00:00:09", words)
        found = batches.gather(ledger, batch_ledger.BATCH)
    report_page.write(found, words, folder / "report.pdf")


def labels(words: str, folder: Path) -> None:
    label = Label(words, "7K3MQ2ZD")
    draw.pdf([label], draw.SHEET, folder / "sheet.pdf")
    draw.pdf([label], draw.ROLL, folder / "roll.pdf")
    draw.png(label, folder / "label.png")


def levels(words: str, folder: Path) -> None:
    levels_plot.draw(*collect(incident(unit=words), 1), folder / "levels.png", words)


def week(words: str, folder: Path) -> None:
    venue = {"name": words, "from": "19:00", "to": "21:00", "limit": 68}
    week_plot.draw(rules(words, venue=[venue]), [T0, T0 + DAY], folder / "week.png")


def backtested(words: str, folder: Path) -> None:
    stored = [(words, second) for second in seconds((60, 500))]
    units = backtest.run(stored, [rules(words)], lambda _: 8)
    plot.draw(units, [words], [rules(words)], folder / "backtest.png")


def rules(name: str, **more: object) -> policy.Policy:
    return policy.read({"name": name, **more})


def fleet(words: str, folder: Path) -> None:
    at = datetime.datetime.fromtimestamp(T0, datetime.UTC)
    course = Course(words, [Point(at, 0.0, None, 0.0, 0.3)], at.date())
    drift_chart.draw([course], at.date(), folder / "fleet.png")


def nights(words: str, folder: Path) -> None:
    at = datetime.datetime.fromtimestamp(T0, datetime.UTC)
    checks = [Night(at, [1000], [0.1], 41.0, "good")] * 2
    self_check_trend.draw(words, checks, 0.5, folder / "trend.png")


def wires(words: str, folder: Path) -> None:
    found = wiring.read(BOARDS / "esp32_s3.py")
    drawing.draw(replace(found, title=words), folder / "wiring.png")


def verified(words: str, folder: Path) -> None:
    checks = [Check("", 0.1, about(0.0, 1.0), curve=words, at=at) for at in (1.0, 2.0)]
    section = Section("drift", words, "", words, checks, axis=Axis(words))
    (_, picture), *_ = verify_plots.pictures([("int", section)])
    (folder / "drift.svg").write_text(picture)


KINDS = {
    **{f"certificate, {kind}": certificate(kind) for kind in READINGS},
    "burn-in": burn_in,
    "batch report": batch,
    "labels": labels,
    "levels": levels,
    "week": week,
    "backtest": backtested,
    "fleet": fleet,
    "nights": nights,
    "wiring": wires,
    "meter": verified,
}


@pytest.fixture(autouse=True)
def bare_computer() -> Iterator[None]:
    with no_other_font():
        yield


@pytest.fixture(autouse=True)
def in_chinese() -> Iterator[None]:
    """A template's own words, too."""
    language.speak("zh")
    yield
    language.speak("en")


@pytest.mark.parametrize("draw_with", KINDS.values(), ids=KINDS)
def test_it_is_readable(tmp_path: Path, draw_with: Callable[[str, Path], None]):
    folders = []
    for words in (CHINESE, SQUARES):
        folders.append(tmp_path / str(len(folders)))
        folders[-1].mkdir()
        draw_with(words, folders[-1])
    drawn = [path for path in folders[0].iterdir() if path.suffix in (".pdf", ".png", ".svg")]
    assert drawn
    for path in drawn:
        assert path.read_bytes() != (folders[1] / path.name).read_bytes()
        if path.suffix == ".pdf":
            said, fonts = read(path)
            assert CHINESE in said
            assert "□" not in said
            assert fonts <= {file.stem for file in font.FILES}


def read(pdf: Path) -> tuple[str, set[str]]:
    """(All words of a document without spaces, the names of its fonts.)"""
    said, fonts = "", set()
    with pypdfium2.PdfDocument(pdf) as document:
        for sheet in document:
            said += "".join(sheet.get_textpage().get_text_range().split())
            for item in sheet.get_objects():
                if isinstance(item, pypdfium2.PdfTextObj):
                    assert item.get_font().is_embedded
                    fonts.add(item.get_font().get_base_name().rpartition("+")[2])
    return said, fonts
