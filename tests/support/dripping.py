"""A server that answers a byte at a time, for ever: no single wait is long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer

import http_beside


@contextmanager
def dripping(every: float) -> Iterator[str]:
    """Its address. every: s between two bytes."""
    over = threading.Event()

    class Handler(http_beside.Handler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while not over.wait(every):
                    self.wfile.write(b"x")
                    self.wfile.flush()

    with http_beside.served(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            over.set()
