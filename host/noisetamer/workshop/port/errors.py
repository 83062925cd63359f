"""What can be wrong with a board, its cable or its port: a clause on what, and one on what to do.

Everything that a board can bring about becomes a BoardError in this room. What is none is a fault
of the program, and is never told as the board's.
"""

import errno
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import serial
from esptool.util import FatalError

try:
    # Of pyserial's POSIX half, which lets it through.
    from termios import error as TerminalError  # noqa: N812
except ImportError:
    TerminalError = serial.SerialException

# Flash that reads back otherwise than it was written.
_BAD_FLASH = "run again; where it stays so, its flash chip is bad: put the board aside"

# What the operating system says of a device that has gone.
_GONE = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.EBADF)


# What a technician does about what may pass, or may be the board.
ONCE_MORE = "run again; where it stays so, put the board aside"
REPLUG = f"pull the cable, put it in, {ONCE_MORE}"
OTHER_CABLE = "try another cable and another USB socket, then run again"


class BoardError(Exception):
    """The board, its cable or its port is at fault. what, do: what is wrong, and what to do about
    it; the message is both.
    """

    def __init__(self, what: str, do: str) -> None:
        self.what, self.do = what, do
        super().__init__(f"{what}: {do}")


class PortError(BoardError):
    """A port that cannot be used."""


class CableError(BoardError):
    """The port went away while it was in use."""

    def __init__(self) -> None:
        super().__init__("the port went away", "put the cable in and run again")


class SilentError(BoardError):
    """MicroPython does not answer, or not with what it should."""


class RaisedError(BoardError):
    """An exception on the board, of a kind that hardware can cause. traceback: the board's own."""

    def __init__(self, traceback: str) -> None:
        self.about = last_line(traceback)
        self.traceback = traceback
        super().__init__(f"MicroPython says: {self.about}", REPLUG)

    @property
    def no_room(self) -> bool:
        """Whether the board's file system is full (OSError 28)."""
        return "ENOSPC" in self.traceback or "OSError: 28" in self.traceback


class SnippetFault(Exception):  # noqa: N818 (a fault of the program, no error of the board)
    """Our own code on a board failed in a way that no hardware causes."""

    def __init__(self, traceback: str) -> None:
        self.about = last_line(traceback)
        super().__init__(f"{self.about}, raised on the board")
        self.add_note(traceback)


# The program's kind of mistakes; where the firmware is of another version, that is one too.
_MISTAKES = (
    "AttributeError",
    "IndexError",
    "KeyError",
    "NameError",
    "SyntaxError",
    "TypeError",
)


def raised(traceback: str) -> RaisedError | SnippetFault:
    """What an exception on a board stands for."""
    mistake = last_line(traceback).startswith(_MISTAKES)
    return SnippetFault(traceback) if mistake else RaisedError(traceback)


@contextmanager
def cable_errors() -> Iterator[None]:
    """Around calls of pyserial. Raises CableError where the device has gone."""
    try:
        yield
    except (serial.SerialException, ConnectionError, TerminalError):
        raise CableError from None
    except OSError as error:
        if error.errno not in _GONE:
            raise
        raise CableError from None


@contextmanager
def chip_errors() -> Iterator[None]:
    """Around calls of esptool. Raises BoardError for what a chip answers, CableError."""
    with cable_errors():
        try:
            yield
        except FatalError as error:
            said = first_sentence(error)
            raise BoardError(said, _BAD_FLASH if "MD5" in said else OTHER_CABLE) from None
        except (struct.error, UnicodeDecodeError) as error:
            # esptool unpacks what comes without asking whether it is whole.
            raise BoardError(
                f"the chip's answer is garbled ({first_sentence(error)})", OTHER_CABLE
            ) from None


def first_sentence(error: Exception) -> str:
    """Of its message, without full stop; its kind where it has none."""
    lines = str(error).strip().splitlines()
    return lines[0].partition(". ")[0].strip().rstrip(".!") if lines else type(error).__name__


def last_line(traceback: str) -> str:
    """What it is about."""
    lines = traceback.strip().splitlines()
    return lines[-1].strip() if lines else ""
