"""One port during a run: either its chip's loader or its MicroPython, opened when needed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from esptool import ESPLoader

from noisetamer.workshop.port import loader, ports
from noisetamer.workshop.port.errors import (
    REPLUG,
    BoardError,
    CableError,
    SilentError,
    cable_errors,
    chip_errors,
)
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.port.session import Session

_BAUD = 115200

# A board with USB of its own leaves the bus when it restarts.
_BACK_AGAIN_S = 10.0
_LOOK_AGAIN_S = 0.2


@dataclass
class Traffic:
    """What went over the line, and how long it took, s."""

    bytes: int = 0
    seconds: float = 0.0


@dataclass
class Connection:
    """A board on its cable. baud: of the loader; progress: gets (bytes done, of all) while
    something long goes over.
    """

    port: Port
    baud: int = _BAUD
    progress: Callable[[int, int], None] = lambda done, of: None
    traffic: Traffic = field(default_factory=Traffic)
    _esp: ESPLoader | None = None
    _session: Session | None = None

    def loader(self) -> ESPLoader:
        """The chip's loader, its stub running. Raises BoardError."""
        if self._esp is None:
            self.close()
            line = ports.open_port(ports.at_same_socket(self.port))
            try:
                self._esp = loader.connected(line, self.baud)
            except CableError:
                line.close()
                raise
            except BoardError as error:
                line.close()
                raise BoardError(
                    f"no chip answers ({error.what})",
                    "hold BOOT while you plug it in, try another cable, or leave it out: it may "
                    "be another device",
                ) from None
            except BaseException:
                line.close()
                raise
        return self._esp

    def session(self) -> Session:
        """MicroPython, its program stopped. Raises BoardError."""
        if self._session is None:
            self._leave_loader()
            session = self._opened()
            try:
                session.restart()
            except BaseException:
                with suppress(BoardError):
                    session.close()
                raise
            self._session = session
        return self._session

    def restarted(self) -> Session:
        """The board after a reset, its program running, to be listened to. Raises BoardError."""
        session = self.session()
        session.reset()
        if self.port.place is not None:
            self.release()
            session = self._session = self._opened()
        return session

    def release(self) -> None:
        """Leave a board whose program runs alone. Raises CableError."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def close(self) -> None:
        """Let go of the port, whatever was open; a loader's chip starts what it has."""
        for leave in (self._leave_loader, self.release):
            with suppress(BoardError):
                leave()

    @contextmanager
    def timed(self, size: int) -> Iterator[None]:
        """Count what goes over the line inside."""
        began = time.monotonic()
        yield
        self.traffic.bytes += size
        self.traffic.seconds += time.monotonic() - began

    def _leave_loader(self) -> None:
        esp, self._esp = self._esp, None
        if esp is not None:
            try:
                with chip_errors():
                    esp.hard_reset()
            finally:
                with cable_errors():
                    esp._port.close()

    def _opened(self) -> Session:
        """On its port, which may be about to come back."""
        patience_end = time.monotonic() + _BACK_AGAIN_S
        while True:
            try:
                return Session.open(ports.at_same_socket(self.port).url)
            except SilentError as error:
                if time.monotonic() > patience_end:
                    raise SilentError(
                        f"the port did not come back ({error.what})", REPLUG
                    ) from None
                time.sleep(_LOOK_AGAIN_S)
