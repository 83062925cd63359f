"""`noisetamer forward hj212`: each field explained, of sample values, of a hub, of any frame."""

import re
from pathlib import Path

import pytest
from evening import EAST
from forwarded import Forwarded
from hj212_device import MN
from in_chinese import english_in, run_in_chinese

from noisetamer import cli
from noisetamer.base import language
from noisetamer.hub.forward.hj212 import crc
from noisetamer.hub.forward.hj212.dry_run import KINDS
from noisetamer.hub.forward.hj212.frame import Frame
from noisetamer.hub.forward.hj212.simulator import acknowledgement

ANSWER = (
    "##0094QN=20160801085857223;ST=91;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=4;"
    "CP=&&QnRtn=1&&1B00"
)

DATA = "ST=91;CN=9011;PW=123456;MN=010000A8900016F000169DC0;"


def _framed(segment: str) -> str:
    data = segment.encode()
    return f"##{len(data):04d}{segment}{crc.of(data, 'standard')}"


WRONG = [
    "xx",
    "##00x0",
    "##0010ST=1;CP=&&&&0000",
    _framed(DATA),
    ANSWER[:-4] + "1B01",
    _framed(f"{DATA}Flag=4;CP=&&QnRtn=1&&")[:-4]
    + crc.of(f"{DATA}Flag=4;CP=&&QnRtn=1&&".encode(), "modbus"),
    _framed(f"{DATA}Flag=999;CP=&&QnRtn=1&&"),
    _framed(f"{DATA}Flag=4;PNUM=1;PNO=1;CP=&&QnRtn=1&&"),
    _framed(f"{DATA}Flag=6;CP=&&QnRtn=1&&"),
    _framed(f"{DATA}Flag=6;PNUM=1;PNO=2;CP=&&QnRtn=1&&"),
    _framed(f"{DATA}Flag=4;RF=2;CP=&&QnRtn=1&&"),
    _framed(f"{DATA}Flag=4;Flag=4;CP=&&QnRtn=1&&"),
    _framed(f"{DATA}Flag=4;CP=&&QnRtn&&"),
    _framed(f"{DATA}Flag=4;CP=&&{{0x01,0x02}}&&"),
]


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.run(["forward", "hj212", *words])
    said = capsys.readouterr()
    return code, " ".join(said.out.split()), said.err


@pytest.mark.parametrize("end", ["", "\r\n", r"\r\n"])
def test_a_frame_from_elsewhere_is_explained(capsys: pytest.CaptureFixture[str], end: str):
    code, out, _ = _run(capsys, "--explain", ANSWER + end)
    assert code == 0
    for told in (
        "QnRtn 1 answer: will be done",
        "2016-08-01 08:58:57.223",
        "00000100: version 2017, no packet numbers, no answer is wanted",
        "check 1B00 crc = standard, right",
    ):
        assert told in out


def test_one_that_is_spoilt_says_why(capsys: pytest.CaptureFixture[str]):
    code, _, err = _run(capsys, "--explain", ANSWER.replace("1B00", "1B01"))
    assert code == 2 and "it has the check 1B01 and should have 1B00" in err
    code, _, err = _run(capsys, "--explain", ANSWER, "--crc", "modbus")
    assert code == 2 and "right as crc = standard, and modbus is set" in err


