"""A unit on a serial port, listened to through its own kernel."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.unit.console_unit import ConsoleUnit
from noisetamer.workshop.port import ports
from noisetamer.workshop.port.connection import Connection
from noisetamer.workshop.port.errors import BoardError, PortError, RaisedError, SnippetFault
from noisetamer.workshop.port.session import Session, Snippet

LISTEN = Snippet(Path(__file__).with_name("on_box") / "listen.py")

_ENOUGH = b"."
# It prints several lines a second.
_PATIENCE_S = 10


class LiveUnit:
    """A unit whose program was stopped. session: its files are read and written there."""

    def __init__(self, port: str, session: Session, clock: Callable[[], float]):
        self.session = session
        self._port = port
        self._clock = clock

    @contextmanager
    def listening(self, seconds: int) -> Iterator[ConsoleUnit]:
        """Let it listen for up to so long; it is interrupted when this is left earlier.

        Raises UserError where it cannot listen, BoardError where it does not answer.
        """
        lines = self._lines(seconds)
        first = next(lines, "")
        try:
            yield ConsoleUnit(chain([first], lines), begins=self._clock())
        finally:
            self.session.type(_ENOUGH)
            for _ in lines:
                pass
            # What it made of the hardware goes.
            self.session.restart()

    def _lines(self, seconds: int) -> Iterator[str]:
        try:
            yield from self.session.lines(LISTEN, "listen", seconds, patience_s=_PATIENCE_S)
        except (RaisedError, SnippetFault) as wrong:
            # Firmware that this version did not make may lack whatever it likes.
            raise UserError(
                f"{self._port}: the unit could not listen ({wrong.about}); flash it with this "
                "version (./flash.sh)"
            ) from None


@contextmanager
def connected(name: str, clock: Callable[[], float] = time.time) -> Iterator[LiveUnit]:
    """The unit on a port, its program stopped until the end, when the unit starts anew.

    Raises UserError where no unit answers there.
    """
    port = ports.named(name)
    try:
        # mpremote does not say why a port does not open.
        ports.open_port(port).close()
    except PortError as error:
        raise UserError(str(error)) from None
    connection = Connection(port)
    try:
        session = connection.session()
        try:
            yield LiveUnit(name, session, clock)
        except BoardError:
            raise
        except BaseException:
            # A unit that could not be calibrated shall measure on.
            with suppress(BoardError):
                _start(session)
            raise
        _start(session)
    except BoardError as error:
        raise UserError(
            f"{name}: no unit answers ({error}); see that it is a unit, that it is plugged in, "
            "and that no other program uses the port"
        ) from None
    finally:
        connection.close()


def _start(session: Session) -> None:
    session.restart()
    session.reset()
