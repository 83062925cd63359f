#!/usr/bin/env bash
# One guesses: client.stream() over httpx.ASGITransport hands over each chunk when the application
# sends it, as it does over a socket.
# What happens: the transport collects the whole body first; even the status line comes only when
# the application has ended its response, and then all chunks come as one.
# Why it matters: an in-process test of a live stream cannot tell "sent at once" from "sent at the
# end", and of a stream without an end it would never see the first byte.
# Mend: run such tests over a socket (uvicorn on port 0), or test the generator by itself.
#
# Output seen:
#   httpx 0.28.1
#   status 200 arrives; the generator has ended: True
#   chunks: [b'0\n1\n2\n']
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check httpx==0.28.1 starlette==1.10.0

venv/bin/python - <<'PYTHON'
import asyncio
import sys
from importlib.metadata import version

import httpx
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

ended = False


async def endpoint(request):
    async def chunks():
        global ended
        for number in range(3):
            yield f"{number}\n"
            await asyncio.sleep(0.2)
        ended = True

    return StreamingResponse(chunks())


async def main():
    transport = httpx.ASGITransport(app=Starlette(routes=[Route("/", endpoint)]))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://hub") as client,
        client.stream("GET", "/") as answer,
    ):
        print("status", answer.status_code, "arrives; the generator has ended:", ended)
        before = ended
        got = [chunk async for chunk in answer.aiter_raw()]
        print("chunks:", got)
        return before and got == [b"0\n1\n2\n"]


print("httpx", version("httpx"))
sys.exit(0 if asyncio.run(main()) else "No longer so: chunks arrive as they are sent.")
PYTHON
