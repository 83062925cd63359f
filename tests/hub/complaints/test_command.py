"""A desk's export comes in by one command: what it means is asked once, and none comes twice."""

import io
import random
import shlex
from contextlib import closing, suppress
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path

import openpyxl
import pytest
from in_chinese import english_in, run_in_chinese

from noisetamer.base.errors import UserError
from noisetamer.cli import run
from noisetamer.hub.complaints import desk_tables
from noisetamer.hub.complaints.complaints import FILE, Complaints
from noisetamer.hub.registry import Units

HEADINGS = ["序号", "工单编号", "受理时间", "诉求地址", "诉求内容"]
ROWS = [
    [1, "GD-1", datetime(2025, 11, 20, 19, 30), "东门广场北侧3号楼", "广场舞噪音\n太大"],
    [2, "GD-2", "2025/11/21 20:10:00", "人民路", "路灯坏了"],
    [3, "GD-3", "昨晚", "东门广场", "吵"],
    [4, "GD-4", "2025年11月22日 晚上8点半", "西门 5 号", "=1+1 <b>吵</b>"],
]
MAP = "--map 东门广场=东门 --map 东门广场/北=北侧，3号楼 --map 西门广场=西门"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    units = Units(tmp_path / "units.sqlite")
    for n, square in enumerate(("东门广场", "西门广场")):
        units.enrol(f"SIM-000{n}", square=square)
    return tmp_path


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["东门街道12345热线工单"])
    sheet.merge_cells("A1:E1")
    sheet.append([])
    for row in [HEADINGS, *rows]:
        sheet.append(row)
    sheet["E7"].data_type = "s"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(rows: list[list[object]]) -> bytes:
    quoted = [[f'"{cell}"' for cell in row] for row in [HEADINGS, *rows]]
    return "\r\n".join(",".join(row) for row in quoted).encode("gb18030")


def command(data: Path, words: str) -> int:
    return run([*shlex.split(words), "--data", str(data)])


def test_a_workbook_and_the_same_as_csv(data: Path, capsys: pytest.CaptureFixture[str]):
    (data / "desk.xlsx").write_bytes(workbook(ROWS))
    (data / "desk.csv").write_bytes(table(ROWS))
    book, text = (shlex.quote(str(data / f"desk.{end}")) for end in ("xlsx", "csv"))

    assert command(data, f"complaints import {book} --lang en") == 2
    asked = capsys.readouterr().err
    assert '--map "time=受理时间" --map "number=工单编号"' in asked

    assert command(data, f"complaints import {book} {MAP} --preview --lang en") == 1
    assert "2025-11-20 19:30 | 东门广场/北 | GD-1 |" in capsys.readouterr().out

    assert command(data, f"complaints import {book} {MAP} --lang en") == 1
    assert capsys.readouterr().out.splitlines() == [
        "2 new, 0 were there",
        "row 6, 受理时间: '昨晚' is no time; left out",
        "1 row names none of the squares",
    ]
    # what the columns mean is known now, whatever kind of file they come in
    assert command(data, f"complaints import {text} --lang en") == 1
    assert "0 new, 2 were there" in capsys.readouterr().out
    with closing(Complaints(data / FILE)) as complaints:
        first, second = complaints.between(0, 2**31)
    assert (first.square, first.side, first.source) == ("东门广场", "北", "12345")
    assert (second.square, second.text) == ("西门广场", "=1+1 <b>吵</b>")


def test_the_words_of_one_are_deleted(data: Path, capsys: pytest.CaptureFixture[str]):
    (data / "desk.csv").write_bytes(table(ROWS))
    command(data, f"complaints import {data}/desk.csv {MAP} --map source=12345")
    assert command(data, "complaints forget GD-1 GD-9 --source 12345 --lang en") == 1
    assert "GD-9: no complaint of 12345 has this number" in capsys.readouterr().out
    with closing(Complaints(data / FILE)) as complaints:
        assert [one.text for one in complaints.between(0, 2**31)] == ["", "=1+1 <b>吵</b>"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "is a PDF"),
        (b"PK\x03\x04 cut", "cut off"),
        (b"a,b\n1,2\n", "no line names its columns"),
        ("时间,内容\n".encode(), "nothing stands below"),
        ("时间,内容\n2025-11-28 19:00,吵\n".encode(), "is of a desk that is new here"),
        ('时间,内容\n"2025-11-28 19:00,吵\n'.encode() + b"x,y\n" * 99, "not closed"),
    ],
)
def test_what_is_no_table_is_said_in_one_sentence(
    data: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
):
    (data / "f.csv").write_bytes(content)
    assert command(data, f"complaints import {data}/f.csv --lang en") == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--map time=何时", "has no column 何时"),
        ("--map 南门广场=南门", "is no square of this hub"),
        ("--map source=114", "is no source"),
        ("--map 东门广场", "write WHAT="),
        ("--zone Mars --map 东门广场=东门", "is no time zone"),
    ],
)
def test_what_is_asked_wrongly(
    data: Path, capsys: pytest.CaptureFixture[str], words: str, said: str
):
    (data / "f.csv").write_bytes(table(ROWS))
    assert command(data, f"complaints import {data}/f.csv {words} --lang en") == 2
    assert said in capsys.readouterr().err


