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
duration = "20s"

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
    ran = run("simulate", square, "--levels", "--seed", 5)
    again = f"again: noisetamer simulate '{square}' --seed 5 --levels"
    assert (ran.code, ran.wrong) == (1, [UNMET, again])
    # The line it gave does the very same.
    first, *words = shlex.split(again.removeprefix("again: "))
    assert first == "noisetamer"
    repeated = run(*words)
    assert (repeated.code, repeated.wrong) == (1, [UNMET, again])


def test_of_a_part_of_a_story_what_may_still_come_is_not_decided(runs: Runs):
    ran = runs["evening_square in sound"].ran
    assert (ran.code, ran.wrong) == (0, [])
    *_, stages, warnings, relapses, calls, met = ran.out.splitlines()
    assert stages == (
        "SIM-0001: stages_seen: not decided, expected the stages green, amber, red, polite and "
        "firm, saw no firm, only green, amber, red and polite so far"
    )
    undecided = "SIM-0001: {}: not decided, expected {} so far"
    assert warnings == undecided.format("warnings", "2 to 60 warnings, saw 1")
    assert relapses == undecided.format("relapses", "1 to 30 relapses, saw 0")
    assert calls == undecided.format("hand_overs", "3 hand-overs, saw 0")
    assert met == (
        "6 of 10 expectations met so far, 4 not decided: the run ended before the story"
    )


def test_without_expectations_that_is_said_and_all_is_well(tmp_path: Path):
    path = tmp_path / "square.toml"
    path.write_text(QUIET.partition("[expect]")[0])
    ran = run("simulate", path, "--levels")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "nothing was expected: square.toml has no [expect]"


def test_several_scenarios_and_seeds_are_one_run_with_one_report(square: Path, tmp_path: Path):
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / square.name
    other.write_text(QUIET.replace("[1, 3]", "[0, 3]"))
    out = tmp_path / "out"
    report = out / "junit.xml"
    words = ("--levels", "--seeds", "3..4", "--out", out, "--junit", report)
    ran = run("simulate", other, square, *words)
    assert ran.code == 1
    assert ran.out.splitlines()[-2:] == [
        "6 of 8 expectations met, in 4 runs",
        f"see {out}",
    ]
    lines = []
    for seed in (3, 4):
        where = f"a quiet square seed {seed} (2)"
        lines.append(f"{where} {UNMET}")
        lines.append(f"again: noisetamer simulate '{square}' --seed {seed} --levels")
    assert ran.wrong == lines
    suites = ElementTree.parse(report).getroot()
    assert [suite.get("failures") for suite in suites] == ["0", "0", "1", "1"]
    assert all(float(suite.get("time", 0)) > 0 for suite in suites)
    folders = {path.name for path in out.iterdir() if path.is_dir()}
    name = "a-quiet-square-seed"
    assert folders == {f"{name}-3", f"{name}-4", f"{name}-3-(2)", f"{name}-4-(2)"}
    assert (out / f"{name}-3" / "levels.png").is_file()


def test_the_junit_file_says_the_same_to_any_ci(square: Path, tmp_path: Path):
    report = tmp_path / "new" / "report.xml"
    run("simulate", square, "--levels", "--units", 2, "--junit", report)
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
