"""A TLS stream to the hub: opened without waiting for anything, and really closed."""

import asyncio
import select
import socket
import ssl
from errno import EINPROGRESS

_POLL = 50  # ms


def trust(authority):
    """What connections are opened with: some 3 kB in one piece, so make it once, while memory is
    not in pieces yet.

    `authority`: the file (DER) of whoever signed the hub's certificate. Raises OSError, and
    ValueError for one that cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    with open(authority, "rb") as file:
        context.load_verify_locations(cadata=file.read())
    return context


async def opened(address, port, trust, name):
    """An asyncio stream, once the hub's computer has taken the connection.

    `address`: IPv4. `trust`: of `trust`. `name`: what stands in the hub's certificate. The
    handshake comes with the first bytes. Raises OSError.

    asyncio's own open_connection looks names up, and leaves a socket behind that nobody took.
    """
    plain = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        plain.setblocking(False)
        try:
            plain.connect(socket.getaddrinfo(address, port)[0][-1])
        except OSError as error:
            if error.errno != EINPROGRESS:
                raise
        # asyncio has no public way to wait for a bare socket.
        taken = select.poll()
        taken.register(plain, select.POLLOUT)
        while not taken.poll(0):
            await asyncio.sleep_ms(_POLL)
        secured = trust.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
        secured.setblocking(False)
        return asyncio.StreamWriter(secured, {})
    except BaseException:
        plain.close()
        raise
