"""TCP ports: given ones checked, free ones found, the address units are told."""

import errno
import ipaddress
import random
import socket
from contextlib import ExitStack, suppress

from noisetamer.base.errors import UserError


def listen(bind: str, port: int, option: str) -> socket.socket:
    """A listening socket on `port`, or on a free one for 0.

    option: the command line option that sets this port, named in the error.
    Raises UserError when the port is taken or the address is not this machine's.
    """
    if not 0 <= port <= 65535:
        raise UserError(f"{port} is no port: choose 0 to 65535 with {option}.")
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((bind, port))
        server.listen(128)
    except PermissionError:
        server.close()
        raise UserError(
            f"Port {port} may not be opened without root: choose one above 1023 with {option}."
        ) from None
    except OSError as error:
        server.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise UserError(
                f"{bind} is no address of this machine: choose another with --bind."
            ) from None
        reason = error.strerror or str(error)
        raise UserError(
            f"Port {port} on {bind} cannot be opened ({reason.lower()}): "
            f"end what uses it, or choose another with {option}."
        ) from None
    return server


# The lower end of those a system lends to connections that go out, by Linux and IANA.
_LENT = 32768


def free(bind: str, port: int, option: str) -> int:
    """`port` if it is free, any free one for 0. Raises UserError as `listen` does."""
    if not port:
        # none that is lent to whoever connects somewhere before this one is opened
        for one in random.sample(range(20000, _LENT), 20):
            with suppress(UserError), listen(bind, one, option):
                return one
    with listen(bind, port, option) as server:
        return server.getsockname()[1]


def several(bind: str, count: int) -> list[int]:
    """So many free ports, each another; held together, that none is found twice."""
    with ExitStack() as open_together:
        return [
            open_together.enter_context(
                listen(bind, free(bind, 0, "--bind"), "--bind")
            ).getsockname()[1]
            for _ in range(count)
        ]


def reachable(bind: str) -> str:
    """The address units connect to: `bind`, or this machine's own one when that means all."""
    if bind not in ("0.0.0.0", "::"):
        return bind
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which way it would go
            return probe.getsockname()[0]
        except OSError:
            return socket.gethostname()


def is_loopback(bind: str) -> bool:
    """Whether only this machine can reach a listener on `bind`."""
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def dialled(bind: str) -> str:
    """The address to connect to on this machine for a listener on `bind`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)
