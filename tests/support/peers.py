"""Servers that a box meets in place of its hub, and what may stand between the two."""

import itertools
import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.bus.authority import Certificates

HERE = "127.0.0.1"

Serve = Callable[[socket.socket], None]


def _listener() -> socket.socket:
    listener = socket.socket()
    # What nobody reads must not vanish in a buffer of ours.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind((HERE, 0))
    listener.listen()
    return listener


@contextmanager
def server(serve: Serve) -> Iterator[int]:
    """A server on a port of its own: `serve` has each connection."""
    with _listener() as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        # Closed alone it would go on: a signal has it accept again, what then has its number.
        listener.shutdown(socket.SHUT_RDWR)


def over_tls(found: Certificates, serve: Serve) -> Serve:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(found.server_pem, found.server_key)

    def shake(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
            serve(secured)

    return shake


def at(port: int, authority: Certificates, **other: Any) -> dict[str, Any]:
    known = {"host": HERE, "port": port, "name": HERE, "ca": str(authority.ca_der), "secret": "s"}
    return {**known, **other}


@dataclass
class CuttingProxy:
    """`cuts`: of each connection the bytes, both ways together, after which nothing goes through
    any more; connections after those are not cut. `taken`: how many there have been."""

    port: int
    taken: int = 0
    _open: list[socket.socket] = field(default_factory=list)


@contextmanager
def proxy(hub_port: int, cuts: Iterable[int]) -> Iterator[CuttingProxy]:
    left = itertools.chain(cuts, itertools.repeat(1 << 60))
    listener = _listener()
    one = CuttingProxy(listener.getsockname()[1])

    def accept() -> None:
        with suppress(OSError):
            while True:
                box, _ = listener.accept()
                hub = socket.create_connection((HERE, hub_port))
                one.taken += 1
                one._open += [box, hub]
                threading.Thread(target=_pass, args=(box, hub, next(left)), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield one
    finally:
        for each in (listener, *one._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _pass(box: socket.socket, hub: socket.socket, left: int) -> None:
    with selectors.DefaultSelector() as ready, suppress(OSError, ValueError):
        ready.register(box, selectors.EVENT_READ, (box, hub))
        ready.register(hub, selectors.EVENT_READ, (hub, box))
        while left:
            for key, _ in ready.select():
                one, other = key.data
                data = one.recv(min(left, 4096))
                if not data:
                    other.shutdown(socket.SHUT_WR)
                    ready.unregister(one)
                    continue
                left -= len(data)
                other.sendall(data)
                if not left:
                    return
            if not ready.get_map():
                return
