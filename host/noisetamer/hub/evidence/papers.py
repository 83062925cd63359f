"""The curve and the report, drawn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

CURVE, REPORT = "curve.svg", "report.pdf"
_TEMPLATE = Path(__file__).with_name("report.typ")


def draw(what: Mapping[str, Any]) -> dict[str, bytes]:
    """{member: its bytes}. what: `report` (as `report.report` has it), `series` (as
    curve.Series), `shown`: how many of them the report has, `utc_offset` (s), and `words` of the
    curve in each language."""
    # here: whoever only asks for a bundle need not wait for what draws it
    from noisetamer.base.paper import pages, plots
    from noisetamer.hub.evidence import drawing
    from noisetamer.hub.evidence.curve import Series

    series = [Series(**one) for one in what["series"]]
    with plots.style(7.5):
        alone = drawing.figure(series, what["utc_offset"], what["words"])
        curve = plots.svg(alone, outlines=True)
        few = drawing.figure(series[: what["shown"]], what["utc_offset"], what["words"])
        picture = plots.svg(few)
    document = pages.pdf(_TEMPLATE, what["report"], {"curve": picture})
    return {CURVE: curve.encode(), REPORT: document}