def test_what_excel_rounded_is_no_number(data: Path, capsys: pytest.CaptureFixture[str]):
    rows = [[n, "2.02511E+13", f"2025-11-20 19:{n}0", "东门", "吵"] for n in range(3)]
    (data / "f.csv").write_bytes(table([list(row) for row in rows]))
    assert command(data, f"complaints import {data}/f.csv {MAP} --lang en") == 0
    assert "3 new, 0 were there" in capsys.readouterr().out
    # and a column that counts rows is told as none
    assert command(data, f"complaints import {data}/f.csv --map number=序号 --lang en") == 0
    (data / "g.csv").write_bytes(table([[0, "", "2025-12-20 19:00", "东门", "吵"]]))
    assert command(data, f"complaints import {data}/g.csv --lang zh") == 1
    assert "编号 0 已有另一时间的投诉，未导入" in capsys.readouterr().out


def test_spoilt_files_are_read_or_said(data: Path):
    """Whatever became of the bytes: complaints, or one sentence."""
    chance = random.Random(7)
    sound = [workbook(ROWS), table(ROWS), table(ROWS).decode("gb18030").encode("utf-16")]
    for n in range(60):
        spoilt = bytearray(sound[n % 3])
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(spoilt))
            spoilt[at : at + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
        with suppress(UserError):
            desk_tables.table_of("f", bytes(spoilt))


def test_a_date_and_its_time_of_day_in_two_columns(data: Path, capsys: pytest.CaptureFixture[str]):
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["日期", "时间", "警情编号", "地址"],
        [date(2025, 11, 20), clock(19, 30), 20251120001, "东门"],
        ["2025-11-21", "晚上8点半", "B", "东门"],
    ):
        sheet.append(row)
    book.save(data / "f.xlsx")
    assert command(data, f"complaints import {data}/f.xlsx {MAP} --preview") == 0
    told = capsys.readouterr().out
    assert "2025-11-20 19:30 | 东门广场 | 20251120001" in told
    assert "2025-11-21 20:30 | 东门广场 | B" in told


def test_in_chinese_no_sentence_stays_english(data: Path):
    more = [
        [5, "GD-5", "2999-01-01 10:00", "东门", "吵"],
        [6, "GD-6", "", "东门", "吵"],
        [7, "GD-7", "2025-11-20", "东门", "吵"],
        [8, "GD-8", "2025-11-20 19:30", "东门", "长" * 5000],
    ]
    for name, content in (
        ("desk", table([*ROWS, *more])),
        ("later", table([[1, "GD-4", "2025-11-20 19:45", "西门", "吵"]])),
        ("timeless", table([[1, "GD-1", "昨晚", "东门", "吵"]])),
        ("empty", b""),
        ("headless", b"1,2\n1,2\n"),
        ("bare", "时间,内容\n".encode()),
        ("open", '时间,内容\n"2025-11-28 19:00,吵\n'.encode() + b"x,y\n" * 99),
        ("wide", "时间,内容\n2025-11-28 19:00,".encode() + b"9" * 200_000),
    ):
        (data / f"{name}.csv").write_bytes(content)
    told = ""
    for words in (
        "import desk.csv",
        f"import desk.csv {MAP} --preview",
        f"import desk.csv {MAP} --map source=12345 --map about=吵,长",
        "import later.csv",
        "import timeless.csv",
        "import timeless.csv --map time=何时",
        "import timeless.csv --map time=",
        "import timeless.csv --map number",
        "import timeless.csv --map foo=",
        "import timeless.csv --map source=114",
        "import timeless.csv --map date_order=XYZ",
        "import timeless.csv --map 南门广场=南门",
        "import timeless.csv --zone Mars",
        "import empty.csv",
        "import headless.csv",
        "import bare.csv",
        "import open.csv",
        "import wide.csv --map 东门广场=东门",
        "import none.csv",
        "forget GD-4 GD-99 --source 12345",
        "forget GD-1 --source 1",
        "forget",
    ):
        task, *given = shlex.split(words)
        files = [data / one if one.endswith(".csv") else one for one in given]
        ran = run_in_chinese("complaints", task, *files, "--data", data)
        known = ("button", "other", "dmy", "mdy", "ymd", "time", "foo", "number", "clock", "text")
        assert (ran.out or ran.wrong) and english_in(ran, *known) == [], ran
        told += ran.out
    assert "编号 GD-4 已有另一时间的投诉，未导入" in told and "GD-4：文字" in told
