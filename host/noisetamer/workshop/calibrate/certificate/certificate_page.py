"""The certificate as one A4 page, from the dict alone; its font is in the file."""

from pathlib import Path
from typing import IO, Any

from noisetamer.base.paper import pages, plots
from noisetamer.workshop.calibrate.certificate import certificate_plots

_TEMPLATE = Path(__file__).with_name("certificate.typ")


def save(contents: dict[str, Any], digest: str, file: IO[bytes]) -> None:
    """Write the page as PDF. The same certificate gives the same bytes."""
    with plots.style(8.0):
        picture = plots.svg(certificate_plots.figure(contents))
    file.write(pages.pdf(_TEMPLATE, _words(contents, digest), {"readings": picture}))


def _words(contents: dict[str, Any], digest: str) -> dict[str, Any]:
    """All that the page says, as it says it."""
    return {
        "number": contents["number"],
        "serial": contents["unit"]["serial"],
        "method": contents["method"].capitalize(),
        "headline": _headline(contents),
        "unit": _of_unit(contents),
        "reference": _of_reference(contents),
        "budget": [
            (component["what"], f"{component['standard']:.3f} dB", component["basis"])
            for component in contents["budget"]
        ],
        "together": _together(contents),
        "notes": contents["notes"],
        "statement": contents["statement"],
        "digest": digest,
    }


def _headline(contents: dict[str, Any]) -> str:
    if contents["offset"] is not None:
        text = f"Offset {contents['offset']:+.2f} dB"
    elif contents["deviation"] is not None:
        text = f"Reads {contents['deviation']:+.2f} dB too much"
    else:
        return f"Equaliser leaves {contents['summary']['Worst residual']}"
    return f"{text}   ± {contents['U']:.2f} dB (U, k = {contents['k']:g})"


def _of_unit(contents: dict[str, Any]) -> list[tuple[str, str]]:
    unit = contents["unit"]
    facts = [
        ("Unit", f"{unit['serial']}, {unit['microphone']}"),
        ("Firmware", unit["firmware"]),
        ("Place", contents["place"]),
        ("Time", contents["at"].replace("T", " ").replace("Z", " UTC")),
        ("Operator", contents["operator"]),
        ("Due again", contents["due"]),
    ]
    if contents["offset"] is not None:
        facts.append(("Offset before", f"{contents['calibration_before']:+.2f} dB"))
    return facts


def _of_reference(contents: dict[str, Any]) -> list[tuple[str, str]]:
    reference = contents["reference"]
    return [
        ("Reference", f"{reference['name']}, no. {reference['serial']}"),
        ("its own due date", reference["due"]),
        ("its own U (k = 2)", f"{reference['U']:.2f} dB"),
        *contents["summary"].items(),
    ]


def _together(contents: dict[str, Any]) -> tuple[str, str, str] | None:
    if not contents["budget"]:
        return None
    how = f"root of the sum of squares; U is {contents['k']:g} times as much"
    return "together", f"{contents['U'] / contents['k']:.3f} dB", how
