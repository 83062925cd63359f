"""What somebody types by mistake, and Ctrl-C: one sentence each, and the exit code."""

import pytest
from in_chinese import english_in, run_in_chinese

from noisetamer import cli


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "noisetamer: the following arguments are required: VERB"),
        ("dmo", "noisetamer: there is no dmo: did you mean demo?"),
        ("xyz", "noisetamer: there is no xyz, there is: demo, simulate, "),
        ("ledger hand-ovr", "noisetamer ledger: there is no hand-ovr: did you mean hand-over?"),
        ("demo --units three", "noisetamer demo: --units three: give a whole number"),
        ("flash --burn-in long", "noisetamer flash: --burn-in long: give a number"),
        ("meter a.wav --kernel it", "noisetamer meter: --kernel it: did you mean int?"),
        ("doctor", "noisetamer doctor: the following arguments are required: file"),
    ],
)
def test_a_mistyped_word_is_answered_in_one_sentence(
    words: str, sentence: str, capsys: pytest.CaptureFixture[str]
):
    assert cli.run(words.split()) == 2
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert len(said.splitlines()) == 1
    assert "--help' says more" in said


@pytest.mark.parametrize("words", [[""], ["policy", ""]])
def test_an_empty_word_is_seen_to_be_one(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert cli.run(words) == 2
    assert ": there is no '', there is: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "dmo",
        "xyz",
        "people --data x lst",
        "people --data x xyz",
        "people --data",
        "people --data x list more",
        "people --data x list --district=",
        "people --data x add Li --role root",
        "evidence --data x --out a.zip",
        "evidence --data x --out a.zip --incident 1 --square 东门",
        "evidence --data x --out a.zip --incident one",
        "evidence --data x --out a.zip --incident 1 --utc-offset east",
        "evidence --data x --out a.zip --inc 1 --s x",
        "forward check --data x --try=1",
        "update push",
    ],
)
def test_in_chinese_no_sentence_stays_english(words: str):
    ran = run_in_chinese(*words.split())
    typed = [*words.split(), "incident", "one", "east", *cli.VERBS]
    tasks = ("list", "add", "district", "reset", "disable", "enable", "about", "forget")
    roles = ("viewer", "leader", "guard", "property", "officer", "operator", "admin", "root")
    assert ran.code == 2 and english_in(ran, *typed, *tasks, *roles) == [], ran


def test_a_zone_west_of_greenwich_is_a_value_and_no_option(capsys: pytest.CaptureFixture[str]):
    words = ["meter", "none.wav", "--against", "none.csv"]
    assert cli.run([*words, "--zone", "-03:30", "--meter-clock", "-00:05:00"]) == 2
    assert "none.wav: there is no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stopped", "last_word"),
    [
        (KeyboardInterrupt(), "stopped before it was done"),
        (KeyboardInterrupt("stopped: 1 of 2 pass"), "stopped: 1 of 2 pass"),
    ],
)
def test_ctrl_c_has_a_last_word(
    stopped: KeyboardInterrupt,
    last_word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def stops(*_: object) -> int:
        raise stopped

    monkeypatch.setattr(cli, "_run", stops)
    assert cli.run(["meter", "a.wav"]) == 130
    assert capsys.readouterr().err == f"noisetamer meter: {last_word}\n"
