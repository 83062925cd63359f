"""One port during a run: either its chip's loader or its MicroPython, opened when needed."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from esptool import ESPLoader
from esptool.util import FatalError
from mpremote.transport import TransportError

from noisetamer.workshop.port import loader, ports
from noisetamer.workshop.port.errors import BoardError, first
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.port.repl import Repl

# A board with USB of its own leaves the bus when it restarts.
_BACK_AGAIN_S = 10.0
_LOOK_AGAIN_S = 0.2


@dataclass
class Traffic:
    """What went over the line, and how long it took, s."""

    bytes: int = 0
    seconds: float = 0.0


@dataclass
class Fixture:
    """A board in its place. told: gets (bytes done, of all) while something long goes over."""

    port: Port
    baud: int
    told: Callable[[int, int], None]
    traffic: Traffic = field(default_factory=Traffic)
    _esp: ESPLoader | None = None
    _repl: Repl | None = None

    def loader(self) -> ESPLoader:
        """The chip's loader, its stub running. Raises PortError, BoardError."""
        if self._esp is None:
            self.close()
            connection = ports.opened(ports.now_at(self.port))
            try:
                self._esp = loader.connected(connection, self.baud)
            except FatalError as error:
                connection.close()
                raise BoardError(
                    f"no chip answers ({first(error)}): hold BOOT while you plug it in, or it "
                    "is another device"
                ) from None
            except BaseException:
                connection.close()
                raise
        return self._esp

    def repl(self) -> Repl:
        """MicroPython, its firmware stopped. Raises mpremote's TransportError or BoardError."""
        if self._repl is None:
            self._leave_loader()
            self._repl = self._open_repl()
            self._repl.enter_raw_repl()
            for snippet in ("box", "files", "identity"):
                self._repl.snippet(snippet)
        return self._repl

    def restarted(self) -> Repl:
        """The board after a reset, its firmware running, to be listened to."""
        self.repl().reset()
        repl, self._repl = self._repl, None
        assert repl is not None
        if self.port.place is not None:
            repl.close()
            repl = self._open_repl()
        self._repl = repl
        return repl

    def last_words(self, error: TransportError) -> str:
        """What a board whose MicroPython stopped to answer says of it; "" if nothing."""
        with suppress(OSError):
            return self._repl.last_words(error)[:120] if self._repl else ""
        return ""

    def release(self) -> None:
        """Leave a board whose firmware runs alone."""
        repl, self._repl = self._repl, None
        if repl is not None:
            repl.close()

    def close(self) -> None:
        """Let go of the port, whatever was open; the board, if it is there, starts what it has."""
        for leave in (self._leave_loader, self.release):
            with suppress(OSError):
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
                esp.hard_reset()
            finally:
                esp._port.close()

    def _open_repl(self) -> Repl:
        """Its port, which may be about to come back."""
        patience_end = time.monotonic() + _BACK_AGAIN_S
        while True:
            try:
                return Repl(ports.now_at(self.port).url)
            except TransportError as error:
                if time.monotonic() > patience_end:
                    raise BoardError(f"the port did not come back ({first(error)})") from None
                time.sleep(_LOOK_AGAIN_S)
