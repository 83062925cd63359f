"""A policy file is read, or every fault in it is named with its line."""

from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.unit.policy import file
from tamer.judge import policy

FAULTY = """\
gard_band = 2

[area]
class = "9"

[[venue]]
name = "a"
from = "19:00"
to = "21:00"
limit = "loud"

[[venue]]
name = "b"
from = "19:00"
to = "21:00"
holidays = ["2027-02-17"]
"""


def written(folder: Path, text: str, name: str = "mine.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_every_fault_has_its_line_and_reason(tmp_path: Path):
    faults = file.load(written(tmp_path, FAULTY)).faults()
    assert [(fault.line, fault.key, fault.reason) for fault in faults] == [
        (1, "gard_band", "is no key of a policy; did you mean guard_band?"),
        (4, "area.class", '"9" is not in GB 3096-2008; known are 0, 1, 2, 3, 4a, 4b'),
        (10, "venue[1].limit", 'must be dB without quotes, or "class"'),
        (12, "venue[2].limit", "is missing; add it"),
        (
            16,
            "venue[2].holidays",
            "is no key of a policy; holidays belongs above the first [table]",
        ),
    ]
    assert str(faults[1]).startswith(f"{tmp_path}/mine.toml:4: area.class: ")


def test_a_policy_larger_than_a_box_reads_is_refused(tmp_path: Path):
    venues = "".join(
        f'[[venue]]\nname = "{i}"\nfrom = "08:00"\nto = "10:00"\nlimit = 60\n' for i in range(200)
    )
    (fault,) = file.load(written(tmp_path, venues)).faults()
    assert fault.line == 1
    assert fault.reason.endswith("a box reads 4000: shorten its longest list")
    for name in file.shipped():
        assert len(file.on_box(file.load(name).table)) < policy.MOST_BYTES / 4


def test_who_wants_a_policy_is_told_the_first_fault(tmp_path: Path):
    with pytest.raises(UserError, match=r"mine\.toml:1: gard_band: .* \(and 4 more: "):
        file.load(written(tmp_path, FAULTY)).policy()


def test_json_and_toml_make_the_same_policy(tmp_path: Path):
    toml = file.load(written(tmp_path, 'guard_band = 1.5\n[area]\nclass = "1"\n'))
    text = '{"guard_band": 1.5,\n "area": {"class": "1"}}'
    json = file.load(written(tmp_path, text, "mine.json"))
    assert toml.policy() == json.policy()
    assert (toml.line("area.class"), json.line("area.class")) == (3, 2)


def test_dates_and_times_need_no_quotes(tmp_path: Path):
    text = """
holidays = [2027-02-17]
clock_changes = [[2027-03-28T01:00:00Z, "+09:00"]]
[[allowed]]
from = 06:30:00
to = 21:00:00
"""
    bare = file.load(written(tmp_path, text)).policy()
    quoted = policy.read(
        {
            "holidays": ["2027-02-17"],
            "clock_changes": [["2027-03-28T01:00Z", "+09:00"]],
            "allowed": [{"from": "06:30", "to": "21:00"}],
        }
    )
    assert bare == quoted


BROKEN = [
    ("mine.toml", "a = 1\nb = [1,", r"mine\.toml:2: is not valid TOML: "),
    ("mine.toml", "a = 1\na = 2", r"mine\.toml:2: is not valid TOML: "),
    ("mine.json", '{"a": 1,\n}', r"mine\.json:2: is not valid JSON: "),
    ("mine.json", "[" * 9000, r"mine\.json:1: is not valid JSON: brackets are nested too deep"),
    (
        "mine.json",
        '{"near": ' + "9" * 5000 + "}",
        r"mine\.json:1: is not valid JSON: a number has",
    ),
    ("mine.json", "[1]", r"mine\.json: is no JSON object"),
    ("mine.json", '{"near": 3, "near": 4}', r"mine\.json: the key near comes twice"),
]


@pytest.mark.parametrize(("name", "text", "said"), BROKEN)
def test_what_is_no_toml_or_json_is_refused_with_its_line(tmp_path, name, text, said):
    with pytest.raises(UserError, match=said):
        file.load(written(tmp_path, text, name))


def test_files_that_cannot_be_read(tmp_path: Path):
    (tmp_path / "bytes.toml").write_bytes(b"name = '\xff\xfe'")
    for name, said in (
        ("nowhere.toml", "cannot be read: No such file"),
        ("bytes.toml", "is not UTF-8 text"),
        ("", "cannot be read: Is a directory"),
    ):
        with pytest.raises(UserError, match=said):
            file.load(str(tmp_path / name))
    with pytest.raises(UserError, match="there is no policy sqare; shipped are constr"):
        file.load("sqare")


def test_lines_end_as_on_windows_too(tmp_path: Path):
    text = 'name = "a"\r\n\r\nnear = "x"\r\n'
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert [fault.line for fault in file.load(str(path)).faults()] == [3]


@pytest.mark.parametrize("name", file.shipped())
def test_what_is_shipped_is_a_policy(name: str):
    assert file.load(name).faults() == []
