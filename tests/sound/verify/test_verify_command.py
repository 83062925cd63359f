"""`noisetamer verify-meter` as it is typed, and what it writes."""

import argparse
import html
import json
import re

import pytest

from noisetamer.base.errors import UserError
from noisetamer.sound.verify import command, kernels

pytestmark = pytest.mark.device

FAST = ("response", "decay", "peak", "overload", "drift", "disturbance", "blocks")


def run(*words):
    parser = argparse.ArgumentParser()
    command.add_options(parser)
    return command.run_command(parser.parse_args([*map(str, words)]))


def only(*keys):
    return [word for key in keys for word in ("--only", key)]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A run of the fast tests in the unix port: exit code, folder."""
    out = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(out))  # no qemu-xtensa
        code = run("--kernel", "all", "--drift", "60s", "--out", out, *only(*FAST))
    return code, out


@pytest.fixture(scope="module")
def data(written):
    return json.loads((written[1] / "report.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(written):
    return (written[1] / "report.html").read_text(encoding="utf-8")


def test_all_within_their_limits_is_exit_code_0(written):
    assert written[0] == 0


def test_the_json_has_for_every_check_what_was_measured_allowed_and_left(data):
    assert data["schema"] == 1
    assert data["passed"] is True and data["failed"] == []
    sections = data["kernels"][0]["sections"]
    assert tuple(section["key"] for section in sections) == FAST
    checks = [check for section in sections for check in section["checks"]]
    assert len(checks) == data["checks"] > 150
    for check in checks:
        assert set(check) == {*("name", "unit", "measured", "ours", "class1", "margin", "passed")}
        assert check["passed"] is True
        assert check["margin"] >= 0
        bounds = [bound for bound in (check["ours"], check["class1"]) if bound]
        assert bounds
        for bound in bounds:
            low, high = bound["limit"]
            assert low is None or low <= bound["deviation"]
            assert bound["deviation"] <= high
    assert sum(check["class1"] is not None for check in checks) == data["class1_checks"]


def test_the_json_names_what_was_not_run_and_what_was_left_out(data):
    assert len(data["not_run"]) == 4
    assert data["left_out"] == ["linearity", "bursts", "repeated", "comparison", "instructions"]


def test_the_json_says_what_code_was_tested_and_how_to_repeat_it(data):
    provenance = data["provenance"]
    assert re.fullmatch("[0-9a-f]{64}", provenance["FPU kernel, SHA-256"])
    assert re.fullmatch("[0-9a-f]{64}", provenance["integer kernel, SHA-256"])
    assert provenance["command"].startswith("noisetamer verify-meter --kernel all --drift 60s")
    assert provenance["emulator"] == "not installed"


def test_the_page_has_every_check(page, data):
    text = html.unescape(page)
    for section in data["kernels"][0]["sections"]:
        for check in section["checks"]:
            assert f"<td>{check['name']}</td>" in text, check["name"]


def test_the_page_needs_no_other_file(page):
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert page.count("data:image/svg+xml;base64,") >= 4


def test_the_page_never_claims_a_class(page):
    for match in re.finditer(r"class 1", page):
        around = page[match.start() - 40 : match.end() + 20]
        assert re.search(r"class 1 (limits|against|allows)|by class 1", around), around


def test_a_time_that_is_none_is_refused_in_one_sentence(tmp_path):
    for words in ("soon", "5", "1s", "9999h", "1d"):
        with pytest.raises(UserError, match=f"--drift {words}: give a time from 60s"):
            run("--drift", words, "--out", tmp_path)


def test_a_place_that_takes_no_report_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UserError, match="the report cannot be written"):
        run("--kernel", "int", "--out", tmp_path / "file", *only("repeated"))


def test_a_wrong_kernel_is_exit_code_1_and_its_failed_lines(tmp_path, monkeypatch, capsys):
    right = kernels.INTEGER_IN_UNIX_PORT

    def hear(signals):
        return [
            [found._replace(C_peak=2.0 * found.C_peak) for found in founds]
            for founds in right.hear(signals)
        ]

    wrong = kernels.Kernel(right.name, right.title, right.limits, hear)
    monkeypatch.setattr(kernels, "KERNELS", (wrong,))
    monkeypatch.setattr(kernels, "INTEGER_IN_UNIX_PORT", wrong)
    assert run("--kernel", "int", "--out", tmp_path, *only("peak", "repeated")) == 1
    told = capsys.readouterr()
    failed = [line for line in told.err.splitlines() if line.startswith("FAILED ")]
    assert failed
    assert all(line.startswith("FAILED int: peak: LCpeak - LC, ") for line in failed)
    assert "NOT within the class 1 limits" in told.out
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Not passed" in page
    assert page.count("<li>int: peak:") == min(len(failed), 20)
