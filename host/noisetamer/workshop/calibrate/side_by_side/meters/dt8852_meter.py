"""CEM DT-8852 and its brothers (Trotec SL400, Voltcraft SL-451), through the package dt8852."""

import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import serial

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side.series import TimeWeighting

BAUD = 9600


class Dt8852Meter:
    """A meter on an open port. weighting: its time weighting, known once there are readings."""

    def __init__(self, port: serial.Serial, clock: Callable[[], float] = time.time):
        """Raises UserError where the package is not installed."""
        self._package = _package()
        self._meter = self._package.Dt8852(_Speaking(port))
        self._clock = clock
        self.weighting: TimeWeighting | None = None

    def readings(self) -> Iterator[tuple[float, float]]:
        """(time in s by `clock`, dB(A)) of each number on its display, for ever.

        Out of range ones are left out. Raises UserError where it is not set to dB(A), or holds
        its reading.
        """
        kind, meter = self._package.Dt8852, self._meter
        reading = None
        for name, value, _ in meter.decode_next_token(changes_only=False):
            if name == "current_spl":
                reading = self._clock(), value
            # Says where the level before it is shown; the bar graph is quicker, and coarser.
            elif name == "output_to" and value == kind.Output_to.DISPLAY and reading:
                self._must_be_usable()
                if self.weighting and meter.range_threshold == kind.Range_threshold.OK:
                    yield reading
                reading = None

    def _must_be_usable(self) -> None:
        kind, meter = self._package.Dt8852, self._meter
        if meter.frequency_weighting == kind.Frequency_weighting.DBC:
            raise UserError("the meter is set to dB(C): set it to dB(A)")
        if meter.hold_mode in (kind.Hold_mode.MIN, kind.Hold_mode.MAX):
            raise UserError("the meter holds its least or highest reading: press MAX/MIN")
        if meter.battery_state == kind.Battery_state.LOW:
            raise UserError("the meter's battery is low: change it")
        before, now = self.weighting, _time_weighting(kind, meter)
        if before and now != before:
            raise UserError("the meter was switched between Fast and Slow: begin again")
        self.weighting = now


def _time_weighting(kind: Any, meter: Any) -> TimeWeighting | None:
    if meter.time_weighting is None or meter.frequency_weighting is None:
        return None
    return "slow" if meter.time_weighting == kind.Time_weighting.SLOW else "fast"


def _package() -> ModuleType:
    try:
        import dt8852
    except ImportError:
        raise UserError(
            "the package dt8852 is not here: pip install dt8852==1.1.0 (GPL, so it is not "
            "installed with noisetamer)"
        ) from None
    return dt8852


class _Speaking:
    """A port whose silence ends in a sentence; dt8852 itself would wait for ever."""

    def __init__(self, port: serial.Serial):
        self._port = port
        self.reset_input_buffer = port.reset_input_buffer
        self.reset_output_buffer = port.reset_output_buffer

    def read(self, size: int = 1) -> bytes:
        data = self._port.read(size)
        if len(data) < size:
            raise UserError(
                f"{self._port.port}: the meter says nothing: switch it on and press SETUP once, "
                "which starts its USB output"
            )
        return data
