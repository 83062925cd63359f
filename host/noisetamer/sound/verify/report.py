"""report.html and report.json: what was found, for a reader and for a program."""

import json
import math
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from noisetamer.base.errors import UserError
from noisetamer.base.paper import web
from noisetamer.sound.verify.check import Bound, Check, Section
from noisetamer.sound.verify.cost import BASIS
from noisetamer.sound.verify.outcome import Outcome
from noisetamer.sound.verify.plots import pictures

_HERE = Path(__file__).parent


def write(outcome: Outcome, folder: Path, provenance: dict[str, str]) -> Path:
    """Write both into `folder`; returns the HTML's path. Raises UserError if it cannot."""
    html, data = folder / "report.html", folder / "report.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data.write_text(
            json.dumps({"provenance": provenance, **outcome.as_json()}, indent=1) + "\n",
            encoding="utf-8",
        )
        html.write_text(rendered(outcome, provenance), encoding="utf-8")
    except OSError as error:
        raise UserError(
            f"{folder}: the report cannot be written: {error.strerror or error};"
            " choose another place with --out"
        ) from None
    return html


def rendered(outcome: Outcome, provenance: dict[str, str]) -> str:
    """The HTML, one file that needs no other."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=_number, limits=_limits, share=_share)
    template = environment.get_template("report.html")
    tests = [_test(outcome, key) for key in _keys(outcome)]

    def page(css: str) -> str:
        return template.render(
            outcome=outcome, provenance=provenance, tests=tests, basis=BASIS, css=css
        )

    # Once for its letters: the font that goes along has no others.
    return page(web.css(page("")))


def _keys(outcome: Outcome) -> list[str]:
    """Tests that at least one kernel ran, in their order."""
    return list(dict.fromkeys(s.key for part in outcome.sections.values() for s in part))


def _test(outcome: Outcome, key: str) -> dict[str, Any]:
    """One test over all kernels: what its line, its pictures and its tables need."""
    of_kernel = [
        (kernel, section)
        for kernel in outcome.kernels
        for section in outcome.sections[kernel.name]
        if section.key == key
    ]
    return {
        "section": of_kernel[0][1],
        "of_kernel": of_kernel,
        "by_name": {kernel.name: section for kernel, section in of_kernel},
        "class1": _used([s for _, s in of_kernel], "class1"),
        "ours": _used([s for _, s in of_kernel], "ours"),
        "passed": all(section.passed for _, section in of_kernel),
        "count": sum(len(section.checks) for _, section in of_kernel),
        "pictures": pictures([(kernel.name, section) for kernel, section in of_kernel]),
    }


def _used(sections: list[Section], which: str) -> tuple[float, Check] | None:
    """The largest part used of what is allowed, and by which check."""
    shares = [
        (bound.share(check.reading), check)
        for section in sections
        for check in section.checks
        if (bound := getattr(check, which)) is not None
    ]
    return max(shares, key=lambda pair: pair[0]) if shares else None


def _number(value: float | None, digits: int = 2) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    # Adding 0 turns -0.00 into 0.00.
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _limits(bound: Bound | None) -> str:
    if bound is None:
        return "–"

    def shown(limit: float, sign: str) -> str:
        return f"{sign}{abs(limit):g}" if math.isfinite(limit) else f"{sign}∞"

    if bound.low == -bound.high:
        return f"±{bound.high:g}"
    return f"{shown(bound.high, '+')} / {shown(bound.low, chr(0x2212))}"


def _share(value: float) -> str:
    """A part of what is allowed, in percent."""
    return "over" if not math.isfinite(value) else f"{100.0 * value:.0f} %"