def test_sample_values_show_every_kind_of_data(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    kinds = ("minute", "hour", "day", "real-time")
    words = [word for kind in kinds for word in ("--kind", kind)]
    code, out, _ = _run(capsys, "--dry-run", *words)
    assert code == 0
    assert "Ln-NightData 58.4 equivalent level by night, in the night, dB" in out
    assert "LA-Rtd 73.4 A-weighted level, one second" in out
    assert all(f";CN={command};" in out for command in ("2051", "2061", "2031", "2011"))
    key = tmp_path / "key"
    key.write_text("0123456789abcdef")
    code, out, _ = _run(capsys, "--dry-run", "--key-file", str(key))
    assert code == 0 and "CP=&&{0x" in out and "Leq-Data 73.4" in out
    code, _, err = _run(capsys, "--dry-run", "--key-file", str(key), "--version", "2017")
    assert code == 2 and "knows no encryption" in err
    key.write_text("short")
    code, _, err = _run(capsys, "--dry-run", "--key-file", str(key))
    assert code == 2 and "16 characters" in err


def test_the_standards_own_words_are_there_in_chinese(capsys: pytest.CaptureFixture[str]):
    try:
        code, out, _ = _run(capsys, "--explain", ANSWER, "--lang", "zh")
        _, sample, _ = _run(capsys, "--dry-run", "--lang", "zh", "--kind", "day")
    finally:
        language.speak("en")
    assert code == 0
    for told in (
        "CN 9011 请求应答",
        "QnRtn 1 应答：准备执行请求",
        "版本 2017，无包号，不需要应答",
    ):
        assert told in out
    assert "Ln-NightData 58.4 夜间等效声级，夜间，dB" in sample
    words = re.findall(r"\b[a-z]{3,}\b", sample.partition("包头")[2])
    assert set(words) == {"crc", "standard"}


def test_of_a_hub_it_shows_what_each_platform_would_get(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    hub = Forwarded(tmp_path)
    for minute in range(2):
        hub.minute(minute, 1 + 6 * minute, 600 + minute)
    code, _, err = _run(capsys, "--dry-run", "--data", str(tmp_path))
    assert code == 2 and "no destination of kind hj212" in err
    secret = tmp_path / "bureau.pw"
    secret.write_text("123456")
    secret.chmod(0o600)
    (tmp_path / "forward.toml").write_text(
        '[[destination]]\nname = "bureau"\nkind = "hj212"\nhost = "localhost"\nport = 9003\n'
        f'password_file = "bureau.pw"\nmn = {{ "{EAST}" = "{MN}" }}\n'
    )
    code, out, _ = _run(
        capsys, "--dry-run", "--data", str(tmp_path), "--kind", "minute", "--kind", "real-time"
    )
    assert code == 0
    assert f"bureau, {EAST}, the last minute" in out
    assert "Leq-Data 60.1" in out and "LA-Rtd 60.1" in out
    code, out, _ = _run(capsys, "--dry-run", "--data", str(tmp_path), "--kind", "day")
    assert code == 0 and "the last day: nothing to send" in out
    for kind in KINDS:
        ran = run_in_chinese(
            *("forward", "hj212", "--dry-run", "--data", tmp_path, "--kind", kind)
        )
        assert english_in(ran, "bureau") == []
    for words in (("--unit", "NT-9999"), ("--only", "Nobody")):
        ran = run_in_chinese("forward", "hj212", "--dry-run", "--data", tmp_path, *words)
        assert ran.code == 2 and english_in(ran, "bureau", "kind") == []
    code, _, err = _run(capsys, "--dry-run", "--data", str(tmp_path), "--unit", "NT-9999")
    assert code == 2 and "has no MN for it" in err
    code, _, err = _run(capsys, "--dry-run", "--data", str(tmp_path / "nowhere"))
    assert code == 2 and "no data folder" in err


def test_a_platform_to_try_with_ends_by_itself(capsys: pytest.CaptureFixture[str]):
    code, out, _ = _run(capsys, "--platform", "0", "--for", "0.05")
    assert code == 0 and "a platform of HJ 212 at 127.0.0.1:" in out
    code, _, err = _run(capsys, "--platform", "0", "--ask", "10")
    assert code == 2 and "begins with a command of four digits" in err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--platform", "0", "--for", "0.01"),
        ("--platform", "1", "--bind", "192.0.2.1"),
        ("--platform", "0", "--ask", "10"),
        ("--dry-run", "--data", "None"),
        ("--dry-run", "--key-file", "None"),
        ("--dry-run", "--key-file", __file__),
        *(("--explain", frame) for frame in WRONG),
    ],
)
def test_in_chinese_no_sentence_stays_english(words: tuple[str, ...]):
    ran = run_in_chinese("forward", "hj212", *words)
    assert (ran.out or ran.wrong) and english_in(ran, "standard") == []


def test_what_acknowledges_is_as_the_standard_prints_it():
    """HJ 212-2017 annex C.4 and C.14."""
    data = Frame(*("20160801085857223", "23", "2051", "123456", MN), 5, "LA-Rtd=50.1")
    assert acknowledgement(data).segment == (
        f"QN=20160801085857223;ST=91;CN=9014;PW=123456;MN={MN};Flag=4;CP=&&&&"
    )
    beat = Frame(*("20160801085857223", "91", "9015", "123456", MN), 9)
    assert acknowledgement(beat).segment == (
        f"QN=20160801085857223;ST=91;CN=9013;PW=123456;MN={MN};Flag=8;CP=&&&&"
    )
