"""The certificate as one A4 page, from the dict alone; its font is in the file."""

from pathlib import Path
from typing import IO, Any

from noisetamer.base.language import say
from noisetamer.base.paper import pages, plots
from noisetamer.workshop.calibrate.certificate import certificate_plots

# dB: what is less shows as 0.00.
_SHOWN = 0.005
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
        "method": say(contents["method"].capitalize()),
        "headline": _headline(contents),
        "unit": _of_unit(contents),
        "reference": _of_reference(contents),
        "found": [
            (say(name), say(_plus_zero(value))) for name, value in contents["summary"].items()
        ],
        "budget": [
            (say(component["what"]), f"{component['standard']:.3f} dB", say(component["basis"]))
            for component in contents["budget"]
        ],
        "together": _together(contents),
        "notes": [say(note) for note in contents["notes"]],
        "statement": say(contents["statement"]),
        "digest": digest,
    }


def _headline(contents: dict[str, Any]) -> str:
    if contents["offset"] is not None:
        text = say("Offset {offset} dB", offset=f"{contents['offset']:+z.2f}")
    elif contents["deviation"] is not None:
        text = say(_reads(contents["deviation"]))
    else:
        return say("Equaliser leaves {rest}", rest=contents["summary"]["Worst residual"])
    return f"{text}   ± {contents['U']:.2f} dB (U, k = {contents['k']:g})"


def _reads(deviation: float) -> str:
    if abs(deviation) < _SHOWN:
        return "Reads right"
    much = "much" if deviation > 0 else "little"
    return f"Reads {abs(deviation):.2f} dB too {much}"


def _plus_zero(value: str) -> str:
    """ "-0.00 dB" of older certificates, as it is written."""
    return value.replace("-0.00 dB", "+0.00 dB")


def _of_unit(contents: dict[str, Any]) -> list[tuple[str, str]]:
    unit = contents["unit"]
    facts = [
        (say("Unit"), f"{unit['serial']}, {unit['microphone']}"),
        (say("Firmware"), unit["firmware"]),
        (say("Place"), contents["place"]),
        (say("Time"), contents["at"].replace("T", " ").replace("Z", " UTC")),
        (say("Operator"), contents["operator"]),
        (say("Due again"), contents["due"]),
    ]
    if contents["offset"] is not None:
        facts.append((say("Offset before"), f"{contents['calibration_before']:+z.2f} dB"))
    return facts


def _of_reference(contents: dict[str, Any]) -> list[tuple[str, str]]:
    reference = contents["reference"]
    return [
        (
            say("Reference"),
            say("{name}, no. {serial}", name=reference["name"], serial=reference["serial"]),
        ),
        (say("its own due date"), reference["due"]),
        (say("its own U (k = 2)"), f"{reference['U']:.2f} dB"),
    ]


def _together(contents: dict[str, Any]) -> tuple[str, str, str] | None:
    if not contents["budget"]:
        return None
    how = say("root of the sum of squares; U is {k} times as much", k=f"{contents['k']:g}")
    return say("together"), f"{contents['U'] / contents['k']:.3f} dB", how
