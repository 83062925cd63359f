"""Files that are no table of LAeq, and what is said of each: a pattern of the sentence."""

import numpy as np
from level_files import archive, workbook

HEAD = "time,LAeq\n"
_ROWS = "".join(f"2026-11-23 19:00:{n:02d},{60 + n % 7 / 10}\n" for n in range(60))
_MINUTES = "".join(f"2026/11/23 19:{n // 20:02d},{60 + n % 7 / 10}\n" for n in range(60))


def _column(heading: str) -> str:
    return f"time,{heading}\n{_ROWS}"


def stamps(*stamps: str) -> str:
    return HEAD + "".join(f"{stamp},61.{n}\n" for n, stamp in enumerate(stamps))


WRONG: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is empty"),
    "blank lines": ("\n\r\n \n", "is empty"),
    "zeros": (bytes(5000), "is empty"),
    "noise": (np.random.default_rng(1).bytes(5000), "holds no table"),
    "prose": ("It was loud.\nThen it was not.\n", "holds no table"),
    "heading alone": (HEAD, "holds no table"),
    "no times": ("LAeq\n61.0\n62.0\n", "holds no table"),
    "a PDF": (b"%PDF-1.7 ...", "is a PDF"),
    "a WAV": (b"RIFF....WAVE", "is a sound file"),
    "an old Excel file": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "before 2007"),
    "a broken XLSX": (b"PK\x03\x04....", "cut off or no Excel"),
    "a cut XLSX": (workbook({"a": [["time", "LAeq"]]})[:900], "cut off or no Excel"),
    "a spoilt XLSX": (
        workbook({"a": [["time", "LAeq"]]}).replace(b"PK\x01\x02", b"PK\x07\x07"),
        "no Excel workbook that can be read .*; save it as CSV",
    ),
    "an empty workbook": (workbook({"a": []}), "sheets are empty"),
    "a workbook of words": (workbook({"a": [["so", "what"]]}), "holds no table"),
    "a gzip": (b"\x1f\x8b\x08....", "is an archive"),
    "a database": (b"SQLite format 3\0", "is an archive or database"),
    "a web page": ("<!DOCTYPE html><p>Login", "is a web page"),
    "an archive": (archive("a.csv", "b.csv"), "is an archive of a.csv, b.csv; unpack"),
    "an XL2's bands": (
        "XL2 RTA Spectrum Logging:\t\tx\\x_SLM_000_RTA_3rd_Log.txt\n# RTA LOG Results\n"
        "\tDate\tTime\tTimer\tBand [Hz]\t6.3\t8.0\n"
        "\t2026-02-06\t11:13:13\t00:00:09\t\t61.0\t62.0\n", "give its file .*_123_Log.txt",
    ),
    "JSON of nothing": ("{}", "is JSON without records"),
    "JSON of numbers": ("[1, 2, 3]", "is JSON without records"),
    "JSON of a song": ('[{"title": "x", "length": 3}]', "holds no table"),
    "deep JSON": ("[" * 100_000, "is JSON nested too deeply|holds no table"),
    "LCeq": (_column("LCeq"), "holds LCeq, not LAeq: set the meter to dB"),
    "LZeq": (_column("LZeq"), "holds LZeq, not LAeq: set the meter to dB"),
    "LAFmax": (_column("LAFmax"), "holds LAFmax, not LAeq"),
    "LAFmin": (_column("LAFmin"), "holds LAFmin, not LAeq"),
    "LAF": (_column("LAF"), "holds LAF, not LAeq"),
    "LCpeak": (_column("LCpeak"), "holds LCpeak"),
    "LAE": (_column("LAE"), "holds LAE"),
    "SEL": (_column("SEL dB(A)"), "holds SEL"),
    "LA90": (_column("LA90"), "holds LA90"),
    "L10": (_column("L10"), "holds L10"),
    "LAIeq": (_column("LAIeq"), "holds LAIeq"),
    "Lden": (_column("Lden"), "holds Lden"),
    "a band": (_column("1 kHz"), "holds 1 kHz"),
    "dB(C)": (_column("Level dB(C)"), r"holds Level dB\(C\)"),
    "C-weighted": (_column("C-weighted level"), "holds C-weighted level"),
    "in Chinese, C": (_column("C声级"), "holds C声级"),
    "named as running": (_column("LAeq(t)"), r"holds LAeq\(t\)"),
    "named as earlier": (_column("Prev_LAeq"), "holds Prev_LAeq"),
    "sliding": (_column('"LAeq5""'), "is an average of 5 s told every 1 s"),
    "temperature": (_column("Temperature [°C]"), "no column is LAeq; there are time, Temp"),
    "two that may be": (
        f"time,Level,Value\n{_ROWS.replace(',', ',61.5,')}", "Level and Value may each be LAeq",
    ),
    "two that are": (
        "time,LAeq (Ch1),LAeq (Ch2)\n" + "".join(
            f"2026-11-23 19:00:{n:02d},{60 + n % 7},{61 + n % 5}\n" for n in range(60)
        ), "are each LAeq, and differ",
    ),
    "two without headings": (
        "".join(f"2026-11-23 19:00:{n:02d},{60 + n % 7}.1,{61 + n % 5}.2\n" for n in range(9)),
        "no headings, and 2 columns of levels",
    ),
    "units of dB(C)": ("Time,Value,Unit\n" + _ROWS.replace("\n", ",dBC\n"), "holds Value"),
    "no seconds": (HEAD + _MINUTES, "no seconds, and .* repeat: Excel drops the seconds"),
    "repeated times": (stamps(*["2026-11-23 19:00:01"] * 5), "4 of 5 times repeat"),
    "day or month": (stamps("05/11/2026 19:00:00", "05/11/2026 19:00:01"),
                     r"may be 2026-11-05 or 2026-05-11, .* --date-order dmy or mdy"),
    "day or year": (
        stamps("26-11-23 19:00:00", "26-11-23 19:00:01"),
        r"may be 2023-11-26 or 2026-11-23, .* --date-order dmy or ymd",
    ),
    "swapped in part": (stamps("13/11/2026 19:00:00", "11/14/2026 19:00:01"), "of two orders"),
    "no date": (stamps("19:00:01", "19:00:02"), "times have no date; put the date"),
    "no such day": (stamps("2026-02-30 19:00:01", "2026-02-30 19:00:02"), "0 of 2 lines hold"),
    "years ago": (stamps("0001-01-01 00:00:00", "0001-01-01 00:00:01"), "0 of 2 lines hold"),
    "words for times": (stamps("early", "late"), "holds no table of times"),
    "one reading": (stamps("2026-11-23 19:00:01"), "1 of 1 lines hold"),
    "words for levels": (HEAD + "2026-11-23 19:00:01,loud\n2026-11-23 19:00:02,OL\n",
                         "holds no table"),
    "tenfold": (HEAD + _ROWS.replace(",6", ",61"), "line 2: .* beyond 10 to 150 dB, such as"),
    "zeros for levels": (HEAD + _ROWS.replace(",6", ","), "beyond 10"),
    "only a heading below": (_ROWS and "Date;LAeq\n\n\n", "holds no table"),
    "two entities": (
        "entity_id,state,last_changed\n" + "".join(
            f"sensor.{name},61.{n},2026-11-23T11:00:0{n}.000Z\n"
            for n in range(5) for name in ("laeq_yard", "laeq_gate")
        ), "holds 2 series",
    ),
    "an entity of dB(C)": (
        "entity_id,state,last_changed\n" + "".join(
            f"sensor.lceq,61.{n},2026-11-23T11:00:0{n}.000Z\n" for n in range(5)
        ), "holds sensor.lceq, not LAeq",
    ),
}  # fmt: skip
