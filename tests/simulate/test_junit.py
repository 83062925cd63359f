from xml.etree import ElementTree

from hand_built import incident

from noisetamer.simulate import junit
from noisetamer.simulate.expect import Expectations, Verdict, check
from noisetamer.simulate.summary import summarise

COMMAND = "noisetamer simulate evening_square --seed 7 --until 20m"


def suite_of(verdicts, tmp_path, command=COMMAND):
    junit.write(verdicts, tmp_path / "report.xml", "evening_square", command)
    (suite,) = ElementTree.parse(tmp_path / "report.xml").getroot()
    return suite


def test_every_expectation_of_every_unit_is_a_testcase(tmp_path):
    lines = incident("SIM-0001") + incident("SIM-0002")
    wanted = Expectations.from_table({"warnings": [1, 1], "ends_in": "red"}, "square.toml")
    suite = suite_of(check(wanted, summarise(lines, 60, 1), lines), tmp_path)
    cases = [(case.get("classname"), case.get("name")) for case in suite.iter("testcase")]
    assert cases == [
        ("evening_square.SIM-0001", "warnings"),
        ("evening_square.SIM-0002", "warnings"),
        ("evening_square.SIM-0001", "ends_in"),
        ("evening_square.SIM-0002", "ends_in"),
    ]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "0")


def test_a_failure_carries_its_sentence_and_the_line_that_reproduces_it(tmp_path):
    unmet = Verdict("ends_in", "SIM-0001", False, "expected the end in green, saw red")
    suite = suite_of([unmet], tmp_path)
    failure = next(suite.iter("failure"))
    assert failure.get("message") == unmet.sentence
    assert COMMAND in (failure.text or "")
    assert next(suite.iter("property")).attrib == {"name": "reproduce", "value": COMMAND}


def test_text_that_xml_cannot_carry_as_it_is_still_gives_a_valid_report(tmp_path):
    odd = Verdict("warnings", "SIM-0001", False, 'expected <"&广场">, saw \x00\x1b[31m')
    suite = suite_of([odd], tmp_path, command="noisetamer simulate 'a & b.toml'")
    assert next(suite.iter("failure")).get("message") == 'expected <"&广场">, saw   [31m'


def test_the_same_verdicts_give_the_same_bytes():
    met = [Verdict("warnings", "SIM-0001", True, "expected 1 warnings, saw 1")]
    assert junit.document(met, "a", COMMAND) == junit.document(list(met), "a", COMMAND)
