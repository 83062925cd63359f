"""A TLS stream to the hub: opened without waiting for anything, and really closed."""

import asyncio
import select
import socket
import ssl
from errno import EINPROGRESS

_POLL = 50  # ms


async def opened(address, port, authority, name):
    """An asyncio stream, once the hub's computer has taken the connection.

    `address`: IPv4. `authority`: the file (DER) of whoever signed the hub's certificate. `name`:
    what stands in that. The handshake comes with the first bytes. Raises OSError, ValueError for
    an authority that cannot be read.

    asyncio's own open_connection looks names up, and leaves a socket behind that nobody took.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    with open(authority, "rb") as file:
        context.load_verify_locations(cadata=file.read())
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
        secured = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
        secured.setblocking(False)
        return asyncio.StreamWriter(secured, {})
    except BaseException:
        plain.close()
        raise
