"""Verdicts as JUnit XML, the report every CI reads."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from noisetamer.base.output import writing
from noisetamer.simulate.expect import Verdict


@dataclass(frozen=True)
class Suite:
    """One run of a scenario. command: the line that runs the same again, the property
    "reproduce". wall_s: {unit: how long it was played}."""

    name: str
    verdicts: Sequence[Verdict]
    command: str
    wall_s: Mapping[str, float] = field(default_factory=dict)


def write(suites: Sequence[Suite], path: Path) -> None:
    """Write one testsuite for each run, one testcase for each of its expectations and units."""
    with writing(path):
        path.write_bytes(document(suites))


def document(suites: Sequence[Suite]) -> bytes:
    """The XML document, UTF-8, the same bytes for the same suites.

    The time a unit was played is shared out equally among what is expected of it.
    """
    every = [_suite(suite) for suite in suites]
    totals = {key: str(sum(int(one.get(key, 0)) for one in every)) for key in _counts([])}
    time = sum(float(one.get("time", 0)) for one in every)
    root = ElementTree.Element(
        "testsuites", {"name": "noisetamer simulate"} | totals | {"time": f"{time:.3f}"}
    )
    root.extend(every)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _suite(suite: Suite) -> ElementTree.Element:
    name, command = _printable(suite.name), _printable(suite.command)
    asked = Counter(verdict.unit for verdict in suite.verdicts)
    time = sum(suite.wall_s.get(unit, 0.0) for unit in asked)
    about = {"name": name} | _counts(suite.verdicts) | {"time": f"{time:.3f}"}
    element = ElementTree.Element("testsuite", about)
    properties = ElementTree.SubElement(element, "properties")
    ElementTree.SubElement(properties, "property", name="reproduce", value=command)
    for verdict in suite.verdicts:
        unit = f".{verdict.unit}" if verdict.unit else ""
        took = suite.wall_s.get(verdict.unit, 0.0) / asked[verdict.unit]
        case = ElementTree.SubElement(
            element,
            "testcase",
            classname=_printable(suite.name + unit),
            name=verdict.name,
            time=f"{took:.3f}",
        )
        sentence = _printable(verdict.sentence)
        if verdict.undecided:
            why = f"the run ended before the story: {sentence} so far"
            ElementTree.SubElement(case, "skipped", message=why)
        elif verdict.failed:
            failure = ElementTree.SubElement(case, "failure", message=sentence, type="expect")
            failure.text = f"{sentence}\nreproduce: {command}"
    return element


def _counts(verdicts: Sequence[Verdict]) -> dict[str, str]:
    return {
        "tests": str(len(verdicts)),
        "failures": str(sum(verdict.failed for verdict in verdicts)),
        "errors": "0",
        "skipped": str(sum(verdict.undecided for verdict in verdicts)),
    }


def _printable(text: str) -> str:
    # XML 1.0 has no way to carry control characters, not even escaped.
    return "".join(letter if letter.isprintable() else " " for letter in text)
