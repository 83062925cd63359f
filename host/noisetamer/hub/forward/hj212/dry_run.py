"""What would be sent, and is not: of what a hub has last, or of sample values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.forward import destinations
from noisetamer.hub.forward.command import around_of
from noisetamer.hub.forward.facts import PERIODS
from noisetamer.hub.forward.hj212 import areas, codes, settings
from noisetamer.hub.forward.hj212.device import Device
from noisetamer.hub.forward.hj212.readings import Readings
from noisetamer.hub.forward.hj212.settings import Changeable, Kept, Platform
from noisetamer.hub.store.queries import Queries

KINDS = {
    "minute": codes.MINUTE,
    "hour": codes.HOUR,
    "day": codes.DAY,
    "real-time": codes.REAL_TIME,
}

_MN = "010000A8900016F000169DC0"
_AT = 1_795_708_860.123
"""2026-11-27 00:01:00 in China."""
_LEVELS = {
    "L5": 781,
    "L10": 769,
    "L50": 720,
    "L90": 643,
    "L95": 628,
    "LAeq": 734,
    "LAFmax": 812,
    "LAmin": 607,
}


@dataclass(frozen=True)
class Written:
    """One frame. said: what is to be known before; data: b"" where there is none."""

    said: str
    data: bytes
    crc: str
    key: bytes | None


def samples(version: str, crc: str, key: bytes | None, kinds: Sequence[str]) -> Iterator[Written]:
    """Of sample values. Raises UserError."""
    if key and version == "2017":
        raise UserError("--key-file: HJ 212-2017 knows no encryption; take --version 2025")
    first = Changeable("123456", key, 10, 3, 1, 30)
    of_sample = Platform("sample", "", 0, {"sample": _MN}, first, version, crc=crc)
    here = Path()
    kept = Kept(here / "none", of_sample)
    device = Device("sample", _MN, of_sample, kept, Readings(here), lambda: _AT, 8.0)
    for kind in kinds:
        said = "sample values"
        if kind == "hour" and version == "2025":
            said += "; as far as is known HJ 212-2025 has no 2061 of noise"
        yield _written(device, kind, _sample(device, kind), said)


def _sample(device: Device, kind: str) -> str:
    if kind == "real-time":
        return areas.real_time(device.stamp(_AT), _LEVELS["LAeq"], "N", "needed")
    time = device.stamp(_last(_AT, PERIODS[kind], 8.0))
    if kind == "day":
        by_night = {name: level - 150 for name, level in _LEVELS.items()}
        return areas.day(time, {**_LEVELS, "Ldn": 725}, _LEVELS, by_night, "N", "needed")
    return areas.period(time, _LEVELS, "N", "needed")


def of_hub(data: Path, only: str, unit: str, kinds: Sequence[str]) -> Iterator[Written]:
    """What each destination of kind hj212 would get of the last that the hub in `data` has. only,
    unit: one of them, "": all. Raises UserError."""
    if not database.exists(data / "hub.sqlite"):
        raise UserError(f"{data}: is no data folder of a hub; give the one of its --data")
    read = destinations.sound(data)
    chosen = [one for one in read.all if one.kind == "hj212" and only in ("", one.name)]
    if not chosen:
        file = data / destinations.FILE
        if only:
            raise UserError(
                f"{file}: has no destination of kind hj212 of the name {only}; without --data "
                "sample values are shown"
            )
        raise UserError(
            f"{file}: has no destination of kind hj212; without --data sample values are shown"
        )
    around = around_of(data, read)
    queries, readings = Queries(data / "hub.sqlite"), Readings(data)
    for asked in chosen:
        platform = settings.platform(asked)
        if unit and unit not in platform.mn:
            raise UserError(f"--unit {unit}: {asked.name} has no MN for it")
        kept = Kept(settings.kept_file(data, asked.name), platform)
        for one in [unit] if unit else platform.mn:
            device = Device(
                *(one, platform.mn[one], platform, kept, readings),
                *(around.clock, around.utc_offset),
            )
            for kind in kinds:
                yield _of_unit(device, queries, kind)


def _of_unit(device: Device, queries: Queries, kind: str) -> Written:
    span = queries.span(device.unit)
    area = ""
    if span is not None and kind == "real-time":
        area = device.newest(span[1])
    elif span is not None:
        length = PERIODS[kind] * (device.now.minutes if kind == "minute" else 1)
        begin = _last(span[1], length, device.utc_offset)
        area = device.past(KINDS[kind], begin, length)
    said = f"{device.platform.name}, {device.unit}, the last {kind}"
    if not area:
        return Written(f"{said}: nothing to send", b"", "", None)
    return _written(device, kind, area, said)


def _written(device: Device, kind: str, area: str, said: str) -> Written:
    one = device.frame(KINDS[kind], area, device.platform.answers)
    return Written(said, device.written(one), device.platform.crc, device.now.key)


def _last(t: float, length: int, utc_offset: float) -> int:
    """When the last period begins that is over at t."""
    east = round(utc_offset * 3600)
    return (int(t) + east) // length * length - length - east
