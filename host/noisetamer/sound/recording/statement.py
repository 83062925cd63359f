"""What a recorder says of its own file: the level of full scale, and when it began.

- `bext`: EBU Tech 3285 (Broadcast Wave). NTi's XL2 writes "0dBFS = 128.1 dBSPL", a *peak*: its
  file names say `FS128.1dB(PK)`.
- `iXML`: www.gallery.co.uk/ixml, specification 3.01.
- `LIST`/`ICMT`: AudioMoth's comment, "Recorded at 19:00:00 23/11/2026 (UTC+8) by AudioMoth ...".
- `fact`: Hangzhou Aihua's AWA6228+ appends its text to it, in GBK.
- `guan`: GUANO 1.0, of wildlife recorders.
"""

import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

SINE_BELOW_PEAK = 10 * math.log10(2)
"""dB from the peak of a sine down to its level."""

# Seconds by which a file's two begins may differ and mean the same.
_SAME = 2.0


@dataclass(frozen=True)
class Statement:
    """recorder: its name, or "". full_scale_dB: level of a full-scale sine, dB re 20 µPa; `said`
    are the file's words for it. begins: of the first sample, as the recorder's clock had it, with
    a zone where it names one. All may be missing."""

    recorder: str = ""
    full_scale_dB: float | None = None
    said: str = ""
    begins: datetime | None = None


def of(name: str, texts: Mapping[str, bytes], rate: int) -> Statement:
    """name: the file's; texts: its chunks by name, as in `container.Container`; rate: in Hz."""
    recorder, begins, description = "", None, ""
    if len(bext := texts.get("bext", b"")) >= 348:
        description, recorder = _text(bext[:256]), _text(bext[256:288])
        begins = _of_bext(bext, rate)
    begins = begins or _of_ixml(_text(texts.get("iXML", b"")), rate)
    for text, pattern in (
        (_information(texts.get("LIST", b""), b"ICMT"), _AUDIOMOTH),
        (_text(texts.get("fact", b"").replace(b"\0", b" "), "gbk"), _AIHUA),
        (_text(texts.get("guan", b"")), _GUANO),
    ):
        if begins is None and (found := pattern.search(text)):
            begins = _moment(**found.groupdict())
            recorder = recorder or next(iter(_MAKER.findall(text)), "")
    if begins is not None and begins.tzinfo is None and (zone := _ZONE.search(description)):
        begins = begins.replace(tzinfo=_zone(zone[1]))
    return Statement(recorder, *_full_scale(name, description, recorder), begins)


_LEVEL = re.compile(r"0\s*dBFS\s*=\s*(-?\d{1,3}(?:\.\d+)?)\s*dB\s*SPL", re.I)
_NAMED = re.compile(r"FS(\d{2,3}(?:\.\d+)?)dB\(PK\)", re.I)
_ZONE = re.compile(r"Time Zone:\s*(?:UTC|GMT)([+-]\d{1,2}(?::?\d\d)?)?")
_DAY_FIRST = r"(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>\d{4})"
_YEAR_FIRST = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_CLOCK = r"(?P<clock>\d\d:\d\d:\d\d(?:\.\d+)?)"
_AUDIOMOTH = re.compile(rf"Recorded at {_CLOCK} {_DAY_FIRST}(?: \((?P<zone>UTC[^)]*)\))?")
_AIHUA = re.compile(rf"{_YEAR_FIRST} {_CLOCK}")
_GUANO = re.compile(rf"^Timestamp:\s*{_YEAR_FIRST}[T ]{_CLOCK}(?P<zone>Z|[+-]\d\d:?\d\d)?", re.M)
_MAKER = re.compile(r"AudioMoth(?: [0-9A-F]{8,16})?|AWA\d{4}\+?")


def _full_scale(name: str, description: str, recorder: str) -> tuple[float | None, str]:
    said, named = _LEVEL.search(description), _NAMED.search(name)
    if said and not named and not recorder.startswith("NTi"):
        # Whoever else writes so is taken by AES17, in which 0 dBFS is a sine.
        return float(said[1]), said[0]
    if found := said or named:
        return float(found[1]) - SINE_BELOW_PEAK, f"{found[0]}, a peak"
    return None, ""


def _of_bext(bext: bytes, rate: int) -> datetime | None:
    date, clock = _numbers(bext[320:330]), _numbers(bext[330:338])
    begins = _moment_of([*date, *clock]) if len(date) == len(clock) == 3 else None
    return _refined(begins, struct.unpack("<Q", bext[338:346])[0] / max(rate, 1))


def _of_ixml(text: str, rate: int) -> datetime | None:
    def tag(name: str) -> str:
        found = re.search(rf"<{name}>\s*([^<]*?)\s*</{name}>", text)
        return found[1] if found else ""

    date = _numbers(tag("BWF_ORIGINATION_DATE").encode())
    clock = _numbers(tag("BWF_ORIGINATION_TIME").encode())
    if len(date) != 3 or len(clock) != 3:
        return None
    halves = [tag(f"TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{half}") for half in ("HI", "LO")]
    own_rate = tag("TIMESTAMP_SAMPLE_RATE")
    if not all(each.isdigit() for each in halves):
        return _moment_of([*date, *clock])
    samples = int(halves[0]) * 2**32 + int(halves[1])
    since = samples / max(int(own_rate) if own_rate.isdigit() else rate, 1)
    return _refined(_moment_of([*date, *clock]), since)


def _refined(begins: datetime | None, since_midnight: float) -> datetime | None:
    """To the sample, where that is the same moment: a time code may be anything else."""
    if begins is None or not 0 < since_midnight < 86_400:
        return begins
    exact = begins.replace(hour=0, minute=0, second=0) + timedelta(seconds=since_midnight)
    return exact if abs((exact - begins).total_seconds()) <= _SAME else begins


def _information(body: bytes, wanted: bytes) -> str:
    """An entry of a LIST INFO."""
    at = 4
    while body[:4] == b"INFO" and at + 8 <= len(body):
        length = struct.unpack("<I", body[at + 4 : at + 8])[0]
        if body[at : at + 4] == wanted:
            return _text(body[at + 8 : at + 8 + length])
        at += 8 + length + length % 2
    return ""


def _moment(
    year: str, month: str, day: str, clock: str, zone: str | None = None
) -> datetime | None:
    numbers = [int(year), int(month), int(day), *map(int, clock[:8].split(":"))]
    begins = _moment_of(numbers)
    if begins is None:
        return None
    begins += timedelta(seconds=float(clock[8:] or 0))
    return begins if zone is None else begins.replace(tzinfo=_zone(zone.lstrip("UTCZ")))


def _moment_of(numbers: list[int]) -> datetime | None:
    try:
        return datetime(*numbers)  # type: ignore[arg-type]
    except ValueError:
        return None


def _zone(offset: str | None) -> timezone | None:
    """Of "+8", "-03:30", "+0530", "" (UTC)."""
    found = re.fullmatch(r"([+-])(\d{1,2}):?(\d\d)?", offset or "+0")
    if not found or int(found[2]) > 15:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def _numbers(text: bytes) -> list[int]:
    return [int(part) for part in re.findall(rb"\d+", text)]


def _text(body: bytes, encoding: str = "utf-8") -> str:
    return body.rstrip(b"\0").decode(encoding, "replace").split("\0", 1)[0].strip()
