"""Level tables as meters, apps and offices write them, of a minute or a week of made-up levels."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Evening:
    """What was measured: a level each second from `begin`, local time of a zone `hours` east.

    without: seconds whose reading the file does not have.
    """

    begin: datetime = datetime(2026, 11, 23, 19, 0, 0)
    count: int = 240
    hours: float = 8.0
    seed: int = 1
    without: frozenset[int] = field(default_factory=frozenset)
    every: float = 1.0

    @cached_property
    def level(self) -> NDArray[np.float64]:
        chance = np.random.default_rng(self.seed)
        slow = 6.0 * np.sin(np.arange(self.count) / 17.0)
        return np.round(66.0 + slow + chance.normal(0.0, 1.5, self.count), 1)

    @property
    def rows(self) -> list[tuple[datetime, float, int]]:
        """(local begin, level, number) of the seconds that are there."""
        return [
            (self.begin + timedelta(seconds=self.every * n), float(self.level[n]), n)
            for n in range(self.count)
            if n not in self.without
        ]

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(hours=self.hours))

    @property
    def t(self) -> NDArray[np.float64]:
        """Unix time at which each second that is there begins."""
        return np.array([at.replace(tzinfo=self.zone).timestamp() for at, _, _ in self.rows])

    @property
    def readings(self) -> NDArray[np.float64]:
        return np.array([level for _, level, _ in self.rows])

    @property
    def running(self) -> NDArray[np.float64]:
        energy = np.cumsum(10.0 ** (self.level / 10.0)) / np.arange(1, self.count + 1)
        return np.round(10.0 * np.log10(energy), 1)


def _comma(level: float) -> str:
    return f"{level:.1f}".replace(".", ",")


def _end(at: datetime) -> datetime:
    return at + timedelta(seconds=1)


def xl2_log(evening: Evening) -> str:
    offset = f"{'+' if evening.hours >= 0 else '-'}{abs(int(evening.hours)):02d}:00"
    last = _end(evening.rows[-1][0])
    columns = ["Date", "Time", "Timer", "LASmax_dt", "LAFmax_dt", "LAeq_dt", "LAeq"]
    columns += ["Prev_LAeq", "LCeq_dt"]

    def row(at: datetime, level: float, n: int) -> str:
        cells = [
            f"{_end(at):%Y-%m-%d}", f"{_end(at):%H:%M:%S}", "00:03:58", f"{level + 1:.1f}",
            f"{level + 2.4:.1f}", f"{level:.1f}", f"{evening.running[n]:.1f}", "-.-",
            f"{level + 3.2:.1f}",
        ]  # fmt: skip
        return "\t" + "\t".join(f"{cell:10s}" for cell in cells)

    return "\n".join([
        "XL2 Broadband Logging:\t\tsquare\\2026-11-23_SLM_000_123_Log.txt      ",
        "----------------------", "", "# Hardware Configuration",
        "\tDevice Info:    \tXL2, SNo. A2A-00000-E0, FW4.71 Type Approved",
        f"\tTime Zone:      \tUTC{offset}", "", "# Measurement Setup",
        "\tTimer mode:     \tsingle",
        "\tLog-Interval:   \t00:00:01", "\tkset Date:      \tk-Values not measured", "", "# Time",
        f"\tStart:          \t{evening.begin:%Y-%m-%d, %H:%M:%S}",
        f"\tEnd:            \t{last:%Y-%m-%d, %H:%M:%S}", "", "# Broadband LOG Results",
        "\t" + "\t".join(columns), "\t[YYYY-MM-DD]\t[hh:mm:ss]\t[hh:mm:ss]" + "\t[dB]" * 6,
        *(row(*one) for one in evening.rows), "",
        "# Broadband LOG Results over whole log period", row(*evening.rows[-1]), "",
        "#CheckSum", "\t0000000000000000", "",
    ])  # fmt: skip


def xl2_report(
    rows: list[tuple[datetime, datetime, float]], zone: str = "UTC+08:00", append: bool = False
) -> str:
    """rows: start, stop, LAeq. append: with the columns of its append mode."""
    before = ["Location ID", "Meas. ID"] if append else []
    names = [*before, "Date", "Time", "Date", "Time", "LASmax", "LAFmax", "LAeq", "Prev_LAeq"]
    blank = "\t" * len(before)
    lines = [
        "XL2 Sound Level Meter Broadband Reporting:\t\tsquare\\2026-11-23_SLM_000_123_Report.txt",
        "------------------------------------------", "", "# Hardware Configuration",
        "\tDevice Info:    \tXL2, SNo. A2A-00000-E0, FW4.71 Type Approved",
        f"\tTime Zone:      \t{zone}", "", "# Measurement Setup",
        f"\tAppend mode:    \t{'ON' if append else 'OFF'}", "", "# Broadband Results",
        f"\t{blank}Start       \t          \tStop        \t          ",
        "\t" + "\t".join(names),
        f"\t{blank}[YYYY-MM-DD]\t[hh:mm:ss]\t[YYYY-MM-DD]\t[hh:mm:ss]" + "\t[dB]    " * 4,
    ]  # fmt: skip
    for number, (start, stop, level) in enumerate(rows, 1):
        cells = ["MyLocation", str(number)] if append else []
        for at in (start, stop):
            cells += [f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"]
        cells += [f"{level + 1:.1f}", f"{level + 2:.1f}", f"{level:.1f}", "-.-"]
        lines.append("\t" + "\t".join(f"{cell:10s}" for cell in cells))
    return "\n".join([*lines, "", "#CheckSum", "\t00000000000000000000000000000000", ""])


def svantek(evening: Evening) -> str:
    lines = ["// SV307;sn 00000", "", "Logger results;;", ";;"]
    lines.append("Date & time;LAFmax (Ch1, P1) [dB];LAeq (Ch1, P1) [dB]")
    lines += [f"{at:%d/%m/%Y %H:%M:%S};{v + 2.4:.1f};{v:.1f}" for at, v, _ in evening.rows]
    return "\n".join([*lines, "", "Leq;66.0", "Lmax;83.0", ""])


def larson_davis(evening: Evening) -> str:
    lines = ["Record #,Record Type,Date,Time,LAeq,LApeak,LASmax,OVLD,OBA OVLD,Marker"]
    lines.append(f"1,Run,{evening.begin:%Y-%m-%d,%H:%M:%S},,,,,,")
    lines += [
        f"{n + 2},,{at:%Y-%m-%d,%H:%M:%S},{v:.1f},{v + 14:.1f},{v + 1:.1f},No,Yes,"
        for at, v, n in evening.rows
    ]
    return "\n".join([*lines, f"99,Stop,{evening.rows[-1][0]:%Y-%m-%d,%H:%M:%S},,,,,,", ""])


def bruel_kjaer(evening: Evening) -> str:
    lines = ["Project Name\tStart Time\tElapsed Time\tOverload\tLAeq\tLAFmax\tLCeq"]
    lines += [
        f"Square 001\t{at:%d/%m/%Y %H:%M:%S}\t00:00:01\t0\t{_comma(v)}\t{_comma(v + 2.4)}"
        f"\t{_comma(v + 3)}"
        for at, v, _ in evening.rows
    ]
    return "\n".join([*lines, ""])


def norsonic_121(evening: Evening) -> str:
    lines = [f"Trig time\t({evening.begin:%d.%m.%Y %H:%M:%S})", "Period length\t(00:00:01)"]
    lines += [f"Total number of periods\t{evening.count}", "", "Period:\tTime\tStatus\tLAeq"]
    return "\n".join([*lines, *(f"{n}\t{n}\t\t{v:.1f}" for _, v, n in evening.rows), ""])


def norsonic_145(evening: Evening) -> bytes:
    rows = [["Nor145", "SN 14500000"], [], ["Date/Time", "LAeq", "LAFmax", "LCeq"]]
    rows += [[f"{at:%d.%m.%Y %H:%M:%S}.000", v, v + 2.4, v + 3] for at, v, _ in evening.rows]
    return workbook({"Info": [["Instrument", "Nor145"]], "Profile": rows})


def norsonic_profiles(*evenings: Evening) -> bytes:
    """As a Nor145 writes several measurements: a sheet of sums and one of the course of each."""
    sheets: dict[str, list] = {"Overview-S1": [["Name", "Start Time", "Duration", "Unit"]]}
    for number, evening in enumerate(evenings, 1):
        begin = f"{evening.begin:%d/%m/%Y %H:%M:%S}"
        sheets["Overview-S1"].append([f"square {number}", begin, "00:00:29.500", "dB"])
        sheets[f"square {number}-Global"] = [
            ["Name", f"square {number}"], ["Start Time", begin], [], ["LAeq", 66.0, "dB"]
        ]  # fmt: skip
        sheets[f"square {number}-Profile"] = [
            [f"square {number}", 106, "S1", None, "Profile"],
            [evening.count, None, "Markers", "LAeq [dB]", "LAFmax [dB]", "LCeq [dB]"],
            *([n, at, None if n else "Battery", v, v + 1, v + 3] for at, v, n in evening.rows),
        ]
    return workbook(sheets | {"Text notes": [["Name", "Note"]]})


def decibel_10th(evening: Evening) -> str:
    begin = evening.begin
    end = begin + timedelta(seconds=evening.every * evening.count)
    return "\n".join([
        f"Start Time: {begin:%Y/%m/%d, %H:%M:%S}.{begin.microsecond // 1000:03d}", "",
        f"End Time: {end:%Y/%m/%d, %H:%M:%S}.{end.microsecond // 1000:03d}", "",
        "Min (dB): 32.2", "Max (dB): 105.3", "Peak (dB): 113.7", "Leq (dB): 68.3",
        "Recorded values (dB):", *(f"{v:.1f}" for _, v, _ in evening.rows), "",
    ])  # fmt: skip


def dbtrait(evening: Evening) -> str:
    lines = [f"FUSION 00000;;;{evening.begin:%d/%m/%Y}", "Time;LAFmax;LAeq;LCeq"]
    lines += [
        f"{at:%H:%M:%S};{_comma(v + 2.4)};{_comma(v)};{_comma(v + 3)}" for at, v, _ in evening.rows
    ]
    return "\n".join([*lines, "", "Overall;;;", "Leq;66,0;;", "Lmin;52,1;;", ""])


def cesva(evening: Evening) -> str:
    lines = ["CESVA;SC420;T000000", *(f"line {n};" for n in range(9))]
    lines.append("Date hour;Elapsed t;LA1s;LAFmax1s;LC1s")
    lines += [
        f"{at:%d/%m/%Y %H:%M:%S};00:{n // 60 % 60:02d}:{n % 60:02d};{_comma(v)};{_comma(v + 2.4)}"
        f";{_comma(v + 3)}"
        for at, v, n in evening.rows
    ]
    return "\n".join([*lines, ""])


def noise_sentry(evening: Evening) -> str:
    lines = ["Time (Date hh:mm:ss.ms),LEQ dB-A ,Lmax dB-A ,L10 dB-A ,L90 dB-A "]
    lines += [
        f"{at:%Y-%m-%d %H:%M:%S}.000,{v:.6f},{v + 2.4:.6f},{v + 1:.6f},{v - 1:.6f}"
        for at, v, _ in evening.rows
    ]
    return "\n".join([*lines, ""])


def openoise(evening: Evening) -> str:
    lines = ["Title: ", "Calibration: 0 dBA ", f"Start: {evening.begin} ", "==="]
    lines.append("Date;Time;LAeq(t);LAeq(1s);Marker")
    lines += [
        f"{at:%Y-%m-%d;%H:%M:%S};{evening.running[n]:.1f};{v:.1f};{'' if n else 'START'}"
        for at, v, n in evening.rows
    ]
    return "\n".join([*lines, f"{_end(evening.rows[-1][0]):%Y-%m-%d;%H:%M:%S};;;STOP", ""])


def noise_capture(evening: Evening) -> str:
    rows = zip(evening.t, evening.readings, strict=True)
    features = [
        {"type": "Feature", "geometry": None,
         "properties": {"leq_mean": v, "accuracy": 0, "leq_utc": round(1000 * (t + 1)),
                        "leq_id": n, "leq_1000": v - 5}}
        for n, (t, v) in enumerate(rows)
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features})


def home_assistant(evening: Evening) -> str:
    lines = ["entity_id,state,last_changed"]
    for t, v in zip(evening.t, evening.readings, strict=True):
        stamp = datetime.fromtimestamp(t + 1, UTC)
        lines.append(f"sensor.laeq_1s,{v:.1f},{stamp:%Y-%m-%dT%H:%M:%S}.000Z")
    return "\n".join([*lines, ""])


def svantek_polish(evening: Evening) -> bytes:
    months = ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"]
    rows = [["P1 (A, Lin)"], ["No.", "Date & time", "LAeq (TH) [dB]"]]
    rows += [
        [str(n + 1), f"{at.day} {months[at.month - 1]} {at:%Y %H:%M:%S}", f"{v:.1f}"]
        for at, v, n in evening.rows
    ]
    return workbook({"2.43": rows})


def larson_davis_spanish(evening: Evening) -> bytes:
    rows: list[list] = [["Registro #", "Tipo", "Fecha", "Hora", "LAeq", "LASmax", "OVLD"]]
    rows.append([1, "Run", f"{evening.begin:%Y-%m-%d}", f"{evening.begin:%H:%M:%S}"])
    rows += [
        [n + 2, None, f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", v, v + 1, "No"]
        for at, v, n in evening.rows
    ]
    return workbook({"Resumen": [["Serie", "0000"]], "Historia del tiempo": rows})


def excel(evening: Evening) -> bytes:
    return workbook(
        {"Tabelle1": [["Zeit", "Pegel"], *([_end(at), v] for at, v, _ in evening.rows)]}
    )


def workbook(sheets: dict[str, list]) -> bytes:
    """An XLSX of rows by sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def archive(*names: str) -> bytes:
    """A ZIP of files that are no workbook's."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as opened:
        for name in names:
            opened.writestr(name, "time,LAeq\n")
    return data.getvalue()


def plain(
    stamp: str = "%Y-%m-%d %H:%M:%S",
    heading: str = "time,level",
    comma: bool = False,
    quoted: bool = False,
) -> Callable[[Evening], str]:
    """time and level with the end of each second, as a display is read."""

    def written(evening: Evening) -> str:
        between = next(one for one in ",;\t" if one in heading)
        mark = '"' if quoted else ""
        lines = [heading]
        for at, v, _ in evening.rows:
            cells = [f"{_end(at):{stamp}}", _comma(v) if comma else f"{v:.1f}"]
            lines.append(between.join(f"{mark}{cell}{mark}" for cell in cells))
        return "\n".join([*lines, ""])

    return written


KINDS: dict[str, Callable[[Evening], str | bytes]] = {
    "NTi XL2 log": xl2_log,
    "Svantek": svantek,
    "Svantek, Polish XLSX": svantek_polish,
    "Larson Davis G4": larson_davis,
    "Larson Davis G4, Spanish XLSX": larson_davis_spanish,
    "Brüel & Kjær 2250": bruel_kjaer,
    "Norsonic 121": norsonic_121,
    "Norsonic 145": norsonic_145,
    "01dB dBTrait": dbtrait,
    "CESVA": cesva,
    "NoiseSentry": noise_sentry,
    "OpeNoise": openoise,
    "NoiseCapture track": noise_capture,
    "Home Assistant history": home_assistant,
    "plain table, ISO": plain(),
    "plain table, slashes": plain("%Y/%m/%d %H:%M:%S", "时间,声级dB(A)"),
    "plain table, German": plain("%d.%m.%Y %H:%M:%S", "Zeit;Pegel", comma=True),
    "plain table, quoted": plain(comma=True, quoted=True),
    "plain table, tab": plain(heading="time\tlevel"),
    "plain table, American": plain("%m/%d/%Y %I:%M:%S %p", "Time,Level"),
    "plain table, month in words": plain("%d-%b-%Y %H:%M:%S", "Time,LAeq"),
    "plain table, XLSX": excel,
}
"""Writers of a file of each kind, by the name of its entry in formats.toml and a remark."""


def encodings(text: str) -> Iterator[tuple[str, bytes]]:
    """The text as Windows, Excel and meters save it, where the encoding has its letters."""
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "cp1252"):
        try:
            yield encoding, text.encode(encoding)
        except UnicodeEncodeError:
            continue
