#!/usr/bin/env bash
# One guesses: a client that speaks plain HTTP has nothing to do with TLS, and making a client costs
# nothing to speak of.
# What happens: httpx.Client() makes an SSL context and reads the bundle of all authorities at once
# (certifi's, some 120 of them) for every client, whether an https:// address is ever asked or not;
# httpx.get(...) does so for every single call, and AsyncClient() in the event loop. Some tens of ms of
# CPU each.
# Why it matters: a poller of something on the same machine that makes a client for each try takes a
# quarter of a core; a server that makes one for each request holds up its loop.
# Mend: one client for long; one SSL context for all (verify=context); verify=False for plain HTTP.
#
# Output seen:
#   httpx 0.28.1
#   httpx.Client(): 1 bundle read
#   ten httpx.get() of http:// addresses: 10 bundles read
#   httpx.Client(verify=False): 0 bundles read
#   ten clients with one context: 0 bundles read
#   a client costs more than 20 times one with verify=False: True
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check httpx==0.28.1 certifi

venv/bin/python - <<'PYTHON'
import http.server
import ssl
import sys
import threading
import time
from importlib.metadata import version

import httpx

read = 0
load = ssl.SSLContext.load_verify_locations


def counted(self, *words, **named):
    global read
    read += 1
    return load(self, *words, **named)


ssl.SSLContext.load_verify_locations = counted


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def bundles(what, do):
    global read
    read = 0
    do()
    print(f"{what}: {read} bundle{'' if read == 1 else 's'} read")
    return read


def cpu(make, times=20):
    began = time.process_time()
    for _ in range(times):
        make().close()
    return time.process_time() - began


server = http.server.HTTPServer(("127.0.0.1", 0), Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"
print("httpx", version("httpx"))
context = httpx.create_ssl_context()
found = [
    bundles("httpx.Client()", lambda: httpx.Client().close()),
    bundles(
        "ten httpx.get() of http:// addresses",
        lambda: [httpx.get(address, trust_env=False) for _ in range(10)],
    ),
    bundles("httpx.Client(verify=False)", lambda: httpx.Client(verify=False).close()),
    bundles(
        "ten clients with one context",
        lambda: [httpx.Client(verify=context).close() for _ in range(10)],
    ),
]
dear = cpu(httpx.Client) > 20 * cpu(lambda: httpx.Client(verify=False))
print("a client costs more than 20 times one with verify=False:", dear)
server.shutdown()
sys.exit(
    0
    if found == [1, 10, 0, 0] and dear
    else "No longer so: httpx reads all authorities for every client."
)
PYTHON
