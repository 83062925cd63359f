from xml.etree import ElementTree

from hand_built import incident
from summed_up import summed_up

from noisetamer.simulate import junit
from noisetamer.simulate.expect import Expectations, Verdict, check

COMMAND = "noisetamer simulate evening_square --seed 7 --until 20m"


def suite_of(verdicts, tmp_path, command=COMMAND, **wall_s):
    suite = junit.Suite("evening_square", verdicts, command, wall_s)
    junit.write([suite], tmp_path / "report.xml")
    (suite,) = ElementTree.parse(tmp_path / "report.xml").getroot()
    return suite


def test_every_expectation_of_every_unit_is_a_testcase(tmp_path):
    lines = incident("SIM-0001") + incident("SIM-0002")
    wanted = Expectations.from_table({"warnings": [1, 1], "ends_in": "red"}, "square.toml")
    suite = suite_of(check(wanted, summed_up(lines, 60, 1), lines), tmp_path)
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
    one, other = (junit.Suite("a", list(met), COMMAND) for _ in range(2))
    assert junit.document([one]) == junit.document([other])


def test_the_time_of_a_unit_is_shared_out_among_its_expectations(tmp_path):
    met = [Verdict(name, unit, True, "") for name in ("warnings", "ends_in") for unit in "AB"]
    suite = suite_of(met, tmp_path, A=3.0, B=1.0)
    times = [(case.get("classname"), case.get("time")) for case in suite.iter("testcase")]
    assert times == 2 * [("evening_square.A", "1.500"), ("evening_square.B", "0.500")]
    assert suite.get("time") == "4.000"


def test_what_a_cut_run_leaves_open_is_skipped_not_failed(tmp_path):
    undecided = Verdict("warnings", "SIM-0001", False, "expected 1 warnings, saw 0", True)
    suite = suite_of([undecided], tmp_path)
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    (skipped,) = suite.iter("skipped")
    why = "the run ended before the story: expected 1 warnings, saw 0 so far"
    assert skipped.get("message") == why


def test_every_run_is_a_suite_and_the_whole_is_their_sum():
    suites = [
        junit.Suite(f"square seed {seed}", [Verdict("warnings", "", seed > 1, "")], COMMAND)
        for seed in (1, 2, 3)
    ]
    root = ElementTree.fromstring(junit.document(suites))
    assert [suite.get("name") for suite in root] == [f"square seed {n}" for n in (1, 2, 3)]
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
