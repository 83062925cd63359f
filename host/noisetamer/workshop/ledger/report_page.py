"""The batch report as PDF, A4 across, with matplotlib's own fonts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from noisetamer.workshop.ledger.report import Report
from noisetamer.workshop.ledger.standing import GOOD, Standing

_WIDTH_MM, _HEIGHT_MM, _MARGIN_MM, _LINE_MM = 297.0, 210.0, 14.0, 5.2
_ROWS_A_PAGE = 31
_INK, _FAINT, _GREEN, _RED = "#1f2933", "#6b7785", "#1a7f37", "#b42318"

# (heading, where it begins, mm, how many characters it has room for)
_COLUMNS = (
    ("unit", 14, 16),
    ("state", 43, 12),
    ("MAC", 62, 18),
    ("firmware", 95, 10),
    ("MicroPython", 111, 12),
    ("square", 131, 17),
    ("policy", 160, 12),
    ("failed", 182, 4),
    ("reason", 194, 60),
)

# DejaVu comes with matplotlib and has no Chinese: a square's name is drawn in the first of these
# that is installed, and as its escapes where none is.
_CHINESE = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
)


def write(report: Report, at: str, file: Path) -> None:
    """at: when it was made, UTC. Raises OSError."""
    lines = [_unit(standing) for standing in report.units]
    lines += [_refused(board.mac or board.port, board.reason) for board in report.refused]
    pages = [lines[i : i + _ROWS_A_PAGE] for i in range(0, len(lines), _ROWS_A_PAGE)] or [[]]
    chinese = next((name for name in _CHINESE if name in font_manager.get_font_names()), None)
    families = ["DejaVu Sans", *([chinese] if chinese else [])]
    settings: Any = {"font.family": families, "font.size": 7.5, "pdf.fonttype": 42}
    # Without a date of its own: the same ledger gives the same bytes.
    with (
        mpl.rc_context(settings),
        PdfPages(file, metadata={"CreationDate": None, "Title": f"Batch {report.batch}"}) as pdf,
    ):
        for number, page in enumerate(pages, 1):
            foot = f"{at}   page {number} of {len(pages)}"
            pdf.savefig(_page(report, page, foot, chinese is not None))


_Line = tuple[Sequence[str], str]
"""The texts of a row by column, and the colour of its state."""


def _unit(standing: Standing) -> _Line:
    facts = standing.facts
    texts = (
        standing.unit.serial,
        standing.state,
        standing.unit.mac,
        str(facts.get("firmware", "")),
        str(facts.get("micropython", "")),
        str(facts.get("square", "")),
        str(facts.get("policy", "")),
        str(standing.failures or ""),
        f"{standing.step}: {standing.reason}" if standing.step else standing.reason,
    )
    return texts, _GREEN if standing.state == GOOD else _RED


def _refused(who: str, reason: str) -> _Line:
    return ("-", "refused", who, "", "", "", "", "", reason), _RED


def _page(report: Report, lines: list[_Line], foot: str, chinese: bool) -> Figure:
    figure = Figure(figsize=(_WIDTH_MM / 25.4, _HEIGHT_MM / 25.4))

    def say(x_mm: float, y_mm: float, text: str, **look: Any) -> None:
        shown = text if chinese or text.isascii() else ascii(text)[1:-1]
        figure.text(x_mm / _WIDTH_MM, 1 - y_mm / _HEIGHT_MM, shown, va="baseline", **look)

    say(_MARGIN_MM, 18, f"Noise Tamer, batch {report.batch}", size=15, weight="bold", color=_INK)
    say(_MARGIN_MM, 25, report.headline, size=10, color=_INK)
    top = 34.0
    for heading, x_mm, _ in _COLUMNS:
        say(x_mm, top, heading, color=_FAINT)
    for i, (texts, colour) in enumerate(lines, 1):
        for (heading, x_mm, room), text in zip(_COLUMNS, texts, strict=True):
            cut = text if len(text) <= room else text[: room - 1] + "…"
            say(
                x_mm,
                top + i * _LINE_MM,
                cut,
                color=colour if heading == "state" else _INK,
                weight="bold" if heading == "state" else "normal",
                parse_math=False,
            )
    say(_MARGIN_MM, _HEIGHT_MM - 8, foot, color=_FAINT)
    return figure
