"""Messages that a policy names and no box could say are found before any box is touched."""

import shutil
import wave
from pathlib import Path

import pytest

from noisetamer import cli
from noisetamer.base.errors import UserError
from noisetamer.square import scenario
from noisetamer.unit.policy import file, messages
from noisetamer.workshop.flash import square_file

POLICY = '[polite]\ntimes = 1\n[firm]\nmessage = "{}"\n'


def named(folder: Path, firm: str = "shout") -> file.PolicyFile:
    path = folder / "mine.toml"
    path.write_text(POLICY.format(firm), encoding="utf-8")
    return file.load(str(path))


def made(path: Path, seconds: float, rate: int = 16_000) -> None:
    with wave.open(str(path), "wb") as written:
        written.setparams((1, 2, rate, 0, "NONE", ""))
        written.writeframes(bytes(2 * int(rate * seconds)))


@pytest.fixture
def voices(tmp_path: Path) -> Path:
    folder = tmp_path / "voices"
    folder.mkdir()
    made(folder / "polite_zh.wav", 5)
    return folder


def reason(tmp_path: Path, voices: Path) -> str:
    (fault,) = messages.unspoken(named(tmp_path), voices)
    assert (fault.line, fault.key) == (4, "firm.message")
    return fault.reason


def test_a_message_that_is_not_there_is_said_with_those_that_are(tmp_path: Path, voices: Path):
    made(voices / "tone_500.wav", 3)
    assert reason(tmp_path, voices) == (
        f"there is no message shout in {voices}; there is: polite_zh; name one of them, or make "
        "shout (noisetamer voice say or voice add)"
    )
    made(voices / "shout_zh.wav", 3)
    assert "did you mean shout_zh? There is: polite_zh, shout_zh;" in reason(tmp_path, voices)


def test_a_message_that_the_box_could_not_play_is_named_with_the_reason(
    tmp_path: Path, voices: Path
):
    made(voices / "shout.wav", 3, rate=48_000)
    assert "shout.wav is no message (not at 16000 Hz): make it again" in reason(tmp_path, voices)
    (voices / "shout.wav").write_bytes(b"ID3 is no WAV")
    assert "shout.wav is no message (not a WAV file)" in reason(tmp_path, voices)
    made(voices / "shout.wav", 15.5)
    assert reason(tmp_path, voices).startswith(
        "shout takes 15.5 s, speaking.longest_message is 15 s"
    )
    made(voices / "shout.wav", 14)
    assert messages.unspoken(named(tmp_path), voices) == []


def test_where_nothing_is_said_politely_no_polite_message_is_missed(tmp_path: Path, voices: Path):
    shutil.move(voices / "polite_zh.wav", voices / "shout.wav")
    path = tmp_path / "firm_only.toml"
    path.write_text(POLICY.format("shout").replace("times = 1", "times = 0"), encoding="utf-8")
    assert messages.unspoken(file.load(str(path)), voices) == []


@pytest.mark.parametrize("name", file.shipped())
def test_shipped_policies_name_shipped_messages(name: str):
    assert messages.unspoken(file.load(name)) == []


def test_the_check_knows_what_is_shipped_and_added(tmp_path: Path, capsys):
    named(tmp_path, "warning_zh_new")
    assert cli.run(["policy", "check", str(tmp_path / "mine.toml")]) == 2
    said = capsys.readouterr().err
    assert "firm.message: there is no message warning_zh_new in " in said
    assert "did you mean warning_zh?" in said
    named(tmp_path, "warning_en")
    assert cli.run(["policy", "check", str(tmp_path / "mine.toml")]) == 0


def test_a_square_with_such_a_policy_is_refused(tmp_path: Path):
    named(tmp_path)
    (tmp_path / "square.toml").write_text('policy = "mine.toml"\n')
    with pytest.raises(UserError, match=r"mine\.toml:4: firm\.message: there is no message shout"):
        square_file.read(tmp_path / "square.toml")


def test_a_scenario_with_such_a_policy_is_refused(tmp_path: Path):
    named(tmp_path)
    shipped = Path(scenario.__file__).parent / "scenarios" / "quiet_night.toml"
    text = shipped.read_text(encoding="utf-8")
    path = tmp_path / "mute.toml"
    path.write_text(text.replace("[box]", '[box]\npolicy = "mine.toml"'), encoding="utf-8")
    with pytest.raises(UserError, match=r"firm\.message: there is no message shout in "):
        scenario.load(str(path))
