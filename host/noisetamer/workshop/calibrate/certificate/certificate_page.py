"""The certificate as one A4 page, from the dict alone; its font is in the file."""

from pathlib import Path
from typing import IO, Any

from noisetamer.base.paper import pages, plots
from noisetamer.workshop.calibrate.certificate import certificate_plots

_TEMPLATE = Path(__file__).with_name("certificate.typ")


def save(told: dict[str, Any], digest: str, file: IO[bytes]) -> None:
    """Write the page as PDF. The same certificate gives the same bytes."""
    with plots.style(8.0):
        picture = plots.svg(certificate_plots.figure(told))
    file.write(pages.pdf(_TEMPLATE, _words(told, digest), {"readings": picture}))


def _words(told: dict[str, Any], digest: str) -> dict[str, Any]:
    """All that the page says, as it says it."""
    return {
        "number": told["number"],
        "serial": told["unit"]["serial"],
        "method": told["method"].capitalize(),
        "headline": _headline(told),
        "unit": _of_unit(told),
        "reference": _of_reference(told),
        "budget": [
            (component["what"], f"{component['standard']:.3f} dB", component["basis"])
            for component in told["budget"]
        ],
        "together": _together(told),
        "notes": told["notes"],
        "statement": told["statement"],
        "digest": digest,
    }


def _headline(told: dict[str, Any]) -> str:
    if told["offset"] is not None:
        text = f"Offset {told['offset']:+.2f} dB"
    elif told["deviation"] is not None:
        text = f"Reads {told['deviation']:+.2f} dB too much"
    else:
        return f"Equaliser leaves {told['summary']['Worst residual']}"
    return f"{text}   ± {told['U']:.2f} dB (U, k = {told['k']:g})"


def _of_unit(told: dict[str, Any]) -> list[tuple[str, str]]:
    unit = told["unit"]
    facts = [
        ("Unit", f"{unit['serial']}, {unit['microphone']}"),
        ("Firmware", unit["firmware"]),
        ("Place", told["place"]),
        ("Time", told["at"].replace("T", " ").replace("Z", " UTC")),
        ("Operator", told["operator"]),
        ("Due again", told["due"]),
    ]
    if told["offset"] is not None:
        facts.append(("Offset before", f"{told['calibration_before']:+.2f} dB"))
    return facts


def _of_reference(told: dict[str, Any]) -> list[tuple[str, str]]:
    reference = told["reference"]
    return [
        ("Reference", f"{reference['name']}, no. {reference['serial']}"),
        ("its own due date", reference["due"]),
        ("its own U (k = 2)", f"{reference['U']:.2f} dB"),
        *told["summary"].items(),
    ]


def _together(told: dict[str, Any]) -> tuple[str, str, str] | None:
    if not told["budget"]:
        return None
    how = f"root of the sum of squares; U is {told['k']:g} times as much"
    return "together", f"{told['U'] / told['k']:.3f} dB", how
