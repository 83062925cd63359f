#!/usr/bin/env bash
# One guesses: a TLS connection that only waits costs uvicorn some tens of kilobytes.
# What happens: asyncio, on which it runs, gives each a buffer of 256 KiB for what it may receive,
# written full of zeros when it is made (asyncio.sslproto.SSLProtocol.max_size), though a record of
# TLS holds 16 KiB.
# Why it matters: a thousand phones that listen, and say nothing, take 300 MB.
# Mend: set SSLProtocol.max_size smaller before the connections are made.
#
# Output seen:
#   uvicorn 0.54.0, Python 3.11.7
#   max_size 256 KiB: 299 KiB a connection, of both ends
#   max_size 32 KiB: 75 KiB a connection, of both ends
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check uvicorn==0.54.0
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem \
    -days 1 -subj /CN=localhost 2>/dev/null

cat >measure.py <<'PYTHON'
import asyncio
import platform
import socket
import ssl
import sys
from asyncio import sslproto

import uvicorn

if sys.argv[1] == "version":
    print(f"uvicorn {uvicorn.__version__}, Python {platform.python_version()}")
    raise SystemExit
sslproto.SSLProtocol.max_size = int(sys.argv[1]) * 1024
MANY = 200


def resident():
    with open("/proc/self/status") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


async def app(scope, receive, send):
    pass


async def main():
    config = uvicorn.Config(
        app, port=0, loop="asyncio", lifespan="off", log_level="error",
        ssl_certfile="cert.pem", ssl_keyfile="key.pem",
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    # the other ends in OpenSSL alone, without asyncio's buffers
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE

    def connect():
        return client.wrap_socket(socket.create_connection(("127.0.0.1", port)))

    kept = [await asyncio.to_thread(connect)]
    before = resident()
    for _ in range(MANY):
        kept.append(await asyncio.to_thread(connect))
    await asyncio.sleep(0.2)
    print(round((resident() - before) / MANY))
    for each in kept:
        each.close()
    server.should_exit = True
    await running


asyncio.run(main())
PYTHON
venv/bin/python measure.py version
wide=$(venv/bin/python measure.py 256)
narrow=$(venv/bin/python measure.py 32)
echo "max_size 256 KiB: $wide KiB a connection, of both ends"
echo "max_size 32 KiB: $narrow KiB a connection, of both ends"
[ $((wide - narrow)) -gt 150 ] || { echo "No longer so."; exit 1; }
