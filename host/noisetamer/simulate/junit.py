"""Verdicts as JUnit XML, the report every CI reads."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from noisetamer.base.output import writing
from noisetamer.simulate.expect import Verdict


def write(verdicts: Iterable[Verdict], path: Path, scenario: str, command: str) -> None:
    """Write one testsuite for the scenario, one testcase for each expectation and unit.

    `command` is the line that runs the same again; it goes along as the property "reproduce".
    """
    with writing(path):
        path.write_bytes(document(list(verdicts), scenario, command))


def document(verdicts: list[Verdict], scenario: str, command: str) -> bytes:
    """The XML document, UTF-8, the same bytes for the same verdicts."""
    counts = {
        "tests": str(len(verdicts)),
        "failures": str(sum(not verdict.passed for verdict in verdicts)),
        "errors": "0",
        "skipped": "0",
    }
    suites = ElementTree.Element("testsuites", {"name": "noisetamer simulate"} | counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _printable(scenario)} | counts)
    properties = ElementTree.SubElement(suite, "properties")
    ElementTree.SubElement(properties, "property", name="reproduce", value=_printable(command))
    for verdict in verdicts:
        unit = f".{verdict.unit}" if verdict.unit else ""
        case = ElementTree.SubElement(
            suite, "testcase", classname=_printable(scenario + unit), name=verdict.name, time="0"
        )
        if not verdict.passed:
            sentence = _printable(verdict.sentence)
            failure = ElementTree.SubElement(case, "failure", message=sentence, type="expect")
            failure.text = f"{sentence}\nreproduce: {_printable(command)}"
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True) + b"\n"


def _printable(text: str) -> str:
    # XML 1.0 has no way to carry control characters, not even escaped.
    return "".join(letter if letter.isprintable() else " " for letter in text)
