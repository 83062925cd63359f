"""Plots and pages: our font alone, the same bytes, and nothing that is not drawn."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from bare_computer import no_other_font
from matplotlib.figure import Figure
from PIL import Image
from pypdfium2 import PdfTextObj

from noisetamer.base.errors import UserError
from noisetamer.base.paper import font, pages, plots

# As matplotlib says that a glyph is missing; what other tests left open is not ours to judge.
pytestmark = pytest.mark.filterwarnings("error::UserWarning")

CHINESE = "巴国城广场"
TEMPLATE = """
#import "/base/paper/style.typ": *
#show: paper.with(title: data.title, foot: data.foot)
#head(data.title, "below")
#facts(data.facts)
#if "picture plot" in sys.inputs { picture("plot", width: 100%) }
"""


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of a room that lies beside the real one's style."""
    room = tmp_path / "base" / "paper"
    room.mkdir(parents=True)
    (room / "style.typ").write_bytes(Path(pages.__file__).with_name("style.typ").read_bytes())
    monkeypatch.setattr(pages, "_ROOT", tmp_path)
    (tmp_path / "page.typ").write_text(TEMPLATE)
    return tmp_path / "page.typ"


def words(title: str = CHINESE, **facts: str) -> dict:
    return {"title": title, "foot": "foot", "facts": list(facts.items())}


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def plot(title: str) -> Figure:
    figure = Figure(figsize=plots.of_mm(80, 40), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [-1, 1])
    axes.set_title(title, weight="bold")
    return figure


def test_a_page_says_what_it_was_told(template: Path):
    text = text_of(pages.pdf(template, words(Operator="李喆", Price="*3 $5_ #x")))
    for said in (CHINESE, "李喆", "*3 $5_ #x", "foot", "page 1 of 1"):
        assert said in text


def test_a_plot_s_words_are_words_on_its_page(template: Path):
    with plots.style():
        drawn = plots.svg(plot("广场 −3 dB"))
    assert "广场 −3 dB" in text_of(pages.pdf(template, words(), {"plot": drawn}))


def test_a_page_knows_no_font_but_ours(template: Path):
    with plots.style():
        drawn = plots.svg(plot(CHINESE))
    page = pages.pdf(template, words(), {"plot": drawn})
    with pypdfium2.PdfDocument(page) as document:
        texts = [item for item in document[0].get_objects() if isinstance(item, PdfTextObj)]
        names = {item.get_font().get_base_name() for item in texts}
    assert {name.partition("+")[2] or name for name in names} == {file.stem for file in font.FILES}


def test_a_long_word_keeps_to_its_column(template: Path):
    page = pages.pdf(template, words(Place="/".join(["a" * 60] * 5), Operator="王" * 200))
    with pypdfium2.PdfDocument(page) as document:
        (width, _), shown = document[0].get_size(), document[0].get_textpage()
        rights = [shown.get_charbox(i)[2] for i in range(shown.count_chars())]
    assert max(rights) < width - 40


def test_no_line_of_chinese_begins_with_a_full_stop(template: Path):
    page = pages.pdf(
        template, words(Place="".join("巴国城广场东"[: 1 + n % 6] + "。" for n in range(99)))
    )
    with pypdfium2.PdfDocument(page) as document:
        lines = document[0].get_textpage().get_text_range().splitlines()
    told = [line for line in lines if "巴国" in line or line.startswith("。")]
    assert len(told) > 4
    assert not [line for line in told if line.startswith("。")]


def test_a_character_without_a_glyph_is_a_square_and_no_warning(template: Path):
    assert "广场 □" in text_of(pages.pdf(template, words("广场 \U0001f600")))
    with plots.style():
        assert "广场 □" in plots.svg(plot("广场 \U0001f600"))


def test_a_picture_is_the_page(template: Path, tmp_path: Path):
    (tmp_path / "page.png").write_bytes(pages.png(template, words(), dpi=50))
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == (413, 585)
        assert np.asarray(picture.convert("L")).min() < 80


@pytest.mark.tools
def test_the_same_data_are_the_same_bytes_in_another_process(template: Path):
    code = (
        "import json, sys; from pathlib import Path; from noisetamer.base.paper import pages;"
        "pages._ROOT = Path(sys.argv[1]).parent;"
        "sys.stdout.buffer.write(pages.pdf(Path(sys.argv[1]), json.loads(sys.argv[2])))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, template, json.dumps(words())],
        check=True,
        capture_output=True,
    )
    assert ran.stdout == pages.pdf(template, words())


def test_a_plot_has_chinese_where_the_computer_has_none(tmp_path: Path):
    pictures = []
    for title in ("", CHINESE, "□□□□□"):
        with no_other_font(), plots.style():
            plots.write_png(plot(title), tmp_path / "plot.png", dpi=100)
        pictures.append(np.asarray(Image.open(tmp_path / "plot.png").convert("L"), int))
    bare, drawn, squares = pictures
    assert (drawn != bare).sum() > 300
    assert (drawn != squares).sum() > 300


def test_a_title_with_a_dollar_is_a_title(tmp_path: Path):
    with plots.style():
        assert "5 $ or 6 $" in plots.svg(plot("5 $ or 6 $"))


def test_the_same_figure_is_the_same_bytes(tmp_path: Path):
    for name in ("a.png", "b.png"):
        with plots.style():
            plots.write_png(plot(CHINESE), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_plot_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    with plots.style(), pytest.raises(UserError, match=r"plot\.png: cannot be written: No such"):
        plots.write_png(plot(""), tmp_path / "none" / "plot.png")
