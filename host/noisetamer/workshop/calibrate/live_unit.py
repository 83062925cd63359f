"""A unit on a serial port: listened to in its raw REPL, its files written."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import serial
from mpremote.transport import TransportError

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.console_unit import ToldUnit
from noisetamer.workshop.port import ports
from noisetamer.workshop.port.errors import BoardError
from noisetamer.workshop.port.ports import Port, PortError
from noisetamer.workshop.port.repl import Repl

LISTEN = Path(__file__).with_name("on_box") / "listen.py"

_END = b"\x04"
_ENOUGH = b"."


class LiveUnit:
    """A unit whose program was stopped. Raises UserError when it does not answer."""

    def __init__(self, repl: Repl, clock: Callable[[], float]):
        self._repl = repl
        self._clock = clock

    @contextmanager
    def listening(self, seconds: int) -> Iterator[ToldUnit]:
        """Let it listen for up to so long; it is interrupted when this is left earlier."""
        source = f"{LISTEN.read_text(encoding='utf-8')}\nlisten({seconds})\n"
        with _answering(self._repl):
            self._repl.exec_raw_no_follow(source)
        lines = self._lines()
        first = next(lines, "")
        try:
            yield ToldUnit(chain([first], lines), begins=self._clock())
        finally:
            with _answering(self._repl):
                self._repl.serial.write(_ENOUGH)
                for _ in lines:
                    pass
                # What it made of the hardware goes, and what it did not read of the above.
                self._repl.enter_raw_repl()

    def read(self, path: str) -> bytes | None:
        """A file's content; None where there is no such file."""
        with self._files() as repl:
            return repl.read(path)

    def replace(self, path: str, content: bytes) -> None:
        """Put a file in the place of another at once: a power cut leaves one of the two."""
        with self._files() as repl:
            repl.put(path, content, lambda _: None)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        with self._files() as repl:
            if repl.read(path) is not None:
                repl.remove(path)

    @contextmanager
    def _files(self) -> Iterator[Repl]:
        with _answering(self._repl):
            self._repl.snippet("files")
            yield self._repl

    def _lines(self) -> Iterator[str]:
        """What the running program prints, until it ends. Raises UserError with its error."""
        line = b""
        while True:
            with _answering(self._repl):
                byte = self._repl.serial.read(1)
                if not byte:
                    raise TransportError("it has fallen silent")
            if byte == _END:
                break
            line += byte
            if byte == b"\n":
                yield line.decode(errors="replace").strip()
                line = b""
        with _answering(self._repl):
            wrong = self._repl.read_until(1, _END)[:-1].decode(errors="replace").strip()
        if wrong:
            raise UserError(
                f"{self._repl.device_name}: the unit could not listen "
                f"({wrong.splitlines()[-1]}); flash it with this version (./flash.sh)"
            )


@contextmanager
def connected(url: str, clock: Callable[[], float] = time.time) -> Iterator[LiveUnit]:
    """The unit on a port, its program stopped until the end, when the unit starts anew.

    Raises UserError where no unit answers there.
    """
    try:
        # mpremote does not say why a port does not open.
        ports.opened(Port(url, url)).close()
        repl = Repl(url)
    except (PortError, TransportError) as error:
        raise UserError(str(error)) from None
    try:
        with _answering(repl):
            repl.enter_raw_repl()
        yield LiveUnit(repl, clock)
        with _answering(repl):
            repl.enter_raw_repl()
            repl.reset()
    finally:
        repl.close()


@contextmanager
def _answering(repl: Repl) -> Iterator[None]:
    try:
        yield
    except (BoardError, TransportError, OSError, serial.SerialException) as error:
        raise UserError(
            f"{repl.device_name}: no unit answers ({error}); see that it is a unit, that it is "
            "plugged in, and that no other program uses the port"
        ) from None
