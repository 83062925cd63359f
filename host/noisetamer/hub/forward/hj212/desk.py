"""What a platform asks of a device, answered as HJ 212 says; nothing is changed that the settings
do not allow.

HJ 212-2017 6.5 and annex C: a request is answered (9011), done, and its result told (9012); a
notice is answered (9013).
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from datetime import datetime

from noisetamer.hub.forward.hj212 import areas, codes
from noisetamer.hub.forward.hj212.device import Device
from noisetamer.hub.forward.hj212.frame import VERSIONS, Frame, Malformed
from noisetamer.hub.forward.hj212.settings import PASSWORD, key_of

MOST_PERIODS = 10_000
"""Of one request for the past: a week of minutes."""
CLOCK_SECONDS = 2.0
"""A clock that differs less is right: DB36/T 2151-2025."""

_LENGTHS = {codes.MINUTE: 60, codes.HOUR: 3600, codes.DAY: 86400}
_PERMISSION = {
    codes.SET_TIMEOUT: "timeouts",
    codes.SET_TIME: "clock",
    codes.KEY: "key",
    codes.SET_RTD_INTERVAL: "intervals",
    codes.SET_MIN_INTERVAL: "intervals",
    codes.SET_PASSWORD: "password",
    codes.REAL_TIME: "real-time",
    codes.STOP_REAL_TIME: "real-time",
}
"""{command that changes something: what of ALLOWED it needs}"""
_ASKED = {
    codes.GET_TIME,
    codes.GET_RTD_INTERVAL,
    codes.GET_MIN_INTERVAL,
    codes.SERIAL,
    codes.INFORMATION,
    codes.SINGLE,
    *_LENGTHS,
}
_SECRET = ("password", "key")
_NEVER = {codes.SET_INFORMATION, *map(str, (*range(3011, 3019), 3022, 3024, 1002, 2021, 2022))}
"""Commands of HJ 212 for what a box has not: samples, calibration, blow-back, treatment plants."""

_log = logging.getLogger("noisetamer.hub")


class _Cannot(Exception):  # noqa: N818
    """A request that is well formed and cannot be done. code: ExeRtn."""

    def __init__(self, code: int) -> None:
        super().__init__(codes.EXE_RETURNS[code])
        self.code = code


class Desk:
    """Of one device."""

    def __init__(self, device: Device) -> None:
        self._device = device

    async def obey(self, request: Frame) -> AsyncIterator[Frame]:
        """The frames that answer a request or a notice, in their order; what it asks is done
        between the first and the last. Empty where it wants no answer."""
        code = self.judge(request)
        wanted = request.wants_answer
        if request.CN == codes.STOP_REAL_TIME and code == codes.READY:
            await asyncio.to_thread(self._change, {"wanted": False})
            if wanted:
                yield self.answer(request, codes.NOTICE_ANSWER, "")
            return
        if wanted:
            yield self.answer(request, codes.REQUEST_ANSWER, f"QnRtn={code}")
        if code != codes.READY:
            return
        result = codes.DONE
        try:
            async for one in self._do(request):
                yield one
        except _Cannot as why:
            result = why.code
        except Exception as error:
            _log.error(
                "%s: %s asked for %s, which failed.",
                *(self._device.platform.name, self._device.unit, request.CN),
                exc_info=error,
            )
            result = codes.FAILED
        if wanted:
            yield self.answer(request, codes.RESULT, f"ExeRtn={result}")

    def judge(self, request: Frame) -> int:
        """QnRtn of a request: whether it is for this device, well formed, known and allowed."""
        device = self._device
        if device.now.password != request.PW:
            return codes.WRONG_PW
        if device.mn != request.MN:
            return codes.WRONG_MN
        if request.ST not in (device.platform.system, codes.EXCHANGE):
            return codes.WRONG_ST
        if request.version not in VERSIONS:
            return codes.WRONG_FLAG
        if not _is_name(request.QN):
            return codes.WRONG_QN
        if request.CN in _NEVER:
            return codes.REFUSED
        if request.CN not in _PERMISSION and request.CN not in _ASKED:
            return codes.WRONG_CN
        needs = _PERMISSION.get(request.CN)
        return codes.READY if needs is None or needs in device.platform.allow else codes.REFUSED

    def refuse(self, why: Malformed) -> Frame | None:
        """The answer to what is malformed; None where none may be given."""
        request = why.frame
        if request is None or not why.code or not request.wants_answer or not request.QN:
            return None
        return self.answer(request, codes.REQUEST_ANSWER, f"QnRtn={why.code}")

    def answer(self, request: Frame, command: str, area: str) -> Frame:
        """With the QN of the request, of ST 91, wanting no answer."""
        return self._frame(request.QN, codes.EXCHANGE, command, area)

    def _frame(self, name: str, system: str, command: str, area: str) -> Frame:
        device = self._device
        flag = VERSIONS[device.platform.version] << 2
        return Frame(name, system, command, device.now.password, device.mn, flag, area)

    async def _do(self, request: Frame) -> AsyncIterator[Frame]:
        """Frames of data, between answer and result. Raises _Cannot."""
        values = _values(request)
        command = request.CN
        if command in (codes.SINGLE, *_LENGTHS):
            async for one in self._past(command, values):
                yield one
        elif command in (codes.GET_TIME, codes.GET_RTD_INTERVAL, codes.GET_MIN_INTERVAL):
            yield self._told(request, self._asked(command, values))
        elif command in (codes.SERIAL, codes.INFORMATION):
            yield self._told(request, self._information(command, values))
        elif command == codes.SET_TIME:
            self._compare_clocks(values)
        else:
            await asyncio.to_thread(self._change, self._changed(command, values))

    def _told(self, request: Frame, area: str) -> Frame:
        return self._frame(request.QN, self._device.platform.system, request.CN, area)

    def _asked(self, command: str, values: dict[str, str]) -> str:
        device = self._device
        if command == codes.GET_RTD_INTERVAL:
            if not device.now.real_time:
                raise _Cannot(codes.NO_DATA)
            return f"RtdInterval={device.now.real_time}"
        if command == codes.GET_MIN_INTERVAL:
            return f"MinInterval={device.now.minutes}"
        factor = f"PolId={values['PolId']};" if "PolId" in values else ""
        return f"{factor}SystemTime={device.stamp(device.clock())}"

    def _information(self, command: str, values: dict[str, str]) -> str:
        device = self._device
        factor = values.get("PolId", "LA")
        if command == codes.SERIAL:
            serial = device.platform.serials.get(device.unit)
            if serial is None:
                raise _Cannot(codes.NO_DATA)
            return f"PolId={factor};{factor}-SN={serial}"
        # HJ 212-2017 table B.10
        online = device.online()
        known = {
            "i12001": "0" if online else "9",
            "i12002": "0" if online else "1",
            "i22001": "0",
            "i22003": "0",
        }
        asked = values.get("InfoId", "")
        if asked not in known:
            raise _Cannot(codes.NO_DATA)
        of_factor = f"PolId={factor};" if "PolId" in values else ""
        time = device.stamp(device.clock())
        return f"DataTime={time};{of_factor}{asked}-Info={known[asked]}"

    def _compare_clocks(self, values: dict[str, str]) -> None:
        """Its clock is not ours to be set by whoever is connected: one that says the same is
        answered that it is done."""
        device = self._device
        told = _moment(values.get("SystemTime", ""), device.utc_offset)
        apart = told - device.clock()
        if abs(apart) > CLOCK_SECONDS + 1:  # it says whole seconds
            _log.warning(
                "%s: by its clock it is %+.0f s later than by this computer's, which is not set "
                "by a platform: let both follow a time server.",
                *(device.platform.name, apart),
            )
            raise _Cannot(codes.WRONG_CONDITION)

    def _changed(self, command: str, values: dict[str, str]) -> dict[str, object]:
        """What is to be kept. Raises _Cannot."""
        device = self._device
        if command == codes.SET_TIMEOUT:
            overtime, recount = (_whole(values, name) for name in ("OverTime", "ReCount"))
            if not (0 < overtime <= 99 and 0 < recount <= 99):
                raise _Cannot(codes.WRONG_CONDITION)
            return {"overtime": overtime, "recount": recount}
        if command == codes.SET_RTD_INTERVAL:
            interval = _whole(values, "RtdInterval")
            if interval not in codes.RTD_INTERVALS:
                raise _Cannot(codes.WRONG_CONDITION)
            return {"real_time": interval}
        if command == codes.SET_MIN_INTERVAL:
            interval = _whole(values, "MinInterval")
            known = (1,) if device.platform.version == "2025" else codes.MIN_INTERVALS
            if interval not in known:
                raise _Cannot(codes.WRONG_CONDITION)
            return {"minutes": interval}
        if command == codes.SET_PASSWORD:
            if not PASSWORD.fullmatch(values.get("NewPW", "")):
                raise _Cannot(codes.WRONG_CONDITION)
            return {"password": values["NewPW"]}
        if command == codes.KEY:
            key = key_of(values.get("NewSK", ""))
            if key is None:
                raise _Cannot(codes.WRONG_CONDITION)
            return {"key": key}
        return {"wanted": True}

    def _change(self, values: dict[str, object]) -> None:
        shown = {name: "..." if name in _SECRET else value for name, value in values.items()}
        self._device.audit(shown)
        self._device.kept.change(self._device.unit, **values)

    async def _past(self, command: str, values: dict[str, str]) -> AsyncIterator[Frame]:
        """Each period that begins within BeginTime <= t <= EndTime. Raises _Cannot."""
        device = self._device
        first, last = (
            _moment(values.get(name, ""), device.utc_offset) for name in ("BeginTime", "EndTime")
        )
        if command == codes.SINGLE:
            length = 60 * device.platform.single
        else:
            length = _LENGTHS[command] * (device.now.minutes if command == codes.MINUTE else 1)
        if not length:
            raise _Cannot(codes.NO_DATA)
        east = round(device.utc_offset * 3600)
        first = -(-(first + east) // length) * length - east
        count = (last - first) // length + 1
        if count > MOST_PERIODS or last < first - length:
            raise _Cannot(codes.WRONG_CONDITION)
        found = False
        for begin in range(first, last + 1, length):
            if begin + length > device.clock():
                break
            area = await asyncio.to_thread(device.past, command, begin, length)
            if area:
                found = True
                yield device.frame(command, area, answer=False)
        if not found:
            raise _Cannot(codes.NO_DATA)


def _is_name(name: str) -> bool:
    if not re.fullmatch(r"\d{17}", name):
        return False
    try:
        datetime.strptime(name[:14], "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return True


def _values(request: Frame) -> dict[str, str]:
    try:
        return request.values()
    except Malformed:
        raise _Cannot(codes.WRONG_CONDITION) from None


def _whole(values: dict[str, str], name: str) -> int:
    text = values.get(name, "")
    if not re.fullmatch(r"\d{1,4}", text):
        raise _Cannot(codes.WRONG_CONDITION)
    return int(text)


def _moment(text: str, utc_offset: float) -> int:
    try:
        return areas.moment(text, utc_offset)
    except ValueError:
        raise _Cannot(codes.WRONG_CONDITION) from None
