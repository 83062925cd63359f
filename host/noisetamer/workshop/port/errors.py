"""Why a board failed, in one clause."""

import serial
from esptool.util import FatalError
from mpremote.transport import TransportError, TransportExecError

from noisetamer.workshop.port.ports import PortError


class BoardError(Exception):
    """The board, not the user, is at fault. The message is the reason, one clause."""


class AnotherUnitError(BoardError):
    """The board is a unit already, and not the one this ledger takes it for."""


def why(error: Exception) -> str:
    """What to tell of anything that can go wrong between us and a board."""
    if isinstance(error, BoardError | PortError):
        return str(error)
    if isinstance(error, serial.SerialException | ConnectionError):
        return "the port went away: put the cable in and run again"
    if isinstance(error, TransportExecError):
        # A traceback of the board's; what it is about stands last.
        return f"MicroPython says: {error.error_output.strip().splitlines()[-1]}"
    if isinstance(error, TransportError):
        return f"MicroPython stopped answering ({first(error)})"
    if isinstance(error, FatalError):
        return first(error)
    # Whatever a board may send that no program expects.
    return f"what the board sent makes no sense ({type(error).__name__}: {first(error)})"


def first(error: Exception) -> str:
    """The first sentence of its message."""
    lines = str(error).strip().splitlines()
    return lines[0].partition(". ")[0].strip().rstrip(".!") if lines else type(error).__name__
