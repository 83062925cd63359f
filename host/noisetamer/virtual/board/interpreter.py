"""MicroPython's unix port on a console of its own, with the soft reset it lacks.

A board's soft reset ends with a fresh interpreter in the mode the last one was in; here it is a
fresh process. POSIX only: the console is a pseudo-terminal.
"""

import asyncio
import os
import pty
import subprocess
import sys
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from noisetamer.base.paths import DRIVERS, micropython

_HERE = Path(__file__).parent

_DISABLED = b"\0"  # POSIX: no character does this

_RAW = b"raw REPL; CTRL-B to exit\r\n"
_FRIENDLY = b"for more information.\r\n"
_PROMPT = b">>> "

# A chip that has come up has its prompt at once, or a program that goes on, s.
_SETTLED = 1.0


class Interpreter:
    """One process. `inherited`: two open files, as on_box/start.py wants them. `heap`: as
    MicroPython's unix port takes its size. `ended` is called with the return code once it has
    ended by itself."""

    def __init__(
        self,
        inherited: tuple[int, int],
        *,
        heap: str,
        raw: bool,
        said: Callable[[bytes], None],
        ended: Callable[[int], None],
    ):
        self.raw = raw
        self._said = said
        self._ended = ended
        self._tail = b""
        self._to_chip = bytearray(b"\r\x01" if raw else b"")
        self._ready = False
        self._loop = asyncio.get_running_loop()
        self._console, far = pty.openpty()
        tty.setraw(far)
        attributes = termios.tcgetattr(far)
        attributes[3] |= termios.ISIG | termios.NOFLSH
        for other in (termios.VQUIT, termios.VSUSP):  # only Ctrl-C is special to a board
            attributes[6][other] = _DISABLED
        termios.tcsetattr(far, termios.TCSANOW, attributes)
        os.set_blocking(self._console, False)
        command = [
            *_program(),
            "-X",
            f"heapsize={heap}",
            "-i",
            str(_HERE / "on_box" / "start.py"),
            str(DRIVERS),
            *map(str, inherited),
        ]
        self._process = subprocess.Popen(
            command,
            stdin=far,
            stdout=far,
            stderr=far,
            pass_fds=inherited,
            start_new_session=True,
            cwd="/",
        )
        os.close(far)
        self._loop.add_reader(self._console, self._read)

    def came_up(self) -> None:
        """What the host typed meanwhile may go in, once there is a prompt or a program runs.

        In between a Ctrl-C would be the end of it, and not of a program.
        """
        self._loop.call_later(_SETTLED, self._let_in)

    def _let_in(self) -> None:
        self._ready = True
        self._flush()

    def typed(self, data: bytes) -> None:
        """Bytes from the host."""
        self._to_chip += data
        if self._ready:
            self._flush()

    def crash(self) -> None:
        """As a panic ends it; `ended` hears of it."""
        self._process.kill()

    def kill(self) -> None:
        """The power goes, or the reset button is down."""
        if self._console < 0:
            return
        self._close_console()
        self._process.kill()
        self._process.wait()

    def _flush(self) -> None:
        if self._console < 0:
            return
        try:
            sent = os.write(self._console, self._to_chip)
        except BlockingIOError:
            sent = 0
        del self._to_chip[:sent]
        if self._to_chip:
            self._loop.add_writer(self._console, self._flush)
        else:
            self._loop.remove_writer(self._console)

    def _read(self) -> None:
        try:
            data = os.read(self._console, 65536)
        except BlockingIOError:
            return
        except OSError:  # the far end is closed
            data = b""
        if not data:
            self._close_console()
            self._ended(self._process.wait())
            return
        self._tail = (self._tail + data)[-200:]
        raw, friendly = self._tail.rfind(_RAW), self._tail.rfind(_FRIENDLY)
        if raw != friendly:
            self.raw = raw > friendly
        self._said(data)
        if not self._ready and _PROMPT in self._tail:
            self._let_in()

    def _close_console(self) -> None:
        self._loop.remove_reader(self._console)
        self._loop.remove_writer(self._console)
        os.close(self._console)
        self._console = -1


def _program() -> list[str]:
    """How to start the interpreter with the console as its controlling terminal."""
    return [sys.executable, "-I", "-S", str(_HERE / "terminal.py"), micropython()[-1]]
