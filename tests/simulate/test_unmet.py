"""An expectation that is not met: exit 1, the line that failed, and the line that repeats it."""

import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
from program import run
from shared_runs import Runs

pytestmark = pytest.mark.e2e

# Quieter than it is expected to be.
QUIET = """
start = 2026-11-24T19:00:00
duration = "10m"

[[source]]
name = "road"
sound = "traffic"
level = "84 dB"
distance = "60 m"

[expect]
coverage_at_least = 0.9
warnings = [1, 3]
"""

UNMET = "SIM-0001: warnings: expected 1 to 3 warnings, saw 0"


@pytest.fixture
def square(tmp_path: Path) -> Path:
    path = tmp_path / "a quiet square.toml"
    path.write_text(QUIET)
    return path


def test_it_says_which_and_how_to_see_it_again_and_ends_with_1(square: Path):
    ran = run("simulate", square, "--levels", "--seed", 5, "--until", "20s")
    again = f"again: noisetamer simulate '{square}' --seed 5 --until 20s --levels"
    assert (ran.code, ran.wrong) == (1, [UNMET, again])
    # The line it gave does the very same.
    first, *words = shlex.split(again.removeprefix("again: "))
    assert first == "noisetamer"
    repeated = run(*words)
    assert (repeated.code, repeated.wrong) == (1, [UNMET, again])


def test_a_part_of_a_story_is_held_against_the_whole_of_its_promises(runs: Runs):
    ran = runs["evening_square in sound"].ran
    assert ran.code == 1
    assert ran.wrong == [
        "SIM-0001: stages_seen: expected the stages green, amber, red, polite and firm, "
        "saw no firm, only green, amber, red and polite",
        "SIM-0001: warnings: expected 2 to 60 warnings, saw 1",
        "SIM-0001: relapses: expected 1 to 30 relapses, saw 0",
        "SIM-0001: hand_overs: expected 3 hand-overs, saw 0",
        "again: noisetamer simulate evening_square --seed 1 --until 20m",
    ]


def test_the_junit_file_says_the_same_to_any_ci(square: Path, tmp_path: Path):
    report = tmp_path / "report.xml"
    run("simulate", square, "--levels", "--until", "20s", "--units", 2, "--junit", report)
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.tag, suite.get("tests"), suite.get("failures")) == ("testsuite", "4", "2")
    cases = {(case.get("classname"), case.get("name")): case for case in suite.iter("testcase")}
    for unit in ("SIM-0001", "SIM-0002"):
        where = f"a quiet square.{unit}"
        failure = cases[where, "warnings"].find("failure")
        assert failure is not None
        assert failure.get("message") == "expected 1 to 3 warnings, saw 0"
        assert cases[where, "coverage_at_least"].find("failure") is None


def test_a_run_as_expected_has_a_junit_file_without_failures(runs: Runs):
    suite = ElementTree.parse(runs["demo_square"].junit).getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("3", "0")
    line = suite.find("properties/property[@name='reproduce']")
    assert line is not None
    assert line.get("value") == "noisetamer simulate demo_square --seed 1 --levels"
