"""What somebody types by mistake, and Ctrl-C: one sentence each, and the exit code."""

import pytest

from noisetamer import cli


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
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
