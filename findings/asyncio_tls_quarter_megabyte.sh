#!/usr/bin/env bash
# One guesses: a TLS connection that only waits costs a server of asyncio some tens of kilobytes.
# What happens: each has a buffer of 256 KiB for what it may receive, written full of zeros when it
# is made (asyncio.sslproto.SSLProtocol.max_size), though a record of TLS holds 16 KiB.
# Why it matters: a thousand phones that listen, and say nothing, take 300 MB.
# Mend: set SSLProtocol.max_size smaller before the connections are made.
#
# Output seen:
#   Python 3.11.7
#   max_size 256 KiB: 298 KiB a connection, of both ends
#   max_size 32 KiB: 74 KiB a connection, of both ends
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
    -days 1 -subj /CN=localhost 2>/dev/null

cat >measure.py <<'PYTHON'
import asyncio
import socket
import ssl
import sys
from asyncio import sslproto

sslproto.SSLProtocol.max_size = int(sys.argv[1]) * 1024
MANY = 200


def resident():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("cert.pem", "key.pem")
    kept = []
    server = await asyncio.start_server(lambda *ends: kept.append(ends), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    # the other ends in OpenSSL alone, without asyncio's buffers
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE

    def connect():
        return client.wrap_socket(socket.create_connection(("127.0.0.1", port)))

    kept.append(await asyncio.to_thread(connect))
    before = resident()
    for _ in range(MANY):
        kept.append(await asyncio.to_thread(connect))
    await asyncio.sleep(0.2)
    print(round((resident() - before) / MANY))


asyncio.run(main())
PYTHON
python3 --version
wide=$(python3 measure.py 256)
narrow=$(python3 measure.py 32)
echo "max_size 256 KiB: $wide KiB a connection, of both ends"
echo "max_size 32 KiB: $narrow KiB a connection, of both ends"
[ $((wide - narrow)) -gt 150 ] || { echo "No longer so."; exit 1; }
